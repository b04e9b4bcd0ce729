"""The worked examples that ``derive LAYER --show --size 4x4`` adds to its derivations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from derive.engine.record import Derivation
from derive.language.definition import Layer
from verify.examples.worked_example import render_text, shapes_from, worked_example

#: how the text of an example stands in each output format that has room for one
FRAMES: Mapping[str, Callable[[str], str]] = {
    "text": lambda body: f"\n{body}",
    "markdown": lambda body: f"\n```\n{body}\n```\n",
}


def examples(
    layer: Layer,
    derivations: Sequence[Derivation],
    size: str | None,
    kernel: str | None,
    style: str,
) -> str:
    """One example for each first derivative, at the sizes of the first two tensors.

    Raises ``ValueError`` for a format without room for it, and for sizes that do not fit.
    """
    if style not in FRAMES:
        raise ValueError(f"a worked example is printed with --format {' or '.join(FRAMES)}")
    shapes = shapes_from(layer, size, kernel)
    try:
        found = [worked_example(d, shapes) for d in derivations if not d.source.derived_by]
    except ZeroDivisionError:
        message = "no worked example: the layer divides by zero at these sizes"
        raise ValueError(message) from None
    return FRAMES[style]("\n".join(map(render_text, found)))
