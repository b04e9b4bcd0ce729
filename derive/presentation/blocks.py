"""What is told, before any format decides how it looks: blocks, and the words and formulas in them.

A block says nothing of lines, widths or markup.  Whatever can be told is a ``Told``: blocks for
people, and the same as data for programs.  To make something tellable is to write these two
functions; to write a format is to turn the blocks below into text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sympy import Basic, Expr

    from derive.domains import Decision

# --- in a line ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strong:
    """Words that must not be missed, such as a verdict."""

    text: str


@dataclass(frozen=True)
class Quoted:
    """Text as it was typed, or as it is to be typed."""

    text: str


@dataclass(frozen=True)
class Shape:
    """``x[H, W]``: a tensor's name with the sizes of its axes."""

    tensor: str
    sizes: tuple[Expr, ...] = ()

    def __str__(self) -> str:
        from derive.language.printing import plain  # local: blocks without formulas start faster

        sizes = ", ".join(map(plain, self.sizes))
        return f"{self.tensor}[{sizes}]" if self.sizes else self.tensor


#: a sentence: words, and the formulas among them
Prose = tuple["str | Basic | Strong | Quoted | Shape", ...]


def spoken(words: Prose) -> str:
    """The sentence as one line of plain text."""
    return "".join(map(_spoken, words))


def _spoken(piece: str | Basic | Strong | Quoted | Shape) -> str:
    match piece:
        case str() | Shape():
            return str(piece)
        case Strong(text) | Quoted(text):
            return text
    from derive.language.printing import plain  # local: blocks without formulas start faster

    return plain(piece)


# --- blocks ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """A heading: level 1 for a layer, 2 for a gradient, 3 for a verdict on one."""

    words: Prose
    level: int


@dataclass(frozen=True)
class Paragraph:
    """Running words."""

    words: Prose


@dataclass(frozen=True)
class Facts:
    """Statements about what stands before them, each complete in itself."""

    sentences: tuple[Prose, ...]


@dataclass(frozen=True)
class Listing:
    """Items of one kind, perhaps none; ``marks`` stand before them where they tell them apart."""

    items: tuple[Prose, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definitions:
    """Terms, each with what is said of it."""

    entries: tuple[tuple[str, Prose], ...]


@dataclass(frozen=True)
class Signature:
    """What goes into a layer and what comes out of it."""

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]


@dataclass(frozen=True)
class Formula:
    """``left``, or ``left = right``; ``boxed`` for a result, ``caption`` leads to it."""

    left: Basic
    right: Basic | None = None
    caption: Prose = ()
    boxed: bool = False


@dataclass(frozen=True)
class Shown:
    """One numbered step as it is shown: perhaps several applications of one ``rule``, perhaps after
    others that are left out (``skipped``, their names).

    ``changes`` are the parts that became others, where every single application is told.
    """

    number: int
    title: str
    rule: str
    before: Expr
    after: Expr
    changes: tuple[tuple[Basic, Basic], ...] = ()
    conditions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """The name of the formula before it."""

    text: str


@dataclass(frozen=True)
class Timed:
    """Something done or shown, how long it took, and what had to be shown for it."""

    words: Prose
    seconds: float
    reasons: tuple[Timed, ...] = ()


@dataclass(frozen=True)
class Timings:
    """What was done, in order."""

    entries: tuple[Timed, ...]


@dataclass(frozen=True)
class Grid:
    """Cells in rows; with names of rows and columns, and what stands in the corner, a matrix."""

    cells: tuple[tuple[str, ...], ...]
    title: str = ""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    corner: str = ""


@dataclass(frozen=True)
class Drawing:
    """Grids to be seen together."""

    grids: tuple[Grid, ...]


@dataclass(frozen=True)
class Code:
    """Lines to be copied as they are; ``language`` is none for what a program printed."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Group:
    """Blocks that are said in one breath."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Inset:
    """A block that belongs under the one before it."""

    block: Block


Block = (
    Heading
    | Paragraph
    | Facts
    | Listing
    | Definitions
    | Signature
    | Formula
    | Shown
    | Named
    | Timings
    | Drawing
    | Code
    | Group
    | Inset
)

# --- what is told ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One thing that is told: its blocks, and the same as records of which JSON can be made.

    ``status`` is the exit code of a program that tells it.
    """

    blocks: Callable[[], Iterable[Block]]
    data: Callable[[], Iterable[Mapping[str, Any]]]
    status: int = 0


@dataclass(frozen=True)
class Chapter:
    """Things of one kind: derivations, examples, verdicts, layers."""

    kind: str
    told: tuple[Told, ...]

    def to(self, format: str) -> str:
        """The chapter in a format of ``derive.presentation.formats``."""
        from derive.presentation.formats import render

        return render([self], format)


def written(kind: str, text: str, language: str = "", status: int = 0) -> Chapter:
    """Text that is told as it is."""
    return Chapter(kind, (Told(lambda: [Code(text, language)], lambda: [{"text": text}], status),))
