"""Markdown with math between dollar signs, as GitHub and notebooks show it.

Markdown takes a backslash before punctuation, and ``<`` before a letter, for its own; so the LaTeX
inside uses commands that are words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Basic

from derive.language.printing import (
    latex,
    latex_change_rows,
    latex_equation_rows,
    latex_inline,
    latex_rows,
)
from derive.presentation import blocks
from derive.presentation.drawing import drawn

#: LaTeX that Markdown would spoil, and what it would not; thin spaces are given up
SPOILED = {"\\, ": " ", "\\,": "", "\\ ": "\\enspace ", " < ": " \\lt ", "<": " \\lt "}
#: characters that Markdown would take for its own in running text
ESCAPES = str.maketrans({c: f"\\{c}" for c in "*_[]<>$`"})
#: the width of a drawing
WIDTH = 80


def render(chapters: Sequence[blocks.Chapter]) -> str:
    """Everything with an empty line between."""
    told = (told for chapter in chapters for told in chapter.told)
    return "\n\n".join(text for t in told for b in t.blocks() for text in _block(b)) + "\n"


def _block(block: blocks.Block) -> Iterator[str]:
    match block:
        case blocks.Heading(words, level):
            yield f"{'#' * level} {_words(words)}"
        case blocks.Paragraph(words):
            yield _sentence(words)
        case blocks.Facts(sentences) if sentences:
            yield _list(sentences)
        case blocks.Listing(items, marks) if items:
            leads = [f"{mark} " for mark in marks] or [""] * len(items)
            yield _list((lead, *item) for lead, item in zip(leads, items, strict=True))
        case blocks.Definitions(entries):
            yield _list((blocks.Strong(term), ": ", *said) for term, said in entries)
        case blocks.Signature(inputs, outputs):
            yield " → ".join(", ".join(f"`{s}`" for s in side) for side in (inputs, outputs))
        case blocks.Formula(left, right, caption, boxed):
            if caption or boxed:
                yield _sentence(caption or (blocks.Strong("Result"),))
            yield _display([latex(left)] if right is None else latex_equation_rows(left, right))
        case blocks.Shown():
            yield from _step(block)
        case blocks.Chain(words, rows):
            yield _sentence(words)
            for expr, why in rows:
                yield from [f"*{_escaped(why)}*"] if why else []
                yield _display(latex_rows(expr))
        case blocks.Named(text):
            yield f"= **{_escaped(text)}**"
        case blocks.Timings(entries):
            yield "\n".join(line for entry in entries for line in _timed(entry, ""))
        case blocks.Table(columns, rows):
            lines = [columns, ("---",) * len(columns), *(tuple(map(_cell, row)) for row in rows)]
            yield "\n".join(f"| {' | '.join(line)} |" for line in lines)
        case blocks.Drawing():
            yield _fenced("\n".join(drawn(block, WIDTH)))
        case blocks.Code(text, language):
            yield _fenced(text, language)
        case blocks.Group(several):
            for inner in several:
                yield from _block(inner)
        case blocks.Inset(inner):
            yield from _block(inner)


def _step(step: blocks.Shown) -> Iterator[str]:
    if step.skipped:
        yield f"⋮ *{_escaped(', '.join(step.skipped))}*"
    yield f"**{step.number}. {_escaped(step.title)}**"
    yield from (_display(latex_change_rows(old, new)) for old, new in step.changes)
    yield _display(latex_rows(step.after))
    reasons: list[blocks.Prose] = [("since ", *c) for c in step.conditions]
    if reasons or step.notes:
        yield _list([*reasons, *((note,) for note in step.notes)])


def _cell(text: str) -> str:
    """In a table a bar ends a cell, and a line the row."""
    return _escaped(text).replace("|", "\\|").replace("\n", " ")


def _timed(timed: blocks.Timed, indent: str) -> Iterator[str]:
    yield f"{indent}- {_words(timed.words)} ({1000 * timed.seconds:.1f} ms)"
    for reason in timed.reasons:
        yield from _timed(reason, indent + "  ")


def _display(rows: Sequence[str]) -> str:
    inside = " \\cr\n".join(_safe(row) for row in rows)
    return f"$$\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n$$"


def _fenced(text: str, language: str = "") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _list(sentences: Iterable[blocks.Prose]) -> str:
    return "\n".join(f"- {_words(sentence)}" for sentence in sentences)


def _sentence(sentence: blocks.Prose) -> str:
    words = _words(sentence)
    return words[:1].upper() + words[1:] if isinstance(sentence[0], str) else words


def _words(sentence: blocks.Prose) -> str:
    return "".join(map(_piece, sentence))


def _piece(piece: str | Basic | blocks.Strong | blocks.Quoted | blocks.Shape) -> str:
    match piece:
        case str():
            return _escaped(piece)
        case blocks.Strong(text):
            return f"**{_escaped(text)}**"
        case blocks.Quoted() | blocks.Shape():
            text = piece.text if isinstance(piece, blocks.Quoted) else str(piece)
            return f"`` {text} ``" if "`" in text else f"`{text}`"
    return f"${_safe(latex_inline(piece))}$"


def _escaped(text: str) -> str:
    return text.translate(ESCAPES)


def _safe(tex: str) -> str:
    for spoiled, words in SPOILED.items():
        tex = tex.replace(spoiled, words)
    return tex
