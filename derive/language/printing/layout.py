"""Breaking long formulas: a formula is a small tree of text, and lines break between its parts.

The outermost place where a break helps is taken first: between the terms of a sum, then between
the factors of a product, and inside a read such as ``x[i, j]`` only where even a line of its own
is too short for it.  Continuation lines start where the part that was broken starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Atom:
    """Text that is never broken; ``width`` is its length in columns, or in half an em for TeX."""

    text: str
    width: int


@dataclass(frozen=True)
class Row:
    """Parts side by side, with no break between them (but perhaps inside one)."""

    parts: tuple[Doc, ...]

    @cached_property
    def text(self) -> str:
        return "".join(p.text for p in self.parts)

    @cached_property
    def width(self) -> int:
        return sum(p.width for p in self.parts)


@dataclass(frozen=True)
class Joint:
    """What stands between two links of a chain: on one line, or around a line break."""

    flat: Atom
    before_break: Atom
    after_break: Atom


@dataclass(frozen=True)
class Chain:
    """Links with joints between them; ``each`` breaks at every joint as soon as one must break."""

    first: Doc
    rest: tuple[tuple[Joint, Doc], ...]
    each: bool = False

    @cached_property
    def text(self) -> str:
        return self.first.text + "".join(j.flat.text + d.text for j, d in self.rest)

    @cached_property
    def width(self) -> int:
        return self.first.width + sum(j.flat.width + d.width for j, d in self.rest)


@dataclass(frozen=True)
class Headed:
    """``Σ_{…} body``; the lines of a body that ``hangs`` go on a little right of the head's start,
    those of any other where the body starts.
    """

    head: Doc
    gap: Atom
    body: Doc
    hangs: bool

    @cached_property
    def text(self) -> str:
        return self.head.text + self.gap.text + self.body.text

    @cached_property
    def width(self) -> int:
        return self.head.width + self.gap.width + self.body.width


Doc = Atom | Row | Chain | Headed


@dataclass(frozen=True)
class Line:
    """One line of a broken formula and how far it is indented."""

    indent: int
    text: str


def comma_chain(docs: Sequence[Doc], joint: Joint) -> Doc:
    """The docs joined by one kind of joint; a single one as it is."""
    return docs[0] if len(docs) == 1 else Chain(docs[0], tuple((joint, d) for d in docs[1:]))


def solid(doc: Doc) -> Atom:
    """The doc as text that is never broken."""
    return Atom(doc.text, doc.width)


def lines(doc: Doc, limit: int, column: int = 0) -> list[Line]:
    """The doc in lines of at most ``limit`` columns, as far as its atoms allow."""
    page = _Lines(limit, column)
    page.lay(doc, 0)
    return page.finished()


#: how far a hanging body is indented
HANG = 4


class _Lines:
    """The lines so far and the one that is being filled."""

    def __init__(self, limit: int, column: int) -> None:
        self.limit = limit
        self.done: list[Line] = []
        self.indent = column
        self.column = column
        self.texts: list[str] = []

    def finished(self) -> list[Line]:
        return [*self.done, Line(self.indent, "".join(self.texts))]

    def put(self, doc: Doc) -> None:
        """Write on the current line, unbroken."""
        self.texts.append(doc.text)
        self.column += doc.width

    def fits(self, width: int) -> bool:
        return self.column + width <= self.limit

    def newline(self, indent: int) -> None:
        """Start a line, indented to at most the middle of the page."""
        self.done.append(Line(self.indent, "".join(self.texts).rstrip()))
        self.indent = min(indent, self.limit // 2)
        self.column = self.indent
        self.texts = []

    def lay(self, doc: Doc, after: int, indent: int | None = None) -> None:
        """Write the doc, broken where it must be; ``after`` columns must stay free behind it.

        The lines of a chain go on at ``indent``, or else where it starts.
        """
        if isinstance(doc, Atom) or self.fits(doc.width + after):
            self.put(doc)
        elif isinstance(doc, Row):
            self.lay_row(doc, after)
        elif isinstance(doc, Chain):
            self.lay_chain(doc, after, self.column if indent is None else indent)
        else:
            self.lay_headed(doc, after)

    def lay_row(self, row: Row, after: int) -> None:
        for place, part in enumerate(row.parts):
            followers = sum(p.width for p in row.parts[place + 1 :]) + after
            self.lay(part, min(followers, self.limit // 3))

    def lay_chain(self, chain: Chain, after: int, start: int) -> None:
        broken = self._lay_link(chain.first, chain.rest[0][0].before_break.width)
        for place, (joint, doc) in enumerate(chain.rest):
            last = place == len(chain.rest) - 1
            behind = after if last else chain.rest[place + 1][0].before_break.width
            room = self.fits(joint.flat.width + doc.width + behind)
            if room and not chain.each and not broken:
                self.put(joint.flat)
            else:
                self.put(joint.before_break)
                self.newline(start)
                self.put(joint.after_break)
            broken = self._lay_link(doc, behind)

    def _lay_link(self, doc: Doc, after: int) -> bool:
        """Write one link of a chain; whether it took more than one line."""
        before = len(self.done)
        self.lay(doc, after)
        return len(self.done) > before

    def lay_headed(self, headed: Headed, after: int) -> None:
        hanging = self.column + HANG
        self.lay(headed.head, 0)
        body = headed.body
        start = body.first if isinstance(body, Chain) else body
        if not headed.hangs:
            self.put(headed.gap)
            self.lay(body, after)
        elif self.fits(headed.gap.width + start.width):
            self.put(headed.gap)
            self.lay(body, after, hanging)
        else:
            self.newline(hanging)
            self.lay(body, after)
