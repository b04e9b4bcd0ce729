"""Words that several mistakes share."""

from __future__ import annotations

from collections.abc import Iterable


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = dict.fromkeys(words)
    return f"{', '.join(most)} and {last}" if most else last
