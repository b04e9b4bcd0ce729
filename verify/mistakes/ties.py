"""What becomes of an upstream gradient where several entries are the largest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def at_ties(found: Sequence[Any], right: Sequence[Any], passed: int) -> str:
    """How often a g of ones, so many together, is passed on; empty where it is not only passed on.

    ``right``: the entries under the stated convention, where a maximum passes g on once.
    """
    total = float(sum(found))
    if sum(right) != passed or total < passed * (1 - 1e-9):
        return ""
    if total > passed * (1 + 1e-9):
        return "passes g on more than once"
    if min(found, default=0) < 0:
        return ""
    whole = all(float(e) == round(float(e)) for e in found)
    return "takes another than the first" if whole else "shares g among equal entries"
