"""The gradient as a layer of its own: the forward tensors plus the upstream gradient go in."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from derive.engine.record import Adjoint
from derive.language.definition import ZERO, Axis, Equation, Layer, Tensor
from derive.language.terms import Condition, Greatest, Index, Same, Size, reads, symbols_of


def gradient_layer(
    layer: Layer, wrt: str, upstream: Sequence[tuple[str, str]], adjoints: Sequence[Adjoint]
) -> Layer:
    """The equations for ∂L/∂wrt: the forward intermediates it needs, each adjoint, the gradient.

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
    equations = [_adjoint_equation(layer, a, promoted) for a in adjoints]
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
    )


def _adjoint_equation(layer: Layer, adjoint: Adjoint, promoted: set[Size]) -> Equation:
    extents = layer.shape(adjoint.target.tensor)
    return _plain(adjoint.name, adjoint.target.at, extents, adjoint.result, layer, promoted)


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
