"""A summary as it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from derive.presentation.blocks import Chapter, Code, Told
from numeric.summary.fields import Field
from numeric.summary.table import Row, Summary
from numeric.tables import table

UNITS = ("", "k", "M", "G", "T")
COLUMNS = (
    *("layer", "output", "parameters", "output\nbytes", "gradient\nbytes"),
    *("mult-\nadds", "sees", "stride"),
)


def told(found: Summary) -> Chapter:
    """The summary as a chapter."""
    return Chapter("summaries", (Told(lambda: [Code(report(found))], lambda: [record(found)]),))


def report(found: Summary) -> str:
    """The table, and what a training step takes."""
    images = "1 image" if found.batch == 1 else f"{found.batch} images"
    lines = [
        f"{found.title}: {_times(found.image)}, {images}",
        "",
        table(COLUMNS, [_cells(row, found) for row in found.rows], _totals(found)),
        "",
        *_memory(found, images),
    ]
    return "\n".join(lines)


def _cells(row: Row, found: Summary) -> tuple[str, ...]:
    return (
        "  " * row.depth + row.name,
        _times(row.output),
        f"{row.parameters:,}" if row.parameters else "",
        short(row.activations, "B"),
        short(row.gradients, "B"),
        short(row.multiply_adds) if row.multiply_adds else "",
        *_seen(row.field, found),
    )


def _seen(field: Field | None, found: Summary) -> tuple[str, str]:
    """The receptive field and its stride."""
    if field is None:
        return "nothing", ""
    spatial = found.image[1:] if len(found.image) > 1 else found.image
    strides = ["–" if n is None else str(n) for n in field.stride]
    stride = strides[0] if len({*strides}) == 1 else "×".join(strides)
    return "all" if field.whole(spatial) else _times(field.size), stride


def _totals(found: Summary) -> tuple[str, ...]:
    return (
        "together",
        "",
        f"{found.parameters:,}",
        short(found.activations, "B"),
        short(found.gradients, "B"),
        short(found.multiply_adds),
        "",
        "",
    )


def _memory(found: Summary, images: str) -> Iterator[str]:
    step = found.step
    yield f"a training step of {images} takes about {short(step.peak, 'B')} at its peak:"
    rows = {
        "parameters, buffers and momentum": step.state,
        "what forward keeps for backward, and the batch": step.kept,
        "gradients by parameters": step.gradients,
        "gradients on their way, and memory to work in": step.passing,
    }
    for words, count in rows.items():
        yield f"  {short(count, 'B'):>8}  {words}"


def short(count: float, unit: str = "") -> str:
    """A number in three digits: 15.5 G, 9.44 MB."""
    power = 0
    while round(count, 3) >= 999.5 and power < len(UNITS) - 1:
        count, power = count / 1000, power + 1
    decimals = 0 if not power else 2 if count < 9.995 else 1 if count < 99.95 else 0
    return f"{count:.{decimals}f} {UNITS[power]}{unit}".rstrip()


def _times(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes)) or "1"


def record(found: Summary) -> dict[str, Any]:
    """The summary as data: bytes and counts."""
    step = found.step
    return {
        "title": found.title,
        "input": list(found.image),
        "batch": found.batch,
        "layers": [_row(row) for row in found.rows],
        "parameters": found.parameters,
        "activation_bytes": found.activations,
        "gradient_bytes": found.gradients,
        "multiply_adds": found.multiply_adds,
        "step": {
            "peak_bytes": step.peak,
            "state_bytes": step.state,
            "kept_bytes": step.kept,
            "gradient_bytes": step.gradients,
            "passing_bytes": step.passing,
        },
    }


def _row(row: Row) -> dict[str, Any]:
    field = row.field
    return {
        "name": row.name,
        "output": list(row.output),
        "parameters": row.parameters,
        "activation_bytes": row.activations,
        "gradient_bytes": row.gradients,
        "multiply_adds": row.multiply_adds,
        "receptive_field": list(field.size) if field else None,
        "seen": [list(axis) for axis in field.seen] if field else None,
        "stride": list(field.stride) if field else None,
    }
