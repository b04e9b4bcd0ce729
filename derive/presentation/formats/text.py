"""Plain text in 80 columns, with mathematical characters and nothing that needs colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from derive.presentation import blocks

if TYPE_CHECKING:
    from sympy import Basic

WIDTH = 80
MARGIN = "  "
#: what underlines a heading
RULES = {1: "═", 2: "─"}
#: a space at which no line is broken
FIRM = "\N{NO-BREAK SPACE}"


def render(chapters: Sequence[blocks.Chapter], width: int = WIDTH) -> str:
    """The chapters with an empty line between them."""
    page = _Page(width)
    return "\n".join("\n".join(page.chapter(c)).rstrip() + "\n" for c in chapters)


class _Page:
    """Blocks as lines of at most so many columns."""

    def __init__(self, width: int) -> None:
        self.width = width

    def chapter(self, chapter: blocks.Chapter) -> Iterator[str]:
        for told in chapter.told:
            yield from (line.rstrip() for line in self.told(told))

    def told(self, told: blocks.Told) -> Iterator[str]:
        """Each block and an empty line; what stands under a heading is indented."""
        said = list(told.blocks())
        first = said[0] if said else None
        first = first.blocks[0] if isinstance(first, blocks.Group) else first
        margin = MARGIN if isinstance(first, blocks.Heading) else ""
        for block in said:
            yield from (*self.block(block, margin), "")

    def block(self, block: blocks.Block, margin: str) -> Iterable[str]:
        deeper = margin + MARGIN
        match block:
            case blocks.Heading(words, level):
                return self.heading(words, level)
            case blocks.Paragraph(words):
                return self.sentence(words, margin, margin)
            case blocks.Facts(sentences):
                return self.sentences(sentences, margin, deeper)
            case blocks.Listing(items, marks):
                leads = marks or ["•"] * len(items)
                pairs = zip(items, leads, strict=True)
                return [s for i, m in pairs for s in self.sentence(i, f"{margin}{m} ", deeper)]
            case blocks.Definitions(entries):
                longest = max(len(term) for term, _ in entries)
                return [
                    f"{margin}{term:<{longest}}  {blocks.spoken(said)}" for term, said in entries
                ]
            case blocks.Signature(inputs, outputs):
                sides = ["   ".join(map(str, side)) for side in (inputs, outputs)]
                return self.paragraph("   →   ".join(sides), margin, margin)
            case blocks.Formula():
                return self.formula(block, margin)
            case blocks.Shown():
                return self.step(block, margin)
            case blocks.Chain():
                return self.chain(block, margin)
            case blocks.Named(text):
                return self.paragraph(text, f"{margin}= ", deeper)
            case blocks.Timings(entries):
                return [line for entry in entries for line in self.timed(entry, margin, deeper)]
            case blocks.Table():
                return self.table(block, margin)
            case blocks.Drawing():
                from derive.presentation.drawing import drawn  # local: lists start faster

                lines = drawn(block, self.width - len(deeper))
                return [deeper + line for line in lines]
            case blocks.Code(text, language):
                return [(("" if language else margin) + line) for line in text.splitlines()]
            case blocks.Group(several):
                return [line for inner in several for line in self.block(inner, margin)]
            case blocks.Inset(inner):
                return self.block(inner, deeper)

    def heading(self, words: blocks.Prose, level: int) -> Iterable[str]:
        if level not in RULES:
            return self.sentence(words, "", MARGIN + MARGIN)
        title = blocks.spoken(words)
        return [title, RULES[level] * (self.width if level == 1 else len(title))]

    def formula(self, formula: blocks.Formula, margin: str) -> Iterator[str]:
        if formula.caption:
            yield from self.sentence(formula.caption, margin, margin)
        if not formula.boxed:
            yield from self.written(formula, self.width, len(margin))
            return
        inside = self.written(formula, self.width - len(margin) - 4, 0)
        width = max(map(len, inside))
        yield f"{margin}╭─{'─' * width}─╮"
        yield from (f"{margin}│ {line.ljust(width)} │" for line in inside)
        yield f"{margin}╰─{'─' * width}─╯"

    def written(self, formula: blocks.Formula, width: int, indent: int) -> list[str]:
        from derive.language.printing import equation, wrapped  # local: lists start faster

        if formula.right is None:
            return wrapped(formula.left, width, indent)
        return equation(formula.left, formula.right, width, indent)

    def step(self, step: blocks.Shown, margin: str) -> Iterator[str]:
        from derive.language.printing import wrapped  # local: lists start faster

        if step.skipped:
            yield from self.paragraph(f"⋮ {', '.join(step.skipped)}", margin, margin + MARGIN)
            yield ""
        yield f"{step.number:3}. {step.title}"
        for old, new in step.changes:
            yield from self.change(old, new)
        yield from _led("     = ", wrapped(step.after, self.width, 7))
        for condition in step.conditions:
            yield from self.sentence(condition, "     ∵ ", "       ")
        for note in step.notes:
            yield from self.paragraph(note, "     · ", "       ")

    def chain(self, chain: blocks.Chain, margin: str) -> Iterator[str]:
        """The reasons stand at the right of the last line or the first, else below."""
        from derive.language.printing import wrapped  # local: lists start faster

        lead = f"{margin}{MARGIN}= "
        yield from self.sentence(chain.words, margin, margin)
        for expr, why in chain.rows:
            lines = list(_led(lead, wrapped(expr, self.width, len(lead))))
            room = self.width - len(why)
            beside = next((n for n in (-1, 0) if why and len(lines[n]) + 2 <= room), None)
            if beside is not None:
                lines[beside] = lines[beside].ljust(room) + why
            yield from lines
            if why and beside is None:
                yield from self.paragraph(why, " " * len(lead) + "· ", " " * len(lead) + MARGIN)

    def change(self, old: Basic, new: Basic) -> Iterator[str]:
        """The part that changed; on one line where it fits."""
        from derive.language.printing import plain, wrapped  # local: lists start faster

        short = f"     {plain(old)} ⟶ {plain(new)}"
        if len(short) <= self.width:
            yield short
            return
        yield from wrapped(old, self.width, 5)
        yield from _led("       ⟶ ", wrapped(new, self.width, 9))

    def table(self, table: blocks.Table, margin: str) -> Iterator[str]:
        """The first columns beside each other, the last two one under the other."""
        rows = (table.columns, *table.rows)
        widths = [max(len(row[c]) for row in rows) + 2 for c in range(len(table.columns) - 2)]
        later = margin + " " * min(sum(widths), self.width - 32)
        for number, (*beside, long, last) in enumerate(rows):
            lead = margin + "".join(f"{cell:<{w}}" for cell, w in zip(beside, widths, strict=True))
            if len(lead) > len(later):
                yield lead.rstrip()
                lead = later
            both = [f"{long}, {last}"] if number == 0 else [long, last]
            first, *others = [part for part in both if part] or [""]
            yield from self.paragraph(first or "–", lead, later)
            yield from (line for part in others for line in self.paragraph(part, later, later))

    def timed(self, timed: blocks.Timed, first: str, later: str) -> Iterator[str]:
        """The milliseconds stand at the right."""
        *lines, last = self.sentence(timed.words, first, later, self.width - 12)
        yield from lines
        yield f"{last:<{self.width - 10}}{1000 * timed.seconds:7.1f} ms"
        for reason in timed.reasons:
            yield from self.timed(reason, f"{later}∵ ", later + MARGIN)

    # --- words --------------------------------------------------------------------------------

    def sentences(self, sentences: Iterable[blocks.Prose], first: str, later: str) -> list[str]:
        return [line for s in sentences for line in self.sentence(s, first, later)]

    def sentence(self, words: blocks.Prose, first: str, later: str, width: int = 0) -> list[str]:
        """The words in lines that do not break inside a formula, if there is room for it."""
        room = self.width - 8
        pieces = ((p, blocks.spoken((p,))) for p in words)
        held = (
            text if isinstance(p, str) or len(text) > room else text.replace(" ", FIRM)
            for p, text in pieces
        )
        return self.paragraph("".join(held), first, later, width)

    def paragraph(self, text: str, first: str, later: str, width: int = 0) -> list[str]:
        from textwrap import TextWrapper  # local: lists start faster

        wrap = TextWrapper(
            width or self.width,
            initial_indent=first,
            subsequent_indent=later,
            break_on_hyphens=False,
        )
        lines = (line for part in text.splitlines() or [""] for line in wrap.wrap(part))
        return [line.replace(FIRM, " ") for line in lines]


def _led(lead: str, lines: list[str]) -> Iterator[str]:
    """Lines whose first one begins with ``lead`` in place of as many spaces."""
    yield lead + lines[0][len(lead) :]
    yield from lines[1:]
