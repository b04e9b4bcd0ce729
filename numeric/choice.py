"""Whole arrays or compiled loops: the faster of two targets, chosen at call time by shape.

A model says how long all passes take with each: what there is to do in every statement of their
array programs, times rates that were measured (``numeric/rates.py``).  Compiled loops have to be
made first (half a second a function, or a few milliseconds from the cache on disk): where calls are
short it is not worth it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from math import prod
from typing import Any

from sympy import Expr, Pow

from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS
from derive.language.terms import Entry, Size, subterms
from numeric.kernel import Kernel
from numeric.program.statements import (
    Contraction,
    Correlation,
    EntryByEntry,
    FirstPlace,
    Gather,
    Largest,
    Merge,
    Program,
    ScatterAdd,
    Split,
    Statement,
    View,
)
from numeric.rates import RATES
from verify.evaluation.sizes import known

PLAIN, COMPILED = "fast", "compiled"
#: seconds that all passes with whole arrays have to take for loops to be compiled
WORTH = 1e-3
#: statements that see an array in another way, which takes no time
_SEEN = (View, Split, Merge)
#: by what the entries of a statement are counted, unless by its operations
_KINDS: dict[type[Statement], str] = {
    Contraction: "product",
    Correlation: "correlation",
    Largest: "maximum",
    FirstPlace: "place",
    ScatterAdd: "scatter",
    Gather: "gather",
    EntryByEntry: "entry",
}
_NODES = tuple(f.node for f in FUNCTIONS.values())

Estimate = tuple[float, float]
Values = dict[Any, Any]
Shape = tuple[int, ...]
Shapes = tuple[tuple[str, Shape], ...]
Options = tuple[tuple[str, int], ...]


def estimated(programs: Iterable[Program], at: Values) -> Estimate:
    """Seconds on one thread with whole arrays, and with compiled loops."""
    found = sum((counted(program, at) for program in programs), Counter[str]())
    plain, compiled = (sum(n * RATES[kind][k] for kind, n in found.items()) for k in (0, 1))
    return plain, compiled


def counted(program: Program, at: Values) -> Counter[str]:
    """How much there is of each kind that has a rate, where sizes have these values."""
    found = Counter({"call": 1})
    for statement in program.statements:
        found["statement"] += 1
        over = getattr(statement, "over", ())
        own = () if isinstance(statement, ScatterAdd) else statement.axes
        entries = prod(known(n, at) for _, n in dict.fromkeys((*own, *over)))
        if type(statement) not in _SEEN:
            found["array"] += prod(known(n, at) for n in statement.extents)
        for kind, times in _of_entry(statement).items():
            found[kind] += times * entries
    return found


def _of_entry(statement: Statement) -> Counter[str]:
    """What there is to do for an entry."""
    if type(statement) in _SEEN:
        return Counter()
    if type(statement) in _KINDS:
        return Counter({_KINDS[type(statement)]: 1})
    nodes = [n for n in subterms(statement.meaning) if not isinstance(n, Entry) and n.args]
    functions = sum(isinstance(n, _NODES) for n in nodes)
    powers = sum(isinstance(n, Pow) and not n.exp.is_Integer for n in nodes)
    return Counter({
        "function": functions,
        "power": powers,
        "operation": len(nodes) - functions - powers or 1,
    })  # fmt: skip


class ChoosingKernel(Kernel):
    """A kernel of whole arrays that hands large calls to one of compiled loops."""

    def __init__(self, layer: Layer, dtype: Any = None, threads: int | None = None) -> None:
        super().__init__(layer, PLAIN, dtype, threads)

    @cached_property
    def _plain(self) -> Kernel:
        return Kernel(self.layer, PLAIN, self.dtype, self.threads)

    @cached_property
    def _compiled(self) -> Kernel:
        return Kernel(self.layer, COMPILED, self.dtype, self.threads)

    def _like(self, layer: Layer) -> Kernel:
        return ChoosingKernel(layer, self.dtype, self.threads)

    def _for(self, given: Mapping[str, Any]) -> Kernel:
        kernel = super()._for(given)
        if kernel is not self:
            return kernel._for(given)
        found = self._estimate(given)
        return self._compiled if found is not None and is_worth(found) else self

    def _estimate(self, given: Mapping[str, Any]) -> Estimate | None:
        """The model's seconds for these arrays; None where it says nothing of the layer."""
        found = {t.name: given[t.name] for t in self.layer.tensors if t.name in given}
        shapes = tuple((name, self._shape(name, array)) for name, array in found.items())
        options = tuple((n, v) for n, v in sorted(given.items()) if isinstance(v, int))
        return self._estimate_at(shapes, options)

    def _shape(self, name: str, array: Any) -> Shape:
        """An array's shape; of an entrywise layer's one as it is viewed in the rank of the code."""
        shape, rank = self.dialect.shape(array) or (), len(self.layer.shape(name))
        return (*(1,) * (rank - 1), prod(shape)) if self._entrywise and rank else shape

    @cached_property
    def _estimate_at(self) -> Callable[[Shapes, Options], Estimate | None]:
        """The estimate, worked out once for each set of shapes."""
        return lru_cache(maxsize=256)(partial(_estimate_at, self.layer, self._programs))

    @cached_property
    def _programs(self) -> tuple[Program, ...]:
        return tuple(f.program for f in self._begun.functions if f.program is not None)

    @property
    def explain(self) -> str:
        """As for the target ``fast``, and when the target ``compiled`` is taken instead."""
        return f"{super().explain}\n\n{_RULE}"

    def plan(self, g: Any = None, /, **given: Any) -> str:
        """For arrays of these shapes what each template could do, and which target is taken."""
        made = self._plain.plan(g, **given)
        found = self._estimate(given)
        if found is None:
            return made
        taken = COMPILED if is_worth(found) else PLAIN
        rows = zip((PLAIN, COMPILED), found, strict=True)
        said = [f"  {name:<22} {seconds * 1e3:10.3f} ms on one thread" for name, seconds in rows]
        return "\n".join([made, "", f"forward and all gradients by the target {taken}:", *said])


_RULE = f"""\
Numba is installed: where forward and all gradients are estimated to take {WORTH * 1e3:.0f} ms
or more, calls are handed to the target {COMPILED}, unless that is estimated to be slower"""


def is_worth(found: Estimate) -> bool:
    """Whether compiled loops are taken where whole arrays and they take so many seconds."""
    plain, compiled = found
    return plain >= WORTH and compiled <= plain


def _estimate_at(
    layer: Layer, programs: Iterable[Program], shapes: Shapes, options: Options
) -> Estimate | None:
    try:
        return estimated(programs, values(layer, shapes, options))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def values(layer: Layer, shapes: Shapes, options: Options) -> Values:
    """The values of a layer's sizes and hyperparameters, where tensors have these shapes."""
    at: Values = dict(_told(layer, shapes))
    named = dict(options)
    told = {h.symbol: named.get(h.name, h.default) for h in layer.hyperparameters}
    at |= {symbol: value for symbol, value in told.items() if value is not None}
    at |= {s: named[s.name] for s in layer.sizes if s.name in named}
    for size, meaning in layer.definitions:
        at[size] = max(0, known(meaning, at))
    return at


def _told(layer: Layer, shapes: Shapes) -> Iterator[tuple[Expr, int]]:
    """The sizes that are axes of tensors, with their values."""
    for name, shape in shapes:
        for size, value in zip(layer.shape(name), shape, strict=False):
            if isinstance(size, Size):
                yield size, value
