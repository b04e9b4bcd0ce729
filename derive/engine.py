"""Which rule next: the most urgent rule that applies at the outermost, leftmost place.

The engine knows no rule by name except the two that open a derivation.  It applies one rule at one
place at a time, rebuilds the whole expression and writes the step down; it stops when no rule
applies.  Every rule says why it terminates, and phases never undo each other (see
``derive.rules``); ``LIMIT`` only guards against a mistake in a new rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import Add, Basic, Expr, IndexedBase, Sum

from derive.definition import Equation, Layer
from derive.derivation import Adjoint, Derivation, Step
from derive.domains import Decision
from derive.forms import recognised
from derive.gradient_layer import gradient_layer
from derive.rules import Rewrite, Rule, rules_by_phase
from derive.scope import Path, Scope, fresh_index
from derive.terms import (
    LOSS,
    Condition,
    Entry,
    Index,
    MaxOver,
    Partial,
    reads,
    subterms,
    symbols_of,
    total,
)

LIMIT = 2000


class DerivationError(ValueError):
    """The gradient that was asked for does not exist, with the reason."""


def differentiate(layer: Layer, wrt: str) -> Derivation:
    """The gradient of a scalar loss L with respect to the input ``wrt``, in reverse mode.

    Each intermediate between ``wrt`` and the outputs gets an adjoint of its own (its upstream
    gradient), outputs first.  Source: the chain rule in the form of Griewank & Walther,
    Evaluating Derivatives (2008), section 3.2.
    """
    tensor = layer.tensor(wrt)
    if tensor is None:
        names = ", ".join(t.name for t in layer.tensors)
        raise DerivationError(f"{layer.name} has no input {wrt!r}; its inputs are: {names}")
    if tensor.integer:
        raise DerivationError(f"{wrt} holds integers: there is no gradient with respect to it")
    upstream = upstream_names(layer)
    adjoints: list[Adjoint] = []
    for name in (*_intermediates(layer, wrt), wrt):
        adjoint = _adjoint(layer, name, upstream, final=name == wrt)
        upstream[name] = adjoint.name
        adjoints.append(adjoint)
    outputs = tuple((e.name, upstream[e.name]) for e in layer.outputs)
    gradient = gradient_layer(layer, wrt, outputs, adjoints)
    forms = recognised(layer, adjoints[-1], {g: y for y, g in upstream.items()})
    return Derivation(layer, wrt, outputs, tuple(adjoints), forms, gradient)


def upstream_names(layer: Layer) -> dict[str, str]:
    """The name of the upstream gradient of each output: g; g2 for a gradient layer; else g_y."""
    taken = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
    if len(layer.outputs) == 1:
        plain = "g" if layer.order == 0 else f"g{layer.order + 1}"
        if plain not in taken:
            return {layer.outputs[0].name: plain}
    names: dict[str, str] = {}
    for output in layer.outputs:
        name = f"g_{output.name}"
        while name in taken:
            name += "'"
        names[output.name] = name
        taken.add(name)
    return names


def _intermediates(layer: Layer, wrt: str) -> list[str]:
    """The intermediates through which ``wrt`` reaches an output, those nearest the outputs first."""
    affected = [wrt]
    for equation in ordered(layer):
        if any(reads(equation.explicit, name) for name in affected):
            affected.append(equation.name)
    outputs = {e.name for e in layer.outputs}
    return [name for name in reversed(affected[1:]) if name not in outputs]


def ordered(layer: Layer) -> list[Equation]:
    """The equations, each after those it reads."""
    done: list[Equation] = []
    pending = list(layer.equations)
    while pending:
        names = {e.name for e in pending}
        ready = [e for e in pending if not any(reads(e.explicit, n) for n in names)]
        done += ready
        pending = [e for e in pending if e not in ready]
    return done


def _adjoint(layer: Layer, name: str, upstream: dict[str, str], final: bool) -> Adjoint:
    target = Entry(name, *target_indices(layer, name))
    recorder = Recorder(layer, target, upstream)
    recorder.open("chain rule", lambda: chain_rule(layer, target, upstream))
    recorder.insert_definitions()
    recorder.run()
    label = f"d{name}" if final else f"g_{name}"
    taken = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
    taken |= set(upstream.values())
    while label in taken:
        label += "'"
    return Adjoint(target, label, tuple(recorder.steps), recorder.expression)


def target_indices(layer: Layer, name: str) -> tuple[Index, ...]:
    """Fresh indices for an entry of a tensor, named after the output index that reads along the axis.

    For x[r+a, c+b] they are r' and c'; for k[a, b], a' and b'.
    """
    used = {s.name for e in layer.equations for s in symbols_of(e.explicit)}
    used |= {i.name for e in layer.equations for i in e.indices}
    used |= {s.name for s in layer.symbols}
    equation = layer.equation(name)
    rank = len(layer.shape(name))
    chosen: list[Index] = []
    for axis in range(rank):
        base = equation.indices[axis] if equation else _axis_index(layer, name, axis)
        index = fresh_index(base, used)
        used.add(index.name)
        chosen.append(index)
    return tuple(chosen)


def _axis_index(layer: Layer, name: str, axis: int) -> Index:
    """The index that reads along an axis: one that stands alone, else an output index, else any."""
    for equation in layer.equations:
        for entry in (e for e in subterms(equation.explicit) if isinstance(e, Entry)):
            if entry.tensor != name:
                continue
            indices = [s for s in symbols_of(entry.indices[axis]) if isinstance(s, Index)]
            outer = [i for i in equation.indices if i in indices]
            if indices:
                return outer[0] if outer else indices[0]
    return Index("pqrstuvw"[axis % 8])


def chain_rule(layer: Layer, target: Entry, upstream: dict[str, str]) -> Rewrite:
    """∂L/∂x[p] = Σ_y Σ_r g_y[r]·∂y[r]/∂x[p], over all y computed from x, and all of their entries.

    The sum runs over *all* entries of y: x[p] may reach any of them.  Each y stands for its own
    equation, in which other intermediates are held fixed: they have terms of their own.
    """
    terms = [
        total(
            Entry(upstream[e.name], *e.indices) * Partial(Entry(e.name, *e.indices), target),
            e.ranges,
        )
        for e in layer.equations
        if reads(e.explicit, target.tensor) and e.name in upstream
    ]
    return Rewrite(Add(*terms))


class Recorder:
    """Applies rules to one expression and writes down every application."""

    def __init__(self, layer: Layer, target: Entry, upstream: Mapping[str, str]) -> None:
        self.layer = layer
        self.target = target
        self.upstream = {gradient: tensor for tensor, gradient in upstream.items()}
        self.expression: Expr = Partial(LOSS, target)
        self.steps: list[Step] = []
        self._known: dict[tuple[Condition, tuple[Condition, ...]], Decision] = {}

    def open(self, name: str, make: Callable[[], Rewrite]) -> None:
        """The opening step, which needs more than a scope."""
        self._write(name, (), self.expression, make())

    def insert_definitions(self) -> None:
        """∂y[r]/∂x[p] = ∂(right-hand side of y[r])/∂x[p], at every entry the chain rule left.

        Equations go in before those that read them, so that an intermediate met inside a definition
        is not taken for one of the chain rule's own terms.
        """
        for equation in ordered(self.layer):
            entry = equation.entry
            for path, node in _places(self.expression):
                if isinstance(node, Partial) and node.args[0] == entry:
                    new = Partial(equation.explicit, node.args[1])
                    self._write("insert the definition", path, node, Rewrite(new))
                    break

    def run(self) -> None:
        """Apply rules until none applies."""
        for _ in range(LIMIT):
            found = self._next()
            if found is None:
                return
            rule, path, node, rewrite = found
            self._write(rule.name, path, node, rewrite)
        raise RuntimeError(f"no end after {LIMIT} steps: {self.expression}")

    def _next(self) -> tuple[Rule, Path, Basic, Rewrite] | None:
        places = list(_places(self.expression))
        for _, table in rules_by_phase():
            for path, node in places:
                for rule in table.get(type(node), ()):
                    scope = self._scope(path)
                    rewrite = rule.apply(node, scope)
                    if rewrite is not None:
                        return rule, path, node, rewrite
        return None

    def _scope(self, path: Path) -> Scope:
        return Scope(self.layer, self.target, self.upstream, self.expression, path, self._known)

    def _write(self, name: str, path: Path, node: Basic, rewrite: Rewrite) -> None:
        after = rebuilt(self.expression, path, rewrite.new)
        step = Step(
            name,
            self.expression,
            after,
            path,
            node,
            rewrite.new,
            rewrite.conditions,
            rewrite.note,
        )
        self.steps.append(step)
        self.expression = after


def _places(expr: Basic, path: Path = ()) -> Iterator[tuple[Path, Basic]]:
    """All subterms with their paths, outermost and leftmost first; the bounds of sums left out."""
    yield path, expr
    if isinstance(expr, IndexedBase):
        return
    args: Any = expr.args[:1] if isinstance(expr, Sum | MaxOver) else expr.args
    for place, arg in enumerate(args):
        yield from _places(arg, (*path, place))


def rebuilt(expr: Any, path: Path, new: Basic) -> Any:
    """The expression with the subterm at ``path`` replaced."""
    if not path:
        return new
    place, *rest = path
    args = list(expr.args)
    args[place] = rebuilt(args[place], tuple(rest), new)
    return expr.func(*args)
