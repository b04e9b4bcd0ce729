"""From calls to applied layers: names looked up, options read, tensors counted, ranks chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from derive import catalog
from derive.catalog.elsewhere import advice
from derive.catalog.options import OptionError
from derive.composition.calls import Call, Composition, Given
from derive.language.definition import Layer
from derive.language.notation import parse_layer
from derive.language.notation.errors import NotationError, Span
from derive.plugins import meant


@lru_cache(maxsize=256)
def built(name: str, *options: tuple[str, object]) -> Layer:
    """A layer of the catalog, made once: equal layers of a network are one."""
    found = catalog.definition(name, **dict(options))
    return parse_layer(found.text, found.values)


@cache
def _options(name: str) -> Mapping[str, Any]:
    """The options of a catalog layer with their defaults, read once."""
    return {option: stated.default for option, stated in catalog.options(name).items()}


@dataclass(frozen=True)
class Source:
    """Where a tensor of an applied layer comes from.

    It is the output of the application of that number (``made``), an input of that ``name``, or,
    without both, an input whose name is found later.
    """

    made: int | None = None
    name: str = ""
    span: Span = (0, 0)


@dataclass(frozen=True)
class Application:
    """A layer with a source for each of its tensors.

    ``chosen`` are the names of hyperparameters that the writer chose: the same name is the same
    number everywhere.  ``options`` are those that were written.
    """

    layer: Layer
    kind: str
    sources: tuple[Source, ...]
    chosen: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    span: Span = (0, 0)

    @property
    def output(self) -> str:
        """The equation that other layers read."""
        return self.layer.outputs[-1].name


def chain(layers: Sequence[Layer]) -> list[Application]:
    """Layers one after the other: the first tensor of each is the output of the one before."""
    made = []
    for place, layer in enumerate(layers):
        first = Source(place - 1 if place else None)
        if place and not layer.tensors:
            raise NotationError(f"{layer.name} takes no tensor, and so no output of another layer")
        sources = (first, *(Source() for _ in layer.tensors[1:]))
        made.append(Application(layer, layer.name, sources[: len(layer.tensors)]))
    return made


def applications(composition: Composition, known: Mapping[str, Layer]) -> list[Application]:
    """The layers that a text applies, each after those it takes; equal ones are applied once."""
    return _Applying(composition, known).made


class _Applying:
    def __init__(self, composition: Composition, known: Mapping[str, Layer]) -> None:
        self.text = composition.text
        self.typed = dict(known)
        self.texts: dict[str, str] = {}
        for text in composition.definitions:
            layer = parse_layer(text)
            if layer.name == "layer":
                raise NotationError(
                    "a layer after 'with' needs a name",
                    text,
                    (0, len(text)),
                    "write its header: scale(x[N], a[]): y[i] = a[]*x[i]",
                )
            self.typed[layer.name], self.texts[layer.name] = layer, text
        self._catalog = frozenset(catalog.names())
        self.made: list[Application] = []
        self._ranks: dict[str, int] = {}
        self._same: dict[object, int] = {}
        numbers: dict[int, int] = {}
        for call in _inner_first(composition.call):
            numbers[id(call)] = self._applied(call, numbers)

    def _applied(self, call: Call, numbers: Mapping[int, int]) -> int:
        """The number of the application that a call stands for."""
        sources = tuple(
            Source(name=a.name, span=a.span)
            if isinstance(a, Given)
            else Source(numbers[id(a)], span=a.span)
            for a in call.arguments
        )
        self._check(call)
        layer = self._layer(call, sources)
        if len(sources) != len(layer.tensors):
            raise self._count(call, layer)
        for source, tensor in zip(sources, layer.tensors, strict=True):
            if source.made is None:
                self._ranks.setdefault(source.name, len(tensor.axes))
            elif tensor.integer:
                message = f"{tensor.name} of {call.name} holds integers: no layer's output does"
                raise NotationError(message, self.text, source.span)
        key = (layer, tuple((s.made, s.name) for s in sources))
        if key not in self._same:
            words = [v for o in call.options for v in _words(o.value)]
            texts = tuple(" ".join(o.text.split()) for o in call.options)
            one = Application(layer, call.name, sources, frozenset(words), texts, call.span)
            self._same[key] = len(self.made)
            self.made.append(one)
        return self._same[key]

    # --- looking up ---------------------------------------------------------------------------

    def _check(self, call: Call) -> None:
        """There is a layer of that name, and it has these options."""
        if call.name not in self.typed and call.name not in self._catalog:
            known = [*self.typed, *sorted(self._catalog)]
            words = f"there is no layer {call.name!r}{advice(call.name, known)}"
            hint = "see `derive list`; a layer of your own stands after 'with', as in"
            hint += f" {call.name}(x) with {call.name}(x[N]): y[i] = 2*x[i]"
            raise NotationError(words, self.text, call.head, hint)
        options = self._options(call.name)
        seen: set[str] = set()
        for option in call.options:
            if option.name not in options:
                there = f"its options are: {', '.join(options)}" if options else "it takes none"
                near = meant(option.name, options)
                message = f"{call.name} has no option {option.name!r}{near}"
                raise NotationError(message, self.text, option.span, there)
            if option.name in seen:
                raise NotationError(f"{option.name} is given twice", self.text, option.span)
            seen.add(option.name)

    def _options(self, name: str) -> list[str]:
        if name in self.typed:
            return [h.name for h in self.typed[name].hyperparameters]
        return list(_options(name))

    def _layer(self, call: Call, sources: Sequence[Source]) -> Layer:
        """The layer with its options; of several ranks that it may have the first that fits."""
        given = {option.name: _hashable(option.value) for option in call.options}
        if call.name in self.typed:
            return self._typed(call, given)
        ranks = [self._rank(s) for s in sources]
        first: Layer | NotationError | None = None
        for more in self._ways(call, ranks):
            try:
                found: Layer | NotationError = built(call.name, *(given | more).items())
            except OptionError as error:
                found = NotationError(str(error), self.text, _options_span(call))
            except NotationError as error:
                found = NotationError(error.message, self.text, _options_span(call), error.hint)
            if isinstance(found, Layer) and _fits(found, ranks):
                return found
            first = first or found
        if isinstance(first, NotationError):
            raise first
        assert first is not None
        return first

    def _typed(self, call: Call, given: Mapping[str, object]) -> Layer:
        layer = self.typed[call.name]
        if not given:
            return layer
        for option in call.options:
            if not isinstance(option.value, int | float | str) or isinstance(option.value, bool):
                message = f"{option.name} is a number or a name, not {option.value!r}"
                raise NotationError(message, self.text, option.span)
        values = {n: v if isinstance(v, int) else str(v) for n, v in given.items()}
        try:
            return parse_layer(self.texts.get(call.name, layer.text), values)
        except NotationError as error:
            raise NotationError(error.message, self.text, _options_span(call), error.hint) from None

    # --- ranks --------------------------------------------------------------------------------

    def _rank(self, source: Source) -> int | None:
        """How many axes a source has, where that is known by now."""
        if source.made is None:
            return self._ranks.get(source.name)
        return len(self.made[source.made].layer.outputs[-1].extents)

    def _ways(self, call: Call, ranks: Sequence[int | None]) -> Iterator[dict[str, object]]:
        """Values for ``dims`` and ``channels`` that were not written: the usual ones first.

        An image of more than two axes has channels; ``dims`` is changed by as many as the usual
        layer has axes too few.
        """
        open_options = set(self._options(call.name)) - {option.name for option in call.options}
        ways: list[dict[str, object]] = [{}]
        known = [(place, rank) for place, rank in enumerate(ranks) if rank is not None]
        if known and "channels" in open_options:
            ways.append({"channels": known[0][1] > 2})
        for way in ways:
            yield way
        if not known or "dims" not in open_options:
            return
        place, rank = known[0]
        usual = _options(call.name)["dims"]
        written = {o.name: _hashable(o.value) for o in call.options if o.name == "channels"}
        for way in reversed(ways):
            tensors = built(call.name, *(written | way).items()).tensors
            if place < len(tensors) and usual + rank - len(tensors[place].axes) >= 0:
                yield {**way, "dims": usual + rank - len(tensors[place].axes)}

    def _count(self, call: Call, layer: Layer) -> NotationError:
        names = [t.name for t in layer.tensors]
        given = len(call.arguments)
        message = f"{call.name} takes {_counted(len(names))}, {', '.join(names)}; given {given}"
        options = self._options(call.name)
        hint = ""
        if given == len(names) - 1 and "bias" in options and names[-1] == "b":
            shown = ", ".join(_shown(a) for a in call.arguments)
            hint = f"without a bias: {call.name}({shown}; bias=False)"
        elif given == len(names) + 1 and call.name == "conv" and "b" not in names:
            hint = "with a bias, and a batch and channels: channels, or bias=True"
        return NotationError(message, self.text, call.span, hint)


def _inner_first(call: Call) -> list[Call]:
    """All calls, each after its arguments, as they stand from left to right."""
    found, pending = [], [call]
    while pending:
        one = pending.pop()
        found.append(one)
        pending += [a for a in one.arguments if isinstance(a, Call)]
    return found[::-1]


def _fits(layer: Layer, ranks: Sequence[int | None]) -> bool:
    """Whether a layer takes tensors of these numbers of axes."""
    if len(ranks) != len(layer.tensors):
        return False
    pairs = zip(ranks, layer.tensors, strict=True)
    return all(rank in (None, len(tensor.axes)) for rank, tensor in pairs)


def _hashable(value: object) -> object:
    """An option's value with tuples for lists, as the catalog takes them."""
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _words(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _words(part)
    elif isinstance(value, str):
        yield value


def _options_span(call: Call) -> Span:
    """The place of all options, or of the whole call."""
    if not call.options:
        return call.span
    return call.options[0].span[0], call.options[-1].span[1]


def _counted(number: int) -> str:
    return f"{number} tensor{'s' * (number != 1)}"


def _shown(argument: Call | Given) -> str:
    return argument.name if isinstance(argument, Given) else f"{argument.name}(…)"
