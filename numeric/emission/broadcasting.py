"""Elementwise expressions over arrays: axes aligned by position, masks, casts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Basic, Expr, Mul, Pow, Rational, Symbol

from derive.language.definition import Layer
from derive.language.printing.order import split_product
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Between,
    Both,
    Choose,
    Entry,
    Index,
    Iverson,
    Least,
    Less,
    Negation,
    indices_in,
    subterms,
    varies,
)
from numeric.emission.dialect import Dialect, tuple_of
from numeric.emission.identifiers import Identifiers
from numeric.emission.pairs import SigmoidSlope, UpperTail, paired
from numeric.emission.windows import Windows
from numeric.emission.writer import (
    Binding,
    PythonWriter,
    Text,
    compared,
    extreme_of,
    fitted,
    writes,
)
from numeric.program.reads import Axis, is_whole
from numeric.program.statements import Program


class Broadcasting(PythonWriter):
    """Writes expressions over the given axes; every array is aligned to them by position.

    ``counted`` are the axes whose indices occur as values; ``kinds`` says which arrays hold
    integers.  Where an integer that varies meets reals it is cast, so that float32 stays float32.
    """

    def __init__(
        self,
        names: Identifiers,
        layer: Layer,
        dialect: Dialect,
        kinds: Mapping[str, str],
        axes: Sequence[Axis],
    ) -> None:
        super().__init__(names, layer, dialect)
        self.kinds = kinds
        self.axes = tuple(axes)
        self._indices = [i for i, _ in axes]
        self.counted: dict[Axis, None] = {}

    # --- leaves ----------------------------------------------------------------------------------

    def entry(self, entry: Entry) -> Text:
        """A whole array in place of its entry."""
        return self._aligned(self.names.array(entry.tensor), entry.indices), Binding.ATOM

    def symbol(self, symbol: Symbol) -> str:
        """An index is the array of its values, aligned like any other."""
        if not isinstance(symbol, Index):
            return self.names.symbol(symbol)
        axis = self.axes[self._indices.index(symbol)]
        self.counted[axis] = None
        return self._aligned(self.names.values(*axis), (symbol,))

    def _aligned(self, name: str, indices: Sequence[Any]) -> str:
        """An array with its axes in the order of the statement's, and axes of length 1 between."""
        order = sorted(range(len(indices)), key=lambda k: self._indices.index(indices[k]))
        return placed(self.dialect.permuted(name, order), [i in indices for i in self._indices])

    # --- integers among reals --------------------------------------------------------------------

    def is_integer(self, expr: Basic) -> bool:
        """Whether an expression is an integer whatever the real tensors hold."""
        return is_whole(expr, self.kinds)

    def operand(self, expr: Basic) -> Text:
        """A real operand; integers that vary are cast."""
        if self.is_integer(expr) and varies(expr):
            return self.dialect.cast(fitted(self.integer(expr), Binding.ATOM)), Binding.ATOM
        return self.parts(expr)

    def integer(self, expr: Basic) -> Text:
        """An integer expression, in which nothing is cast."""
        inner = Integers(self.names, self.layer, self.dialect, self.kinds, self.axes)
        text = inner.parts(expr)
        self.helpers.update(inner.helpers)
        self.counted.update(inner.counted)
        return text

    # --- operations ------------------------------------------------------------------------------

    def extreme(self, expr: Expr) -> str:
        """Elementwise where an argument varies."""
        if not varies(expr):
            return super().extreme(expr)
        word = "minimum" if isinstance(expr, Least) else "maximum"
        first, *rest = (self.integer(a)[0] for a in expr.args)
        for other in rest:
            first = self.dialect.extreme(word, first, other, self.call)
        return first

    def choice(self, expr: Choose) -> Text:
        """One of two branches, entry by entry."""
        if extreme_of(expr) is not None and varies(expr):
            return super().choice(expr)
        stated, yes, no = expr.args
        rated = self._rated(stated, yes, no)
        if rated is not None:
            return rated
        branches = [self.operand(b)[0] for b in (yes, no)]
        text = self.dialect.where(self.call, self.write(stated), *branches)
        return text if varies(yes) or varies(no) else self.dialect.cast(text), Binding.ATOM

    def _rated(self, stated: Basic, yes: Expr, no: Expr) -> Text | None:
        """What varies times one of two numbers, where the branches differ in nothing else."""
        (first, value), (second, other) = (_taken_apart(b) for b in (yes, no))
        known = "one_of" in self.dialect.compounds and not self.is_integer(value)
        if not known or value != other or not varies(value) or not varies(stated):
            return None
        numbers = [self.operand(number)[0] for number in (first, second)]
        if stated == Less(ZERO, value) and first == ONE:
            return self.call("sloped", self.operand(value)[0], numbers[1], "dtype"), Binding.ATOM
        rate = self.call("one_of", self.write(stated), *numbers, "dtype")
        return f"{fitted(self.operand(value), Binding.TERM)} * {rate}", Binding.TERM

    @writes(SigmoidSlope)
    def _slope(self, expr: Expr) -> str:
        return self.elementwise("sigmoid_slope", self.operand(expr.args[0])[0])

    @writes(UpperTail)
    def _tail(self, expr: Any) -> str:
        return self.elementwise("erfc", self.operand(-expr.args[0])[0])

    @writes(Mul, Rational)
    def _product(self, expr: Expr) -> Text:
        """What has few axes is multiplied before it meets what has all of them."""
        small, large = self._by_axes(expr)
        if not any(map(_stands_above, small)) or not any(map(_stands_above, large)):
            return super()._product(expr)
        first = fitted(self.operand(Mul(*small)), Binding.TERM)
        second = fitted(self.operand(Mul(*large)), Binding.SIGN)
        return f"{first} * {second}", Binding.TERM

    def _by_axes(self, expr: Expr) -> tuple[list[Expr], list[Expr]]:
        """The factors with fewer axes than the product, and those with all of them."""
        axes = set(indices_in(expr))
        parts: tuple[list[Expr], list[Expr]] = ([], [])
        for factor in Mul.make_args(expr):
            parts[set(indices_in(factor)) == axes].append(factor)
        return parts

    @writes(Pow)
    def _power(self, expr: Any) -> Text:
        base, exponent = expr.args
        if varies(base) and not exponent.is_Rational and not split_product(expr).denominator:
            first, second = (self.operand(part)[0] for part in (base, exponent))
            text = self.dialect.raised(first, second, self.call)
            if text is not None:
                return text, Binding.ATOM
        return super()._power(expr)

    def divided(self, text: str, below: Sequence[tuple[Expr, str]]) -> str:
        """Divided once by what does not vary."""
        fixed = [part for factor, part in below if not varies(factor)]
        once = [" * ".join(fixed)] if fixed else []
        if len(fixed) > 1:
            once = [f"({once[0]})"]
        return " / ".join([text, *once, *(part for factor, part in below if varies(factor))])

    def parts(self, expr: Any) -> Text:
        """What stands in several terms or factors is written as one where it can be."""
        return super().parts(paired(expr, "sigmoid_slope" in self.dialect.compounds))

    def indicator(self, expr: Iverson) -> Text:
        """A mask as numbers."""
        if any(isinstance(s, Index) for s in subterms(expr)):
            return self.dialect.cast(self.write(expr.args[0], Binding.ATOM)), Binding.ATOM
        return self.dialect.scalar(self.write(expr.args[0])), Binding.ATOM

    # --- conditions ------------------------------------------------------------------------------

    def between(self, stated: Between) -> Text:
        """A chained comparison is taken apart, as arrays cannot be chained."""
        lo, e, _ = stated.args
        low, value, high = (self.side(a, stated) for a in stated.args)
        return f"({compared(AtMost(lo, e), low, value)}) & ({value} < {high})", Binding.AND

    def negation(self, stated: Negation) -> Text:
        return self.dialect.negated(self.write(stated.args[0])), Binding.ATOM

    def side(self, expr: Basic, stated: Basic) -> str:
        """Integers are compared as such, unless the other side is real."""
        whole = all(self.is_integer(a) for a in stated.args)
        return fitted(self.integer(expr) if whole else self.operand(expr), Binding.SUM)

    def joined(self, stated: Basic) -> Text:
        """``(a) & (b)``, ``(a) | (b)``."""
        if not stated.args:
            return super().joined(stated)
        sign, level = (" & ", Binding.AND) if isinstance(stated, Both) else (" | ", Binding.OR)
        parts = [self.parts(a) for a in stated.args]
        return sign.join(t if lv in (level, Binding.ATOM) else f"({t})" for t, lv in parts), level


def _taken_apart(product: Expr) -> tuple[Expr, Expr]:
    """The factors that do not vary, and those that do."""
    factors = Mul.make_args(product)
    fixed, moving = ([f for f in factors if varies(f) == changes] for changes in (False, True))
    return Mul(*fixed), Mul(*moving)


def _stands_above(factor: Expr) -> bool:
    """Whether something of a factor stands above a fraction's line, and is no number."""
    return bool(split_product(factor).numerator)


class Integers(Broadcasting):
    """Writes integer expressions: indices, sizes and tables are not cast."""

    def operand(self, expr: Basic) -> Text:
        return self.parts(expr)

    def integer(self, expr: Basic) -> Text:
        return self.parts(expr)

    def choice(self, expr: Choose) -> Text:
        return self.dialect.where(self.call, *(self.write(a) for a in expr.args)), Binding.ATOM

    def indicator(self, expr: Iverson) -> Text:
        return self.dialect.where(self.call, self.write(expr.args[0]), "1", "0"), Binding.ATOM


class Looped(Integers):
    """Writes integers in which an index is a loop variable."""

    def symbol(self, symbol: Symbol) -> str:
        return self.names.loop(symbol) if isinstance(symbol, Index) else self.names.symbol(symbol)


class ProgramWriter:
    """Writes the expressions of a program's statements, and keeps what they need.

    ``helpers`` are the functions that are called, ``counted`` the indices whose values occur, with
    their extents; ``windows`` is what is known of windows.
    """

    def __init__(self, program: Program, names: Identifiers, dialect: Dialect) -> None:
        self.program = program
        self.names = names
        self.dialect = dialect
        self.helpers: dict[str, None] = {}
        self.counted: dict[str, str] = {}
        self._kinds = {t.name: "integer" if t.integer else "real" for t in program.layer.tensors}
        self._kinds |= {s.name: s.kind for s in program.statements}
        self.windows = Windows(program, Looped(*self._shared, ()).is_positive)

    def call(self, helper: str, *arguments: str) -> str:
        """A call of a helper."""
        self.helpers[helper] = None
        return f"{helper}({', '.join(arguments)})"

    def fresh(self, name: str) -> str:
        """A name for one more array of reals."""
        taken = {t.name for t in self.program.layer.tensors} | self._kinds.keys()
        while name in taken:
            name += "'"
        self._kinds[name] = "real"
        return name

    @property
    def hidden(self) -> frozenset[str]:
        """The statements that are not made, as those that read them can do without."""
        return frozenset(self.windows.hidden if self.knows("window_sums") else ())

    def knows(self, helper: str) -> bool:
        """Whether the library has a helper of that name for several operations."""
        return helper in self.dialect.compounds

    def size(self, expr: Expr, level: Binding = Binding.CHOICE) -> str:
        """A length, or another integer in sizes and hyperparameters; an index is a loop's."""
        return Looped(*self._shared, ()).write(expr, level)

    def shape(self, extents: Sequence[Expr]) -> str:
        """A tuple of lengths."""
        return tuple_of([self.size(n) for n in extents])

    def value(self, expr: Expr, axes: Sequence[Axis]) -> str:
        """A real expression over axes, broadcast to all of them."""
        text = self.aligned(expr, axes)
        if spans(expr, axes):
            return text
        return self.dialect.spread(text, self.shape([n for _, n in axes]))

    def aligned(self, expr: Expr, axes: Sequence[Axis]) -> str:
        """A real expression over axes, with length 1 where it does not vary."""
        return self._written(axes, lambda writer: writer.operand(expr)[0])

    def mask(self, stated: Basic, axes: Sequence[Axis]) -> str:
        """A condition over axes."""
        return self._written(axes, lambda writer: writer.write(stated))

    def index(self, expr: Expr, axes: Sequence[Axis]) -> str:
        """An integer expression over axes."""
        return self._written(axes, lambda writer: writer.integer(expr)[0])

    @property
    def _shared(self) -> tuple[Identifiers, Layer, Dialect, Mapping[str, str]]:
        return self.names, self.program.layer, self.dialect, self._kinds

    def _written(self, axes: Sequence[Axis], write: Callable[[Broadcasting], str]) -> str:
        writer = Broadcasting(*self._shared, axes)
        text = write(writer)
        self.helpers.update(writer.helpers)
        for index, extent in writer.counted:
            self.counted[self.names.values(index, extent)] = self.size(extent)
        return text


def spans(expr: Basic, axes: Sequence[Axis]) -> bool:
    """Whether every axis occurs in an expression, so that its text has them all."""
    return {s for s in subterms(expr) if isinstance(s, Index)} >= {i for i, _ in axes}


def placed(array: str, present: Sequence[bool]) -> str:
    """The array with axes of length 1 where none of its own is present; none before its first."""
    present = present[present.index(True) :] if True in present else []
    if all(present):
        return array
    return f"{array}[{', '.join(':' if there else 'None' for there in present)}]"
