"""Words and signs of a text, and a place among them."""

from __future__ import annotations

import re

from .trees import ReadingError

TOKEN = re.compile(
    r"\s*(?:#[^\n]*\s*)*(\d+(?:\.\d+)?|[^\W\d][\w]*['’]*|//|\*\*|<=|>=|==|!=|[-+*/%^<>=()\[\],;:])"
)
WORDS = {"sum", "max", "argmax", "if", "then", "else", "and", "or", "not", "pad", "all", "by"}
WORDS |= {"int", "real", "where", "divides", "inf", "same", "valid"}


def tokens_of(text: str) -> list[str]:
    """The words and signs of a text."""
    found, place = [], 0
    text = re.sub(r"#[^\n]*", "", text).rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise ReadingError(f"cannot read {text[place : place + 20]!r}")
        found.append(match[1])
        place = match.end()
    return found


class Tokens:
    """A place in a list of tokens."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.place = 0

    def peek(self, ahead: int = 0) -> str:
        """The next token; empty at the end."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """The next token, which must be one of those wanted."""
        token = self.peek()
        if wanted and token not in wanted:
            raise ReadingError(f"{' or '.join(wanted)} expected at {self.tokens[self.place :][:8]}")
        self.place += 1
        return token

    def took(self, *wanted: str) -> bool:
        """Whether the next token was one of these; if so, it is gone."""
        if self.peek() in wanted:
            self.place += 1
            return True
        return False

    def name(self) -> str:
        """A name."""
        token = self.take()
        if not token or not (token[0].isalpha() or token[0] == "_") or token in WORDS:
            raise ReadingError(f"a name expected, not {token!r}")
        return token.replace("’", "'")
