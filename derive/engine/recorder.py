"""Which rule next: the most urgent one that applies at the outermost, leftmost place.

One rule is applied at one place at a time, the whole expression is rebuilt and the step written
down, until no rule applies.  Every rule says why it terminates, and phases never undo each other
(see ``derive.engine.rules``); ``LIMIT`` only guards against a mistake in a new rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Add, Basic, Expr, Function, IndexedBase, Integer, Sum

from derive.engine.record import Step
from derive.engine.rules import Phase, Rewrite, Rule, rules_by_phase
from derive.engine.scope import Path, Scope
from derive.language.definition import Layer
from derive.language.terms import Delta, Entry, MaxOver, Partial, Range, like

LIMIT = 5000
#: how many subterms are looked at, all steps together, before a derivation is given up
LARGEST_WORK = 500_000


class TooLong(ValueError):
    """A derivation that would take too long to make, and far too long to read."""


@dataclass
class _Part:
    """The subterms of a part of an expression, with their kinds and their paths inside it.

    No rule of a phase up to ``settled`` applies to any of them.
    """

    nodes: list[tuple[Path, Basic, type[Basic]]]
    kinds: set[type[Basic]]
    settled: int = 0


class Recorder:
    """Applies rules to one expression and writes down every application."""

    def __init__(
        self,
        layer: Layer,
        target: Entry,
        start: Expr,
        upstream: Mapping[str, str],
        more: tuple[Range, ...] = (),
        adjoints: Mapping[str, tuple[tuple[Expr, ...], Expr]] | None = None,
    ) -> None:
        """Begin at ``start``; ``more`` are the ranges of its free indices beside the target's."""
        self.layer = layer
        self.target = target
        self.upstream = {gradient: tensor for tensor, gradient in upstream.items()}
        self.expression: Expr = start
        axes = zip(target.at, layer.shape(target.tensor), strict=True)
        self._free = (*((i, Integer(0), n) for i, n in axes), *more)
        self._adjoints = adjoints or {}
        self.steps: list[Step] = []
        self._summands: dict[Basic, _Part] = {}
        self._work = 0

    def open(self, name: str, make: Callable[[], Rewrite]) -> None:
        """The opening step, which needs more than a scope."""
        self._write(name, (), self.expression, make())

    def insert_definitions(self) -> None:
        """∂y[r]/∂x[p] = ∂(right-hand side of y[r])/∂x[p], at every entry the chain rule left.

        Equations go in before those that read them, so that an intermediate met inside a definition
        is not taken for one of the chain rule's own terms.
        """
        for equation in self.layer.ordered:
            entry = equation.entry
            for path, node in places(self.expression):
                if isinstance(node, Partial) and node.args[0] == entry:
                    new = Partial(equation.explicit, node.args[1])
                    self._write("insert the definition", path, node, Rewrite(new))
                    break

    def run(self, last: Phase = Phase.POLISH) -> None:
        """Apply rules of the phases up to the last one until none applies."""
        for _ in range(LIMIT):
            found = self._next(last)
            if found is None:
                return
            rule, path, node, rewrite = found
            self._write(rule.name, path, node, rewrite)
        raise RuntimeError(f"no end after {LIMIT} steps: {self.expression}")

    def _next(self, last: Phase) -> tuple[Rule, Path, Basic, Rewrite] | None:
        parts = self._parts()
        if self._work > LARGEST_WORK:
            raise TooLong(
                f"the derivation of ∂L/∂{self.target.tensor} is too long: it is given up after"
                f" {len(self.steps)} steps; split the layer into several equations"
            )
        kinds = {kind for _, part in parts for kind in part.kinds}
        scopes: dict[Path, Scope] = {}
        for phase, table in rules_by_phase():
            if phase > last:
                break
            if kinds.isdisjoint(table):
                continue
            for start, part in parts:
                if part.settled >= phase:
                    continue
                for place, node, kind in part.nodes:
                    if kind not in table:
                        continue
                    path = (*start, *place)
                    scope = scopes[path] = scopes.get(path) or self._scope(path)
                    for rule in table[kind]:
                        rewrite = rule.apply(node, scope)
                        if rewrite is not None:
                            return rule, path, node, rewrite
                part.settled = phase
        return None

    def _parts(self) -> list[tuple[Path, _Part]]:
        """The expression; of a sum the sum alone, then each summand; each with its path.

        What is known of a summand stays known while only others change: nothing that a rule asks of
        a place depends on them, but for the names of fresh indices.
        """
        root, known = self.expression, self._summands
        if not isinstance(root, Add):
            return [((), self._looked_at(places(root)))]
        self._summands = {t: known.get(t) or self._looked_at(places(t)) for t in root.args}
        summands = (((n,), self._summands[term]) for n, term in enumerate(root.args))
        return [((), self._looked_at([((), root)])), *summands]

    def _looked_at(self, subterms: Iterable[tuple[Path, Basic]]) -> _Part:
        nodes = [(path, node, kind_of(node)) for path, node in subterms]
        self._work += len(nodes)
        return _Part(nodes, {kind for _, _, kind in nodes})

    def _scope(self, path: Path) -> Scope:
        return Scope(
            self.layer,
            self.target,
            self._free,
            self.upstream,
            self.expression,
            path,
            self._adjoints,
        )

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


def kind_of(node: Basic) -> type[Basic]:
    """The type that rules on such a node are registered under: elementwise functions are one."""
    elementwise = isinstance(node, Function) and not isinstance(node, Delta)
    return Function if elementwise else type(node)


def places(expr: Basic) -> Iterator[tuple[Path, Basic]]:
    """All subterms with their paths, outermost and leftmost first; the bounds of sums left out."""
    pending: list[tuple[Path, Basic]] = [((), expr)]
    while pending:
        path, node = pending.pop()
        yield path, node
        if isinstance(node, IndexedBase):
            continue
        args = node.args[:1] if isinstance(node, Sum | MaxOver) else node.args
        pending += [((*path, place), args[place]) for place in range(len(args) - 1, -1, -1)]


def rebuilt(expr: Any, path: Path, new: Basic) -> Any:
    """The expression with the subterm at ``path`` replaced."""
    if not path:
        return new
    place, *rest = path
    args = list(expr.args)
    args[place] = rebuilt(args[place], tuple(rest), new)
    return like(expr, args)
