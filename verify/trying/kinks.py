"""Whether a layer has a kink or a jump near a case: there derivatives say nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verify.evaluation.arrays import Array
from verify.trying.numbers import chooses
from verify.trying.truth import SLIGHT, Truth, moved

#: nearer to a point than any kink that is not at the point itself
_BESIDE = Fraction(1, 2**40)
#: entries are moved by 1 to 8 in some unit, in steps so fine that no two move alike
_FINE = 2**20


def near_kink(truth: Truth, tensors: tuple[str, ...]) -> bool:
    """Whether a gradient changes a lot when all inputs move by next to nothing, there or back.

    At a tie or a kink it does; a function that follows another convention there is not wrong.
    """
    draw = random.Random(0)
    real = truth.subject.differentiable

    def move(_: Any) -> Fraction:
        return Fraction(draw.choice((-1, 1)) * draw.randint(_FINE, 8 * _FINE), _FINE)

    moves = {n: truth.tensors[n].map(move) for n in real}
    for step in (SLIGHT, -SLIGHT):
        beside = truth.with_tensors({n: moved(truth.tensors[n], moves[n], step) for n in real})
        for tensor in tensors:
            one = truth.gradient(tensor)
            if one.apart(beside.gradient(tensor)) > 1e-3 * one.scale:
                return True
    return False


def smooth_along(truth: Truth, tensor: str, step: float) -> bool:
    """Whether the outputs have no kink and no jump from a step before to a step after.

    Right beside x the slopes of both sides must agree closely, a step away roughly; and the
    values may not change faster than the slopes say.
    """
    if not chooses(truth.layer):
        return True
    return truth.once(("smooth", tensor, step), lambda: _smooth(truth, tensor, step))


def _smooth(truth: Truth, tensor: str, step: float) -> bool:
    for h, tolerance in ((_BESIDE, 1e-8), (Fraction(step), 1e-3)):
        before, after = _slopes_beside(truth, tensor, -h), _slopes_beside(truth, tensor, h)
        scale = 1 + max(map(abs, before), default=0.0)
        if any(abs(b - a) > tolerance * scale for a, b in zip(before, after, strict=True)):
            return False
    h = Fraction(step)
    low, high = (_numbers(_beside(truth, tensor, k).expected) for k in (-h, h))
    rises = ((b - a) / (2 * step) for a, b in zip(low, high, strict=True))
    return all(abs(r - s) <= 1e-2 * scale for r, s in zip(rises, before, strict=True))


def _slopes_beside(truth: Truth, tensor: str, h: Fraction) -> list[float]:
    return _numbers(_beside(truth, tensor, h).slopes({tensor: truth.direction(tensor)}))


def _beside(truth: Truth, tensor: str, h: Fraction) -> Truth:
    """What is true at x + h·v."""
    other = moved(truth.tensors[tensor], truth.direction(tensor), h)
    return truth.with_tensors({tensor: other})


def _numbers(arrays: Mapping[str, Array]) -> list[float]:
    return [float(v) for array in arrays.values() for v in array.entries]
