"""Whether the gradient as a layer says what was derived, of the same tensors and sizes."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer

from derive.engine.record import Derivation
from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.printing import plain
from derive.language.terms import Greatest, Index, Same, Size, entries, symbols_of
from verify.checker.binding import free
from verify.checker.steps import Refused


def check_layer(derivation: Derivation) -> None:
    """The layer's inputs, sizes, requirements and equations are those of the derivation."""
    source, layer = derivation.source, derivation.layer
    if layer.tensors != tuple(_inputs(derivation)):
        raise Refused("the gradient's inputs must be those of the layer and the upstream gradients")
    if layer.hyperparameters != source.hyperparameters:
        raise Refused("the gradient must have the hyperparameters of the layer")
    if layer.derived_by != (*source.derived_by, derivation.wrt):
        raise Refused(f"the gradient is one with respect to {derivation.wrt}")
    _check_sizes(source, layer)
    adjoints = {a.name: a for a in derivation.adjoints}
    meaning: dict[Expr, Expr] = {s: n for s, n in source.definitions if s not in layer.sizes}
    for equation in layer.equations:
        if equation.sizes != tuple(meaning.get(n, n) for n in equation.extents):
            raise Refused(f"{equation.name} has other sizes than in the layer")
        adjoint = adjoints.pop(equation.name, None)
        if adjoint is None:
            _check_forward(equation, source)
            continue
        shape = source.shape(adjoint.target.tensor)
        if equation.indices != adjoint.target.indices or equation.extents != shape:
            raise Refused(f"{equation.name} must have an entry for each of {adjoint.target.tensor}")
        if equation.explicit != adjoint.result or equation.written != adjoint.result:
            raise Refused(f"the equation for {equation.name} is not what was derived")
    if adjoints:
        raise Refused(f"the gradient has no equation for {', '.join(adjoints)}")
    _check_reads(layer)


def _inputs(derivation: Derivation) -> Iterator[Tensor]:
    """The layer's own tensors without padding, which has become guards, and the upstream ones."""
    source = derivation.source
    for t in source.tensors:
        yield Tensor(t.name, tuple(Axis(a.size) for a in t.axes), t.integer, t.below)
    for output, gradient in derivation.upstream:
        yield Tensor(gradient, tuple(Axis(n) for n in source.shape(output)))


def _check_sizes(source: Layer, layer: Layer) -> None:
    """A size that the layer defined, and that is now the size of an input, is required instead."""
    given = {s for t in layer.tensors for a in t.axes for s in symbols_of(a.size)}
    promoted = [Same(s, Greatest(Integer(0), n)) for s, n in source.definitions if s in given]
    if layer.requirements != (*source.requirements, *promoted):
        raise Refused("the gradient must require what the layer requires, and its output sizes")
    if not set(layer.definitions) <= {(s, n) for s, n in source.definitions if s not in given}:
        raise Refused("the gradient defines a size otherwise than the layer")
    used = {s for e in layer.equations for n in (*e.extents, e.explicit) for s in symbols_of(n)}
    known = {*layer.sizes, *(s for s, _ in layer.definitions)}
    for size in used:
        if isinstance(size, Size) and size not in known:
            raise Refused(f"the gradient does not say what the size {size.name} is")


def _check_forward(equation: Equation, source: Layer) -> None:
    """An intermediate that the gradient reads is computed as it was in the layer."""
    own = source.equation(equation.name)
    if own is None or equation.explicit != own.explicit or equation.written != own.explicit:
        raise Refused(f"{equation.name} is neither an adjoint nor an intermediate of the layer")
    if equation.indices != own.indices or equation.extents != own.extents:
        raise Refused(f"{equation.name} has another shape than in the layer")


def _check_reads(layer: Layer) -> None:
    """Every read is of a tensor there is, at as many indices as it has axes, all of them bound."""
    for equation in layer.equations:
        unknown = {s for s in free(equation.explicit) if isinstance(s, Index)}
        if not unknown <= set(equation.indices):
            raise Refused(f"{equation.name} uses an index that nothing binds")
        for entry in entries(equation.explicit):
            if layer.tensor(entry.tensor) is None and layer.equation(entry.tensor) is None:
                raise Refused(f"{equation.name} reads {entry.tensor}, which is nowhere defined")
            if len(entry.indices) != len(layer.shape(entry.tensor)):
                raise Refused(f"{plain(entry)} has the wrong number of indices")
