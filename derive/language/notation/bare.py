"""Equations without a header: their tensors, sizes and hyperparameters, read off the equations.

Every tensor that is read and not defined is an input.  An axis is named after the index that
stands alone on it, in upper case; axes that one index runs over are one size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from derive.language.definition import Axis, Hyperparameter, Tensor
from derive.language.notation.errors import Span
from derive.language.notation.names import Declarations, index_names, unused
from derive.language.notation.syntax import Bounds, LayerNode, Name, Node, Read, binders, children
from derive.language.terms import Parameter, Size

Slot = tuple[str, int]


@dataclass
class Use:
    """One tensor read or plain name, with the ranges that bind the indices around it."""

    node: Read | Name
    scope: dict[str, Bounds]
    in_index: bool


@dataclass
class Survey:
    """What the equations show: reads by tensor, the binder alone on an axis, names of bounds."""

    ranks: dict[str, tuple[int, Span]] = field(default_factory=dict)
    alone: dict[Slot, list[Bounds]] = field(default_factory=dict)
    tables: dict[str, Slot | None] = field(default_factory=dict)
    scalars: dict[str, Span] = field(default_factory=dict)
    bounds: dict[str, Span] = field(default_factory=dict)

    def named(self, outputs: Collection[str]) -> set[str]:
        """The names that bound an index which stands alone on an axis of an input: its sizes."""
        found = (b for (name, _), all in self.alone.items() if name not in outputs for b in all)
        return {_size_name(b) for b in found} - {""}


def _size_name(bounds: Bounds) -> str:
    """N in ``i < N``, or nothing where the range is written otherwise."""
    plain = isinstance(bounds.high, Name) and not bounds.including and bounds.low is None
    return bounds.high.name if plain and isinstance(bounds.high, Name) else ""


def declare_bare(tree: LayerNode, declared: Declarations) -> None:
    """Declare what a header would have declared."""
    survey = _survey(tree, declared)
    outputs = {e.name for e in tree.equations}
    named = survey.named(outputs)
    _declare_bounds(survey, named, declared)
    slots = [
        (name, axis)
        for name, (rank, _) in survey.ranks.items()
        if name not in outputs
        for axis in range(rank)
    ]
    groups = _groups(slots, survey, _plain_axes(tree, survey))
    names = _size_names(tree, slots, groups, survey, declared)
    for name, (rank, _) in survey.ranks.items():
        if name in outputs:
            continue
        axes = tuple(Axis(Size(names[groups[name, axis]])) for axis in range(rank))
        declared.tensors[name] = Tensor(name, axes, name in survey.tables)
    _bound_tables(survey, declared)
    for name, span in survey.scalars.items():
        _declare_scalar(name, span, declared, outputs)


def _survey(tree: LayerNode, declared: Declarations) -> Survey:
    survey = Survey()
    for equation in tree.equations:
        scope = {b.index.name: b for b in equation.axes}
        ends = [b.high for b in equation.axes if b.high is not None]
        for end in ends:
            _note_bound(end, scope, survey)
        for use in _uses(equation.body, scope, survey):
            _note(use, survey, declared)
    return survey


def _uses(
    node: Node, scope: dict[str, Bounds], survey: Survey, in_index: bool = False
) -> Iterator[Use]:
    """All reads and names of an expression; indices of reads count as such."""
    if isinstance(node, Name):
        yield Use(node, scope, in_index)
        return
    for bounds in binders(node):
        for end in (bounds.low, bounds.high):
            if end is not None:
                _note_bound(end, scope, survey)
        scope = {**scope, bounds.index.name: bounds}
    if isinstance(node, Read):
        yield Use(node, scope, in_index)
        in_index = True
    for child in children(node):
        if not isinstance(child, Bounds):
            yield from _uses(child, scope, survey, in_index)


def _note_bound(node: Node, scope: dict[str, Bounds], survey: Survey) -> None:
    if isinstance(node, Name) and node.name not in scope:
        survey.bounds.setdefault(node.name, node.span)
    if not isinstance(node, Read):
        for child in children(node):
            _note_bound(child, scope, survey)


def _note(use: Use, survey: Survey, declared: Declarations) -> None:
    node = use.node
    if isinstance(node, Name):
        if node.name not in use.scope and not use.in_index:
            survey.scalars.setdefault(node.name, node.span)
        return
    rank, _ = survey.ranks.setdefault(node.name, (len(node.indices), node.span))
    if rank != len(node.indices):
        raise declared.error(
            f"{node.name} is read with {len(node.indices)} indices here and with {rank} before",
            node.span,
        )
    if use.in_index:
        survey.tables.setdefault(node.name, None)
    for axis, index in enumerate(node.indices):
        if isinstance(index, Name) and index.name in use.scope:
            survey.alone.setdefault((node.name, axis), []).append(use.scope[index.name])
        if isinstance(index, Read):
            survey.tables[index.name] = survey.tables.get(index.name) or (node.name, axis)


def _plain_axes(tree: LayerNode, survey: Survey) -> dict[Slot, Bounds]:
    """Axes of equations whose index stands alone wherever it occurs: same size as what it reads."""
    plain = {}
    for equation in tree.equations:
        for axis, bounds in enumerate(equation.axes):
            name = bounds.index.name
            if bounds.high is None and _stands_alone(equation.body, name):
                plain[equation.name, axis] = bounds
    return plain


def _stands_alone(node: Node, index: str) -> bool:
    """Whether no index of a read mentions the name beside other things."""
    if isinstance(node, Read):
        return all(isinstance(i, Name) or not _mentions(i, index) for i in node.indices)
    return all(_stands_alone(child, index) for child in children(node))


def _mentions(node: Node, name: str) -> bool:
    if isinstance(node, Name):
        return node.name == name
    return any(_mentions(child, name) for child in children(node))


def _groups(slots: list[Slot], survey: Survey, plain: dict[Slot, Bounds]) -> dict[Slot, Slot]:
    """For each axis of an input, the first axis that must have the same size."""
    members: dict[object, Slot] = {}
    leader = {slot: slot for slot in slots}

    def find(slot: Slot) -> Slot:
        while leader[slot] != slot:
            slot = leader[slot]
        return slot

    links = [(slot, b) for slot in slots for b in survey.alone.get(slot, ())]
    # an intermediate's axis passes on the size that its own index has
    links = [(slot, b) for slot, b in links if b.high is None or _size_name(b)]
    passed = {
        id(b): id(plain[slot])
        for slot, found in survey.alone.items()
        if slot in plain
        for b in found
        if b.high is None
    }
    for slot, bounds in links:
        key: object = _size_name(bounds) or id(bounds)
        while key in passed and passed[key] != key:
            key = passed[key]
        first = members.setdefault(key, slot)
        one, other = sorted((find(first), find(slot)), key=slots.index)
        leader[other] = one
    return {slot: find(slot) for slot in slots}


def _size_names(
    tree: LayerNode,
    slots: list[Slot],
    groups: dict[Slot, Slot],
    survey: Survey,
    declared: Declarations,
) -> dict[Slot, str]:
    """A name for each group of axes."""
    taken = {*index_names(tree), *survey.ranks, *declared.parameters}
    names: dict[Slot, str] = {}
    for slot in slots:
        if groups[slot] != slot:
            continue
        tensor, axis = slot
        shared = [s for s in slots if groups[s] == slot]
        alone = [b for s in shared for b in survey.alone.get(s, ())]
        after = [name for b in alone if (name := _size_name(b))]
        after += [b.index.name.upper() for b in alone if b.high is None]
        rank = survey.ranks[tensor][0]
        own = tensor.upper() if rank == 1 else f"{tensor.upper()}{axis + 1}"
        names[slot] = unused([*after[:1], own, f"{tensor}_{axis + 1}"], taken)
        taken.add(names[slot])
        declared.sizes[names[slot]] = Size(names[slot])
    return names


def _declare_bounds(survey: Survey, named: set[str], declared: Declarations) -> None:
    """A name that only bounds a range, as K in sum[a < K], is a hyperparameter."""
    found = []
    for name in (n for n in survey.bounds if n not in named):
        declared.parameters[name] = Parameter(name)
        found.append(Hyperparameter(Parameter(name), None, 1))
    declared.hyperparameters = tuple(found)


def _bound_tables(survey: Survey, declared: Declarations) -> None:
    """A table whose entries stand alone on an axis holds indices of that axis."""
    for name, slot in survey.tables.items():
        if slot is not None and name in declared.tensors and slot[0] in declared.tensors:
            below = declared.tensors[slot[0]].axes[slot[1]].size
            declared.tensors[name] = replace(declared.tensors[name], below=below)


def _declare_scalar(name: str, span: Span, declared: Declarations, outputs: set[str]) -> None:
    if name in declared.sizes or name in declared.parameters or name in outputs or name == "pi":
        return
    if name[0].isupper():
        sizes = ", ".join(declared.sizes) or "none"
        raise declared.error(
            f"{name} is not known here",
            span,
            f"the sizes are named {sizes}; to choose other names, write a header: layer(x[N]):",
        )
    if name not in declared.tensors:
        declared.tensors[name] = Tensor(name, ())
