"""Receptive fields: what one unit of a layer sees of the network's input.

A unit's box is followed back through the equations of all layers before it, as they are in
evaluation.  It is the smallest box around the support of the unit's gradient by the input, if all
weights are positive and maxima are sums (``tests/numeric/summary/test_fields.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise

from numeric.networks.description import Shape
from numeric.networks.stages import Branches, Parts, Stage
from numeric.summary.intervals import Interval, hull
from numeric.summary.reaching import Box, reached

#: from a box of a layer's output to that of the network's input, None where it reads nothing;
#: inside the tensors' borders, or as if there were none
Way = Callable[[Box, bool], Box | None]


@dataclass(frozen=True)
class Field:
    """What the unit in the middle of a layer's output sees.

    ``size`` is the field's along each spatial axis of the input, as if that went on beyond its
    borders; ``seen`` are the first and last places inside; ``stride`` is how far the field moves
    where the unit moves by one, None where that is not the same everywhere or there is no other.
    """

    size: tuple[int, ...]
    seen: tuple[Interval, ...]
    stride: tuple[int | None, ...]

    def whole(self, sizes: Shape) -> bool:
        """Whether the unit sees all of an input of these spatial sizes."""
        return self.seen == tuple((0, n - 1) for n in sizes)


def fields(parts: Parts) -> dict[str, Field | None]:
    """The field of every layer by its name; None where a layer sees nothing of the input."""
    ways = _with_ways(parts, lambda box, inside: box)
    return {stage.name: _field(stage.output, way) for stage, way in ways}


def middle(shape: Shape) -> Box:
    """The box of the unit in the middle."""
    return tuple((n // 2, n // 2) for n in shape)


def _field(shape: Shape, way: Way) -> Field | None:
    unit = middle(shape)
    free, seen = way(unit, False), way(unit, True)
    if free is None or seen is None:
        return None
    spatial = range(2 if len(free) > 2 else 1, len(free))
    size = tuple(free[axis][1] - free[axis][0] + 1 for axis in spatial)
    strides = tuple(
        _stride(shape[axis], unit, axis, way) if len(shape) == len(free) else None
        for axis in spatial
    )
    return Field(size, tuple(seen[axis] for axis in spatial), strides)


def _stride(length: int, unit: Box, axis: int, way: Way) -> int | None:
    """How far the field moves along an axis of so many units."""
    at = unit[axis][0]
    moved = []
    for place in range(max(0, at - 1), min(length, at + 2)):
        box = way((*unit[:axis], (place, place), *unit[axis + 1 :]), False)
        moved += [box[axis]] if box else []
    steps = {
        after - before
        for one, other in pairwise(moved)
        for before, after in zip(one, other, strict=True)
    }
    return steps.pop() if len(steps) == 1 else None


# --- the way back ---------------------------------------------------------------------------------


def _with_ways(parts: Parts, before: Way) -> Iterator[tuple[Stage, Way]]:
    """Every layer, with the way from its output to the network's input."""
    for part in parts:
        if isinstance(part, Stage):
            before = before if part.evaluated is None else partial(_through, part, before)
            yield part, before
            continue
        for path in part.paths:
            yield from _with_ways(path, before)
        joints = list(_joints(part, before))
        yield from joints
        before = joints[-1][1]


def _joints(branches: Branches, before: Way) -> Iterator[tuple[Stage, Way]]:
    """The layers that join paths, each with the way from its output."""
    first, *others = (_end(path, before) for path in branches.paths)
    for joint, other in zip(branches.joints, others, strict=True):
        first = partial(_joined, joint, first, other)
        yield joint, first


def _end(path: Parts, before: Way) -> Way:
    """The way from the end of a path."""
    return [before, *(way for _, way in _with_ways(path, before))][-1]


def _through(stage: Stage, before: Way, box: Box, inside: bool) -> Box | None:
    assert stage.evaluated is not None
    found = reached(stage.evaluated, stage.values, box, inside)
    return before(found[stage.entering], inside) if stage.entering in found else None


def _joined(stage: Stage, first: Way, other: Way, box: Box, inside: bool) -> Box | None:
    """Both ways back from a layer that joins two paths."""
    found = reached(stage.layer, stage.values, box, inside)
    ways = ((stage.entering, first), (stage.joined[0], other))
    ends = [end for name, way in ways if name in found and (end := way(found[name], inside))]
    return tuple(reduce(hull, axis) for axis in zip(*ends, strict=True)) if ends else None
