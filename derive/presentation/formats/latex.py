"""A LaTeX document that needs amsmath only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sympy import Expr

from derive.engine.record import Adjoint, Derivation, Form
from derive.language.definition import Layer
from derive.language.printing import (
    latex,
    latex_change_rows,
    latex_equation_rows,
    latex_inline,
    latex_rows,
)
from derive.language.printing.tex import Tex
from derive.language.terms import Entry
from derive.presentation.guard_words import Prose, remarks
from derive.presentation.telling import (
    Shape,
    Shown,
    equations,
    facts,
    heading,
    left_side,
    local_equation,
    own_forms,
    reason,
    shapes,
    shown,
    upstream_words,
)

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
        "∞": r"$\infty$",
        "⌊": r"$\lfloor$",
        "⌋": r"$\rfloor$",
        "→": r"$\to$",
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


def render(derivations: Sequence[Derivation], detail: str) -> str:
    """A complete document; a layer is introduced once."""
    return f"{PREAMBLE}\n{fragment(derivations, detail)}\n\\end{{document}}\n"


def fragment(derivations: Sequence[Derivation], detail: str) -> str:
    """The document without preamble, to be put into one that loads amsmath."""
    parts: list[str] = []
    introduced: Layer | None = None
    for derivation in derivations:
        if derivation.source != introduced:
            parts += _layer(derivation.source, detail)
            introduced = derivation.source
        parts += _derivation(derivation, detail)
    return OTHER_LETTERS.sub(_letter, "\n".join(parts))


def _letter(found: re.Match[str]) -> str:
    """A letter of a name that is not ASCII, for text and for math: α, ö; else its code."""
    letter = found.group()
    if letter in GREEK:
        return rf"\ensuremath{{\{GREEK[letter]}}}"
    if ord(letter) < 256:
        return rf"\text{{{letter}}}"
    return rf"\ensuremath{{\mathtt{{U{ord(letter):04X}}}}}"


def _layer(layer: Layer, detail: str) -> Iterator[str]:
    yield rf"\section*{{{_escaped(layer.name)}}}"
    for left, right in equations(layer):
        yield _display(latex_equation_rows(left, right))
    inputs, outputs = shapes(layer)
    sides = [r" \qquad ".join(_shape(s) for s in side) for side in (inputs, outputs)]
    yield rf"${sides[0]} \quad\longrightarrow\quad {sides[1]}$"
    yield ""
    yield from _paragraphs(facts(layer, detail))
    yield from _forms(own_forms(layer, detail), detail)


def _derivation(derivation: Derivation, detail: str) -> Iterator[str]:
    for adjoint in derivation.adjoints:
        yield rf"\subsection*{{\boldmath {_words(heading(derivation, adjoint))}}}"
        if adjoint is derivation.adjoints[0]:
            yield from _paragraphs(upstream_words(derivation))
        yield _start(left_side(derivation, adjoint), adjoint.steps[0].before)
        yield from _steps(shown(adjoint.steps, detail), detail)
        yield from _result(derivation, adjoint)
    yield from _forms(derivation.forms, detail)
    local = local_equation(derivation)
    if local is not None:
        upstream = latex(Entry(derivation.upstream[0][1]))
        yield rf"\noindent Entry by entry, before it meets ${upstream}$:"
        yield _display(latex_equation_rows(*local))
    sentences = [rf"\item {_words(s)}" for s in remarks(derivation)]
    if sentences:
        yield from (r"\begin{itemize}", *sentences, r"\end{itemize}")


def _start(left: Expr, start: Expr) -> str:
    if left == start:
        return _display([f"& {latex(left)}"])
    return _display(latex_equation_rows(left, start))


def _steps(steps: Iterable[Shown], detail: str) -> Iterator[str]:
    for step in steps:
        if step.skipped:
            yield rf"\par $\vdots$ \emph{{{_escaped(', '.join(step.skipped))}}}"
        yield rf"\par \textbf{{{step.number}.}}\enspace {_escaped(step.title)}\nopagebreak"
        if detail == "full":
            yield from (_display(latex_change_rows(old, new)) for old, new in step.changes)
        yield _display(latex_rows(step.after))
        yield from _paragraphs([("since ", *reason(c)) for c in step.conditions])
        yield from (rf"\emph{{{_escaped(note)}}}" + "\n" for note in step.notes)


def _result(derivation: Derivation, adjoint: Adjoint) -> Iterator[str]:
    rows = latex_equation_rows(left_side(derivation, adjoint), adjoint.result)
    inside = " \\\\\n".join(rows)
    yield f"\\[ \\boxed{{\\begin{{aligned}}\n{inside}\n\\end{{aligned}}}} \\]"


def _forms(forms: Sequence[Form], detail: str) -> Iterator[str]:
    for place, form in enumerate(forms):
        if place:
            yield "The same in another form:\n"
        yield from _steps(shown(form.steps, detail), detail)
        yield f"$=$ \\textbf{{{_escaped(form.text)}}}\n"


def _display(rows: Sequence[str]) -> str:
    inside = " \\\\\n".join(rows)
    return f"\\begin{{align*}}\n{inside}\n\\end{{align*}}"


def _shape(shape: Shape) -> str:
    name = Tex().name(shape.tensor).text
    sizes = r",\, ".join(map(latex, shape.sizes))
    return f"{name}[{sizes}]" if shape.sizes else name


def _paragraphs(sentences: Iterable[Prose]) -> Iterator[str]:
    yield from (f"{_words(sentence)}\n" for sentence in sentences)


def _words(sentence: Prose) -> str:
    return "".join(_escaped(p) if isinstance(p, str) else f"${latex_inline(p)}$" for p in sentence)


def _escaped(text: str) -> str:
    return text.translate(CHARACTERS)
