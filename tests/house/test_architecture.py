"""docs/architecture.md names every room of the house, and only rooms and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.places import DOCS, ROOT

TEXT = (DOCS / "architecture.md").read_text(encoding="utf-8")
STOREYS = ("derive", "verify", "numeric")


def rooms() -> list[str]:
    """The folders of modules directly below the storeys."""
    return [
        f"{storey}/{room.parent.name}"
        for storey in STOREYS
        for room in sorted((ROOT / storey).glob("*/__init__.py"))
        if room.parent.name != "generated"
    ]


def test_every_room_is_on_the_walk() -> None:
    assert [r for r in rooms() if not re.search(rf"\b{Path(r).name}\b", TEXT)] == []


def test_every_place_that_is_named_exists() -> None:
    named = re.findall(r"`((?:derive|verify|numeric|benchmarks|tests)(?:/[\w.]+)+)`", TEXT)
    assert len(named) > 20
    assert [n for n in named if not (ROOT / n).exists()] == []
