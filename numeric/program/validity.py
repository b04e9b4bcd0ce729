"""What makes an array program well formed, checked on the finished program alone.

Arrays are defined before they are read, and read by as many indices as they have axes, each of
which runs over the whole axis; integers and reals are kept apart; every index is inside its array
for all sizes, or guarded, or, where that could not be decided, checked when the program runs.  What
a well-formed program computes is another matter: ``numeric.program.equivalence``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Basic, Expr, Mul

from derive.domains import Decision
from derive.language.integers import affine_form
from derive.language.printing import plain
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Between,
    Condition,
    Entry,
    Index,
    Less,
    Same,
    entries,
    indices_in,
    varies,
)
from numeric.program.assumptions import Assumptions, extremes
from numeric.program.reads import Axis, is_plain
from numeric.program.statements import (
    Contraction,
    Elementwise,
    EntryByEntry,
    FirstPlace,
    Gather,
    Largest,
    Merge,
    Pad,
    Program,
    Reduction,
    ScatterAdd,
    Split,
    Statement,
    View,
    Width,
)


class InvalidProgram(ValueError):
    """A program that is not well formed: a mistake in the lowering, never in the layer.

    ``equation`` names the layer's equation whose statements are not.
    """

    def __init__(self, why: str, equation: str = "") -> None:
        super().__init__(why)
        self.equation = equation


def checked(program: Program) -> Program:
    """The program, with the decisions that its reads are inside; raises ``InvalidProgram``."""
    for output in program.outputs:
        if program.layer.equation(output) is None:
            raise InvalidProgram(f"{program.layer.name} has no equation for {output}")
    checker = _Checker(program)
    for statement in program.statements:
        try:
            checker.check(statement)
        except InvalidProgram as error:
            raise InvalidProgram(str(error), program.origin(statement.name)) from error
    for output in program.outputs:
        if output not in checker.extents:
            raise InvalidProgram(f"nothing computes {output}")
    return replace(program, evidence=(*program.evidence, *checker.evidence))


class _Checker:
    def __init__(self, program: Program) -> None:
        layer = program.layer
        self.here = Assumptions.of_outputs(layer, program.outputs)
        self.extents = {t.name: layer.shape(t.name) for t in layer.tensors}
        self.kinds = {t.name: "integer" if t.integer else "real" for t in layer.tensors}
        self.evidence: list[tuple[str, Decision]] = []

    def check(self, statement: Statement) -> None:
        """Check one statement, then let it be read."""
        name = statement.name
        if name in self.extents:
            raise InvalidProgram(f"{name} is defined twice")
        for source in statement.sources:
            if source not in self.extents:
                raise InvalidProgram(f"{name} reads {source}, which is not defined before")
        for extent in (*statement.extents, *(n for _, n in _over(statement))):
            if varies(extent):
                raise InvalidProgram(f"{name} has an axis whose length {extent} varies")
        self._check_reads(statement)
        self._check_kind(statement)
        if isinstance(statement, Pad):
            self._check_padding(statement)
        self.evidence += [(name, decision) for decision in self._bounds(statement)]
        self.extents[name] = statement.extents
        self.kinds[name] = statement.kind

    # --- reads -----------------------------------------------------------------------------------

    def _check_reads(self, statement: Statement) -> None:
        if isinstance(statement, Pad | View | Merge | Split | EntryByEntry):
            self._check_rank(statement.meaning)
            return
        own = () if isinstance(statement, ScatterAdd) else statement.axes
        axes = [*own, *_over(statement)]
        known = dict[Expr, Expr](axes)
        if len(known) != len(axes):
            raise InvalidProgram(f"{statement.name} uses an index for two axes")
        for part in _values(statement):
            if not known.keys() >= set(indices_in(part)):
                raise InvalidProgram(f"{statement.name} uses indices without an axis: {part}")
            for entry in entries(part):
                self._check_entry(entry, known)
        if isinstance(statement, Gather):
            self._check_rank(Entry(statement.source, *statement.positions))

    def _check_rank(self, expr: Expr) -> None:
        for entry in entries(expr):
            if len(entry.indices) != len(self.extents[entry.tensor]):
                raise InvalidProgram(f"{entry} has the wrong number of indices")

    def _check_entry(self, entry: Entry, known: Mapping[Expr, Expr]) -> None:
        self._check_rank(entry)
        if not is_plain(entry):
            raise InvalidProgram(f"{entry} is not a plain read")
        for index, size in zip(entry.indices, self.extents[entry.tensor], strict=True):
            if known[index] != size and not self.here.shows(Same(known[index], size)):
                raise InvalidProgram(f"{entry}: {index} runs over {known[index]}, not over {size}")

    def _check_kind(self, statement: Statement) -> None:
        if isinstance(statement, Gather):
            for entry in (e for at in statement.positions for e in entries(at)):
                if self.kinds[entry.tensor] != "integer":
                    raise InvalidProgram(f"{entry} is no integer: {statement.name} is read there")
        if isinstance(statement, Gather | View | Pad | Split) and (
            statement.kind != self.kinds[statement.source]
        ):
            raise InvalidProgram(f"{statement.name} holds what {statement.source} does not")

    # --- bounds ----------------------------------------------------------------------------------

    def _bounds(self, statement: Statement) -> Iterator[Decision]:
        """The decisions that every index is inside its array."""
        if isinstance(statement, View):
            box = self.here.within(statement.axes)
            yield from _inside(statement.name, statement.positions, statement.sizes, box)
        elif isinstance(statement, Gather) and not statement.guarded:
            box = self.here.within(statement.axes)
            for at, size in zip(statement.positions, statement.sizes, strict=True):
                yield _shown(statement.name, Between(ZERO, at, size), box)
        elif isinstance(statement, Merge):
            yield from self._regrouped(statement, self.extents[statement.source], statement.extents)
        elif isinstance(statement, Split):
            yield from self._regrouped(statement, statement.extents, self.extents[statement.source])
        elif isinstance(statement, ScatterAdd) and statement.regular:
            sides = zip(statement.before, statement.extents, statement.after, strict=True)
            sizes = [before + n + after for before, n, after in sides]
            pairs = zip(statement.positions, statement.before, strict=True)
            positions = [at + before for at, before in pairs]
            box = self.here.within(statement.over)
            yield from _inside(statement.name, positions, sizes, box)

    def _check_padding(self, statement: Pad) -> None:
        sides = zip(statement.before, statement.sizes, statement.after, strict=True)
        for (_, extent), (before, size, after) in zip(statement.axes, sides, strict=True):
            if extent != before + size + after:
                raise InvalidProgram(f"{statement.name} has an axis of the wrong length {extent}")
            for amount in (before, after):
                if not self.here.at_least(0, amount):
                    raise InvalidProgram(f"{statement.name} is padded by {amount}")

    def _regrouped(
        self, statement: Merge | Split, many: tuple[Expr, ...], few: tuple[Expr, ...]
    ) -> Iterator[Decision]:
        """As many entries in each group of axes as in the axis it stands for."""
        if tuple(n for group in statement.lengths for n in group) != many:
            raise InvalidProgram(f"{statement.name} regroups axes that are not there")
        for extent, group in zip(few, statement.lengths, strict=True):
            yield _shown(statement.name, Same(extent, Mul(*group)), self.here)


def _shown(name: str, goal: Condition, here: Assumptions) -> Decision:
    """The decision on a condition, which may stay open but must not fail."""
    decision = here.decide(goal)
    if not decision.holds and here.refutes(goal):
        raise InvalidProgram(f"{name} requires {plain(goal)}, which fails")
    return decision


def _inside(
    name: str, positions: Sequence[Expr], sizes: Sequence[Expr], box: Assumptions
) -> Iterator[Decision]:
    """That affine positions stay inside, at the corners where they are smallest and largest."""
    for at, size in zip(positions, sizes, strict=True):
        form = affine_form(at, box.indices)
        if form is None:
            raise InvalidProgram(f"the position {at} is not affine")
        if is_whole_axis(at, size, box):
            continue
        low, high = extremes(form, box)
        lengths = dict(box.axes)
        corner = box.sizes.given([AtMost(ONE, lengths[i]) for i, _ in form.steps])
        yield _shown(name, AtMost(ZERO, low), corner)
        yield _shown(name, Less(high, size), corner)


def is_whole_axis(at: Expr, size: Expr, box: Assumptions) -> bool:
    """Whether the position is an index that runs over the whole axis."""
    return isinstance(at, Index) and dict(box.axes).get(at) == size


def _over(statement: Statement) -> tuple[Axis, ...]:
    if isinstance(statement, Reduction | Largest | FirstPlace | Contraction | ScatterAdd | Width):
        return statement.over
    return ()


def _values(statement: Statement) -> Iterator[Basic]:
    """The expressions of a statement in which arrays are read plainly."""
    if isinstance(statement, Elementwise | Reduction | Largest | FirstPlace | Width):
        yield statement.value
    if isinstance(statement, Largest | FirstPlace):
        yield statement.only
    if isinstance(statement, Largest):
        yield statement.needed
    if isinstance(statement, Contraction):
        yield from statement.factors
    if isinstance(statement, ScatterAdd):
        yield statement.source
        yield from statement.positions
    if isinstance(statement, Gather):
        yield from statement.positions
