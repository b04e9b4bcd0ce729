"""A module for a layer in parts: functions for each segment, and two that call them in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from derive.engine.reverse import upstream_names
from derive.language.definition import Axis, Layer, Tensor
from numeric.emission.dialect import Target
from numeric.emission.embedding import parts
from numeric.emission.folding import folded
from numeric.emission.identifiers import Identifiers, quoted
from numeric.emission.modules import Function, function, signature
from numeric.emission.preamble import Preamble, given_sizes
from numeric.given import with_tensors
from numeric.joint import together
from numeric.keeping import Keeping, keeping
from numeric.segments import Segment, segments


@dataclass(frozen=True)
class InSegments:
    """The functions of a module: those of the segments, and the two that a caller needs."""

    forward: Function
    backward: Function
    functions: tuple[Function, ...]
    wrt: tuple[str, ...]
    upstream: tuple[tuple[str, str], ...]


def in_segments(layer: Layer, target: Target, backwards: bool = True) -> InSegments | None:
    """The functions for a layer in parts; None where a part needs to be told a size by name.

    ``backwards``: with the gradients.
    """
    found = segments(layer)
    if any(given_sizes(segment.layer) for segment in found):
        return None
    return _Glue(layer, target, found).made(backwards)


@dataclass(frozen=True)
class KeepingInSegments:
    """The functions of a module whose forward pass keeps what ``names`` say for its backward pass.

    ``explanation`` says what each segment keeps.
    """

    forward: Function
    backward: Function
    functions: tuple[Function, ...]
    names: tuple[str, ...]
    explanation: str


def keeping_in_segments(layer: Layer, target: Target) -> KeepingInSegments | None:
    """The functions for a layer in parts that keep what backward needs; None as above."""
    found = segments(layer)
    if any(given_sizes(segment.layer) for segment in found):
        return None
    kept = {
        s.name: keeping(s.layer, {x: target.gradient(d) for x, d in s.derivations.items()})
        for s in found
    }
    telling = [replace(s, kept=kept[s.name].names) for s in found]
    return _Glue(layer, target, telling).made_keeping(kept)


class _Glue:
    """Writes the functions that call those of the segments, one after the other."""

    def __init__(self, layer: Layer, target: Target, found: Sequence[Segment]) -> None:
        self.layer = layer
        self.target = target
        self.dialect = target.DIALECT
        self.segments = found
        self.upstream = upstream_names(layer)
        extra = [text.partition("=")[0] for text in self.dialect.options]
        self.extra = dict.fromkeys(extra)
        words = {f"{s.name}_forward" for s in found} | {
            "found",
            "kept",
            "results",
            "wanted",
            "wrt",
            *extra,
        }
        self.words = (*self.dialect.names, *parts(self.dialect.helpers), *words)
        self.names = Identifiers.of(layer, self.words)

    def made(self, backwards: bool) -> InSegments:
        """All functions."""
        forwards = {s.name: self._forward_of(s, s.layer) for s in self.segments}
        gradients = {s.name: self._gradients_of(s) if backwards else {} for s in self.segments}
        functions = [*forwards.values(), *(f for g in gradients.values() for f in g.values())]
        read = {name for s in self.segments for name in s.inputs}
        again = [s for s in self.segments if read.intersection(s.outputs)]
        forward = self._forward(forwards)
        backward = self._backward(self._forward_lines(forwards, again), gradients)
        wrt = tuple(t.name for t in self.layer.tensors if not t.integer)
        return InSegments(forward, backward, tuple(functions), wrt, tuple(self.upstream.items()))

    def made_keeping(self, kept: Mapping[str, Keeping]) -> KeepingInSegments:
        """All functions, where each segment keeps what is said under its name."""
        forwards = {s.name: self._forward_of(s, kept[s.name].forward) for s in self.segments}
        gradients = {s.name: self._gradients_of(s, kept[s.name].gradients) for s in self.segments}
        functions = [*forwards.values(), *(f for g in gradients.values() for f in g.values())]
        shared = {name for s in self.segments for name in s.inputs}
        names = [n for s in self.segments for n in s.results if n in {*shared, *s.kept}]
        layers = (g for k in kept.values() for g in k.gradients.values())
        read = {name for g in layers for e in g.equations for name in e.sources}
        forward = self._forward(forwards, {n: self._stored(n, n in read) for n in names})
        begin = [f"{self.names.array(n)} = kept[{quoted(n)}]" for n in names]
        found = {s.name: self._together(s, kept[s.name], gradients[s.name]) for s in self.segments}
        at_once = {name: made for name, made in found.items() if made is not None}
        functions += at_once.values()
        backward = self._backward(begin, gradients, ["kept"], at_once)
        said = [f"forward keeps {n}{'' if n in read else ': its shape'}" for n in names]
        said += [k.explanation for k in kept.values() if k.names]
        return KeepingInSegments(forward, backward, tuple(functions), tuple(names), "\n".join(said))

    def _together(
        self, segment: Segment, kept: Keeping, single: Mapping[str, Function]
    ) -> Function | None:
        """A function for all gradients of a segment, where they share something."""
        name = f"{segment.name}_gradients"
        upstream = [g for d in segment.derivations.values() for _, g in d.upstream]
        return together(name, segment.layer, kept.gradients, single, self.target, upstream)

    def _stored(self, name: str, whole: bool) -> str:
        """An array as it is kept: whole, or where only its shape counts without its entries."""
        array = self.names.array(name)
        return array if whole else self.dialect.hollow(array)

    def _forward_of(self, segment: Segment, layer: Layer) -> Function:
        name = f"{segment.name}_forward"
        return function(name, layer, segment.outputs, self.target, kept=segment.kept)

    def _gradients_of(
        self, segment: Segment, layers: Mapping[str, Layer] | None = None
    ) -> dict[str, Function]:
        """A function for each tensor of the segment that a gradient is taken by."""
        made = {}
        for wrt, derivation in segment.derivations.items():
            name = f"{segment.name}_gradient_{self.names.array(wrt)}"
            first = [g for _, g in derivation.upstream]
            output = [derivation.adjoints[-1].name]
            layer = self.target.gradient(derivation) if layers is None else layers[wrt]
            made[wrt] = function(name, layer, output, self.target, first, derivation)
        return made

    # --- the two functions -----------------------------------------------------------------------

    def _forward(
        self, forwards: Mapping[str, Function], kept: Mapping[str, str] | None = None
    ) -> Function:
        """All values in order; ``kept`` are further results by name, as they are written."""
        lines = list(self._forward_lines(forwards, self.segments))
        outputs = [e.name for e in self.layer.outputs]
        results = {**(kept or {}), **{y: self.names.array(y) for y in outputs}}
        if len(results) == 1:
            lines.append(f"return {results[outputs[0]]}")
        else:
            made = (f"{quoted(y)}: {text}" for y, text in results.items())
            lines.append(f"return {{{', '.join(made)}}}")
        doc = [f"The layer {self.layer.name}: {', '.join(y for y in outputs)}."]
        doc += ["", *(f"    {part.output} = {part.title}" for part in self.layer.parts)]
        return self._function("forward", self.layer, (), doc, lines, [])

    def _forward_lines(
        self, forwards: Mapping[str, Function], chosen: Sequence[Segment]
    ) -> Iterator[str]:
        """Each segment's values from those before it."""
        for segment in chosen:
            call = self._call(forwards[segment.name], {})
            if len(segment.results) == 1:
                yield f"{self.names.array(segment.results[0])} = {call}"
                continue
            yield f"results = {call}"
            for output in segment.results:
                yield f"{self.names.array(output)} = results[{quoted(output)}]"

    def _backward(
        self,
        begin: Iterable[str],
        gradients: Mapping[str, Mapping[str, Function]],
        options: Sequence[str] = (),
        at_once: Mapping[str, Function] = MappingProxyType({}),
    ) -> Function:
        """From the last segment to the first; it ends where all that is wanted has been found.

        ``begin`` are the lines that give what segments read of one another; ``at_once`` functions
        for all gradients of a segment.
        """
        wanted = [t.name for t in self.layer.tensors if not t.integer]
        last = {name: n for n, s in reversed([*enumerate(self.segments)]) for name in s.inputs}
        lines = list(begin)
        lines += [f"wanted = {{{', '.join(map(quoted, wanted))}}} if wrt is None else set(wrt)"]
        lines += ["found = {}"]
        upstream = {y: self.names.array(g) for y, g in self.upstream.items()}
        for number in reversed(range(len(self.segments))):
            segment = self.segments[number]
            ended = [name for name in segment.inputs if name in wanted and last[name] == number]
            values = {
                wrt: self._call(made, self._given(segment, wrt, upstream))
                for wrt, made in gradients[segment.name].items()
            }
            joined = at_once.get(segment.name)
            if joined is not None:
                named = self._given(segment, next(iter(values)), upstream)
                lines.append(f"results = {self._call(joined, named)}")
                values = {x: f"results[{quoted(y)}]" for x, y in segment.gradient_names.items()}
            for wrt, value in values.items():
                lines += self._gradient(wrt, value, upstream, wrt in ended)
            if number and ended:
                lines += ["if wanted <= found.keys():", "    return found"]
        lines.append("return found")
        doc = ["The gradients by all tensors, or by those named in wrt, under their names."]
        first = list(self.upstream.values())
        taken = (Tensor(g, tuple(map(Axis, self.layer.shape(y)))) for y, g in self.upstream.items())
        given = with_tensors(self.layer, taken)
        return self._function("backward", given, first, doc, lines, [*options, "wrt=None"])

    def _given(self, segment: Segment, wrt: str, upstream: Mapping[str, str]) -> dict[str, str]:
        """The names of the upstream gradients that a segment takes, by its own for them."""
        return {g: upstream[y] for y, g in segment.derivations[wrt].upstream}

    def _gradient(
        self, wrt: str, made: str, upstream: dict[str, str], ended: bool
    ) -> Iterator[str]:
        """What one segment adds to the gradient by one tensor; the last one where it has ``ended``.

        ``made`` is its value, ``upstream`` are the names of the gradients so far.
        """
        value = f"{upstream[wrt]} + {made}" if wrt in upstream else made
        if self.layer.tensor(wrt) is None:
            upstream[wrt] = self.names.array(f"g_{wrt}")
            yield f"{upstream[wrt]} = {value}"
            return
        upstream[wrt] = f"found[{quoted(wrt)}]" if ended else self.names.array(f"g_{wrt}")
        yield f"if {quoted(wrt)} in wanted:"
        yield f"    {upstream[wrt]} = {value}"

    def _call(self, made: Function, named: Mapping[str, str]) -> str:
        """A call of a segment's function; ``named`` are upstream gradients."""
        arrays = [named.get(t) or self.names.array(t) for t in made.arguments]
        symbols = {h.name: h.symbol for h in self.layer.hyperparameters}
        options = [
            f"{name}={option if option in self.extra else self.names.symbol(symbols[option])}"
            for option, name in made.options.items()
        ]
        return f"{made.name}({', '.join([*arrays, *options])})"

    def _function(
        self,
        name: str,
        given: Layer,
        first: Sequence[str],
        doc: Sequence[str],
        lines: Sequence[str],
        more: Sequence[str],
    ) -> Function:
        """A function of the tensors of ``given``, those that come ``first`` before the others."""
        preamble = Preamble(given, self.names, self.dialect)
        begin = preamble.lines()
        order = [*first, *(t.name for t in self.layer.tensors)]
        arguments = {tensor: self.names.array(tensor) for tensor in order}
        declared = [*more, *preamble.options(), *self.dialect.options]
        options = {h.name: self.names.symbol(h.symbol) for h in self.layer.hyperparameters}
        options |= {o: o for o in self.extra}
        said = [part for text in doc for part in folded(text)]
        body = [f'"""{said[0]}', *said[1:], '"""'] if len(said) > 1 else [f'"""{said[0]}"""']
        text = [
            *folded(signature(name, arguments.values(), declared)),
            *(f"    {line}".rstrip() for line in body),
            *(part for line in (*begin, *lines) for part in self._indented(line)),
        ]
        return Function(
            name,
            arguments,
            options,
            tuple(declared),
            "\n".join(text),
            tuple(preamble.helpers),
            self.dialect,
        )

    def _indented(self, line: str) -> list[str]:
        inner = len(line) - len(line.lstrip())
        return folded(line.lstrip(), 4 + inner) if line else [""]
