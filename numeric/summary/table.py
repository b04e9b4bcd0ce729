"""A network as a table: a row a layer, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from numeric.networks.description import Shape
from numeric.networks.stages import Parts, Stage
from numeric.summary.counting import multiply_adds
from numeric.summary.fields import Field, fields
from numeric.summary.memory import USUAL, Machine, Step, step


@dataclass(frozen=True)
class Row:
    """A layer: ``output`` is the shape that one image has after it, ``depth`` how many joins of
    paths it stands within.

    ``activations`` are the bytes of its output, ``gradients`` those of the gradients by its output
    and its parameters, both for the summary's batch.  ``multiply_adds`` are those of one image's
    forward pass in evaluation.
    """

    name: str
    output: Shape
    parameters: int
    activations: int
    gradients: int
    multiply_adds: int
    field: Field | None
    depth: int


@dataclass(frozen=True)
class Summary:
    """All layers of a network for images of a shape, and the memory of a step of ``batch``."""

    title: str
    image: Shape
    batch: int
    rows: tuple[Row, ...]
    step: Step

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def activations(self) -> int:
        return sum(row.activations for row in self.rows)

    @property
    def gradients(self) -> int:
        return sum(row.gradients for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        return sum(row.multiply_adds for row in self.rows)


def summary(
    title: str, parts: Parts, image: Shape, batch: int = 1, machine: Machine = USUAL
) -> Summary:
    """The table of a network whose parts are bound to images of that shape."""
    seen = fields(parts)

    def row(stage: Stage, depth: int) -> Row:
        parameters = sum(prod(stage.shapes[t]) for t in stage.learnt)
        flowing = machine.width * batch * prod(stage.output[1:])
        learnt = 0 if stage.frozen else machine.width * parameters
        layer = stage.evaluated
        products = 0 if layer is None else multiply_adds(layer, stage.values)
        field = seen[stage.name]
        output = stage.output[1:]
        gradients = flowing + learnt
        return Row(stage.name, output, parameters, flowing, gradients, products, field, depth)

    rows = tuple(row(stage, depth) for stage, depth in _nested(parts))
    return Summary(title, image, batch, rows, step(parts, image, batch, machine))


def _nested(parts: Parts, depth: int = 0) -> Iterator[tuple[Stage, int]]:
    """All layers, with how deep they stand."""
    for part in parts:
        if isinstance(part, Stage):
            yield part, depth
            continue
        for path in part.paths:
            yield from _nested(path, depth + 1)
        yield from ((joint, depth) for joint in part.joints)
