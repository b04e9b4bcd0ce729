"""Layers with everything in them, at random and the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from . import trees as t
from .derivatives import Case
from .duals import NoValue
from .meaning import Meaning
from .random_equations import equation
from .random_terms import Terms
from .reading import read
from .sizes import UnboundedError, places_of

LONGEST, ONE = 300, Fraction(1)


@dataclass
class Layer:
    """A text and what it is tried at; ``whole`` where it only adds and multiplies integers."""

    seed: int
    text: str
    case: Case
    hyperparameters: dict[str, int | float]
    whole: bool
    tables: set[str] = field(default_factory=set)


def layer(seed: int) -> Layer:
    """The random layer of a seed."""
    rng = random.Random(seed)
    while True:
        terms = Terms(rng)
        equations = [equation(terms, name) for name in "ymo"[: rng.choice([1, 1, 1, 2, 2, 3])]]
        prune(terms, " ".join(equations))
        text = header(terms) + rng.choice(["\n    ", ";\n    "]).join(equations)
        if len(text) <= LONGEST and set(terms.inputs) - set(terms.tables):
            return at_sizes(seed, rng, terms, text)


def prune(terms: Terms, equations: str) -> None:
    """Forget what was drawn and then not written."""
    words = set(re.findall(r"\w+'*", equations))
    terms.inputs = {name: axes for name, axes in terms.inputs.items() if name in words}
    words |= set(re.findall(r"\w+", " ".join(terms.declaration(name) for name in terms.inputs)))
    terms.sizes = [size for size in terms.sizes if size in words]
    written = {n: text for n, text in terms.hyperparameters.items() if n in words}
    terms.hyperparameters = written


def header(terms: Terms) -> str:
    """The header: tensors, sizes that are no axis as hyperparameters, conditions."""
    rng = terms.rng
    declared = [terms.declaration(name) for name in terms.inputs]
    text = "f(" + ", ".join(declared)
    used = {size for axes in terms.inputs.values() for size, _ in axes}
    loose = [size for size in terms.sizes if size not in used]
    hyperparameters = [*terms.hyperparameters.values(), *(f"{size} >= 0" for size in loose)]
    if hyperparameters:
        text += "; " + ", ".join(hyperparameters)
    conditions = [f"{size} >= 1" for size in terms.sizes if size in terms.positive]
    for known in terms.sizes:
        if "s" in terms.hyperparameters and rng.random() < 0.08:
            conditions.append(f"s divides {known}")
    head = text + ")" + (" where " + ", ".join(conditions) if conditions else "") + ":"
    if rng.random() < 0.1:
        head = head.replace(", ", ",\n  ") + "  # a comment"
    return head + "\n    "


def at_sizes(seed: int, rng: random.Random, terms: Terms, text: str) -> Layer:
    """The layer at the first sizes drawn that its conditions allow and that are not too many."""
    parsed = read(text)
    for attempt in range(200):
        most = 4 if attempt < 100 else 2
        sizes = {size: rng.choice([0, 1, 2, 2, 3, 3, most]) for size in terms.sizes}
        values = {name: terms.drawn(name) for name in terms.hyperparameters}
        if any(size in sizes and sizes[size] % values.get("G", 1) for size in terms.divided):
            continue
        case = case_at(parsed, sizes | values, rng, terms.whole)
        if case is not None and (attempt % 50 == 49 or fits(case)):
            return made(seed, text, case, terms.whole)
    raise t.ReadingError(f"no sizes for {text}")


def made(seed: int, text: str, case: Case, whole: bool) -> Layer:
    """A layer with what a kernel must be given."""
    given: dict[str, int | float] = {}
    for entry in case.text.hyperparameters:
        value = case.numbers[entry.name]
        real = entry.kind == "real" or (entry.default or ONE).denominator != 1
        given[entry.name] = float(value) if real else int(value)
    tables = {tensor.name for tensor in case.text.tensors if tensor.integer}
    if seed % 2 and ":\n" in text and bare(case.text):
        text = text.partition(":\n")[2].strip()
    return Layer(seed, text, case, given, whole, tables)


def bare(text: t.Text) -> bool:
    """Whether the equations alone say as much as with their header."""
    plain = all(
        axis == t.Axis(axis.size) and isinstance(axis.size, t.Name)
        for tensor in text.tensors
        for axis in tensor.axes
    )
    tensors = {tensor.name for tensor in text.tensors} | {e.name for e in text.equations}
    parts = [p for e in text.equations for part in (e.body, *e.ranges) for p in t.walk(part)]
    bound = {part.name for part in parts if isinstance(part, t.Range)}
    named = {part.name for part in parts if isinstance(part, t.Name)}
    read = {part.tensor for part in parts if isinstance(part, t.Read)}
    tables = any(tensor.integer for tensor in text.tensors)
    return plain and named <= bound and tensors >= read and not tables and not text.hyperparameters


def case_at(
    parsed: t.Text, values: Mapping[str, int | Fraction], rng: random.Random, whole: bool
) -> Case | None:
    """Entries for sizes and hyperparameters; None where the layer does not allow these."""
    numbers = {name: Fraction(value) for name, value in values.items()}
    meaning = Meaning(parsed, numbers, {}, {})
    if not all(meaning.holds(condition, {}) for condition in parsed.conditions):
        return None
    shapes, bounds = {}, {}
    for tensor in parsed.tensors:
        shapes[tensor.name] = tuple(meaning.integer(axis.size, {}) for axis in tensor.axes)
        if tensor.below is not None:
            bounds[tensor.name] = meaning.integer(tensor.below, {})
    entries = {name: prod(shape) for name, shape in shapes.items()}
    if sum(entries.values()) > 30 or any(entries[n] and not b for n, b in bounds.items()):
        return None
    arrays = {
        name: {place: drawn_entry(rng, bounds.get(name), whole) for place in places_of(shape)}
        for name, shape in shapes.items()
    }
    case = Case(parsed, numbers, shapes, arrays)
    return case if one_size_each(parsed, case.meaning()) else None


def one_size_each(parsed: t.Text, meaning: Meaning) -> bool:
    """Whether the axes on which an index without a range stands alone are equally long."""
    for node in (part for written in parsed.equations for part in t.walk(written.body)):
        if isinstance(node, t.Reduction):
            for index in (index for index in node.ranges if index.high is None):
                try:
                    meaning.inferred(index.name, node.body)
                except NoValue:
                    return False
                except UnboundedError:  # it may stand alone outside this sum's own body
                    continue
    return True


def fits(case: Case) -> bool:
    """Whether no size comes out below 1 from others that do not: kernels refuse that."""
    for written in case.text.equations:
        for index in written.ranges:
            try:
                if index.high is None:
                    size = case.meaning().shape(written.name)[written.ranges.index(index)]
                else:
                    size = case.meaning().integer(index.high, {})
            except (NoValue, UnboundedError):
                return False
            if size < 1 and (index.high is None or isinstance(index.high, t.Operation)):
                return False
    return True


def drawn_entry(rng: random.Random, bound: int | None, whole: bool) -> Fraction:
    """An entry of a table or a tensor; small, so that ties are common."""
    if bound is not None:
        return Fraction(rng.randrange(bound))
    entry = Fraction(rng.choice([-2, -1, -1, 0, 1, 1, 2, 3]))
    return entry if whole else entry / 2
