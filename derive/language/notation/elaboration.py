"""From the syntax tree to the layer: one equation after the other, each after those it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as changed
from itertools import chain

from sympy import Expr

from derive.language.definition import Axis, Equation, Layer
from derive.language.notation.bare import declare_bare
from derive.language.notation.divisions import premises
from derive.language.notation.headers import (
    Values,
    declare_parameters,
    declare_sizes,
    declare_tensors,
)
from derive.language.notation.indices import size
from derive.language.notation.names import (
    Declarations,
    Draft,
    Scope,
    index_names,
    possible_names,
    size_symbols,
)
from derive.language.notation.numbers import truth
from derive.language.notation.output_sizes import Question, inferred_size
from derive.language.notation.requirements import implied
from derive.language.notation.sites import about_integers, explicit, sites
from derive.language.notation.syntax import (
    EquationNode,
    LayerNode,
    Name,
    Node,
    Read,
    binders,
    children,
)
from derive.language.notation.values import condition, limit
from derive.language.terms import Condition, Index, reads, symbols_of


def elaborated(tree: LayerNode, text: str, values: Values, name: str | None) -> tuple[Layer, Draft]:
    """The layer a syntax tree stands for, bounds not yet checked, and the draft it came from."""
    declared = Declarations(text, name or tree.name or "layer")
    check_names(tree, declared)
    if tree.name is None:
        declare_bare(tree, declared)
        if values:
            raise declared.error("bare equations have no hyperparameters", (0, 0), "write a header")
    else:
        declare_parameters(tree, declared, values)
        declare_sizes(tree, declared)
    draft = drafted(tree, declared)
    while draft.merges:
        declared = declared.merged(draft.merges)
        draft = drafted(tree, declared)
    return finished(draft), draft


def check_names(tree: LayerNode, declared: Declarations) -> None:
    """Each equation defines a tensor of its own, with indices of different names."""
    seen = {t.name for t in tree.tensors}
    for equation in tree.equations:
        if equation.name in seen:
            what = (
                "an input" if equation.name in {t.name for t in tree.tensors} else "defined above"
            )
            raise declared.error(
                f"{equation.name} is {what} already", equation.head, "choose another name"
            )
        seen.add(equation.name)
        indices = [b.index.name for b in equation.axes]
        for place, bounds in enumerate(equation.axes):
            if bounds.index.name in indices[:place]:
                raise declared.error(
                    f"the index {bounds.index.name} stands twice on the left-hand side",
                    bounds.span,
                    "for a diagonal write two indices and a guard: y[i, j] = [i == j]*x[i]",
                )


def drafted(tree: LayerNode, declared: Declarations) -> Draft:
    """All equations worked out under the sizes declared so far."""
    ranks = {e.name: len(e.axes) for e in tree.equations}
    draft = Draft(
        declared, ranks, possible_names(tree, declared.sizes), frozenset(index_names(tree))
    )
    for node in tree.conditions:
        requirement(node, draft)
    if tree.name is not None:
        draft.declared = changed(declared, tensors={})
        declare_tensors(tree, draft)
    for equation in ordered(tree, draft):
        draft.equations[equation.name] = worked_out(equation, draft)
    for name, span in draft.borrowed.items():
        if name not in {s.name for s in draft.definitions}:
            raise draft.error(f"{name} is not known here", span, "no output size has that name")
    draft.equations = {e.name: draft.equations[e.name] for e in tree.equations}
    leave_out_vanished(tree, draft)
    return draft


def leave_out_vanished(tree: LayerNode, draft: Draft) -> None:
    """Without equations that are read only where a factor is zero: they are no outputs."""
    names = {e.name: len(e.axes) for e in tree.equations}
    inner = {name for e in tree.equations for name, _ in dependencies(e, names)}
    while True:
        kept = draft.equations
        gone = {
            n for n in inner & kept.keys() if not any(reads(e.written, n) for e in kept.values())
        }
        if not gone:
            return
        draft.equations = {n: e for n, e in kept.items() if n not in gone}
        parts = [part for e in draft.equations.values() for part in (e.written, *e.extents)]
        for named, meaning in reversed(list(draft.definitions.items())):
            if any(named in symbols_of(part) for part in parts):
                parts.append(meaning)
            else:
                del draft.definitions[named]


def requirement(node: Node, draft: Draft) -> None:
    """One condition after ``where``."""
    stated = condition(node, draft, {})
    if not about_integers(stated):
        raise draft.error("a requirement is about sizes and integer hyperparameters", node.span)
    if symbols_of(stated):
        draft.require(stated)
        return

    if not truth(stated, {}):
        raise draft.error("this requirement does not hold for the values given", node.span)


def ordered(tree: LayerNode, draft: Draft) -> list[EquationNode]:
    """The equations, each after those it reads, otherwise in the order of the text."""
    pending = list(tree.equations)
    done: list[EquationNode] = []
    while pending:
        names = {e.name: len(e.axes) for e in pending}
        ready = [e for e in pending if not any(True for _ in dependencies(e, names))]
        if not ready:
            name, span = next(dependencies(pending[0], names))
            raise draft.error(
                f"{pending[0].name} is defined by itself through {name}",
                span,
                "an equation can read inputs and other equations, not its own result",
            )
        done += ready[:1]
        pending.remove(ready[0])
    return done


def dependencies(
    equation: EquationNode, ranks: Mapping[str, int]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """The equations among ``ranks`` that an equation reads, with the places."""
    bound = frozenset(b.index.name for b in equation.axes)
    ends = (b.high for b in equation.axes if b.high is not None)
    for node in chain(ends, [equation.body]):
        yield from _reads(node, bound, ranks)


def _reads(
    node: Node, bound: frozenset[str], ranks: Mapping[str, int]
) -> Iterator[tuple[str, tuple[int, int]]]:
    if isinstance(node, Read) and node.name in ranks:
        yield node.name, node.span
    if isinstance(node, Name) and node.name not in bound and ranks.get(node.name) == 0:
        yield node.name, node.span
    bound = bound | {b.index.name for b in binders(node)}
    for child in children(node):
        yield from _reads(child, bound, ranks)


def worked_out(node: EquationNode, draft: Draft) -> Equation:
    """One equation: its right-hand side, its sizes, and the names of the sizes."""
    scope: Scope = {}
    for bounds in node.axes:
        scope = draft.bind(bounds.index, scope)
    indices = tuple(scope[b.index.name] for b in node.axes)
    given = [None if b.high is None else size(b.high, draft) + b.including for b in node.axes]
    written = limit(node.body, draft, scope)
    sizes = _sizes(node, indices, given, written, draft)
    extents = size_symbols(node, sizes, draft)
    return Equation(
        node.name,
        indices,
        sizes,
        extents,
        tuple(g is not None for g in given),
        written,
        explicit(written, all_axes(draft)),
    )


def _sizes(
    node: EquationNode,
    indices: tuple[Index, ...],
    given: Sequence[Expr | None],
    written: Expr,
    draft: Draft,
) -> tuple[Expr, ...]:
    """The written sizes, and for the other indices the largest that fit."""
    known = {i: n for i, n in zip(indices, given, strict=True) if n is not None}
    found = list(sites(written))
    for index, bounds in zip(indices, node.axes, strict=True):
        if index not in known:
            open_indices = [i for i in indices if i not in known]
            question = Question(index, bounds.span, open_indices, known, found, all_axes(draft))
            known[index] = inferred_size(question, draft, outline(draft, draft.requirements))
    return tuple(known[i] for i in indices)


def all_axes(draft: Draft) -> dict[str, tuple[Axis, ...]]:
    """The axes of all inputs and of the equations worked out so far."""
    inputs = {t.name: t.axes for t in draft.declared.tensors.values()}
    return inputs | {e.name: tuple(Axis(n) for n in e.extents) for e in draft.equations.values()}


def outline(draft: Draft, requirements: Sequence[Condition]) -> Layer:
    """The layer as far as it is known."""
    return Layer(
        name=draft.declared.name,
        tensors=tuple(draft.declared.tensors.values()),
        hyperparameters=draft.declared.hyperparameters,
        requirements=tuple(requirements),
        equations=tuple(draft.equations.values()),
        definitions=tuple(draft.definitions.items()),
    )


def finished(draft: Draft) -> Layer:
    """The layer with the requirements that its equations imply."""
    tensors = list(draft.declared.tensors.values())
    equations = list(draft.equations.values())
    axes = all_axes(draft)
    meant = implied(tensors, draft.declared.hyperparameters, equations, axes)
    for stated in (*premises(outline(draft, (*draft.requirements, *meant))), *meant):
        draft.require(stated)
    return outline(draft, draft.requirements)
