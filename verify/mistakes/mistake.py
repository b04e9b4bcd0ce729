"""A mistake as a layer: what somebody differentiates who makes it.

Somebody may take a part for constant, compute a part otherwise, or only differentiate it otherwise:
``Held`` keeps a value from moving, so that h(a) + b − h(b) has the value of a and moves as b does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sympy import Basic, Expr, Function

from derive.language.definition import Equation, Layer
from derive.language.terms import Entry, mapped, reads
from verify.evaluation.arithmetic import Arithmetic
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.dual import Dual, over_duals, slope_of, value_of
from verify.evaluation.exact import WRITTEN, run

#: what becomes of a read of an intermediate in an equation; None: it cannot be read there
Reread = Callable[[Entry, Equation], "Entry | None"]
#: words for where another definition stands
ALTOGETHER = ""
VALUE = ", in the value only, not in the derivative"
DERIVATIVE = ", in the derivative only, not in the value"


class Held(Function):
    """A value that stays where it is while everything else moves."""

    nargs = 1


@dataclass(frozen=True)
class Mistake:
    """A mistake in words, and the layer whose gradient somebody gets who makes it.

    ``gradient``: the equation of the layer that is the gradient itself; else it is differentiated.
    """

    words: str
    layer: Layer
    gradient: str = ""


@dataclass(frozen=True)
class Other:
    """Another definition of an intermediate, and where it is read instead."""

    equation: Equation
    read: Reread = lambda read, equation: read


class _NotRead(LookupError):
    """An equation lacks what it takes to read the other definition."""


def held(layer: Layer, names: tuple[str, ...]) -> Layer:
    """Some intermediates taken for constant."""

    def change(read: Entry) -> Expr:
        return Held(read) if read.tensor in names else read

    return needed(layer, [with_body(e, reread(e.written, change)) for e in layer.equations])


def otherwise(layer: Layer, others: Mapping[str, Other]) -> Iterator[tuple[str, Layer]]:
    """The layer with other definitions of some intermediates, and words for where they stand.

    Altogether; in values alone; in derivatives alone, those of one within the other included or
    not.  Nothing where they cannot be read.
    """
    try:
        yield ALTOGETHER, needed(layer, list(_replaced(layer, others)))
        for where in (VALUE, DERIVATIVE):
            apart = _Apart(layer, others, where == VALUE)
            for inner in (apart.moving, apart.still):
                yield where, needed(layer, list(apart.equations(inner)))
    except _NotRead:
        return


def replaced(layer: Layer, new: Equation) -> Layer:
    """The layer with another equation for the same tensor."""
    equations = (new if e.name == new.name else e for e in layer.equations)
    return replace(layer, equations=tuple(equations))


def _replaced(layer: Layer, others: Mapping[str, Other]) -> Iterator[Equation]:
    for equation in layer.equations:
        new = others[equation.name].equation if equation.name in others else equation
        yield with_body(new, reread(new.written, partial(_read, others, new)))


@dataclass(frozen=True)
class _Apart:
    """Each intermediate twice: as it is computed, and as it is differentiated."""

    layer: Layer
    others: Mapping[str, Other]
    other_values: bool

    @property
    def computed(self) -> Mapping[str, Other]:
        return self.others if self.other_values else self._same

    @property
    def differentiated(self) -> Mapping[str, Other]:
        return self._same if self.other_values else self.others

    @property
    def _same(self) -> Mapping[str, Other]:
        return {e.name: Other(e) for e in self.layer.equations if e.name in self.others}

    def equations(self, inner: Callable[[Equation, Entry], Expr]) -> Iterator[Equation]:
        """``inner``: how what is differentiated reads another of them."""
        for name in self.others:
            old = self.computed[name].equation
            body = reread(old.written, partial(self._value, old))
            yield replace(with_body(old, body), name=f"{name} computed")
            old = self.differentiated[name].equation
            body = reread(old.written, partial(inner, old))
            yield replace(with_body(old, body), name=f"{name} differentiated")
        for equation in self.layer.equations:
            if equation.name not in self.others:
                yield with_body(equation, reread(equation.written, partial(self.moving, equation)))

    def _value(self, equation: Equation, read: Entry) -> Entry:
        if read.tensor not in self.others:
            return read
        return _named(read, _read(self.computed, equation, read), "computed")

    def still(self, equation: Equation, read: Entry) -> Expr:
        """The value, which does not move."""
        return Held(self._value(equation, read)) if read.tensor in self.others else read

    def moving(self, equation: Equation, read: Entry) -> Expr:
        """The value, which moves as what is differentiated."""
        if read.tensor not in self.others:
            return read
        slope = _named(read, _read(self.differentiated, equation, read), "differentiated")
        return self.still(equation, read) + slope - Held(slope)


def _named(read: Entry, found: Entry, role: str) -> Entry:
    return Entry(f"{found.tensor} {role}", *found.indices)


def _read(others: Mapping[str, Other], equation: Equation, read: Entry) -> Entry:
    found = others[read.tensor].read(read, equation) if read.tensor in others else read
    if found is None:
        raise _NotRead(read.tensor)
    return found


def reread(expr: Any, change: Callable[[Entry], Basic]) -> Any:
    """The expression with every read changed."""
    return change(expr) if isinstance(expr, Entry) else mapped(lambda a: reread(a, change), expr)


def with_body(equation: Equation, body: Expr) -> Equation:
    """The equation with another right-hand side, which is evaluated as it is written."""
    return replace(equation, written=body, explicit=body)


def needed(layer: Layer, equations: Sequence[Equation], last: Sequence[str] = ()) -> Layer:
    """The layer with these equations, without those that the last ones do not need."""
    pending = list(last) or [e.name for e in layer.outputs]
    found: dict[str, Equation] = {}
    named = {e.name: e for e in equations}
    while pending:
        equation = named.get(pending.pop())
        if equation is not None and equation.name not in found:
            found[equation.name] = equation
            pending += [n for n in named if reads(equation.written, n)]
    return replace(layer, equations=tuple(e for e in equations if e.name in found))


# --- what somebody gets ---------------------------------------------------------------------------


@cache
def _holding(arithmetic: Arithmetic) -> Arithmetic:
    """Dual numbers that can be kept from moving."""
    duals = over_duals(arithmetic)
    return replace(duals, functions={**duals.functions, Held.__name__.lower(): value_of})


def entry(
    mistake: Mistake,
    tensor: str,
    at: tuple[int, ...],
    arrays: Mapping[str, Array],
    upstream: Mapping[str, str],
    values: Values,
    arithmetic: Arithmetic,
) -> Any:
    """One entry of what somebody gets, by dual numbers; ``upstream`` names the g of each output."""
    layer = mistake.layer
    given = {t.name: arrays[t.name] for t in layer.tensors}
    if mistake.gradient:
        return run(layer, given, values, WRITTEN, arithmetic)[mistake.gradient][at]
    old = given[tensor]
    pairs = zip(indices_of(old.shape), old.entries, strict=True)
    given[tensor] = Array(old.shape, tuple(Dual(v, 1) if i == at else v for i, v in pairs))
    results = run(layer, given, values, WRITTEN, _holding(arithmetic))
    return sum(
        g * slope_of(y)
        for output, name in upstream.items()
        for g, y in zip(arrays[name].entries, results[output].entries, strict=True)
    )
