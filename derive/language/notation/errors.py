"""What a reader of the notation is told when a text cannot be understood."""

from __future__ import annotations

Span = tuple[int, int]

#: how much of a long line is shown
WIDTH = 90


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
        if self.span[0] < self.span[1]:
            parts += _marked(self.text, self.span)
        if self.hint:
            parts.append(self.hint)
        return "\n".join(parts)


def _marked(text: str, span: Span) -> list[str]:
    """The line of the text that the span starts in, and carets under the span.

    Of a long line only the part around the span is shown.
    """
    start = min(max(span[0], 0), len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : len(text) if line_end < 0 else line_end].replace("\t", " ").rstrip()
    column = start - line_start
    cut = max(0, column - WIDTH // 2) if len(line) > WIDTH else 0
    before = "…" if cut else ""
    after = "…" if len(line) > cut + WIDTH else ""
    shown = before + line[cut : cut + WIDTH] + after
    column += len(before) - cut
    width = max(1, min(span[1] - start, len(shown) - column))
    return ["    " + shown, "    " + " " * column + "^" * width]
