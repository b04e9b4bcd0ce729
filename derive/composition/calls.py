"""Compositions as text: ``relu(conv(x, k; stride=2))``, read into calls by a grammar of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from derive.language.notation.errors import NotationError, Span
from derive.language.notation.reader import ALIASES, LONGEST_TEXT

GRAMMAR = Path(__file__).with_name("grammar.lark")
#: how deeply calls are nested at most: a chain of layers is as deep as it is long
DEEPEST = 400
LONGEST_NUMBER = 40
#: words that are values
WORDS = {"true": True, "false": False, "none": None}


@dataclass(frozen=True)
class Given:
    """A tensor by its name."""

    name: str
    span: Span


@dataclass(frozen=True)
class Option:
    """``stride=2``; a bare word is True."""

    name: str
    value: Any
    span: Span
    text: str


@dataclass(frozen=True)
class Call:
    """``conv(x, k; stride=2)``; ``head`` is the place of the layer's name."""

    name: str
    arguments: tuple[Call | Given, ...]
    options: tuple[Option, ...]
    span: Span
    head: Span


@dataclass(frozen=True)
class Composition:
    """A call, and the texts of the layers that stand after ``with``."""

    call: Call
    definitions: tuple[str, ...]
    text: str


def is_composition(text: str) -> bool:
    """Whether a text applies layers to one another: a name with parentheses that nothing follows.

    A header looks alike up to the colon after it.
    """
    begin = re.match(r"\s*(#[^\n]*\n\s*)*[^\W\d][\w']*\s*\(", text)
    if begin is None:
        return False
    depth, quote = 0, ""
    for place in range(begin.end() - 1, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter == '"':
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                rest = text[place + 1 :].strip()
                if not rest or rest[0] in "#)" or re.match(r"with\b", rest):
                    return True
                return re.search(r"[:=\[]|where", text[begin.end() :]) is None
    return re.search(r"[:\[]|(^|[^<>=!])=[^=].*\b(sum|max)\b", text) is None


def read(text: str) -> Composition:
    """The calls of a composition; ``NotationError`` where it does not follow the grammar."""
    if len(text) > LONGEST_TEXT:
        raise NotationError(f"the text is longer than {LONGEST_TEXT} characters")
    plain = text.translate(ALIASES)
    _check_parentheses(plain, text)
    try:
        tree = _parser().parse(plain)
        call, definitions = _Reader(text).transform(tree)
    except UnexpectedInput as error:
        raise _explained(error, text) from None
    return Composition(call, definitions, text)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        start="composition",
        maybe_placeholders=True,
        propagate_positions=True,
    )


# --- the tree -------------------------------------------------------------------------------------


class _Reader(Transformer[Token, Any]):
    """What each rule of the grammar builds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def transform(self, tree: Any) -> Any:
        """Without recursion: a chain of a hundred layers nests a hundred times."""
        return self._built(tree)

    def _built(self, tree: Any) -> Any:
        done: dict[int, Any] = {}
        for node in tree.iter_subtrees():
            parts = [done[id(p)] if hasattr(p, "data") else p for p in node.children]
            start, end = node.meta.start_pos, node.meta.end_pos
            done[id(node)] = getattr(self, f"_{node.data}")(parts, (start, end))
        return done[id(tree)]

    def _composition(self, parts: list[Any], span: Span) -> tuple[Call, tuple[str, ...]]:
        call, definitions = parts
        return call, tuple(_definitions(str(definitions))) if definitions else ()

    def _call(self, parts: list[Any], span: Span) -> Call:
        name, arguments, *rest = parts
        options = rest[0] if rest else None
        head = (name.start_pos, name.end_pos)
        return Call(str(name), tuple(arguments or ()), tuple(options or ()), span, head)

    def _arguments(self, parts: list[Any], span: Span) -> list[Any]:
        return [p for p in parts if p is not None]

    _options = _values = _arguments

    def _tensor(self, parts: list[Any], span: Span) -> Given:
        return Given(str(parts[0]), span)

    def _option(self, parts: list[Any], span: Span) -> Option:
        word, value = parts
        text = self.text[span[0] : span[1]]
        name = word.replace("-", "_")
        if value is None:
            off = name.startswith("no_")
            return Option(name.removeprefix("no_") if off else name, not off, span, text)
        return Option(name, value[0], span, text)

    def _word(self, parts: list[Any], span: Span) -> str:
        return "-".join(map(str, parts))

    def _number(self, parts: list[Any], span: Span) -> tuple[int | float]:
        minus, digits = parts
        if len(digits) > LONGEST_NUMBER:
            message = f"a number has at most {LONGEST_NUMBER} digits"
            raise NotationError(message, self.text, span)
        sign = -1 if minus else 1
        return (sign * (int(digits) if digits.isdecimal() else float(digits)),)

    def _text(self, parts: list[Any], span: Span) -> tuple[Any]:
        (word,) = parts
        if isinstance(word, Token) and word.type == "STRING":
            return (str(word)[1:-1],)
        return (WORDS.get(word.lower(), word),)

    def _several(self, parts: list[Any], span: Span) -> tuple[list[Any]]:
        return ([value for (value,) in parts[0] or ()],)


def _definitions(text: str) -> Iterator[str]:
    """The layers after ``with``, which may stand before each of them."""
    bare = re.sub(r"#[^\n]*", "", text)
    for part in re.split(r"\bwith\b", bare):
        if part.strip():
            yield part.strip()


# --- what is said of mistakes ---------------------------------------------------------------------


def _check_parentheses(plain: str, text: str) -> None:
    """Each parenthesis has its other one; deep nesting is no layer."""
    pairs = {")": "(", "]": "["}
    open_at: list[tuple[str, int]] = []
    within = re.sub(r"\bwith\b(.|\n)*|#[^\n]*", lambda found: " " * len(found[0]), plain)
    within = re.sub(r"\"[^\"\n]*\"", lambda found: " " * len(found[0]), within)
    for place, letter in enumerate(within):
        if letter in "([":
            open_at.append((letter, place))
            if len(open_at) > DEEPEST:
                message = f"calls nest at most {DEEPEST} deep"
                raise NotationError(message, text, (place, place + 1))
        elif letter in pairs:
            if not open_at or open_at[-1][0] != pairs[letter]:
                message = f"this {letter!r} closes nothing"
                raise NotationError(message, text, (place, place + 1), "leave it out")
            open_at.pop()
    if open_at:
        letter, place = open_at[-1]
        closing = ")" if letter == "(" else "]"
        message = f"this {letter!r} is not closed: a {closing!r} is missing"
        raise NotationError(message, text, (place, place + 1))


def _explained(error: UnexpectedInput, text: str) -> NotationError:
    place = error.pos_in_stream or 0
    token = getattr(error, "token", None)
    end = len(text.rstrip())
    if token is not None and token.type == "$END":
        return NotationError("the text ends too early", text, (end, end + 1), "close the call")
    width = 1 if isinstance(error, UnexpectedCharacters) or token is None else len(token)
    span = (place, place + width)
    found = text[place : place + width]
    before = text[:place].rstrip()
    if found == "[" and re.search(r"[\w']$", before):
        hint = "tensors stand in a composition by their names alone: conv(x, k), not conv(x[H, W])"
        return NotationError("a tensor is not read here", text, span, hint)
    if found == "=":
        hint = "options stand after a semicolon: conv(x, k; stride=2)"
        return NotationError("an option among the tensors", text, span, hint)
    if token is not None and token.type == "NUMBER" and before.endswith(","):
        hint = "several values of an option stand in parentheses: stride=(2, 1)"
        return NotationError(f"cannot read {found!r} here", text, span, hint)
    if found == ":":
        hint = "two sides of an axis are written as a pair: padding=((1, 2), (0, 0))"
        return NotationError(f"cannot read {found!r} here", text, span, hint)
    if found == ";":
        return NotationError("a second ';'", text, span, "options are told apart by commas")
    hint = "a composition is written like relu(conv(x, k; stride=2))"
    return NotationError(f"cannot read {found!r} here", text, span, hint)
