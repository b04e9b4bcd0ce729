"""Conditions in the notation."""

from __future__ import annotations

from typing import Any

from derive.language.notation.writer import SUM, TERM, Writer
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Differ,
    Divides,
    Either,
    FirstMax,
    Less,
    Negation,
    Same,
    ranges_of,
)

SYMBOLS = {Less: "<", AtMost: "<=", Same: "==", Differ: "!="}
EITHER, BOTH, PLAIN = range(3)


def condition_text(stated: Any, writer: Writer, level: int = EITHER) -> str:
    """The text of a condition, in parentheses if it binds less tightly than ``level``."""
    text, strength = _parts(stated, writer)
    return text if strength >= level else f"({text})"


def _parts(stated: Any, writer: Writer) -> tuple[str, int]:
    if isinstance(stated, Both | Either):
        return _junction(stated, writer)
    if isinstance(stated, Negation):
        return f"not ({condition_text(stated.args[0], writer)})", PLAIN
    if isinstance(stated, FirstMax):
        return _attained(stated, writer), PLAIN
    args = [writer.write(a, SUM) for a in stated.args]
    if isinstance(stated, Between):
        return f"{args[0]} <= {args[1]} < {args[2]}", PLAIN
    if isinstance(stated, Divides):
        return f"{args[0]} divides {args[1]}", PLAIN
    if type(stated) in SYMBOLS:
        return f"{args[0]} {SYMBOLS[type(stated)]} {args[1]}", PLAIN
    raise TypeError(f"the notation has no way to write {type(stated).__name__}")


def _junction(stated: Both | Either, writer: Writer) -> tuple[str, int]:
    """Parts of the same kind keep their parentheses, so that they are read back nested."""
    if not stated.args:
        return ("0 == 0" if isinstance(stated, Both) else "0 == 1"), PLAIN
    if isinstance(stated, Both):
        return " and ".join(condition_text(p, writer, PLAIN) for p in stated.args), BOTH
    return " or ".join(condition_text(p, writer, BOTH) for p in stated.args), EITHER


def _attained(stated: FirstMax, writer: Writer) -> str:
    at, found = stated.args
    places = [writer.write(i, SUM) for i in at.args]
    ranges, inner = writer.ranges(ranges_of(found), found.function)
    shown = places[0] if len(places) == 1 else f"({', '.join(places)})"
    return f"{shown} == argmax[{ranges}] {inner.write(found.function, TERM)}"
