"""Long lines of generated code broken at brackets, commas and operators."""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 100
_OPEN, _CLOSE = "([{", ")]}"


def folded(line: str, indent: int = 0) -> list[str]:
    """The line, indented; broken inside its longest bracket where it is too long."""
    margin = " " * indent
    if len(margin) + len(line) <= WIDTH or line.lstrip().startswith("#"):
        return [margin + line]
    begin, value = _assigned(line)
    operands = list(_split(value)) if begin else []
    if len(operands) > 1:
        inside = [text for operand in operands for text in folded(operand, indent + 4)]
        return [f"{margin}{begin}(", *inside, f"{margin})"]
    groups = sorted(_groups(line), key=lambda g: g[0] - g[1])
    for start, end in groups[:1]:
        parts = list(_split(line[start + 1 : end]))
        if len(parts) > 1:
            inside = [text for part in parts for text in _folded_part(part, indent + 4)]
            return [margin + line[: start + 1], *inside, *folded(line[end:], indent)]
    return [margin + line]


def _assigned(line: str) -> tuple[str, str]:
    """What stands before a value that is assigned or returned, and the value."""
    if line.startswith("return "):
        return "return ", line.removeprefix("return ")
    for mark in _places(line, (" = ", " += "))[:1]:
        end = line.index("= ", mark) + 2
        return line[:end], line[end:]
    return "", line


def _folded_part(part: str, indent: int) -> list[str]:
    """The same for what stands inside a bracket, where operators may begin a line."""
    if indent + len(part) <= WIDTH:
        return [" " * indent + part]
    pieces = list(_split(part.removesuffix(",")))
    if len(pieces) > 1 and not pieces[0].endswith(","):
        pieces[-1] += "," if part.endswith(",") else ""
        return [text for piece in pieces for text in folded(piece, indent)]
    return folded(part, indent)


def _scanned(text: str) -> Iterator[tuple[int, str, int]]:
    """Every place with its character and how deep in brackets it is; quotations are left out."""
    depth, quote = 0, ""
    for place, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += (char in _OPEN) - (char in _CLOSE)
            yield place, char, depth


def _groups(line: str) -> Iterator[tuple[int, int]]:
    """Where the outermost brackets open and close."""
    start = 0
    for place, char, depth in _scanned(line):
        if char in _OPEN and depth == 1:
            start = place
        elif char in _CLOSE and depth == 0:
            yield start, place


def _split(text: str) -> Iterator[str]:
    """The parts between commas, each with its comma; without commas, those between operators."""
    commas = _places(text, (", ",))
    if commas:
        for start, end in zip([0, *(c + 2 for c in commas)], [*commas, len(text)], strict=True):
            yield text[start:end] + ","
        return
    breaks = _places(text, (" + ", " - ", " & ", " | ")) or _places(text, (" * ", " / ", " if "))
    for start, end in zip([0, *(b + 1 for b in breaks)], [*breaks, len(text)], strict=True):
        yield text[start:end]


def _places(text: str, marks: tuple[str, ...]) -> list[int]:
    """Where one of the marks stands outside all brackets."""
    outside = (place for place, _, depth in _scanned(text) if depth == 0)
    return [place for place in outside if text.startswith(marks, place)]
