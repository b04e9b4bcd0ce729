"""An instance of the premises on functions: rational numbers, and polynomials for functions.

At the few arguments that occur, a polynomial has the value and the slope that the premises ask for,
whatever function they are about.  In dual numbers it is worked out like any other polynomial
(``instance_is_honest`` in the library), so that its derivative is one, not a second function that
happens to satisfy an equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import prod

from sympy import Expr, Symbol

from derive.language.terms import Range
from verify.coq.frame import Preliminaries
from verify.coq.functions import BY_NAME
from verify.coq.integers import Uncertified
from verify.coq.premises import Rate, Rates
from verify.coq.trees import (
    Applied,
    Branching,
    Guard,
    Inverse,
    Largest,
    Minus,
    Plus,
    Raised,
    Reciprocal,
    Rooted,
    Selected,
    Step,
    Summed,
    TensorRead,
    Times,
    Tree,
    Whole,
)
from verify.coq.trials import Trials, Values

#: one value of each function, taken at every argument
VALUES = {"Exp": Fraction(1), "Sigmoid": Fraction(1, 2), "Cos": Fraction(1)}
#: what tensors hold everywhere, the first that does; real hyperparameters are 1
FILLS = (0, 1)


class Instance:
    """Tensors that are one number everywhere, at the sizes of a sample."""

    def __init__(self, frame: Preliminaries, trials: Trials, sizes: Values, fill: int) -> None:
        self.frame = frame
        self.trials = trials
        self.sizes = sizes
        self.fill = fill
        self.slopes: dict[str, dict[Fraction, Fraction]] = {}

    def meet(self, rate: Rate) -> None:
        """Note what a premise asks for; ``Uncertified`` where this instance cannot have it."""
        for point in self.trials.box(rate.ranges, self.sizes):
            at = self._value(rate.tree.body, point)
            if isinstance(rate.tree, Applied):
                name = rate.tree.function
                slope = self._value(BY_NAME[name].rate(rate.tree.body), point)
                self.slopes.setdefault(name, {})[at] = slope
            elif at != 1:
                raise Uncertified(f"no instance was found with a power of {at}")

    @property
    def coefficients(self) -> dict[str, list[Fraction]]:
        """The polynomial of each function."""
        return {
            name: hermite(VALUES.get(name, Fraction(0)), slopes)
            for name, slopes in self.slopes.items()
        }

    def _value(self, tree: Tree, point: Values) -> Fraction:
        number = self.trials.number

        def value(tree: Tree) -> Fraction:
            return self._value(tree, point)

        match tree:
            case TensorRead(tensor, indices) if tensor in self.frame.equations:
                equation = self.frame.equations[tensor]
                at = zip(equation.indices, indices, strict=True)
                there: dict[Symbol, int] = {own: number(i, point) for own, i in at}
                return self._value(equation.body, {**self.sizes, **there})
            case TensorRead(tensor):
                return Fraction(self.fill if self.frame.layer.tensor(tensor) else 1)
            case Whole(expr):
                return Fraction(number(expr, point))
            case Inverse(expr):
                return Fraction(1, number(expr, point))
            case Guard(condition):
                return Fraction(self.trials.holds(condition, point))
            case Plus(left, right):
                return value(left) + value(right)
            case Times(left, right):
                return value(left) * value(right)
            case Minus(body):
                return -value(body)
            case Branching(condition, yes, no):
                return value(yes if self.trials.holds(condition, point) else no)
            case Selected(left, right, yes, no):
                return value(yes if value(left) < value(right) else no)
            case Step(left, right):
                return Fraction(value(left) < value(right))
            case Summed(index, lo, hi, body):
                return sum(self._over((index, lo, hi), body, point), Fraction(0))
            case Largest(index, lo, hi, condition, body):
                points = self._points((index, lo, hi), point)
                inside = (p for p in points if self.trials.holds(condition, p))
                return max((self._value(body, p) for p in inside), default=Fraction(0))
            case Applied(function):
                return VALUES.get(function, Fraction(0))
            case Reciprocal(body):
                return 1 / value(body)
            case Rooted(body) if value(body) in (0, 1):
                return value(body)
            case Raised(body, exponent):
                return 1 + value(exponent) * (value(body) - 1)
        raise Uncertified(f"no instance was found with {type(tree).__name__}")

    def _over(self, ranged: Range, body: Tree, point: Values) -> Iterable[Fraction]:
        return (self._value(body, p) for p in self._points(ranged, point))

    def _points(self, ranged: Range, point: Values) -> Iterable[Mapping[Symbol, int]]:
        index, lo, hi = ranged
        ends: tuple[Expr, Expr] = (lo, hi)
        first, last = (self.trials.number(end, point) for end in ends)
        return ({**point, index: i} for i in range(first, last))


def instance_of(frame: Preliminaries, trials: Trials, rates: Rates, sizes: Values) -> Instance:
    """The first instance that meets all premises."""
    reason: Exception = Uncertified("no instance was found")
    for fill in FILLS:
        found = Instance(frame, trials, sizes, fill)
        try:
            for rate in rates.found:
                found.meet(rate)
        except (Uncertified, ZeroDivisionError) as error:
            reason = error
            continue
        return found
    raise Uncertified(f"no instance of the premises was found: {reason}")


def hermite(value: Fraction, slopes: Mapping[Fraction, Fraction]) -> list[Fraction]:
    """Coefficients of a polynomial with one value and these slopes, lowest first.

    Σ_k s_k·(u − u_k)·Π_{j≠k} ((u − u_j)/(u_k − u_j))², and the value.
    """
    total = [value]
    for at, slope in slopes.items():
        others = [u for u in slopes if u != at]
        scale = slope / prod(((at - u) ** 2 for u in others), start=Fraction(1))
        term = [-at * scale, scale]
        for u in others:
            term = _times(_times(term, [-u, Fraction(1)]), [-u, Fraction(1)])
        length = max(len(total), len(term))
        padded = [[*p, *[Fraction(0)] * (length - len(p))] for p in (total, term)]
        total = [a + b for a, b in zip(*padded, strict=True)]
    return total


def _times(left: list[Fraction], right: list[Fraction]) -> list[Fraction]:
    found = [Fraction(0)] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            found[i + j] += a * b
    return found
