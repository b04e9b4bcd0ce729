"""Sizes from shapes, and what is said when they do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction as F

import pytest

from derive.language.definition import Hyperparameter, Layer
from derive.language.terms import Entry, Greatest, RealParameter, Same, Size
from tests.derive.language.handmade import H, K, N, R, Z, conv, equation, i, layer
from verify.evaluation.arithmetic import FLOAT
from verify.evaluation.arrays import Array, arrays
from verify.evaluation.exact import evaluate
from verify.evaluation.sizes import Number, bindings


def sizes_of(
    layer: Layer,
    arrays: Mapping[str, Array],
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
) -> dict[str, int]:
    """All sizes by name; ``ValueError`` where shapes, domains or requirements are not met."""
    values = bindings(layer, arrays, hyperparameters, sizes)
    return {s.name: value for s, value in values.items() if isinstance(s, Size)}


def test_sizes_and_the_errors_they_raise() -> None:
    given = arrays({"x": [1, 2, 3, 4], "k": [1, 2]})
    assert sizes_of(conv(), given, {"s": 2, "p": 1}) == {"H": 4, "K": 2, "R": 3}
    assert sizes_of(conv(), arrays({"x": [1], "k": [1, 2, 3]})) == {"H": 1, "K": 3, "R": 0}
    with pytest.raises(ValueError, match="s must be at least 1, not 0"):
        sizes_of(conv(), given, {"s": 0})
    with pytest.raises(ValueError, match="no hyperparameter 'stride'; it has: s, p"):
        sizes_of(conv(), given, {"stride": 2})
    with pytest.raises(ValueError, match="needs the tensor k"):
        sizes_of(conv(), arrays({"x": [1]}))
    with pytest.raises(ValueError, match="has no tensor 'w'"):
        sizes_of(conv(), {**given, **arrays({"w": [1]})})
    with pytest.raises(ValueError, match=r"x: expected shape \(H\), given \(1, 2\)"):
        sizes_of(conv(), arrays({"x": [[1, 2]], "k": [1]}))


def test_a_size_used_twice_must_agree() -> None:
    square = layer({"w": (N, N)}, equation("y", (i,), (N,), Entry("w", i, i)))
    assert evaluate(square, arrays({"w": [[1, 2], [3, 4]]}))["y"].nested() == (1, 4)
    with pytest.raises(ValueError, match=r"w: expected shape \(1, 1\), given \(1, 2\)"):
        evaluate(square, arrays({"w": [[1, 2]]}))


def test_compound_axes_are_solved_and_checked() -> None:
    pairs = layer({"x": (2 * N + 1,)}, equation("y", (i,), (N,), Entry("x", 2 * i + 1)))
    assert evaluate(pairs, arrays({"x": [1, 2, 3, 4, 5]}))["y"].nested() == (2, 4)
    with pytest.raises(ValueError, match="size N"):
        evaluate(pairs, arrays({"x": [1, 2]}))


def test_a_gradient_layer_promises_the_shape_of_g() -> None:
    promise = Same(R, Greatest(Z, H - K + 1))
    shape = layer(
        {"x": (H,), "k": (K,), "g": (R,)},
        equation("dx", (i,), (H,), Entry("x", i)),
        requirements=(promise,),
    )
    fits = arrays({"x": [1, 2, 3], "k": [1, 1], "g": [1, 1]})
    assert sizes_of(shape, fits)["R"] == 2
    with pytest.raises(ValueError, match=r"g: expected shape \(2,\), given \(1,\)"):
        sizes_of(shape, {**fits, "g": Array.of([1])})


def test_real_hyperparameters_have_defaults() -> None:
    eps = Hyperparameter(RealParameter("eps"), F(1, 10))
    shift = layer({"x": (N,)}, equation("y", (i,), (N,), Entry("x", i) + eps.symbol), hyper=(eps,))
    assert evaluate(shift, arrays({"x": [1]}))["y"].nested() == (F(11, 10),)
    assert evaluate(shift, arrays({"x": [1]}), {"eps": F(1, 3)})["y"].nested() == (F(4, 3),)
    y = evaluate(shift, arrays({"x": [1]}), arithmetic=FLOAT)["y"].nested()
    assert isinstance(y[0], float)
