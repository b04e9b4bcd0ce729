"""What is told, before any format decides how it looks: blocks, and the words and formulas in them.

A block says nothing of lines, widths or markup.  Whatever can be told is a ``Told``: blocks for
people, and the same as data for programs.  To make something tellable is to write these two
functions; to write a format is to turn the blocks below into text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, dataclass_transform

if TYPE_CHECKING:
    from sympy import Basic, Expr


@dataclass_transform(eq_default=False, frozen_default=True)
class _Fields(type):
    """What a class declares, in order, is what ``match`` takes out of its values."""

    @property
    def __match_args__(cls) -> tuple[str, ...]:
        return tuple(cls.__annotations__)


class Part(metaclass=_Fields):
    """A value made of the fields that its class declares; nobody changes or compares it.

    As dataclasses, all that is below would take as long to make as the rest of `derive list`.
    """

    def __init__(self, *values: Any, **named: Any) -> None:
        names = type(self).__match_args__
        self.__dict__.update(zip(names, values, strict=False), **named)
        assert all(hasattr(self, name) for name in names), (type(self), values, named)


# --- in a line ------------------------------------------------------------------------------------


class Strong(Part):
    """Words that must not be missed, such as a verdict."""

    text: str


class Quoted(Part):
    """Text as it was typed, or as it is to be typed."""

    text: str


class Shape(Part):
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


class Heading(Part):
    """A heading: level 1 for a layer, 2 for a gradient, 3 for a verdict on one."""

    words: Prose
    level: int


class Paragraph(Part):
    """Running words."""

    words: Prose


class Facts(Part):
    """Statements about what stands before them, each complete in itself."""

    sentences: tuple[Prose, ...]


class Listing(Part):
    """Items of one kind, perhaps none; ``marks`` stand before them where they tell them apart."""

    items: tuple[Prose, ...]
    marks: tuple[str, ...] = ()


class Definitions(Part):
    """Terms, each with what is said of it."""

    entries: tuple[tuple[str, Prose], ...]


class Signature(Part):
    """What goes into a layer and what comes out of it."""

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]


class Formula(Part):
    """``left``, or ``left = right``; ``boxed`` for a result, ``caption`` leads to it."""

    left: Basic
    right: Basic | None = None
    caption: Prose = ()
    boxed: bool = False


class Shown(Part):
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
    conditions: tuple[Prose, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class Chain(Part):
    """``left = first = second = …``, each right-hand side with why it is the one before it.

    ``words`` name the left-hand side and contain it, or are it alone.
    """

    words: Prose
    rows: tuple[tuple[Expr, str], ...]


class Named(Part):
    """The name of the formula before it."""

    text: str


class Timed(Part):
    """Something done or shown, how long it took, and what had to be shown for it."""

    words: Prose
    seconds: float
    reasons: tuple[Timed, ...] = ()


class Timings(Part):
    """What was done, in order."""

    entries: tuple[Timed, ...]


class Grid(Part):
    """Cells in rows; with names of rows and columns, and what stands in the corner, a matrix."""

    cells: tuple[tuple[str, ...], ...]
    title: str = ""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    corner: str = ""


class Table(Part):
    """Rows of short texts under the names of columns; the later ones may be long."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Drawing(Part):
    """Grids to be seen together."""

    grids: tuple[Grid, ...]


class Code(Part):
    """Lines to be copied as they are; ``language`` is none for what a program printed."""

    text: str
    language: str = ""


class Group(Part):
    """Blocks that are said in one breath."""

    blocks: tuple[Block, ...]


class Inset(Part):
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
    | Chain
    | Named
    | Timings
    | Table
    | Drawing
    | Code
    | Group
    | Inset
)

# --- what is told ---------------------------------------------------------------------------------


class Told(Part):
    """One thing that is told: its blocks, and the same as records of which JSON can be made.

    ``status`` is the exit code of a program that tells it.
    """

    blocks: Callable[[], Iterable[Block]]
    data: Callable[[], Iterable[Mapping[str, Any]]]
    status: int = 0


class Chapter(Part):
    """Things of one kind: derivations, examples, verdicts, layers."""

    kind: str
    told: tuple[Told, ...]


def written(kind: str, text: str, language: str = "", status: int = 0) -> Chapter:
    """Text that is told as it is."""
    return Chapter(kind, (Told(lambda: [Code(text, language)], lambda: [{"text": text}], status),))
