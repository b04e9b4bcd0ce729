"""Reverse mode: the chain rule opens each adjoint, ``derive.engine.recorder`` does the rest.

Together the adjoints are a layer of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr

from derive.engine.record import Adjoint
from derive.engine.recorder import Recorder
from derive.engine.rules import Rewrite
from derive.engine.scope import fresh_index
from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.terms import (
    ZERO,
    Condition,
    Entry,
    Greatest,
    Index,
    Partial,
    Same,
    Size,
    entries,
    reads,
    symbols_of,
    total,
)


def upstream_names(layer: Layer) -> dict[str, str]:
    """The name of the upstream gradient of each output: g; g2 for a gradient layer; else g_y."""
    taken = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
    if len(layer.outputs) == 1:
        plain = f"g{len(layer.derived_by) + 1}" if layer.derived_by else "g"
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


def intermediates(layer: Layer, wrt: str) -> list[str]:
    """The intermediates through which ``wrt`` reaches an output, the last ones first."""
    affected = [wrt]
    for equation in layer.ordered:
        if any(reads(equation.explicit, name) for name in affected):
            affected.append(equation.name)
    outputs = {e.name for e in layer.outputs}
    return [name for name in reversed(affected[1:]) if name not in outputs]


def adjoint_of(layer: Layer, name: str, upstream: dict[str, str], final: bool) -> Adjoint:
    target = Entry(name, *target_indices(layer, name))
    recorder = Recorder(layer, target, Partial(layer.loss, target), upstream)
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
    """Fresh indices for an entry of a tensor, named after the indices that read along its axes.

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
    found: list[tuple[bool, bool, Index]] = []
    for equation in layer.equations:
        for entry in entries(equation.explicit):
            if entry.tensor == name:
                position = entry.indices[axis]
                found += [
                    (position != i, i not in equation.indices, i)
                    for i in symbols_of(position)
                    if isinstance(i, Index)
                ]
    return min(found, key=lambda f: f[:2])[2] if found else Index("pqrstuvw"[axis % 8])


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


def local_derivative(layer: Layer, wrt: str) -> Adjoint | None:
    """∂y[r]/∂x[p] for every pair of entries: the matrix T with ∂L/∂x = Tᵀ·g.

    None where the layer has several equations: then there is no single such matrix to show.
    """
    if len(layer.equations) != 1:
        return None
    (equation,) = layer.equations
    target = Entry(wrt, *target_indices(layer, wrt))
    start = Partial(equation.entry, target)
    recorder = Recorder(layer, target, start, {}, equation.ranges)
    recorder.insert_definitions()
    recorder.run()
    return Adjoint(target, "", tuple(recorder.steps), recorder.expression)


def gradient_layer(
    layer: Layer, wrt: str, upstream: Sequence[tuple[str, str]], adjoints: Sequence[Adjoint]
) -> Layer:
    """The equations for ∂L/∂wrt: the forward intermediates and adjoints it needs, the gradient.

    An adjoint that nothing reads, as that of u in sign(u), is derived and not computed.
    All padding has become guards, so no tensor is declared padded.  An output size such as
    R = max(0, H−K+1) is now the size of an input, g[R], and its definition a requirement.
    """
    tensors = [
        Tensor(t.name, tuple(Axis(a.size) for a in t.axes), t.integer, t.below)
        for t in layer.tensors
    ]
    tensors += [Tensor(g, tuple(Axis(n) for n in layer.shape(y))) for y, g in upstream]
    promoted = {
        s for t in tensors for a in t.axes for s in symbols_of(a.size) if isinstance(s, Size)
    }
    requirements: list[Condition] = list(layer.requirements)
    definitions = []
    for size, meaning in layer.definitions:
        if size in promoted:
            requirements.append(Same(size, Greatest(ZERO, meaning)))
        else:
            definitions.append((size, meaning))
    equations = _read([_adjoint_equation(layer, a, promoted) for a in adjoints])
    equations = [*_needed(layer, equations, promoted), *equations]
    parts = [n for e in equations for n in (*e.extents, e.explicit)]
    used = {s for part in (*parts, *requirements) for s in symbols_of(part)}
    for size, meaning in reversed(definitions):
        used |= set(symbols_of(meaning)) if size in used else set()
    return Layer(
        name=f"{layer.name}_d{wrt}",
        tensors=tuple(tensors),
        hyperparameters=layer.hyperparameters,
        requirements=tuple(requirements),
        equations=tuple(equations),
        definitions=tuple((s, n) for s, n in definitions if s in used),
        derived_by=(*layer.derived_by, wrt),
        source=layer.source or layer,
    )


def _adjoint_equation(layer: Layer, adjoint: Adjoint, promoted: set[Size]) -> Equation:
    extents = layer.shape(adjoint.target.tensor)
    return _plain(adjoint.name, adjoint.target.at, extents, adjoint.result, layer, promoted)


def _read(equations: Sequence[Equation]) -> list[Equation]:
    """The last equation, and those before it that it reads, directly or through one another."""
    kept = list(equations[-1:])
    for equation in reversed(equations[:-1]):
        if any(reads(reader.explicit, equation.name) for reader in kept):
            kept.insert(0, equation)
    return kept


def _needed(layer: Layer, equations: Sequence[Equation], promoted: set[Size]) -> list[Equation]:
    """The forward intermediates that the gradient reads, directly or through one another."""
    wanted: list[str] = []
    for equation in reversed(layer.ordered):
        readers = [e.explicit for e in equations]
        readers += [e.explicit for e in layer.equations if e.name in wanted]
        if any(reads(r, equation.name) for r in readers):
            wanted.append(equation.name)
    return [
        _plain(e.name, e.indices, e.extents, e.explicit, layer, promoted)
        for e in layer.ordered
        if e.name in wanted
    ]


def _plain(
    name: str,
    indices: tuple[Index, ...],
    extents: tuple[Expr, ...],
    body: Expr,
    layer: Layer,
    promoted: set[Size],
) -> Equation:
    meaning: dict[Expr, Expr] = {s: n for s, n in layer.definitions if s not in promoted}
    sizes = tuple(meaning.get(n, n) for n in extents)
    return Equation(name, indices, sizes, extents, (True,) * len(indices), body, body)
