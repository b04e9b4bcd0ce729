"""Gradients of L = Σ g·y by dual numbers, one entry at a time, and gradients of these."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from . import trees as t
from .duals import Dual, Value, add, multiply, slope
from .meaning import Meaning
from .sizes import Array, Shape, places_of


@dataclass
class Case:
    """A layer with sizes, hyperparameters and entries."""

    text: t.Text
    numbers: dict[str, Fraction]
    shapes: dict[str, Shape]
    arrays: dict[str, Array]

    def meaning(self, **changed: Array) -> Meaning:
        """The layer at these entries, some tensors changed."""
        return Meaning(self.text, self.numbers, self.shapes, self.arrays | changed)

    def outputs(self) -> list[str]:
        """The equations that no other reads."""
        used = {
            name
            for equation in self.text.equations
            for node in t.walk(equation.body)
            for name in mentioned(node)
        }
        return [e.name for e in self.text.equations if e.name not in used]

    def differentiable(self) -> list[str]:
        """The tensors that do not hold integers."""
        tables = {tensor.name for tensor in self.text.tensors if tensor.integer}
        return [name for name in self.arrays if name not in tables]


def mentioned(node: t.Node) -> list[str]:
    """The tensor that a node reads, if any."""
    if isinstance(node, t.Read):
        return [node.tensor]
    return [node.name] if isinstance(node, t.Name) else []


def forward(case: Case) -> dict[str, Array]:
    """All entries of all outputs."""
    meaning = case.meaning()
    return {name: meaning.all_entries(name) for name in case.outputs()}


def loss(meaning: Meaning, upstream: dict[str, Array]) -> Value:
    """Σ g·y over all outputs."""
    total: Value = Fraction(0)
    for name, g in upstream.items():
        for place, value in meaning.all_entries(name).items():
            total = add(total, multiply(g[place], value))
    return total


def gradient(case: Case, upstream: dict[str, Array], wrt: str) -> Array:
    """∂L/∂wrt, entry by entry."""
    found: Array = {}
    entries = case.arrays[wrt]
    for place in places_of(case.shapes[wrt]):
        seeded = entries | {place: Dual(entries[place], Fraction(1), 1)}
        found[place] = slope(loss(case.meaning(**{wrt: seeded}), upstream), 1)
    return found


def second(case: Case, upstream: dict[str, Array], first: str, direction: Array, wrt: str) -> Array:
    """∂/∂wrt of Σ direction · ∂L/∂first."""
    moved = {place: Dual(value, direction[place], 1) for place, value in case.arrays[first].items()}
    arrays = case.arrays | {first: moved}
    found: Array = {}
    for place in places_of(case.shapes[wrt]):
        seeded = arrays[wrt] | {place: Dual(arrays[wrt][place], Fraction(1), 2)}
        meaning = case.meaning(**{first: moved} | {wrt: seeded})
        found[place] = slope(slope(loss(meaning, upstream), 2), 1)
    return found
