"""Which index stands where in an instance of a named form."""

from __future__ import annotations

from collections.abc import Iterator

from derive.engine.instances import Grouped, InGroup, Instance, Mirrored, Operand, Slide, Window
from derive.language.terms import Index


def indices(operand: Operand) -> tuple[Index, ...]:
    """The indices that stand in an operand's axes, the leaders of groups left out."""
    return tuple(_standing(operand))


def _standing(operand: Operand) -> Iterator[Index]:
    for c in operand.coordinates:
        if isinstance(c, Slide):
            yield from (c.result, c.summed)
        elif isinstance(c, Window):
            yield from (c.entry, c.place)
        elif isinstance(c, Mirrored):
            yield c.index
        elif isinstance(c, InGroup):
            yield c.offset
        elif isinstance(c, Grouped):
            yield c.channel
        elif isinstance(c, Index):
            yield c


def result(instance: Instance) -> tuple[Index, ...]:
    """The indices of the result."""
    return tuple(i for i, _ in instance.result)


def summed(instance: Instance) -> tuple[Index, ...]:
    """The indices that are summed."""
    return tuple(i for i, _ in instance.summed)


def slides(instance: Instance) -> tuple[Slide, ...]:
    """All sliding axes."""
    return tuple(s for o in instance.operands for s in o.slides)


def ordered(operand: Operand, instance: Instance) -> bool:
    """Whether the operand has its axes in the order of the result's."""
    order = result(instance)
    places = [order.index(i) for i in indices(operand) if i in order]
    return places == sorted(places)


def plain(instance: Instance) -> bool:
    """Whether each axis is read at an index alone, and no entries are selected."""
    alone = all(isinstance(c, Index) or c == 0 for o in instance.operands for c in o.coordinates)
    return alone and instance.groups is None and instance.selection is None


def covered(instance: Instance) -> bool:
    """Whether each index of the result stands somewhere, but for an axis of length one."""
    met = {i for o in instance.operands for i in indices(o)}
    return all(i in met or n == 1 for i, n in instance.result)


def mirrored(instance: Instance) -> bool:
    """Whether some axis is read backwards."""
    return any(isinstance(c, Mirrored) for o in instance.operands for c in o.coordinates)


def dilated(instance: Instance) -> bool:
    """Whether the kernel is spread out along some axis."""
    return any(s.spread != 1 for s in slides(instance))


def stuffed(instance: Instance) -> bool:
    """Whether zeros are stuffed between the entries of the signal."""
    return any(s.stuffing != 1 for s in slides(instance))


def stepping(instance: Instance) -> bool:
    """Whether the result steps over the signal by more than one."""
    return any(s.step != 1 for s in slides(instance))
