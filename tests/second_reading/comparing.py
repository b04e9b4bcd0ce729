"""One random layer in both readings: every comparison has an outcome.

right, wrong; crash: an exception that is no documented refusal; refused: ``derive.parse`` or a
kernel said why not; weaker: the replay's verdict is tested or undecided; no value: neither reading
has anything to say; mine: this package cannot read or evaluate it; budget: it took too long.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

import derive
import numeric
import verify
from derive.language.notation import NotationError

from . import derivatives
from .duals import NoValue, plain
from .random_layers import Layer
from .sizes import Array, OutsideError, Shape, UnboundedError, places_of
from .trees import ReadingError

TARGETS = ("loops", "arrays", "fast")
TOLERANCE = 1e-9


@dataclass
class Outcome:
    """What was compared, how it ended, and what there is to say about that."""

    subject: str
    word: str
    detail: str = ""

    @property
    def kind(self) -> str:
        """What other outcomes may have in common: an exception's type and its first words."""
        kind = f"{self.subject.split()[0]} {self.word}"
        if self.word != "crash":
            return kind
        exception, _, said = self.detail.partition(":")
        return f"{kind} {exception} {re.sub(r'[^a-z ]', '', said.split(':')[0])[:40]}"


def compare(layer: Layer, targets: tuple[str, ...], deep: bool) -> Iterator[Outcome]:
    """All comparisons of a layer; those ``deep`` are second derivatives and replayed checks."""
    try:
        expected = derivatives.forward(layer.case)
    except NoValue as why:
        yield Outcome("meaning", "no value", str(why))
        return
    except OutsideError as why:
        yield unless_refused(layer, Outcome("parse", "wrong", f"accepted, but {why}"))
        return
    except (ReadingError, UnboundedError) as why:
        mine = Outcome("meaning", "mine", f"{type(why).__name__}: {why}")
        yield unless_refused(layer, mine)
        return
    try:
        parsed = derive.parse(layer.text)
    except NotationError as why:
        yield Outcome("parse", "refused", str(why))
        return
    except Exception as why:
        yield crash("parse", why)
        return
    yield Outcome("parse", "right")
    comparison = Comparison(layer, parsed, expected)
    for target in targets:
        yield from comparison.kernel(target)
    if deep:
        yield from comparison.second(targets[-1])
        yield from comparison.replays()


def unless_refused(layer: Layer, outcome: Outcome) -> Outcome:
    """The outcome of a layer that this reading cannot compute, if the other one accepts it."""
    try:
        derive.parse(layer.text)
    except NotationError as refused:
        return Outcome("parse", "refused", str(refused))
    except Exception as crashed:
        return crash("parse", crashed)
    return outcome


def crash(subject: str, why: Exception) -> Outcome:
    """An exception that nothing documents."""
    return Outcome(subject, "crash", f"{type(why).__name__}: {why}"[:600])


def refusal(subject: str, why: Exception) -> Outcome:
    """Documented are a kernel larger than the image (docs/code.md) and a maximum over nothing."""
    if isinstance(why, ValueError) and re.search("the window must fit|requires 1 <=", str(why)):
        return Outcome(subject, "outside", str(why))
    if type(why).__name__ == "TooLong":
        return Outcome(subject, "budget", str(why))
    return crash(subject, why)


class Comparison:
    """A layer that both readings have accepted."""

    def __init__(self, layer: Layer, parsed: derive.Layer, expected: dict[str, Array]) -> None:
        self.layer, self.case, self.parsed, self.expected = layer, layer.case, parsed, expected
        meaning = self.case.meaning()
        self.shapes: dict[str, Shape] = {name: meaning.shape(name) for name in expected}
        self.rng = random.Random(layer.seed)
        self.upstream = {name: self.drawn(shape) for name, shape in self.shapes.items()}
        self.given = {
            name: self.array(entries, self.case.shapes[name], name in layer.tables)
            for name, entries in self.case.arrays.items()
        } | layer.hyperparameters

    def drawn(self, shape: Shape) -> Array:
        """Small integers."""
        return {place: Fraction(self.rng.choice([-2, -1, 1, 2, 3])) for place in places_of(shape)}

    def array(self, entries: Array, shape: Shape, table: bool = False) -> np.ndarray:
        """Entries as NumPy has them."""
        dtype = np.int64 if table or self.layer.whole else np.float64
        array = np.zeros(shape, dtype)
        for place, value in entries.items():
            array[place] = dtype(plain(value))
        return array

    def kernel(self, target: str) -> Iterator[Outcome]:
        """Forward and all gradients of a target."""
        subject = f"forward {target}"
        try:
            kernel = numeric.compile(self.parsed, target=target)
            yield Outcome(f"compile {target}", "right")
            found = kernel.forward(**self.given)
        except Exception as why:
            yield refusal(subject, why)
            return
        outputs = (
            found if isinstance(found, dict) else dict(zip(self.expected, [found], strict=True))
        )
        if set(outputs) != set(self.expected):
            yield Outcome(subject, "wrong", f"outputs {set(outputs)}, not {set(self.expected)}")
            return
        for name, entries in self.expected.items():
            yield self.judged(f"{subject} {name}", outputs[name], entries, self.shapes[name])
        yield from self.gradients(kernel, target)

    def gradients(self, kernel: numeric.Kernel, target: str) -> Iterator[Outcome]:
        """All gradients of a target."""
        subject = f"backward {target}"
        g = {name: self.array(e, self.shapes[name]) for name, e in self.upstream.items()}
        try:
            found = kernel.backward(g if len(g) > 1 else next(iter(g.values())), **self.given)
        except Exception as why:
            yield refusal(subject, why)
            return
        wanted = self.case.differentiable()
        if set(found) != set(wanted):
            yield Outcome(subject, "wrong", f"gradients by {set(found)}, not {set(wanted)}")
            return
        for name in wanted:
            try:
                entries = derivatives.gradient(self.case, self.upstream, name)
            except NoValue as why:
                yield Outcome(f"{subject} {name}", "no value", str(why))
                continue
            shape = self.case.shapes[name]
            yield self.judged(f"{subject} {name}", found[name], entries, shape)

    def second(self, target: str) -> Iterator[Outcome]:
        """A gradient of a gradient."""
        names = self.case.differentiable()
        if not names:
            return
        first, wrt = self.rng.choice(names), self.rng.choice(names)
        subject = f"second {first} {wrt} {target}"
        direction = self.drawn(self.case.shapes[first])
        given = dict(self.given)
        for name, entries in self.upstream.items():
            written = "g" if len(self.upstream) == 1 else f"g_{name}"
            given[written] = self.array(entries, self.shapes[name])
        given["g2"] = self.array(direction, self.case.shapes[first])
        try:
            one = derive.gradient(self.parsed, wrt=first).layer
            two = derive.gradient(one, wrt=wrt).layer
            found = numeric.compile(two, target=target).forward(**given)
            entries = derivatives.second(self.case, self.upstream, first, direction, wrt)
        except NoValue as why:
            yield Outcome(subject, "no value", str(why))
        except Exception as why:
            yield refusal(subject, why)
        else:
            yield self.judged(subject, found, entries, self.case.shapes[wrt])

    def replays(self) -> Iterator[Outcome]:
        """The verdict on every derivation."""
        for name in self.case.differentiable():
            yield attempt(f"check {name}", lambda name=name: self.replay(name))

    def replay(self, name: str) -> Outcome:
        """The verdict on a derivation."""
        verdict = verify.check(derive.gradient(self.parsed, wrt=name))
        words = {"checked": "right", "refuted": "wrong", "tested": "weaker", "undecided": "weaker"}
        detail = "" if verdict.word == "checked" else f"{verdict.word}: {verdict}"[:600]
        return Outcome(f"check {name}", words[verdict.word], detail)

    def judged(self, subject: str, found: np.ndarray, entries: Array, shape: Shape) -> Outcome:
        """An array against the entries expected."""
        found = np.asarray(found)
        if found.shape != shape:
            return Outcome(subject, "wrong", f"shape {found.shape}, not {shape}")
        for place, value in entries.items():
            expected, got = plain(value), found[place].item()
            if not close(expected, got, self.layer.whole):
                return Outcome(subject, "wrong", f"{list(place)} is {got}, not {expected}")
        return Outcome(subject, "right")


def attempt(subject: str, judge: Callable[[], Outcome]) -> Outcome:
    """An outcome, or the crash on the way to it."""
    try:
        return judge()
    except Exception as why:
        return refusal(subject, why)


def close(expected: Fraction | float, found: float, whole: bool) -> bool:
    """Equal; in floats up to 10⁻⁹, relative beyond 1."""
    if expected == found:
        return True
    if whole or math.isinf(expected):
        return False
    return abs(float(expected) - found) <= TOLERANCE * (1 + abs(float(expected)))
