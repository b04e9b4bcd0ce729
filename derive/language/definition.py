"""What a layer is: tensors, sizes, hyperparameters and equations, all frozen.

A ``Layer`` is built by ``derive.language.notation`` from text and holds, beside what was written,
what was inferred from it: every range, every output size, and every padded or exact-quotient read
spelled out with guards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from sympy import Expr, Integer, Symbol

from derive.domains import Decision
from derive.language.terms import (
    LOSS,
    ZERO,
    AtMost,
    Between,
    Condition,
    Entry,
    Greatest,
    Index,
    Parameter,
    RealParameter,
    Same,
    Size,
    entries,
    symbols_of,
)

#: the smallest allowed value of each hyperparameter; None: any
Minima: TypeAlias = Mapping[Parameter | RealParameter, int | None]


@dataclass(frozen=True)
class Axis:
    """One axis: indices 0 … size−1 hold entries, the padding around them a fixed value."""

    size: Expr
    before: Expr = ZERO
    after: Expr = ZERO
    unbounded: bool = False
    fill: Expr = ZERO

    @property
    def padded(self) -> bool:
        """Whether any index outside the tensor may be read."""
        return self.unbounded or self.before != 0 or self.after != 0


@dataclass(frozen=True)
class Tensor:
    """An input: its axes; for a table of integers (``t[N] int < C``) the bound on its entries."""

    name: str
    axes: tuple[Axis, ...]
    integer: bool = False
    below: Expr | None = None


@dataclass(frozen=True)
class Hyperparameter:
    """A symbolic hyperparameter, its default value and its smallest allowed one (None: any)."""

    symbol: Parameter | RealParameter
    default: Fraction | None = None
    minimum: int | None = None

    @property
    def name(self) -> str:
        return str(self.symbol.name)


@dataclass(frozen=True)
class Equation:
    """``name[indices] = written``, with each index ranging over 0 ≤ index < extent.

    ``sizes`` are the output sizes as expressions in the sizes of the inputs (they may be negative
    where the output is empty); ``given`` says which of them were written rather than inferred.
    ``extents`` are what ranges and shapes use: the size itself where it is a number or a symbol,
    else a symbol of its own that the layer defines as max(0, size).
    ``explicit`` is ``written`` with every read outside a tensor and every exact quotient turned
    into a guard, so that each read it contains is inside its tensor wherever its guards hold.
    """

    name: str
    indices: tuple[Index, ...]
    sizes: tuple[Expr, ...]
    extents: tuple[Expr, ...]
    given: tuple[bool, ...]
    written: Expr
    explicit: Expr

    @property
    def entry(self) -> Entry:
        """The left-hand side."""
        return Entry(self.name, *self.indices)

    @property
    def ranges(self) -> tuple[tuple[Index, Expr, Expr], ...]:
        return tuple((i, ZERO, n) for i, n in zip(self.indices, self.extents, strict=True))

    @cached_property
    def sources(self) -> frozenset[str]:
        """The tensors that it reads."""
        return frozenset(e.tensor for e in entries(self.explicit))


@dataclass(frozen=True)
class Part:
    """One of the layers that a layer was put together from.

    ``title`` shows it as it was applied: ``conv(x, k; stride=2)``; ``tensors`` are what it takes,
    ``equations`` its own, both by their names here.
    """

    name: str
    title: str
    tensors: tuple[str, ...]
    equations: tuple[str, ...]

    @property
    def output(self) -> str:
        """The equation that other parts may read."""
        return self.name if self.name in self.equations else self.equations[-1]


@dataclass(frozen=True, repr=False)
class Layer:
    """A neural-network layer as equations in index notation.

    ``requirements`` are the conditions on sizes and hyperparameters under which the layer is
    defined, beyond the domains of the single symbols; ``definitions`` name the output sizes;
    ``conditions`` are the decisions that every read is inside its (padded) tensor; ``derived_by``
    names the tensors that the layer is already a derivative by, and ``source`` is the layer that
    was differentiated first; ``parts`` are the layers that it was put together from, each after
    those it takes.
    """

    name: str
    tensors: tuple[Tensor, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    requirements: tuple[Condition, ...]
    equations: tuple[Equation, ...]
    definitions: tuple[tuple[Size, Expr], ...] = ()
    conditions: tuple[Decision, ...] = field(default=(), compare=False)
    derived_by: tuple[str, ...] = field(default=(), compare=False)
    source: Layer | None = field(default=None, compare=False, repr=False)
    parts: tuple[Part, ...] = field(default=(), compare=False, repr=False)

    def __hash__(self) -> int:
        """Worked out once: much is remembered by layer, and a layer may be a hundred of them."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        own = (self.name, self.tensors, self.hyperparameters, self.requirements)
        return hash((*own, self.equations, self.definitions))

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        return {t.name: t for t in self.tensors}

    @cached_property
    def _equations(self) -> dict[str, Equation]:
        return {e.name: e for e in self.equations}

    def tensor(self, name: str) -> Tensor | None:
        """The input of that name, or None."""
        return self._tensors.get(name)

    def equation(self, name: str) -> Equation | None:
        """The equation that defines that name, or None."""
        return self._equations.get(name)

    @cached_property
    def outputs(self) -> tuple[Equation, ...]:
        """The equations whose result no other equation reads."""
        read = {name for e in self.equations for name in e.sources}
        return tuple(e for e in self.equations if e.name not in read)

    @cached_property
    def ordered(self) -> tuple[Equation, ...]:
        """The equations, each after those it reads; ``ValueError`` where there is no such order.

        First those that read inputs alone, then those that read these and inputs, and so on.
        """
        waiting = {e.name: set(e.sources & self._equations.keys()) for e in self.equations}
        readers: dict[str, list[Equation]] = {e.name: [] for e in self.equations}
        for equation in self.equations:
            for name in waiting[equation.name]:
                readers[name].append(equation)
        place = {e.name: n for n, e in enumerate(self.equations)}
        done: list[Equation] = []
        ready = [e for e in self.equations if not waiting[e.name]]
        while ready:
            done += ready
            following: list[Equation] = []
            for equation in ready:
                for reader in readers[equation.name]:
                    waiting[reader.name].remove(equation.name)
                    following += [] if waiting[reader.name] else [reader]
            ready = sorted(following, key=lambda e: place[e.name])
        if len(done) < len(self.equations):
            pending = ", ".join(name for name in waiting if waiting[name])
            raise ValueError(f"{self.name} has equations that read each other: {pending}")
        return tuple(done)

    @property
    def expression(self) -> Expr:
        """The right-hand side of the last output, guards spelled out (SymPy)."""
        return self.outputs[-1].explicit

    def shape(self, name: str) -> tuple[Expr, ...]:
        """The sizes of an input's or an equation's axes."""
        tensor = self.tensor(name)
        if tensor is not None:
            return tuple(axis.size for axis in tensor.axes)
        equation = self.equation(name)
        if equation is None:
            known = ", ".join([*self._tensors, *self._equations])
            raise KeyError(f"no tensor {name!r} in {self.name}; there are: {known}")
        return equation.extents

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes that the shapes of the inputs determine, in order of appearance."""
        found = [
            s
            for t in self.tensors
            for a in t.axes
            for s in symbols_of(a.size)
            if isinstance(s, Size)
        ]
        named = [
            s for e in self.equations for n in e.sizes for s in symbols_of(n) if isinstance(s, Size)
        ]
        defined = {s for s, _ in self.definitions}
        return tuple(s for s in dict.fromkeys(found + named) if s not in defined)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Sizes, then integer hyperparameters: the order in which counterexamples are compared."""
        integer = [h.symbol for h in self.hyperparameters if isinstance(h.symbol, Parameter)]
        return (*self.sizes, *integer, *(s for s, _ in self.definitions))

    @cached_property
    def domain(self) -> tuple[Condition, ...]:
        """All that may be assumed about sizes and hyperparameters."""
        return (
            *(AtMost(ZERO, s) for s in self.sizes),
            *(
                AtMost(Integer(h.minimum), h.symbol)
                for h in self.hyperparameters
                if h.minimum is not None and isinstance(h.symbol, Parameter)
            ),
            *self.requirements,
            *(Same(s, Greatest(ZERO, n)) for s, n in self.definitions),
        )

    def facts(self, expr: Expr | Condition) -> tuple[Condition, ...]:
        """What the declarations say of the integer tensor entries that occur in an expression."""
        found = []
        for entry in dict.fromkeys(entries(expr)):
            tensor = self.tensor(entry.tensor)
            if tensor is not None and tensor.integer and tensor.below is not None:
                found.append(Between(ZERO, entry, tensor.below))
        return tuple(found)

    @property
    def loss(self) -> Symbol:
        """The scalar that is differentiated: L; for a gradient layer L2 = Σ g2·∂L/∂x, and so on."""
        return LOSS if not self.derived_by else Symbol(f"L{len(self.derived_by) + 1}")

    @property
    def text(self) -> str:
        """The layer in the notation; ``derive.parse`` reads it back as an equal layer."""
        from derive.language.notation.layer_writer import layer_text  # local: a layer writes itself

        return layer_text(self)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        inputs, results = ", ".join(self._tensors), ", ".join(e.name for e in self.outputs)
        return f"<Layer {self.name}({inputs}) → {results}>"
