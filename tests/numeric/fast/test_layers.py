"""The target ``fast`` on layers: recognised or not, it computes what the loops compute."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Integer

import derive
import numeric
from derive.engine.instances import Slide
from numeric import targets
from numeric.emission import modules
from numeric.emission.dialect import NUMPY
from numeric.emission.embedding import parts
from numeric.emission.loading import loaded
from numeric.fast import recognition
from numeric.program.equivalence import judged
from numeric.targets import fast
from tests.suites import every

Shapes = dict[str, tuple[int, ...]]

#: layers with shapes, hyperparameters, and in how many of their functions a template is called
LAYERS: dict[str, tuple[Any, Shapes, dict[str, int], int]] = {
    "lecture": (derive.layer("conv"), {"x": (5, 4), "k": (2, 3)}, {}, 3),
    "1-d": (
        derive.layer("conv", dims=1, channels=True, stride=3, padding=(1,)),
        {"x": (2, 3, 8), "k": (4, 3, 2), "b": (4,)},
        {},
        3,
    ),
    "all symbolic": (
        derive.layer(
            "conv",
            channels=True,
            stride=["s1", "s2"],
            padding=["p1", "p2"],
            dilation=["d1", "d2"],
            groups="G",
        ),
        {"x": (2, 4, 7, 6), "k": (6, 2, 3, 2), "b": (6,)},
        {"s1": 2, "s2": 1, "p1": 1, "p2": 3, "d1": 1, "d2": 2, "G": 2},
        3,
    ),
    "depthwise": (
        derive.layer("conv", channels=True, groups="G", padding=1, bias=False),
        {"x": (2, 3, 5, 4), "k": (6, 1, 3, 3)},
        {"G": 3},
        3,
    ),
    "asymmetric padding": (
        derive.layer("conv", channels=True, padding=((0, 2), (3, 1)), stride=2),
        {"x": (2, 2, 5, 4), "k": (3, 2, 2, 3), "b": (3,)},
        {},
        3,
    ),
    "3-d": (
        derive.layer("conv", dims=3, channels=True, padding=1, stride=2),
        {"x": (1, 2, 3, 4, 5), "k": (2, 2, 3, 3, 2), "b": (2,)},
        {},
        3,
    ),
    "transposed": (
        derive.layer("conv_transpose", channels=True, stride="s", padding="p", groups="G"),
        {"x": (2, 4, 4, 3), "k": (4, 3, 3, 2), "b": (6,)},
        {"s": 3, "p": 1, "G": 2},
        3,
    ),
    "typed, every channel by itself": (
        derive.parse("y[n,c,r] = sum[a] x[n,c,2*r+a]*k[c,a] + b[c]"),
        {"x": (2, 3, 7), "k": (3, 2), "b": (3,)},
        {},
        3,
    ),
    "typed, two sums": (
        derive.parse("y[r] = sum[a] x[r+a]*k[a] - 2*(sum[a] x[r+a]*m[a]) + x[r]"),
        {"x": (7,), "k": (3,), "m": (3,)},
        {},
        3,
    ),
    "several equations": (
        derive.parse("f(x[N], k[K]):\n    h[r] = sum[a] x[r+a]*k[a]\n    y[r] = h[r]*h[r]"),
        {"x": (6,), "k": (3,)},
        {},
        3,
    ),
    "no correlation": (derive.layer("linear"), {"x": (2, 3), "w": (4, 3), "b": (4,)}, {}, 0),
    "one place, one tap": (
        derive.layer("conv", channels=True, stride=4),
        {"x": (1, 1, 1, 1), "k": (1, 1, 1, 1), "b": (1,)},
        {},
        3,
    ),
    "no image": (
        derive.layer("conv", channels=True),
        {"x": (0, 2, 4, 4), "k": (3, 2, 2, 2), "b": (3,)},
        {},
        3,
    ),
    "no channel": (
        derive.layer("conv", channels=True),
        {"x": (2, 0, 4, 4), "k": (3, 0, 2, 2), "b": (3,)},
        {},
        3,
    ),
}
CONV = derive.layer("conv", channels=True, padding=1)


def arrays(shapes: Shapes, dtype: Any = np.int64) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.integers(-5, 6, shape).astype(dtype) for name, shape in shapes.items()}


def everything(layer: Any, target: str, given: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The output and all gradients, for an upstream gradient of small integers."""
    kernel = numeric.compile(layer, target=target)
    y = kernel.forward(**given, **options)
    g = (np.arange(y.size) % 7 - 3).reshape(y.shape).astype(y.dtype)
    return {"y": y, **kernel.backward(g, **given, **options)}


@pytest.mark.parametrize("name", LAYERS)
def test_the_results_are_exactly_those_of_the_loops(name: str) -> None:
    layer, shapes, parameters, _ = LAYERS[name]
    given = arrays(shapes)
    expected = everything(layer, "loops", given, **parameters)
    for threads in (1, 2):
        found = everything(layer, "fast", given, threads=threads, **parameters)
        for tensor, array in expected.items():
            np.testing.assert_array_equal(found[tensor], array, tensor)


@pytest.mark.parametrize("name", LAYERS)
def test_templates_are_called_where_a_form_is_recognised(name: str) -> None:
    layer, _, _, count = LAYERS[name]
    source = numeric.compile(layer, target="fast").source
    functions = source.split("\ndef correlate(")[0].split("\ndef ")[1:]
    assert sum("correlate(" in text for text in functions) == count


def test_odd_memory_is_as_good_as_any() -> None:
    """Views with steps, backwards, transposed and read-only, and inputs are left alone."""
    given = arrays({"x": (2, 3, 9, 10), "k": (4, 3, 3, 3), "b": (4,)}, np.float32)
    expected = everything(CONV, "fast", given)
    odd = {}
    for name, array in given.items():
        wide = np.zeros([2 * n for n in array.shape], np.float32)
        part = wide[tuple(slice(None, None, 2) for _ in array.shape)]
        part[...] = array[::-1]
        odd[name] = part[::-1]
        odd[name].flags.writeable = False
    odd["k"] = np.asfortranarray(given["k"])
    found = everything(CONV, "fast", odd)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)
    for name, array in given.items():
        np.testing.assert_array_equal(odd[name], array)


def test_results_are_the_same_bits_for_the_same_number_of_threads() -> None:
    rng = np.random.default_rng(1)
    shapes = {"x": (5, 16, 21, 22), "k": (24, 16, 3, 3), "b": (24,)}
    given = {n: rng.standard_normal(shape).astype(np.float32) for n, shape in shapes.items()}
    for threads in (1, 2, 3):
        first = everything(CONV, "fast", given, threads=threads)
        for _ in range(3):
            again = everything(CONV, "fast", given, threads=threads)
            assert all(first[n].tobytes() == again[n].tobytes() for n in first)


def test_threads_are_given_to_the_kernel_or_to_a_call() -> None:
    given = arrays({"x": (1, 1, 4, 4), "k": (1, 1, 3, 3), "b": (1,)})
    kernel = numeric.compile(CONV, target="fast", threads=2)
    np.testing.assert_array_equal(kernel.forward(**given), kernel.forward(**given, threads=1))
    with pytest.raises(ValueError, match="threads must be at least 1, not 0"):
        kernel.forward(**given, threads=0)


def test_a_module_needs_numpy_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this project is imported, and threadpoolctl may be missing."""
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    text = numeric.code(CONV, "fast")
    assert "import numeric" not in text and "from numeric" not in text and "derive" not in text
    module = loaded("alone", text)
    given = arrays({"x": (3, 2, 6, 5), "k": (2, 2, 3, 3), "b": (2,)})
    found = module.forward(*given.values(), threads=2)
    np.testing.assert_array_equal(found, numeric.compile(CONV, target="loops").forward(**given))


def test_names_in_a_module_are_used_once() -> None:
    assert not set(parts(fast.TEMPLATES)) & set(parts(NUMPY.helpers))


def test_a_plan_says_what_is_chosen_and_why_not_the_others() -> None:
    zero = np.float32(0)
    shapes = {"x": (8, 64, 32, 32), "k": (64, 64, 3, 3), "b": (64,)}
    given = {name: np.broadcast_to(zero, shape) for name, shape in shapes.items()}
    kernel = numeric.compile(CONV, target="fast")
    lines = kernel.plan(np.broadcast_to(zero, (8, 64, 32, 32)), **given).splitlines()
    heads = [k for k, line in enumerate(lines) if not line.startswith(" ") and line]
    assert [lines[k].split(":")[0] for k in heads] == ["forward", "gradient by x", "gradient by k"]
    assert [lines[k + 1].split("  ")[1] for k in heads] == [
        "winograd",
        "winograd",
        "winograd contraction",
    ]
    assert "the kernel has more than one tap" in "".join(lines)
    whole = {name: array.astype(np.int64) for name, array in given.items()}
    assert "winograd                   " not in kernel.plan(**whole)
    linear = numeric.compile(derive.layer("linear"), target="fast")
    assert linear.plan(x=np.ones((1, 2)), w=np.ones((3, 2)), b=np.ones(3)).startswith("no template")


@pytest.mark.parametrize("name", every(2, LAYERS))
def test_what_the_template_is_asked_for_is_checked_for_all_sizes(name: str) -> None:
    verdicts = numeric.compile(LAYERS[name][0], target="fast").verdicts
    assert {v.word for v in verdicts.values()} == {"checked"}


@pytest.mark.parametrize("change", [{"shift": 1}, {"step": 2}, {"spread": 2}, {"stuffing": 2}])
def test_a_wrong_call_of_the_template_is_refuted(change: dict[str, int], monkeypatch: Any) -> None:
    """The layer's sum, with one number of the call changed in each sliding axis."""
    layer = derive.parse("f(x[N], k[K]):\n    y[i] = sum[j] x[i+j]*k[j]")
    true = recognition.recognised

    def wrong(*given: Any) -> Any:
        made = true(*given)
        assert made is not None
        changed = (
            replace(c, **{key: Integer(n) for key, n in change.items()})
            if isinstance(c, Slide)
            else c
            for c in made.signal.coordinates
        )
        return replace(made, instance=made.instance.changed("signal", tuple(changed)))

    monkeypatch.setattr(fast, "recognised", wrong)
    function = modules.function("forward", layer, ["y"], targets.TARGETS.get("fast"))
    assert function.body is not None and function.body.program is not None
    assert judged(function.body.program).word == "refuted"
