"""What NumPy does slowly does not occur in generated code."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.catalog import names
from derive.language.definition import Layer
from derive.language.terms import RealParameter
from tests.suites import quick
from verify.evaluation.samples import sample_inputs
from verify.evaluation.sizes import known

NAMES = sorted(names())
FEW = ["leaky_relu", "gelu", "maxpool", "avgpool", "layernorm", "lrn", "cross_entropy", "embedding"]
TARGETS = ["arrays", "fast"]
#: helpers that may branch entry by entry, and on what
BRANCHING = {
    "divides": "integers of sizes",
    "only_where": "what are no floats",
    "either": "what are no floats",
    "one_of": "what are no floats",
    "first_place_where": "places",
    "sigmoid": "complex numbers",
}


def sources(name: str, target: str) -> str:
    return numeric.compile(derive.layer(name), target=target).source


def calls(source: str) -> Iterator[tuple[str, str]]:
    """What each function of a module calls, by the function's name."""
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    yield function.name, ast.unparse(node.func)


def waste(source: str) -> list[str]:
    """What is slow in a module."""
    found = [
        f"{function} calls {called}"
        for function, called in calls(source)
        if called == "np.vectorize" or (called == "np.where" and function not in BRANCHING)
    ]
    windows = (
        r"\b(np\.(sum|max|min|argmax)|largest|first_place|sums|square_sums)\(\(*\w+_windows\b[^\n]*"
    )
    return found + [f"{m.group()}: along a short axis" for m in re.finditer(windows, source)]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", quick(NAMES, FEW))
def test_nothing_is_done_entry_by_entry_or_along_short_axes(name: str, target: str) -> None:
    assert not waste(sources(name, target))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("only_where(x > 0, g)", "np.where(x > 0, g, 0)"),
        ("only_where(x > 0, g)", "np.vectorize(max)(x > 0, g)"),
        ("only_where(x > 0, g)", "np.sum(x_windows, axis=-1)"),
        ("only_where(x > 0, g)", "largest(x_windows.transpose(0, 2, 1), 1)"),
    ],
)
def test_what_is_slow_is_noticed(right: str, wrong: str) -> None:
    source = sources("relu", "arrays")
    assert right in source and not waste(source)
    assert waste(source.replace(right, wrong))


# --- number types ---------------------------------------------------------------------------------


def promoted(layer: Layer, target: str, **options: Any) -> set[str]:
    """The arrays of double precision while a layer is computed in single precision."""
    found: set[str] = set()

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if "generated_" not in frame.f_code.co_filename:
            return None
        for name, value in frame.f_locals.items():
            if isinstance(value, np.ndarray) and value.dtype == np.float64:
                found.add(f"{frame.f_code.co_name}: {name}")
        return watch

    kernel = numeric.compile(layer, target=target, threads=1)
    given = {**arrays(layer), **options}
    y = kernel.forward(**given)
    outputs = y if isinstance(y, dict) else {"y": y}
    g: Any = {name: np.ones_like(array) for name, array in outputs.items()}
    before = sys.gettrace()
    sys.settrace(watch)
    try:
        y = kernel.forward(**given)
        grads = kernel.backward(g if isinstance(y, dict) else g["y"], **given)
    finally:
        sys.settrace(before)
    results = [*(y.values() if isinstance(y, dict) else [y]), *grads.values()]
    return found | {f"result {a.dtype}" for a in results if a.dtype != np.float32}


def arrays(layer: Layer) -> dict[str, Any]:
    """Tensors of a layer in single precision, all sizes four."""
    point: dict[Any, Any] = dict.fromkeys(layer.sizes, 4)
    parameters = {h.name: 1 if h.default is None else h.default for h in layer.hyperparameters}
    point |= {h.symbol: parameters[h.name] for h in layer.hyperparameters}
    shapes = {t.name: tuple(known(a.size, point) for a in t.axes) for t in layer.tensors}
    sizes = {s.name: 4 for s in layer.sizes}
    made = sample_inputs(layer, shapes, parameters, sizes)
    return {
        t.name: np.array([float(e) for e in made[t.name].entries])
        .reshape(shapes[t.name])
        .astype(np.int64 if t.integer else np.float32)
        for t in layer.tensors
    }


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", quick(NAMES, FEW))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_single_precision_stays_single(name: str, target: str) -> None:
    layer = derive.layer(name)
    reals = [h for h in layer.hyperparameters if isinstance(h.symbol, RealParameter)]
    options = {h.name: np.float64(0.5) for h in reals}
    assert not {name for name in promoted(layer, target, **options) if "common_dtype" not in name}


def test_a_number_that_promotes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = derive.layer("leaky_relu")
    assert not promoted(layer, "arrays", negative_slope=np.float64(0.5))
    monkeypatch.setattr(
        "numeric.emission.dialect.Dialect.real_option", lambda self, name, call: iter(())
    )
    fresh = derive.parse("leaky(x[N, M]; a=1/2): y[i, j] = max(a*x[i, j], x[i, j])")
    assert promoted(fresh, "arrays", a=np.float64(0.5))
