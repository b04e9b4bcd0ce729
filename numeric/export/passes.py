"""A network's two passes as lines of code: calls of generated functions, one a layer.

No gradient is stated here, as in ``numeric.networks.flowing``: where an output flows into several
layers, the sum of their gradients is a function generated from the layer that makes two of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from derive.engine.record import Derivation
from derive.language.definition import Layer
from numeric.emission.dialect import Target
from numeric.emission.identifiers import quoted
from numeric.emission.modules import Function, function
from numeric.generation import derivations
from numeric.networks.flowing import copying
from numeric.networks.stages import Parts, Stage

#: what flows in, what flows back, and the network's arrays by name
INPUT, UPSTREAM, ARRAYS = "x", "g", "arrays"
#: the option that both passes hand on
THREADS = "threads"


@dataclass(frozen=True)
class Applied:
    """A layer as it is in evaluation: ``flowing`` are the variables that flow in, by tensor."""

    stage: Stage
    layer: Layer
    flowing: Mapping[str, str]

    @property
    def output(self) -> str:
        return f"y_{self.stage.name}"

    def value(self, tensor: str) -> str:
        """What a tensor is: what flows, or one of the network's arrays."""
        return self.flowing.get(tensor) or f"{ARRAYS}[{quoted(self.stage.full(tensor))}]"


def applied(parts: Parts, variable: str = INPUT) -> Iterator[Applied]:
    """All layers in the order in which they are computed; the last one's output is the result."""
    for part in parts:
        if isinstance(part, Stage):
            if part.evaluated is not None:
                yield (made := Applied(part, part.evaluated, {part.entering: variable}))
                variable = made.output
            continue
        first, *others = [[*applied(path, variable)] for path in part.paths]
        for path in (first, *others):
            yield from path
        ends = [path[-1].output if path else variable for path in (first, *others)]
        variable = ends[0]
        for joint, other in zip(part.joints, ends[1:], strict=True):
            both = {joint.entering: variable, joint.joined[0]: other}
            yield (made := Applied(joint, joint.layer, both))
            variable = made.output


class Passes:
    """The lines of forward and backward, and the functions that they call.

    ``taken`` are names that no function may have.
    """

    def __init__(self, parts: Parts, target: Target, taken: Collection[str] = ()) -> None:
        self.target = target
        self._taken = {*taken, INPUT, UPSTREAM, ARRAYS, THREADS}
        self.steps = list(applied(parts))
        self._taken |= {step.output for step in self.steps}
        self.result = self.steps[-1].output if self.steps else INPUT
        self._made: dict[tuple[Layer, str], Function] = {}
        self.forward = [f"{step.output} = {self._forward(step)}" for step in self.steps]
        self.backward = list(self._backward())
        self.functions = list(self._made.values())

    def _forward(self, step: Applied) -> str:
        key = (step.layer, "")
        if key not in self._made:
            outputs = [e.name for e in step.layer.outputs]
            name = self._new(f"{step.stage.name}_forward")
            self._made[key] = function(name, step.layer, outputs, self.target)
        return self._call(self._made[key], {t.name: step.value(t.name) for t in step.layer.tensors})

    def _backward(self) -> Iterator[str]:
        """From the last layer to the first; ``found`` gets the gradients by name."""
        upstream = {self.result: UPSTREAM}
        for step in reversed(self.steps):
            for derivation in _by_learnt(step):
                gradient = self._gradient(step, derivation, upstream[step.output])
                yield f"found[{quoted(step.stage.full(derivation.wrt))}] = {gradient}"
            for derivation in derivations(step.layer):
                variable = step.flowing.get(derivation.wrt)
                if variable is None:
                    continue
                name = self._new(f"g_{step.stage.name}_{derivation.wrt}")
                yield f"{name} = {self._gradient(step, derivation, upstream[step.output])}"
                if variable in upstream:
                    joined = self._both(upstream[variable], name, variable, step)
                    name = self._new(f"{name}_and_others")
                    yield f"{name} = {joined}"
                upstream[variable] = name
        yield f"found[{quoted(INPUT)}] = {upstream[INPUT]}"

    def _gradient(self, step: Applied, derivation: Derivation, upstream: str) -> str:
        made = self._derived(step.layer, derivation, step.stage.name)
        values = {t.name: step.value(t.name) for t in step.layer.tensors}
        return self._call(made, {**values, **{g: upstream for _, g in derivation.upstream}})

    def _both(self, one: str, other: str, variable: str, step: Applied) -> str:
        """The gradient by what flows into two layers, from those that each of them gives."""
        layer = copying(len(step.stage.input))
        (derivation,) = derivations(layer)
        first, second = (g for _, g in derivation.upstream)
        made = self._derived(layer, derivation, layer.name)
        return self._call(made, {first: one, second: other, "x": variable})

    def _derived(self, layer: Layer, derivation: Derivation, name: str) -> Function:
        """The function of a gradient, made once and named after its first use."""
        key = (layer, derivation.wrt)
        if key not in self._made:
            first = [g for _, g in derivation.upstream]
            output = derivation.adjoints[-1].name
            gradient = self.target.gradient(derivation)
            called = self._new(f"{name}_gradient_{derivation.wrt}")
            self._made[key] = function(called, gradient, [output], self.target, first, derivation)
        return self._made[key]

    def _new(self, name: str) -> str:
        """A Python name that nothing has yet; primes are letters of names in the notation alone."""
        found = name.replace("'", "_")
        while found in self._taken:
            found += "_"
        self._taken.add(found)
        return found

    def _call(self, made: Function, values: Mapping[str, str]) -> str:
        given = [values[tensor] for tensor in made.arguments]
        options = [f"{THREADS}={THREADS}"] if THREADS in made.options else []
        return f"{made.name}({', '.join([*given, *options])})"


def _by_learnt(step: Applied) -> Iterator[Derivation]:
    learnt = set(step.stage.learnt)
    return (d for d in derivations(step.layer) if d.wrt in learnt)
