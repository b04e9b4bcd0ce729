"""What forward keeps for backward: subterms of forward that the gradients contain.

Kept are the intermediates and outputs that take a sum or a maximum to compute (mean and variance
of a normalisation, y of a softmax), and the place of each maximum.  What is computed from these
entry by entry is not kept.  Without any of it backward computes everything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Basic, Expr, Mul, Sum

from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.integers import split_multiple
from derive.language.printing import equation as printed
from derive.language.substitution import substituted
from derive.language.terms import (
    Condition,
    Divides,
    Entry,
    FirstMax,
    FloorDiv,
    Index,
    Iverson,
    MaxOver,
    Same,
    indices_in,
    mapped,
    ranges_of,
    subterms,
    varies,
)
from numeric.given import with_tensors
from numeric.lowering.naming import FreshNames
from numeric.program.places import first_place
from numeric.program.reads import flat, parts_of


@dataclass(frozen=True)
class Keeping:
    """A layer whose equations include what is kept, and gradient layers that are given it.

    ``names`` are those of the kept arrays, in the order in which forward computes them.
    """

    forward: Layer
    gradients: Mapping[str, Layer]
    names: tuple[str, ...]

    @property
    def explanation(self) -> str:
        """What is kept, and which gradients read it."""
        lines = []
        for name in self.names:
            found = self.forward.equation(name)
            assert found is not None
            readers = [f"∂L/∂{w}" for w, g in self.gradients.items() if g.tensor(name) is not None]
            lines.append(f"forward keeps {name} for {', '.join(readers)}:")
            lines += [f"  {text}" for text in printed(found.entry, found.explicit, 90)]
        return "\n".join(lines)


def keeping(layer: Layer, gradients: Mapping[str, Layer]) -> Keeping:
    """What to keep of a layer for these gradient layers, by the tensors they differentiate by."""
    winners = Winners(layer)
    chosen = {wrt: winners.replaced(gradient) for wrt, gradient in gradients.items()}
    forward = replace(layer, equations=(*layer.equations, *winners.found.values()))
    costly = {e.name: e for e in forward.equations if e.explicit.has(Sum, MaxOver)}
    given = {wrt: _given(gradient, costly, winners.places) for wrt, gradient in chosen.items()}
    names = [e.name for e in forward.ordered if any(g.tensor(e.name) for g in given.values())]
    return Keeping(forward, given, tuple(names))


def _given(gradient: Layer, kept: Mapping[str, Equation], places: Mapping[str, Expr]) -> Layer:
    """The gradient layer with tensors instead of equations of these names, if it reads them."""
    output = gradient.equations[-1].name
    left = {e.name: e for e in gradient.equations if e.name not in kept}
    needed, pending = set[str](), [output]
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending += left[name].sources if name in left else []
    taken = [
        Tensor(name, tuple(map(Axis, e.extents)), name in places, places.get(name))
        for name, e in kept.items()
        if name in needed
    ]
    equations = tuple(e for e in left.values() if e.name in needed)
    return with_tensors(replace(gradient, equations=equations), taken)


class Winners:
    """The places of a layer's maxima: an equation for each, read where gradients compare with it.

    ``found`` are the equations by name, ``places`` how many places each maximum has.
    """

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._names = FreshNames.of(layer)
        self._maxima = list(_maxima(layer))
        self._known: dict[MaxOver, str] = {}
        self.found: dict[str, Equation] = {}
        self.places: dict[str, Expr] = {}

    def replaced(self, gradient: Layer) -> Layer:
        """The gradient layer with places compared with what forward found."""
        made = [(e, self._inside(e.explicit)) for e in gradient.equations]
        equations = [e if x is e.explicit else replace(e, written=x, explicit=x) for e, x in made]
        return replace(gradient, equations=tuple(equations))

    def _inside(self, expr: Any) -> Any:
        """The expression with the places in its products compared with what forward found."""
        if not expr.has(FirstMax):
            return expr
        if isinstance(expr, Mul):
            return self._product(expr)
        return mapped(self._inside, expr)

    def _product(self, product: Any) -> Any:
        guards = [c for f in product.args if isinstance(f, Iverson) for c in parts_of(f.args[0])]
        reads = [f for f in product.args if isinstance(f, Entry)]
        first = [c for c in guards if isinstance(c, FirstMax)]
        made = {c: found for c in first if (found := self._compared(c, reads, guards)) is not None}
        return product.xreplace(made)

    def _compared(
        self, first: FirstMax, reads: Iterable[Entry], guards: Iterable[Condition]
    ) -> Condition | None:
        """That the place is the number that forward has found; None where it has not.

        The upstream gradient beside it is read at the place of forward's result.
        """
        at: Any = first.args[0]
        exact = {FloorDiv(n, m): n / m for m, n in _divisions(guards)}
        for equation, maximum in self._maxima:
            for read in reads:
                if len(read.indices) != len(equation.indices):
                    continue
                moved = dict(zip(equation.indices, read.indices, strict=True))
                there = substituted(_anonymous(maximum), moved).xreplace(exact)
                if there == _anonymous(first.args[1]):
                    lengths = [hi for _, _, hi in ranges_of(maximum)]
                    name = self._name_of(equation, maximum)
                    return Same(flat(at.args, lengths), Entry(name, *read.indices))
        return None

    def _name_of(self, equation: Equation, maximum: MaxOver) -> str:
        """The equation for a maximum's place, made where it is first read."""
        if maximum not in self._known:
            name = self._names.fresh(f"{equation.name}_first")
            over = tuple((i, hi) for i, _, hi in ranges_of(maximum))
            place = first_place(maximum.args[0], over)
            self.found[name] = replace(equation, name=name, written=place, explicit=place)
            self.places[name] = Mul(*(n for _, n in over))
            self._known[maximum] = name
        return self._known[maximum]


def _maxima(layer: Layer) -> Iterator[tuple[Equation, MaxOver]]:
    """The maxima over boxes of one size, with the equations that they stand in.

    One that is taken anew for each term of a sum has no equation of its own.
    """
    for equation in layer.equations:
        for node in dict.fromkeys(subterms(equation.explicit)):
            ranges = ranges_of(node) if isinstance(node, MaxOver) else ()
            if ranges and all(lo == 0 and not varies(hi) for _, lo, hi in ranges):
                assert isinstance(node, MaxOver)
                if _free(node) <= set(equation.indices):
                    yield equation, node


def _free(node: Basic) -> set[Index]:
    """The indices that no sum and no maximum within the term runs over."""
    inner = [t for t in subterms(node) if isinstance(t, Sum | MaxOver)]
    return set(indices_in(node)) - {i for t in inner for i, _, _ in ranges_of(t)}


def _divisions(guards: Iterable[Condition]) -> Iterator[tuple[Expr, Expr]]:
    """The divisors and numbers of quotients without a remainder."""
    for guard in guards:
        if isinstance(guard, Divides):
            divisor, number = guard.args
            yield divisor, number
            yield divisor, split_multiple(number, divisor)[1]


def _anonymous(node: Any) -> Any:
    """The maximum with its indices called by their places."""
    names = {i: Index(f"#{place}") for place, (i, _, _) in enumerate(ranges_of(node))}
    return node.xreplace(names)
