"""The left-hand side of a claim, in the form in which the grammar reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.language.definition import Layer
from derive.language.notation.errors import NotationError, Span
from derive.language.notation.reader import ALIASES

_NAME = r"[^\W\d][\w'’′]*"
_DERIVATIVE = re.compile(
    rf"(?P<front>\s*(?:∂|d)\s*)(?P<of>{_NAME})\s*(?:(?P<open>\[)[^\]\[]*(?P<close>\]))?"
    rf"(?P<bar>\s*/\s*(?:∂|d)\s*)(?P<by>{_NAME})\s*(?:(?P<start>\[).*)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Head:
    """The names on the left-hand side and their places; both are None where it is no derivative."""

    of: str | None
    of_span: Span
    by: str | None
    by_span: Span


def left_side(text: str, layer: Layer) -> tuple[Head, str]:
    """What is claimed, and the text with a left-hand side that the grammar reads.

    ``dL/dx[p]`` becomes ``x[p]`` and ``dy[r]/dx[p]`` becomes ``y[r, p]``, every character that
    stays where it was.
    """
    text = text.translate(ALIASES)
    end = text.find("=")
    if end < 0 or not text[:end].strip():
        hint = f"write {example(layer)}"
        raise NotationError("a claim has a left-hand side and a =", text, (0, len(text)), hint)
    left = text[:end]
    if "/" not in left:
        return Head(None, (0, 0), None, (0, end)), text
    found = _DERIVATIVE.fullmatch(left)
    if found is None:
        span = (len(left) - len(left.lstrip()), len(left.rstrip()))
        raise NotationError("this is no derivative", text, span, f"write {example(layer)}")
    of, by = found["of"], found["by"]
    if found["open"] is None:
        rewritten = " " * found.start("by") + text[found.start("by") :]
    else:
        rewritten = _merged(text, found)
    return Head(of, found.span("of"), by, found.span("by")), rewritten


def _merged(text: str, found: re.Match[str]) -> str:
    """``dy[r]/dx[p]`` as `` y[r,    p]``; without indices at ``x`` the comma is left out too."""
    start = found.end("by") if found["start"] is None else found.end("start")
    inner = text[found.end("open") : found.start("close")].strip()
    comma = "," if inner and found["start"] is not None else " "
    closing = "]" if found["start"] is None else " "
    gap = comma + " " * (start - found.start("close") - 2) + closing
    front = " " * found.start("of") + text[found.start("of") : found.start("close")]
    return front + gap + text[start:]


def example(layer: Layer) -> str:
    """A left-hand side that would do."""
    tensor = next((t for t in layer.tensors if not t.integer), None)
    name, rank = (tensor.name, len(tensor.axes)) if tensor is not None else ("x", 1)
    return f"d{layer.loss.name}/d{name}{_letters(rank)} = …"


def _letters(rank: int) -> str:
    names = "pqrstuvw"[:rank] if rank <= 8 else "p" * rank
    return f"[{', '.join(names)}]" if rank else ""
