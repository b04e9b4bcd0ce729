"""Elementwise expressions over arrays as NumPy text: axes aligned by position, masks, casts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol

from derive.language.definition import Layer
from derive.language.terms import (
    AtMost,
    Both,
    Choose,
    Condition,
    Entry,
    Index,
    IntegerNode,
    Iverson,
    Least,
    Parameter,
    Size,
    subterms,
)
from numeric.emission.identifiers import Identifiers
from numeric.emission.text import Level, Text, comparison, fitted
from numeric.emission.writer import Writer
from numeric.program.reads import Axis


class Broadcasting(Writer):
    """Writes expressions over the given axes; every array is aligned to them by position.

    ``counted`` are the axes whose indices occur as values; ``kinds`` says which arrays hold
    integers.  Where an integer that varies meets reals it is cast, so that float32 stays float32.
    """

    def __init__(
        self, names: Identifiers, layer: Layer, kinds: Mapping[str, str], axes: Sequence[Axis]
    ) -> None:
        super().__init__(names, layer)
        self.kinds = kinds
        self.axes = tuple(axes)
        self._indices = [i for i, _ in axes]
        self.counted: dict[Axis, None] = {}

    # --- leaves ----------------------------------------------------------------------------------

    def entry(self, entry: Entry) -> Text:
        """A whole array in place of its entry."""
        return self.aligned(self.names.array(entry.tensor), entry.indices), Level.ATOM

    def symbol(self, symbol: Symbol) -> str:
        """An index is the array of its values, aligned like any other."""
        if not isinstance(symbol, Index):
            return self.names.symbol(symbol)
        axis = self.axes[self._indices.index(symbol)]
        self.counted[axis] = None
        return self.aligned(self.names.values(*axis), (symbol,))

    def aligned(self, name: str, indices: Sequence[Any]) -> str:
        """An array with its axes in the order of the statement's, and axes of length 1 between."""
        order = sorted(range(len(indices)), key=lambda k: self._indices.index(indices[k]))
        if order != list(range(len(indices))):
            name += ".T" if order == [1, 0] else f".transpose({', '.join(map(str, order))})"
        present = [index in indices for index in self._indices]
        present = present[present.index(True) :] if indices else []
        if all(present):
            return name
        return f"{name}[{', '.join(':' if there else 'None' for there in present)}]"

    # --- integers among reals --------------------------------------------------------------------

    def is_integer(self, expr: Basic) -> bool:
        """Whether an expression is an integer whatever the real tensors hold."""
        if isinstance(expr, Add | Mul):
            return all(self.is_integer(arg) for arg in expr.args)
        if isinstance(expr, Pow):
            whole = isinstance(expr.exp, Integer) and expr.exp >= 0
            return bool(whole and self.is_integer(expr.base))
        if isinstance(expr, Choose):
            return all(self.is_integer(branch) for branch in expr.args[1:])
        if isinstance(expr, Entry):
            return self.kinds[expr.tensor] == "integer"
        return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)

    def operand(self, expr: Expr) -> Text:
        """A real operand; integers that vary are cast."""
        if self.is_integer(expr) and _varies(expr):
            return f"{fitted(self.integer(expr), Level.ATOM)}.astype(dtype)", Level.ATOM
        return self.parts(expr)

    def real(self, expr: Expr) -> str:
        """The text of a whole real expression."""
        return self.operand(expr)[0]

    def integer(self, expr: Expr) -> Text:
        """An integer expression, in which nothing is cast."""
        inner = Integers(self.names, self.layer, self.kinds, self.axes)
        text = inner.parts(expr)
        self.helpers.update(inner.helpers)
        self.counted.update(inner.counted)
        return text

    # --- operations ------------------------------------------------------------------------------

    def extreme(self, expr: Expr) -> str:
        """Elementwise where an argument varies."""
        if not _varies(expr):
            return super().extreme(expr)
        word = "np.minimum" if isinstance(expr, Least) else "np.maximum"
        first, *rest = (self.integer(a)[0] for a in expr.args)
        for other in rest:
            first = f"{word}({first}, {other})"
        return first

    def choice(self, expr: Choose) -> Text:
        """``np.where(condition, a, b)``."""
        stated, yes, no = expr.args
        branches = [self.operand(b)[0] for b in (yes, no)]
        text = f"np.where({self.write(stated)}, {', '.join(branches)})"
        if not any(_varies(b) for b in (yes, no)):
            text += ".astype(dtype)"
        return text, Level.ATOM

    def indicator(self, expr: Iverson) -> Text:
        """A mask as numbers."""
        if any(isinstance(s, Index) for s in subterms(expr)):
            return f"{self.write(expr.args[0], Level.ATOM)}.astype(dtype)", Level.ATOM
        return f"np.asarray({self.write(expr.args[0])}, dtype)", Level.ATOM

    # --- conditions ------------------------------------------------------------------------------

    def condition(self, stated: Any) -> Text:
        """A mask; chained comparisons are taken apart, as arrays cannot be chained."""
        name = type(stated).__name__
        if name == "Between":
            lo, e, hi = stated.args
            sides = [self._side(a, stated) for a in (lo, e, hi)]
            above = comparison(AtMost(lo, e), "<=", sides[:2])
            return f"({above}) & ({sides[1]} < {sides[2]})", Level.AND
        if name == "Negation":
            return f"np.logical_not({self.write(stated.args[0])})", Level.ATOM
        if name in ("Less", "AtMost", "Same", "Differ"):
            sign = {"Less": "<", "AtMost": "<=", "Same": "==", "Differ": "!="}[name]
            return comparison(
                stated, sign, [self._side(a, stated) for a in stated.args]
            ), Level.COMPARISON
        return super().condition(stated)

    def _side(self, expr: Expr, stated: Condition) -> str:
        whole = all(self.is_integer(a) for a in stated.args)
        return fitted(self.integer(expr) if whole else self.operand(expr), Level.SUM)

    def joined(self, stated: Basic) -> Text:
        """``(a) & (b)``, ``(a) | (b)``."""
        if not stated.args:
            return str(isinstance(stated, Both)), Level.ATOM
        sign, level = (" & ", Level.AND) if isinstance(stated, Both) else (" | ", Level.OR)
        parts = [self.parts(a) for a in stated.args]
        return sign.join(t if lv in (level, Level.ATOM) else f"({t})" for t, lv in parts), level


class Integers(Broadcasting):
    """Writes integer expressions: indices, sizes and tables are not cast."""

    def operand(self, expr: Expr) -> Text:
        return self.parts(expr)

    def integer(self, expr: Expr) -> Text:
        return self.parts(expr)

    def choice(self, expr: Choose) -> Text:
        stated, yes, no = (self.write(a) for a in expr.args)
        return f"np.where({stated}, {yes}, {no})", Level.ATOM

    def indicator(self, expr: Iverson) -> Text:
        return f"np.where({self.write(expr.args[0])}, 1, 0)", Level.ATOM


def _varies(expr: Basic) -> bool:
    return any(isinstance(s, Index | Entry) for s in subterms(expr))
