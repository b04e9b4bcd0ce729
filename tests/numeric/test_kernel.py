"""Calls of kernels: threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric

threadpoolctl: Any = pytest.importorskip("threadpoolctl")


class Watching:
    """A number whose product says how many threads BLAS may use just now."""

    seen: tuple[int, ...] = ()

    def __mul__(self, other: object) -> int:
        found = threadpoolctl.threadpool_info()
        Watching.seen = tuple(lib["num_threads"] for lib in found if lib["user_api"] == "blas")
        return 0


def test_products_of_matrices_keep_to_the_threads_that_are_given() -> None:
    kernel = numeric.compile(derive.layer("matmul"))
    before = [lib["num_threads"] for lib in threadpoolctl.threadpool_info()]
    given = {"A": np.array([[Watching()]], object), "B": np.array([[1]], object)}
    kernel.forward(**given, threads=1)
    assert set(Watching.seen) == {1}
    assert [lib["num_threads"] for lib in threadpoolctl.threadpool_info()] == before
    numeric.compile(derive.layer("matmul"), threads=1).forward(**given)
    assert set(Watching.seen) == {1}
