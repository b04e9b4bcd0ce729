"""The frame of a derivation: the chain rule over every path, steps that follow one another, and the
gradient as a layer of the same tensors and sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Add, Expr, Integer

from derive.engine.record import Adjoint, Derivation, Step
from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.printing import plain
from derive.language.terms import (
    Entry,
    Greatest,
    Index,
    Partial,
    Same,
    Size,
    entries,
    reads,
    subterms,
    symbols_of,
    total,
)
from verify.checker.binding import free, substitute
from verify.checker.canonical import same
from verify.checker.steps import Refusal, check_change

CHAIN_RULE = "chain rule"
DEFINITION = "insert the definition"


def check_frame(derivation: Derivation) -> None:
    """Outputs, adjoints and their order: everything that the gradient depends on is there."""
    source, wrt = derivation.source, derivation.wrt
    tensor = source.tensor(wrt)
    if tensor is None or tensor.integer:
        raise Refusal(f"{source.name} has no input {wrt} of real numbers")
    outputs = [e.name for e in source.equations if not _readers(source, e.name)]
    if [y for y, _ in derivation.upstream] != outputs:
        raise Refusal(f"there must be one upstream gradient for each output: {', '.join(outputs)}")
    _check_names(derivation)
    adjoints = [a.target.tensor for a in derivation.adjoints]
    between = set(_affected(source, wrt)) - {wrt, *outputs}
    if not adjoints or adjoints[-1] != wrt or len(set(adjoints)) != len(adjoints):
        raise Refusal(f"the last adjoint, and no other, must be that of {wrt}")
    if set(adjoints[:-1]) != between:
        raise Refusal(f"each of these needs one adjoint: {', '.join(sorted(between)) or 'none'}")
    done = set(outputs)
    for name in adjoints:
        missing = [e.name for e in _readers(source, name) if e.name not in done]
        if missing:
            raise Refusal(f"the adjoint of {name} needs that of {missing[0]} before it")
        done.add(name)


def _readers(source: Layer, name: str) -> list[Equation]:
    return [e for e in source.equations if reads(e.explicit, name)]


def _affected(source: Layer, wrt: str) -> Iterator[str]:
    """The tensors that an input changes, itself first."""
    pending, seen = [wrt], {wrt}
    while pending:
        name = pending.pop()
        yield name
        found = [e.name for e in _readers(source, name) if e.name not in seen]
        pending += found
        seen.update(found)


def _check_names(derivation: Derivation) -> None:
    source = derivation.source
    names = [t.name for t in source.tensors] + [e.name for e in source.equations]
    names += [g for _, g in derivation.upstream] + [a.name for a in derivation.adjoints]
    for n, name in enumerate(names):
        if name in names[:n]:
            raise Refusal(f"two tensors are called {name}")


def check_target(source: Layer, target: Entry) -> None:
    """The target's indices must be new ones: nothing in the layer may bind or use them."""
    taken = {i.name for e in source.equations for i in e.indices}
    taken |= {s.name for e in source.equations for s in symbols_of(e.explicit)}
    taken |= {s.name for s in source.symbols} | {h.name for h in source.hyperparameters}
    if len(target.indices) != len(source.shape(target.tensor)):
        raise Refusal(f"{plain(target)} has the wrong number of indices")
    for n, index in enumerate(target.indices):
        if not isinstance(index, Index) or index.name in taken or index in target.indices[:n]:
            raise Refusal(f"the indices of {plain(target)} must be new ones")


def check_opening(adjoint: Adjoint, source: Layer, gradients: Mapping[str, str]) -> Sequence[Step]:
    """The chain rule and the definitions put into it; what comes back are the steps after these.

    ∂L/∂x[p] = Σ_y Σ_r g_y[r]·∂y[r]/∂x[p] over all entries of all y that read x.  Each y stands for
    its own definition, in which other intermediates are held fixed: they have terms of their own.
    """
    target = adjoint.target
    terms = _readers(source, target.tensor)
    start = Partial(source.loss, target)
    first, *later = adjoint.steps or (None,)
    if first is None or first.rule != CHAIN_RULE or first.before != start or first.position:
        raise Refusal(f"the first step must be the chain rule for {plain(start)}")
    if not same(first.after, _weighed(terms, [e.entry for e in terms], target, gradients)):
        raise Refusal("the chain rule must sum over all entries of all tensors computed from it")
    opening, rest = later[: len(terms)], later[len(terms) :]
    put_in = {_inserted(step, source, target) for step in opening}
    if any(step.conditions for step in (first, *opening)):
        raise Refusal("the chain rule and the definitions need no conditions")
    if put_in != {e.name for e in terms}:
        raise Refusal("after the chain rule each definition must be put in once")
    inserted = _weighed(terms, [e.explicit for e in terms], target, gradients)
    if not same((opening or [first])[-1].after, inserted):
        raise Refusal("the definitions must go into the terms of the chain rule")
    return rest


def _weighed(
    equations: Sequence[Equation],
    values: Sequence[Expr],
    target: Entry,
    gradients: Mapping[str, str],
) -> Expr:
    return Add(
        *(
            total(Entry(gradients[e.name], *e.indices) * Partial(value, target), e.ranges)
            for e, value in zip(equations, values, strict=True)
        )
    )


def _inserted(step: Step, source: Layer, target: Entry) -> str:
    """The y of a step ∂y[r]/∂x[p] = ∂(right-hand side of y[r])/∂x[p]."""
    if step.rule != DEFINITION or not isinstance(step.old, Partial):
        raise Refusal("after the chain rule each definition must be put in")
    entry = step.old.args[0]
    equation = source.equation(entry.tensor) if isinstance(entry, Entry) else None
    if not isinstance(entry, Entry) or equation is None:
        raise Refusal(f"{plain(entry)} has no definition")
    renaming = dict(zip(equation.indices, entry.indices, strict=True))
    definition = substitute(equation.explicit, renaming)
    if step.old.args[1] != target or not same(step.new, Partial(definition, target)):
        raise Refusal(f"this is not the definition of {plain(entry)}")
    return entry.tensor


def check_links(adjoint: Adjoint) -> None:
    """Each step changes one subterm and starts where the one before ended, up to the result."""
    for step in adjoint.steps:
        check_change(step)
    for step, following in zip(adjoint.steps, adjoint.steps[1:], strict=False):
        if step.after != following.before:
            raise Refusal(f"the step {following.rule!r} starts from something else")
    if adjoint.steps[-1].after != adjoint.result:
        raise Refusal("the last step does not end at the result")
    if any(isinstance(e, Partial) for e in subterms(adjoint.result)):
        raise Refusal("a derivative is left in the result")


def check_layer(derivation: Derivation) -> None:
    """The layer's inputs, sizes, requirements and equations are those of the derivation."""
    source, layer = derivation.source, derivation.layer
    if layer.tensors != tuple(_inputs(derivation)):
        raise Refusal("the gradient's inputs must be those of the layer and the upstream gradients")
    if layer.hyperparameters != source.hyperparameters:
        raise Refusal("the gradient must have the hyperparameters of the layer")
    if layer.derived_by != (*source.derived_by, derivation.wrt):
        raise Refusal(f"the gradient is one with respect to {derivation.wrt}")
    if layer.source != (source.source or source):
        raise Refusal("the layer is said to be the gradient of another one")
    _check_sizes(source, layer)
    adjoints = {a.name: a for a in derivation.adjoints}
    meaning: dict[Expr, Expr] = {s: n for s, n in source.definitions if s not in layer.sizes}
    for equation in layer.equations:
        if equation.sizes != tuple(meaning.get(n, n) for n in equation.extents):
            raise Refusal(f"{equation.name} has other sizes than in the layer")
        adjoint = adjoints.pop(equation.name, None)
        if adjoint is None:
            _check_forward(equation, source)
            continue
        shape = source.shape(adjoint.target.tensor)
        if equation.indices != adjoint.target.indices or equation.extents != shape:
            raise Refusal(f"{equation.name} must have an entry for each of {adjoint.target.tensor}")
        if equation.explicit != adjoint.result or equation.written != adjoint.result:
            raise Refusal(f"the equation for {equation.name} is not what was derived")
    gradient = derivation.adjoints[-1].name
    if gradient in adjoints:
        raise Refusal(f"the gradient has no equation for {gradient}")
    if [e.name for e in layer.outputs] != [gradient]:
        raise Refusal(f"{gradient} must be the gradient's only output")
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
        raise Refusal("the gradient must require what the layer requires, and its output sizes")
    if not set(layer.definitions) <= {(s, n) for s, n in source.definitions if s not in given}:
        raise Refusal("the gradient defines a size otherwise than the layer")
    used = {s for e in layer.equations for n in (*e.extents, e.explicit) for s in symbols_of(n)}
    known = {*layer.sizes, *(s for s, _ in layer.definitions)}
    for size in used:
        if isinstance(size, Size) and size not in known:
            raise Refusal(f"the gradient does not say what the size {size.name} is")


def _check_forward(equation: Equation, source: Layer) -> None:
    """An intermediate that the gradient reads is computed as it was in the layer."""
    own = source.equation(equation.name)
    if own is None or equation.explicit != own.explicit or equation.written != own.explicit:
        raise Refusal(f"{equation.name} is neither an adjoint nor an intermediate of the layer")
    if equation.indices != own.indices or equation.extents != own.extents:
        raise Refusal(f"{equation.name} has another shape than in the layer")


def _check_reads(layer: Layer) -> None:
    """Every read is of a tensor there is, at as many indices as it has axes, all of them bound."""
    for equation in layer.equations:
        unknown = {s for s in free(equation.explicit) if isinstance(s, Index)}
        if not unknown <= set(equation.indices):
            raise Refusal(f"{equation.name} uses an index that nothing binds")
        for entry in entries(equation.explicit):
            if layer.tensor(entry.tensor) is None and layer.equation(entry.tensor) is None:
                raise Refusal(f"{equation.name} reads {entry.tensor}, which is nowhere defined")
            if len(entry.indices) != len(layer.shape(entry.tensor)):
                raise Refusal(f"{plain(entry)} has the wrong number of indices")
