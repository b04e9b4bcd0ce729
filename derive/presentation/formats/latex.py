"""A LaTeX document that needs amsmath only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sympy import Basic

from derive.language.printing import (
    latex,
    latex_change_rows,
    latex_equation_rows,
    latex_inline,
    latex_rows,
)
from derive.language.terms import Entry
from derive.presentation import blocks

PREAMBLE = r"""\documentclass[11pt,fleqn]{article}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\setlength{\textwidth}{165mm}
\setlength{\oddsidemargin}{-3mm}
\setlength{\topmargin}{-15mm}
\setlength{\textheight}{240mm}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\mathindent}{1.5em}
\allowdisplaybreaks
\setlength{\fboxsep}{6pt}
\begin{document}
\setlength{\abovedisplayskip}{4pt plus 2pt}
\setlength{\belowdisplayskip}{4pt plus 2pt}
"""

#: characters of the notes that LaTeX sets in math, or treats as its own
CHARACTERS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "_": r"\_",
        "#": r"\#",
        "%": r"\%",
        "&": r"\&",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "^": r"\^{}",
        "<": "$<$",
        ">": "$>$",
        "|": "$|$",
        "−": "$-$",
        "·": r"$\cdot$",
        "≤": r"$\le$",
        "≥": r"$\ge$",
        "≠": r"$\ne$",
        "∣": r"$\mid$",
        "Σ": r"$\Sigma$",
        "δ": r"$\delta$",
        "∂": r"$\partial$",
        "π": r"$\pi$",
        "⌊": r"$\lfloor$",
        "⌋": r"$\rfloor$",
        "→": r"$\to$",
        "≈": r"$\approx$",
        "∞": r"$\infty$",
        "∈": r"$\in$",
        "ᵀ": r"$^{\mathsf T}$",
        "■": r"\rule{1ex}{1ex}",
        "•": r"$\bullet$",
        "…": r"\dots{}",
        "—": "---",
        "–": "--",
        "~": r"\textasciitilde{}",
        '"': r"\textquotedbl{}",
        "′": "$'$",
    }
)

OTHER_LETTERS = re.compile(r"[^\x00-\x7f]")
#: the Greek letters that TeX has a command for; the others look like Latin ones
GREEK = {
    letter: name.capitalize() if letter.isupper() else name
    for name, letters in {
        "alpha": "α", "beta": "β", "gamma": "γΓ", "delta": "δΔ", "epsilon": "ε", "zeta": "ζ",
        "eta": "η", "theta": "θΘ", "iota": "ι", "kappa": "κ", "lambda": "λΛ", "mu": "μ",
        "nu": "ν", "xi": "ξΞ", "pi": "πΠ", "rho": "ρ", "sigma": "σΣ", "tau": "τ",
        "upsilon": "υΥ", "phi": "φΦ", "chi": "χ", "psi": "ψΨ", "omega": "ωΩ",
    }.items()
    for letter in letters
}  # fmt: skip


#: so many rows and columns of a grid are shown
TALLEST, WIDEST = 24, 12


def render(chapters: Sequence[blocks.Chapter]) -> str:
    """A complete document."""
    return f"{PREAMBLE}\n{fragment(chapters)}\n\\end{{document}}\n"


def fragment(chapters: Sequence[blocks.Chapter]) -> str:
    """The document without preamble, to be put into one that loads amsmath."""
    told = (told for chapter in chapters for told in chapter.told)
    parts = [part for t in told for block in t.blocks() for part in _block(block)]
    return OTHER_LETTERS.sub(_letter, "\n".join(parts))


def _letter(found: re.Match[str]) -> str:
    """A letter of a name that is not ASCII, for text and for math: α, ö; else its code."""
    letter = found.group()
    if letter in GREEK:
        return rf"\ensuremath{{\{GREEK[letter]}}}"
    if ord(letter) < 256:
        return rf"\text{{{letter}}}"
    return rf"\ensuremath{{\mathtt{{U{ord(letter):04X}}}}}"


def _block(block: blocks.Block) -> Iterator[str]:
    match block:
        case blocks.Heading(words, 1):
            yield rf"\section*{{{_words(words)}}}"
        case blocks.Heading(words, level):
            yield rf"\{'sub' * (level - 1)}section*{{\boldmath {_words(words)}}}"
        case blocks.Paragraph(words):
            yield f"{_sentence(words)}\n"
        case blocks.Facts(sentences):
            yield from (f"{_words(sentence)}\n" for sentence in sentences)
        case blocks.Listing(items, marks) if items:
            leads = [f"[{_escaped(mark)}]" for mark in marks] or [""] * len(items)
            lines = (rf"\item{m} {_words(i)}" for i, m in zip(items, leads, strict=True))
            yield from (r"\begin{itemize}", *lines, r"\end{itemize}")
        case blocks.Definitions(entries):
            lines = (rf"\item[{_escaped(term)}] {_words(said)}" for term, said in entries)
            yield from (r"\begin{description}", *lines, r"\end{description}")
        case blocks.Signature(inputs, outputs):
            left, right = (r" \qquad ".join(map(_shape, side)) for side in (inputs, outputs))
            yield rf"${left} \quad\longrightarrow\quad {right}$" + "\n"
        case blocks.Formula():
            yield from _formula(block)
        case blocks.Shown():
            yield from _step(block)
        case blocks.Chain(words, rows):
            yield rf"\noindent {_sentence(words)}\nopagebreak"
            for expr, why in rows:
                yield from [rf"\noindent \emph{{{_escaped(why)}}}\nopagebreak"] if why else []
                yield _display(latex_rows(expr))
        case blocks.Named(text):
            yield f"$=$ \\textbf{{{_escaped(text)}}}\n"
        case blocks.Timings(entries):
            yield from (line for entry in entries for line in _timed(entry, ""))
        case blocks.Table(columns, rows):
            lines = (rf"{' & '.join(map(_escaped, row))} \\" for row in (columns, *rows))
            form = "l" * (len(columns) - 2) + r"p{55mm}p{40mm}"
            yield "\n".join((rf"\begin{{tabular}}{{{form}}}", *lines, r"\end{tabular}", ""))
        case blocks.Drawing(grids):
            yield "\n\\qquad\n".join(map(_grid, grids)) + "\n"
        case blocks.Code(text):
            yield "\\par\n" + "\\\\\n".join(map(_typed, text.splitlines())) + "\n"
        case blocks.Group(several):
            for inner in several:
                yield from _block(inner)
        case blocks.Inset(inner):
            yield from _block(inner)


def _formula(formula: blocks.Formula) -> Iterator[str]:
    left, right = formula.left, formula.right
    rows = [f"& {latex(left)}"] if right is None else latex_equation_rows(left, right)
    if formula.caption:
        yield rf"\noindent {_sentence(formula.caption)}"
    if not formula.boxed:
        yield _display(rows)
        return
    inside = " \\\\\n".join(rows)
    yield f"\\[ \\boxed{{\\begin{{aligned}}\n{inside}\n\\end{{aligned}}}} \\]"


def _step(step: blocks.Shown) -> Iterator[str]:
    if step.skipped:
        yield rf"\par $\vdots$ \emph{{{_escaped(', '.join(step.skipped))}}}"
    yield rf"\par \textbf{{{step.number}.}}\enspace {_escaped(step.title)}\nopagebreak"
    yield from (_display(latex_change_rows(old, new)) for old, new in step.changes)
    yield _display(latex_rows(step.after))
    yield from (f"{_words(('since ', *c))}\n" for c in step.conditions)
    yield from (rf"\emph{{{_escaped(note)}}}" + "\n" for note in step.notes)


def _timed(timed: blocks.Timed, lead: str) -> Iterator[str]:
    yield rf"\par {lead}{_words(timed.words)}\hfill {1000 * timed.seconds:.1f}\,ms"
    for reason in timed.reasons:
        yield from _timed(reason, rf"{lead}\quad since ")


def _grid(grid: blocks.Grid) -> str:
    """The grid under its title, as far as a page has room for it."""
    names = [[name] for name in grid.rows[:TALLEST]] or [[] for _ in grid.cells[:TALLEST]]
    cells = grid.cells[:TALLEST]
    rows = [[*name, *row[:WIDEST]] for name, row in zip(names, cells, strict=True)]
    if grid.columns:
        rows.insert(0, [grid.corner, *grid.columns[:WIDEST]])
    if any(len(row) > WIDEST for row in grid.cells):
        rows = [[*row, "…"] for row in rows]
    lines = [" & ".join(map(_escaped, row)) for row in rows] or ["(empty)"]
    lines += ["…"] * (len(grid.cells) > TALLEST)
    title = rf"\multicolumn{{1}}{{@{{}}l}}{{{_escaped(grid.title)}}} \\" + "\n"
    inside = " \\\\\n".join(lines)
    columns = "c" * max(map(len, rows), default=1)
    table = f"\\begin{{tabular}}{{@{{}}{columns}}}\n{inside}\n\\end{{tabular}}"
    if not grid.title:
        return f"\\begin{{tabular}}[t]{{@{{}}l}}\n{table}\n\\end{{tabular}}"
    return f"\\begin{{tabular}}[t]{{@{{}}l}}\n{title}{table}\n\\end{{tabular}}"


def _display(rows: Sequence[str]) -> str:
    inside = " \\\\\n".join(rows)
    return f"\\begin{{align*}}\n{inside}\n\\end{{align*}}"


def _shape(shape: blocks.Shape) -> str:
    sizes = r",\, ".join(map(latex, shape.sizes))
    name = latex(Entry(shape.tensor))
    return f"{name}[{sizes}]" if shape.sizes else name


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
            return rf"\textbf{{{_escaped(text)}}}"
        case blocks.Quoted(text):
            return _typed(text)
        case blocks.Shape():
            return f"${_shape(piece)}$"
    return f"${latex_inline(piece)}$"


def _typed(text: str) -> str:
    """Text as it was typed; lines may break at its spaces, and hyphens stay apart."""
    return rf"\texttt{{{_escaped(text).replace('-', '{-}').replace(' ', '~')}}}"


def _escaped(text: str) -> str:
    return text.translate(CHARACTERS)
