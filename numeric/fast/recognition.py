"""Cross-correlations and convolutions among a layer's sums, and the calls that compute them.

Which tensor plays which role, what slides, strides, groups and padding are all read off the data of
the named form (``derive.engine.instances``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from sympy import Add, Expr, Integer

from derive.engine.instances import Coordinate, Grouped, InGroup, Instance, Mirrored, Operand, Slide
from derive.engine.record import Form
from derive.forms import definition_forms
from derive.forms.sliding import CONVOLUTION, CORRELATION, flipped
from derive.language.definition import Equation, Layer
from derive.language.terms import (
    ONE,
    ZERO,
    Between,
    Condition,
    Divides,
    Entry,
    FloorDiv,
    Index,
    Modulo,
    entries,
)
from numeric.emission.dialect import NUMPY, Dialect, tuple_of
from numeric.emission.identifiers import Identifiers
from numeric.emission.writer import PythonWriter
from numeric.program.reads import bare_indices, flat
from numeric.program.statements import Correlation, Merge, Statement

#: an index, "group" for the number of the channel group, or the number of a sliding axis
Digit = Index | str | int


@dataclass(frozen=True)
class SlidingSum:
    """A sum that is a cross-correlation: its form, with the kernel flipped where it was not."""

    form: Form
    instance: Instance

    @property
    def signal(self) -> Operand:
        return self.instance.operand("signal")

    @property
    def kernel(self) -> Operand:
        return self.instance.operand("kernel")


def recognised(layer: Layer, equation: Equation, term: Expr) -> SlidingSum | None:
    """The term as a cross-correlation of inputs of the layer; None where it is none of these.

    None also where an index is of no role, or two are of the same: templates have one axis a role.
    """
    reads = entries(term)
    if len(reads) != 2 or any(layer.tensor(r.tensor) is None for r in reads):
        return None
    alone = replace(layer, equations=(replace(equation, explicit=term),))
    for form in definition_forms(alone):
        instance = form.instance
        if instance.kind not in (CORRELATION, CONVOLUTION):
            return None
        made = SlidingSum(form, instance if instance.kind == CORRELATION else flipped(instance))
        stuffed = any(s.stuffing != 1 for s in made.signal.slides)
        stepping = any(s.step != 1 for s in made.signal.slides)
        if instance.factor == 1 and not (stuffed and stepping) and roles(made) is not None:
            return made
    return None


def roles(made: SlidingSum) -> dict[Digit, str] | None:
    """What each digit is: shared by all (d), of images (b), outputs (o) or channels (c)."""
    instance = made.instance
    result = {d for i, n in instance.result for d, _ in digits(i, n, instance)}
    signal, kernel = (
        {d for c, n in zip(o.coordinates, o.sizes, strict=True) for d, _ in digits(c, n, instance)}
        for o in (made.signal, made.kernel)
    )
    moving = {x for k, s in enumerate(made.signal.slides) for x in (k, s.result, s.summed)}
    found: dict[Digit, str] = {}
    for digit in (result | signal | kernel) - moving:
        where = (digit in result, digit in signal, digit in kernel)
        role = {(1, 1, 1): "d", (1, 1, 0): "b", (1, 0, 1): "o", (0, 1, 1): "c"}.get(where)
        if role is None or role in found.values():
            return None
        found[digit] = role
    return found


def digits(coordinate: Coordinate, size: Expr, instance: Instance) -> list[tuple[Digit, Expr]]:
    """What an axis counts, the outer one first: a channel is its group and its place in there."""
    groups = instance.groups or ONE
    match coordinate:
        case Slide():
            slides = instance.operand("signal").slides
            return [(slides.index(coordinate), size)]
        case Mirrored():
            return [(coordinate.index, size)]
        case InGroup():
            width = FloorDiv(size, groups)
            return [("group", groups), (coordinate.offset, width)]
        case Grouped():
            return [(coordinate.channel, size)]
    if not isinstance(coordinate, Index):
        return []
    if coordinate in _channels(instance):
        return [("group", groups), (coordinate, FloorDiv(size, groups))]
    return [(coordinate, size)]


def _channels(instance: Instance) -> set[Index]:
    """The indices that count channels of all groups."""
    coordinates = [c for o in instance.operands for c in o.coordinates]
    leaders = {c.leader for c in coordinates if isinstance(c, InGroup | Grouped)}
    return leaders | set(instance.same_group or ())


class TemplateCall:
    """Writes the lines that compute a sliding sum into an array of a given name."""

    def __init__(
        self, made: SlidingSum, layer: Layer, names: Identifiers, dialect: Dialect = NUMPY
    ) -> None:
        self.made = made
        self.names = names
        self._writer = PythonWriter(names, layer, dialect)
        self._roles = roles(made) or {}
        slides = made.signal.slides
        self._places: list[Digit] = [s.result for s in slides]
        self._taps: list[Digit] = [s.summed for s in slides]

    @property
    def helpers(self) -> tuple[str, ...]:
        """What the lines call."""
        return ("correlate", *self._writer.helpers)

    def lines(self, name: str, target: str, addend: Entry | None) -> Iterator[str]:
        """``target`` is the array's name in the text; it is made under ``name`` in the layer."""
        instance = self.made.instance
        made = [d for i, n in instance.result for d in digits(i, n, instance)]
        split = len(made) != len(instance.result)
        array = self.names.array(f"{name}_parts") if split else target
        shape = tuple_of([self._size(n) for _, n in made])
        dialect, call = self._writer.dialect, self._writer.call
        made_as = f"{name}_parts" if split else name
        yield f"{array} = {dialect.allocated(made_as, shape, 'dtype', call)}"
        slides = self.made.signal.slides
        arguments = [
            self._view(array, [[d] for d in made], [], "dbo", self._places),
            self._operand(self.made.signal, "dbc", range(len(slides))),
            self._operand(self.made.kernel, "doc", self._taps),
            *(
                f"{key}={tuple_of([self._size(getattr(s, key)) for s in slides])}"
                for key in ("step", "spread", "shift", "stuffing")
            ),
            *([f"addend={self._entry(addend)}"] if addend is not None else []),
            "threads=threads",
        ]
        yield f"correlate({', '.join(arguments)})"
        if split:
            shape = ", ".join(self._size(n) for _, n in instance.result)
            yield f"{target} = {array}.reshape({shape})"

    def statements(self, name: str) -> list[Statement]:
        """What the lines compute, read off the same data that they are written from."""
        instance = self.made.instance
        groups = [digits(i, n, instance) for i, n in instance.result]
        flat_axes = [(self._index(d), n) for group in groups for d, n in group]
        split = len(flat_axes) != len(groups)
        signal, guards = self._read(self.made.signal)
        kernel, _ = self._read(self.made.kernel)
        shown = {d for d, _ in flat_axes}
        over = [(self._index(d), n) for d, n in self._reduced() if self._index(d) not in shown]
        parts = self.names.array(f"{name}_parts") if split else name
        made: list[Statement] = [
            Correlation(parts, tuple(flat_axes), signal, kernel, guards, tuple(over))
        ]
        if split:
            lengths = tuple(tuple(n for _, n in group) for group in groups)
            positions: list[Expr] = []
            for (index, _), group in zip(instance.result, groups, strict=True):
                width = group[-1][1]
                whole = len(group) == 1
                positions += [index] if whole else [FloorDiv(index, width), Modulo(index, width)]
            made.append(Merge(name, tuple(instance.result), parts, lengths, tuple(positions)))
        return made

    def _index(self, digit: Digit) -> Index:
        """The index of an axis; that of the groups has a name of its own."""
        return digit if isinstance(digit, Index) else Index("group'")

    def _reduced(self) -> list[tuple[Digit, Expr]]:
        """The axes of the kernel, taps among them: those not of the result are summed."""
        pairs = zip(self.made.kernel.coordinates, self.made.kernel.sizes, strict=True)
        return [d for c, n in pairs for d in digits(c, n, self.made.instance)]

    def _read(self, operand: Operand) -> tuple[Entry, tuple[Condition, ...]]:
        """The entry that is read, and the guards outside which it counts as zero."""
        positions: list[Expr] = []
        guards: list[Condition] = []
        for coordinate, size in zip(operand.coordinates, operand.sizes, strict=True):
            if isinstance(coordinate, Slide):
                c = coordinate
                numerator = c.step * c.result + c.spread * c.summed + c.shift
                at = numerator if c.stuffing == 1 else FloorDiv(numerator, c.stuffing)
                guards += [Divides(c.stuffing, numerator)] if c.stuffing != 1 else []
                guards.append(Between(ZERO, at, size))
            elif isinstance(coordinate, Mirrored):
                at = size - 1 - coordinate.index
            else:
                made = digits(coordinate, size, self.made.instance)
                at = flat([self._index(d) for d, _ in made], [n for _, n in made])
            positions.append(at)
        return Entry(operand.tensor, *positions), tuple(guards)

    def takes(self, entry: Expr) -> TypeGuard[Entry]:
        """Whether this is an entry that can be added to every result: of some of its indices."""
        own = [i for i, _ in self.made.instance.result]
        return (
            isinstance(entry, Entry)
            and all(i in own for i in entry.indices)
            and len(set(entry.indices)) == len(entry.indices)
        )

    def _size(self, expr: Expr) -> str:
        return self._writer.write(expr)

    def _entry(self, entry: Entry) -> str:
        sizes = self.made.instance.sizes
        axes = [digits(i, sizes[i], self.made.instance) for i in bare_indices(entry)]
        return self._view(self.names.array(entry.tensor), axes, [], "dbo", self._places)

    def _operand(self, operand: Operand, wanted: str, sliding: Iterable[Digit]) -> str:
        rows = list(zip(operand.coordinates, operand.sizes, strict=True))
        axes = [digits(c, n, self.made.instance) for c, n in rows]
        turned = [c.index for c, _ in rows if isinstance(c, Mirrored)]
        return self._view(self.names.array(operand.tensor), axes, turned, wanted, list(sliding))

    def _view(
        self,
        array: str,
        axes: Sequence[Sequence[tuple[Digit, Expr]]],
        turned: Sequence[Digit],
        wanted: str,
        sliding: Sequence[Digit],
    ) -> str:
        """The array with an axis for each role, then the sliding ones; None where it has none."""
        flat = [d for axis in axes for d in axis]
        if any(len(axis) != 1 for axis in axes):
            array += f".reshape({', '.join(self._size(n) for _, n in flat) or '()'})"
        keys = [d for d, _ in flat]
        by_role = {self._roles[d]: d for d in keys if d in self._roles}
        order: list[Digit | None] = [*(by_role.get(r) for r in wanted)]
        order += [d if d in keys else None for d in sliding]
        places = [keys.index(d) for d in order if d is not None]
        if places != sorted(places):
            array += f".transpose({', '.join(map(str, places))})"
        steps = ["None" if d is None else "::-1" if d in turned else ":" for d in order]
        while steps and steps[-1] == ":":
            steps.pop()
        return f"{array}[{', '.join(steps)}]" if steps else array


def terms_of(expr: Expr) -> list[Expr]:
    """The terms of a sum; none for zero."""
    return [t for t in Add.make_args(expr) if t != Integer(0)]
