"""Expressions of one entry, in the number type of the result: what stands inside compiled loops.

Every number that meets reals is brought to their type (``real``), or a compiler would compute in
double precision; guards and choices are conditional expressions, which it turns into selects.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from sympy import Basic, Expr, Function, Integer, Pow, Symbol, erf, erfc, exp

from derive.language.definition import Layer
from derive.language.integers import expanded
from derive.language.terms import (
    Between,
    Choose,
    Entry,
    Index,
    Iverson,
    Named,
    RealParameter,
    subterms,
)
from numeric.emission.dialect import Dialect
from numeric.emission.identifiers import Identifiers
from numeric.emission.pairs import SigmoidSlope, UpperTail, paired
from numeric.emission.writer import Binding, PythonWriter, Text, extreme_of, fitted, writes
from numeric.program.reads import Axis, is_whole

#: powers up to this one are products
_LARGEST_POWER = 4


class Held(Named):
    """A variable that holds a real value."""


class Bell(Function):
    """exp(−u²)."""


class EntryWriter(PythonWriter):
    """Writes the value of one entry; ``kinds`` says which arrays hold integers.

    Real hyperparameters are of the type already.

    ``arrays`` and ``symbols`` are what was read; ``local`` are arrays of the loops' own.
    """

    def __init__(
        self,
        names: Identifiers,
        layer: Layer,
        dialect: Dialect,
        kinds: Mapping[str, str],
        local: Set[str] = frozenset(),
    ) -> None:
        super().__init__(names, layer, dialect)
        self.kinds, self.local = kinds, local
        self.arrays: dict[str, None] = {}
        self.symbols: dict[Symbol, None] = {}

    def real(self, expr: Expr) -> str:
        """A real value."""
        return self.operand(with_bells(expr))[0]

    def position(self, expr: Expr) -> str:
        """An integer: a place or a length."""
        return self.integer(expr)[0]

    def header(self, axis: Axis, in_share: bool) -> str:
        """The line that begins a loop, over a thread's share or all of it."""
        both = (self.call("index", bound) for bound in ("begin", "end"))
        span = ", ".join(both) if in_share else self.position(axis[1])
        return f"for {self.names.symbol(axis[0])} in range({span}):"

    # --- leaves ----------------------------------------------------------------------------------

    def entry(self, entry: Entry) -> Text:
        """``x[i, j]``: that it is inside was decided.  Of local arrays there is only a row."""
        name, indices = self.names.array(entry.tensor), entry.indices
        if entry.tensor in self.local:
            indices = indices[1:]
            if not indices:
                return name, Binding.ATOM
        else:
            self.arrays[entry.tensor] = None
        index = ", ".join(map(self._place, indices)) or "()"
        return f"{name}[{index}]", Binding.ATOM

    def _place(self, expr: Expr) -> str:
        """Where an array is read along an axis; computed places are said not to be negative."""
        text = self.position(expr)
        return text if isinstance(expr, Index | Integer) else self.call("index", text)

    def symbol(self, symbol: Symbol) -> str:
        if not isinstance(symbol, Index | Held):
            self.symbols[symbol] = None
        return self.names.symbol(symbol)

    # --- numbers of two types --------------------------------------------------------------------

    def is_integer(self, expr: Basic) -> bool:
        """Whether an expression is an integer whatever the real tensors hold."""
        return is_whole(expr, self.kinds)

    def operand(self, expr: Basic) -> Text:
        """A real operand: integers, and numbers of the caller's, are brought to the type."""
        if self.is_integer(expr):
            return f"real({self.integer(expr)[0]})", Binding.ATOM
        if expr.is_number:
            return f"real({self.parts(expr)[0]})", Binding.ATOM
        return self.parts(expr)

    def integer(self, expr: Basic) -> Text:
        """An integer expression, in which nothing is brought to another type."""
        inner = _Integers(self.names, self.layer, self.dialect, self.kinds, self.local)
        inner.arrays, inner.symbols = self.arrays, self.symbols
        inner.helpers = self.helpers
        return inner.parts(expr)

    def side(self, expr: Basic, stated: Basic) -> str:
        """Integers are compared as such, unless the other side is real."""
        whole = all(self.is_integer(a) for a in stated.args)
        return fitted(self.integer(expr) if whole else self.operand(expr), Binding.SUM)

    def between(self, stated: Between) -> Text:
        lo, e, hi = (self.side(a, stated) for a in stated.args)
        return f"{lo} <= {e} < {hi}", Binding.COMPARISON

    # --- operations ------------------------------------------------------------------------------

    def choice(self, expr: Choose) -> Text:
        """``a if condition else b``; the larger or smaller of two numbers, NaN if one is."""
        found = extreme_of(expr)
        if found is not None:
            word, *two = found
            first, second = (self.operand(value)[0] for value in two)
            return self.call(f"scalar_{word}", first, second), Binding.ATOM
        stated, yes, no = expr.args
        test = self.write(stated, Binding.OR)
        return f"({self.operand(yes)[0]} if {test} else {self.operand(no)[0]})", Binding.ATOM

    def indicator(self, expr: Iverson) -> Text:
        return f"real({self.write(expr.args[0])})", Binding.ATOM

    def coefficient(self, number: str) -> str:
        return f"real({number})"

    def parts(self, expr: Any) -> Text:
        """What stands in several terms or factors is written as one where it can be."""
        return super().parts(paired(expr, True))

    @writes(SigmoidSlope)
    def _slope(self, expr: Expr) -> str:
        return self.call("scalar_sigmoid_slope", self.operand(expr.args[0])[0])

    @writes(UpperTail)
    def _tail(self, expr: Any) -> str:
        return self._function("erfc", -expr.args[0])

    @writes(Bell)
    def _bell(self, expr: Expr) -> str:
        return self.call("scalar_bell", self.operand(expr.args[0])[0])

    @writes(Pow)
    def _power(self, expr: Any) -> Text:
        """Quarters by square roots and small whole powers by products, the rest by ``**``."""
        base, exponent = expr.args
        if exponent.is_negative:
            return self._product(expr)
        quarters = 4 * exponent
        if _is_told(exponent):
            once, power = self.operand(base)[0], self.operand(exponent)[0]
            return self.call("scalar_power", once, power, "real(1)"), Binding.ATOM
        if not quarters.is_Integer or quarters > 4 * _LARGEST_POWER:
            power = fitted(self.operand(exponent), Binding.SIGN)
            return f"{fitted(self.operand(base), Binding.ATOM)} ** {power}", Binding.POWER
        whole, rest = divmod(int(quarters), 4)
        once = fitted(self.operand(base), Binding.TERM)
        roots = []
        if rest:
            root = self._function("sqrt", base)
            fourth = self.elementwise("sqrt", root)
            roots = {1: [fourth], 2: [root], 3: [root, fourth]}[rest]
        factors = [*[once] * whole, *roots]
        return " * ".join(factors), Binding.TERM if len(factors) > 1 else Binding.ATOM


def with_bells(expr: Any) -> Any:
    """The expression with exp(−u²) as such where erf(u) or erfc(−u) stands, which need it, too."""
    nodes = [*subterms(expr)]
    tails = dict.fromkeys(
        -node.args[0] if isinstance(node, erfc) else node.args[0]
        for node in nodes
        if isinstance(node, erf | erfc)
    )
    powers = [node for node in nodes if tails and isinstance(node, exp)]
    found = {p: Bell(u) for p in powers for u in tails if expanded(p.args[0] + u**2) == 0}
    return expr.xreplace(found) if found else expr


def _is_told(exponent: Basic) -> bool:
    """Whether a caller says the exponent, a real number: all entries have the same."""
    found = subterms(exponent)
    return any(isinstance(s, RealParameter | Held) for s in found) and not any(
        isinstance(s, Entry | Index) for s in found
    )


class _Integers(EntryWriter):
    """Writes integers."""

    def operand(self, expr: Basic) -> Text:
        return self.parts(expr)

    def integer(self, expr: Basic) -> Text:
        return self.parts(expr)

    def choice(self, expr: Choose) -> Text:
        stated, yes, no = expr.args
        test = self.write(stated, Binding.OR)
        return f"({self.write(yes)} if {test} else {self.write(no)})", Binding.ATOM

    def coefficient(self, number: str) -> str:
        return number

    def indicator(self, expr: Iverson) -> Text:
        return f"(1 if {self.write(expr.args[0])} else 0)", Binding.ATOM
