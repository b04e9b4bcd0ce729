"""What a reader of the notation is told when a text cannot be understood."""

from __future__ import annotations

Span = tuple[int, int]


class NotationError(ValueError):
    """A text that is no layer: what is wrong, where, and what to write instead.

    ``span`` is the half-open range of characters of ``text`` that the message is about.
    """

    def __init__(self, message: str, text: str = "", span: Span = (0, 0), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.text.strip():
            parts += _marked(self.text, self.span)
        if self.hint:
            parts.append(self.hint)
        return "\n".join(parts)


def _marked(text: str, span: Span) -> list[str]:
    """The line of the text that the span starts in, and carets under the span."""
    start = min(max(span[0], 0), len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : len(text) if line_end < 0 else line_end].replace("\t", " ")
    width = max(1, min(span[1], line_start + len(line)) - start)
    return ["    " + line.rstrip(), "    " + " " * (start - line_start) + "^" * width]
