"""Calls of kernels: threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric

threadpoolctl: Any = pytest.importorskip("threadpoolctl")


def of_numpy() -> tuple[int, ...]:
    """The threads that NumPy's BLAS may use just now; other packages bring others."""
    found = threadpoolctl.threadpool_info()
    return tuple(lib["num_threads"] for lib in found if "numpy" in lib["filepath"])


class Watching:
    """A number whose product says how many threads BLAS may use just now."""

    seen: tuple[int, ...] = ()

    def __mul__(self, other: object) -> int:
        Watching.seen = of_numpy()
        return 0


def test_products_of_matrices_keep_to_the_threads_that_are_given() -> None:
    kernel = numeric.compile(derive.layer("matmul"))
    before = of_numpy()
    given = {"A": np.array([[Watching()]], object), "B": np.array([[1]], object)}
    kernel.forward(**given, threads=1)
    assert set(Watching.seen) == {1}
    assert of_numpy() == before
    numeric.compile(derive.layer("matmul"), threads=1).forward(**given)
    assert set(Watching.seen) == {1}
