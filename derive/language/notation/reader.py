"""From text to the syntax tree, by a parser whose tables are worked out beforehand.

Working out the tables of an LALR(1) grammar takes lark some 60 ms, more than all else that happens
before a layer is read.  ``tables.json`` holds them; a test compares it with the grammar.  Tables of
another lark or another grammar are not used: then the parser is built from the grammar.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from derive.language.notation.errors import NotationError
from derive.language.notation.limits import NO_RANGE, WORDS, Refused
from derive.language.notation.syntax import LayerNode

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
    import lark  # local: start-up time

    from derive.language.notation.builder import Builder  # local: start-up time

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

    ``PYTHONHASHSEED=0 python -m derive.language.notation.reader`` writes it.
    """
    import lark  # local: start-up time
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = GRAMMAR.read_text(encoding="utf-8")
    data, memo = lark.Lark(grammar, **OPTIONS).memo_serialize([TerminalDef, Rule])
    stored = {"lark": lark.__version__, "grammar": grammar, "data": data, "memo": memo}
    return json.dumps(stored, separators=(",", ":"))


LONGEST_TEXT = 100_000
#: characters that mean the same as one of the grammar's; each replaces exactly one character
ALIASES = str.maketrans(
    {"’": "'", "′": "'", "−": "-", "–": "-", "·": "*", "×": "*", "⋅": "*", "∗": "*", "∑": "Σ"}
)


def read(text: str) -> LayerNode:
    """The syntax tree of a text; ``NotationError`` if it does not follow the grammar."""
    from lark.exceptions import UnexpectedInput, VisitError  # local: start-up time

    if len(text) > LONGEST_TEXT:
        raise NotationError(f"the text is longer than {LONGEST_TEXT} characters")
    try:
        tree: LayerNode = parser().parse(text.translate(ALIASES))
    except UnexpectedInput as error:
        raise _explained(error, text) from None
    except Refused as error:
        raise _refusal(error, text) from None
    except VisitError as error:
        if not isinstance(error.orig_exc, Refused):
            raise
        raise _refusal(error.orig_exc, text) from None
    return tree


def _refusal(refused: Refused, text: str) -> NotationError:
    from derive.language.notation.mistakes import missing_sign_before  # local: start-up time

    message, span, hint = refused.message, refused.span, refused.hint
    if refused.message == NO_RANGE:
        message, span, hint = missing_sign_before(text, span) or (message, span, hint)
    return NotationError(message, text, span, hint)


def _explained(error: Any, text: str) -> NotationError:
    """What a mistake of grammar looks like from the writer's side."""
    from lark.exceptions import UnexpectedCharacters  # local: start-up time

    from derive.language.functions import ABBREVIATIONS, FUNCTIONS  # local: start-up time
    from derive.language.notation.mistakes import recognised

    if not text.strip():
        return NotationError("there is no equation", text, (0, 0), "write one: y[i] = 2*x[i]")
    place = error.pos_in_stream or 0
    known = {*FUNCTIONS, *ABBREVIATIONS}
    if isinstance(error, UnexpectedCharacters):
        found = recognised(text, place, known)
    else:
        at = len(text.rstrip()) if error.token.type == "$END" else place
        found = recognised(text, at, known)
    if found is not None:
        message, span, hint = found
        return NotationError(message, text, span, hint)
    if isinstance(error, UnexpectedCharacters):
        return NotationError(
            f"the character {text[place]!r} means nothing here", text, (place, place + 1)
        )
    token = error.token
    if token.type == "$END":
        end = len(text.rstrip())
        message, span = "the text ends too early", (end, end + 1)
    else:
        message, span = f"cannot read {str(token)!r} here", (token.start_pos, token.end_pos)
    return NotationError(message, text, span, _hint(token.type, error))


def _hint(found: str, error: Any) -> str:
    expected = set(error.accepts or error.expected)
    if found.lower() in WORDS and "NAME" in expected:
        return f"{str(error.token)!r} is a word of the notation and cannot be a name"
    if expected == {"LPAR"}:
        return "a word of the notation names a layer at most, as in pad(x[H]): y[r] = …"
    if expected <= {"ASSIGN", "LSQB"}:
        return (
            "a new equation seems to begin here but has no =; a product needs a *, as in x[i]*k[i]"
        )
    if found == "ASSIGN" and "EQ" not in expected:
        return "an equation starts with a name and its indices, as in y[r, c] = …"
    return "expected " + _listing(expected)


_OPERATORS = {"PLUS", "MINUS", "STAR", "SLASH", "FLOOR", "PERCENT", "POWER"}
_COMPARISONS = {"LT", "LE", "GT", "GE", "EQ", "NE"}
_SHOWN = {
    "NAME": "a name",
    "NUMBER": "a number",
    "LSQB": "[",
    "RSQB": "]",
    "LPAR": "(",
    "RPAR": ")",
    "ASSIGN": "=",
    "COMMA": ",",
    "COLON": ":",
    "SEMICOLON": ";",
}


def _listing(expected: set[str]) -> str:
    """The tokens that could have stood there, in words."""
    if {"NUMBER", "NAME", "LPAR"} <= expected:
        return "an expression"
    words = [_SHOWN[t] for t in _SHOWN if t in expected and t != "ASSIGN"]
    if "ASSIGN" in expected and not expected & _COMPARISONS:
        words.append("=")
    if expected & _OPERATORS:
        words.append("an operator")
    if expected & _COMPARISONS:
        words.append("a comparison")
    words += [w for w in WORDS if w.upper() in expected]
    words += ["the end of the text"] if "$END" in expected else []
    return _either(words)


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


if __name__ == "__main__":
    TABLES.write_text(worked_out(), encoding="utf-8")
