"""The parser, from tables worked out beforehand.

Working out the tables of an LALR(1) grammar takes lark some 60 ms, more than all else that happens
before a layer is read.  ``tables.json`` holds them; a test compares it with the grammar.  Tables of
another lark or another grammar are not used: then the parser is built from the grammar.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("tables.json")
OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "basic",
    "start": "layer",
    "maybe_placeholders": True,
}


@lru_cache(maxsize=1)
def parser() -> Any:
    """The parser; its ``parse`` returns a ``LayerNode``."""
    import lark

    from derive.language.notation.builder import Builder

    grammar = GRAMMAR.read_text(encoding="utf-8")
    stored = stored_tables()
    if stored["lark"] == lark.__version__ and stored["grammar"] == grammar:
        load: Callable[..., Any] = lark.Lark._load_from_dict
        return load(*numbered(stored), transformer=Builder())
    return lark.Lark(grammar, transformer=Builder(), **OPTIONS)


def stored_tables() -> dict[str, Any]:
    """What ``tables.json`` holds, or nothing of use."""
    if not TABLES.exists():
        return {"lark": None, "grammar": None}
    found: dict[str, Any] = json.loads(TABLES.read_text(encoding="utf-8"))
    return found


def numbered(stored: dict[str, Any]) -> tuple[dict[str, Any], dict[int, Any]]:
    """The tables as lark wants them: JSON has made texts of the numbers that are keys."""
    data = stored["data"]
    table = data["parser"]["parser"]
    table["states"] = {int(state): actions for state, actions in table["states"].items()}
    return data, {int(key): value for key, value in stored["memo"].items()}


def worked_out() -> str:
    """What ``tables.json`` must hold.

    ``PYTHONHASHSEED=0 python -m derive.language.notation.tables`` writes it.
    """
    import lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = GRAMMAR.read_text(encoding="utf-8")
    data, memo = lark.Lark(grammar, **OPTIONS).memo_serialize([TerminalDef, Rule])
    stored = {"lark": lark.__version__, "grammar": grammar, "data": data, "memo": memo}
    return json.dumps(stored, separators=(",", ":"))


if __name__ == "__main__":
    TABLES.write_text(worked_out(), encoding="utf-8")
