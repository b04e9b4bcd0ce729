"""Markdown with math between dollar signs, as GitHub and notebooks show it.

Markdown takes a backslash before punctuation, and ``<`` before a letter, for its own; so the LaTeX
inside uses commands that are words.
"""

from __future__ import annotations

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
from derive.presentation.guard_words import Prose, remarks
from derive.presentation.telling import (
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

#: LaTeX that Markdown would spoil, and what it would not; thin spaces are given up
SPOILED = {"\\, ": " ", "\\,": "", "\\ ": "\\enspace ", " < ": " \\lt ", "<": " \\lt "}
#: characters that Markdown would take for its own in running text
ESCAPES = str.maketrans({c: f"\\{c}" for c in "*_[]<>$`"})


def render(derivations: Sequence[Derivation], detail: str) -> str:
    """The derivations one after another; a layer is introduced once."""
    blocks: list[str] = []
    introduced: Layer | None = None
    for derivation in derivations:
        if derivation.source != introduced:
            blocks += _layer(derivation.source, detail)
            introduced = derivation.source
        blocks += _derivation(derivation, detail)
    return "\n\n".join(blocks) + "\n"


def _layer(layer: Layer, detail: str) -> Iterator[str]:
    yield f"# {_escaped(layer.name)}"
    for left, right in equations(layer):
        yield _display(latex_equation_rows(left, right))
    inputs, outputs = shapes(layer)
    yield " → ".join(", ".join(f"`{s}`" for s in side) for side in (inputs, outputs))
    yield _list(facts(layer, detail))
    yield from _forms(own_forms(layer, detail), detail)


def _derivation(derivation: Derivation, detail: str) -> Iterator[str]:
    for adjoint in derivation.adjoints:
        yield f"## {_words(heading(derivation, adjoint))}"
        if adjoint is derivation.adjoints[0]:
            yield from map(_words, upstream_words(derivation))
        yield _start(left_side(derivation, adjoint), adjoint.steps[0].before)
        yield from _steps(shown(adjoint.steps, detail), detail)
        yield from _result(derivation, adjoint)
    yield from _forms(derivation.forms, detail)
    local = local_equation(derivation)
    if local is not None:
        yield f"Entry by entry, before it meets `{derivation.upstream[0][1]}`:"
        yield _display(latex_equation_rows(*local))
    sentences = remarks(derivation)
    if sentences:
        yield _list(sentences)


def _start(left: Expr, start: Expr) -> str:
    return _display([latex(left)] if left == start else latex_equation_rows(left, start))


def _steps(steps: Iterable[Shown], detail: str) -> Iterator[str]:
    for step in steps:
        if step.skipped:
            yield f"⋮ *{_escaped(', '.join(step.skipped))}*"
        yield f"**{step.number}. {_escaped(step.title)}**"
        if detail == "full":
            yield from (_display(latex_change_rows(old, new)) for old, new in step.changes)
        yield _display(latex_rows(step.after))
        reasons: list[Prose] = [("since ", *reason(c)) for c in step.conditions]
        if reasons or step.notes:
            yield _list([*reasons, *((note,) for note in step.notes)])


def _result(derivation: Derivation, adjoint: Adjoint) -> Iterator[str]:
    yield "**Result**"
    yield _display(latex_equation_rows(left_side(derivation, adjoint), adjoint.result))


def _forms(forms: Sequence[Form], detail: str) -> Iterator[str]:
    for place, form in enumerate(forms):
        if place:
            yield "The same in another form:"
        yield from _steps(shown(form.steps, detail), detail)
        yield f"= **{_escaped(form.text)}**"


def _display(rows: Sequence[str]) -> str:
    inside = " \\cr\n".join(_safe(row) for row in rows)
    return f"$$\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n$$"


def _list(sentences: Iterable[Prose]) -> str:
    return "\n".join(f"- {_words(sentence)}" for sentence in sentences)


def _words(sentence: Prose) -> str:
    return "".join(
        _escaped(p) if isinstance(p, str) else f"${_safe(latex_inline(p))}$" for p in sentence
    )


def _escaped(text: str) -> str:
    return text.translate(ESCAPES)


def _safe(tex: str) -> str:
    for spoiled, words in SPOILED.items():
        tex = tex.replace(spoiled, words)
    return tex
