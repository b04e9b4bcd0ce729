"""Plain text in 80 columns, with mathematical characters and nothing that needs colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from sympy import Basic, Expr

from derive.engine.record import Adjoint, Derivation, Form
from derive.language.definition import Layer
from derive.language.printing import equation, plain, wrapped
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

WIDTH = 80
MARGIN = "  "
#: a space at which no line is broken
FIRM = "\N{NO-BREAK SPACE}"
#: the longest formula that is not broken inside a sentence
LONGEST = WIDTH - 8


def render(derivations: Sequence[Derivation], detail: str) -> str:
    """The derivations one after another; a layer is introduced once."""
    lines: list[str] = []
    introduced: Layer | None = None
    for derivation in derivations:
        if derivation.source != introduced:
            lines += [*_layer(derivation.source, detail), ""]
            introduced = derivation.source
        lines += [*_derivation(derivation, detail), ""]
    return "\n".join(lines).rstrip() + "\n"


def _layer(layer: Layer, detail: str) -> Iterator[str]:
    yield layer.name
    yield "═" * WIDTH
    yield ""
    for left, right in equations(layer):
        yield from equation(left, right, WIDTH, len(MARGIN))
    yield ""
    inputs, outputs = shapes(layer)
    sides = ["   ".join(map(str, side)) for side in (inputs, outputs)]
    yield from _paragraph("   →   ".join(sides), MARGIN, MARGIN)
    for sentence in facts(layer, detail):
        yield from _sentence(sentence, MARGIN, MARGIN + MARGIN)
    forms = own_forms(layer, detail)
    if forms:
        yield ""
        yield from list(_forms(forms, detail))[:-1]


def _derivation(derivation: Derivation, detail: str) -> Iterator[str]:
    for adjoint in derivation.adjoints:
        title = _words(heading(derivation, adjoint)).replace(FIRM, " ")
        yield from (title, "─" * len(title))
        if adjoint is derivation.adjoints[0]:
            for sentence in upstream_words(derivation):
                yield from _sentence(sentence, MARGIN, MARGIN)
        yield ""
        yield from _start(left_side(derivation, adjoint), adjoint.steps[0].before)
        yield ""
        yield from _steps(shown(adjoint.steps, detail), detail)
        yield from _result(derivation, adjoint)
        yield ""
    yield from _forms(derivation.forms, detail)
    local = local_equation(derivation)
    if local is not None:
        yield f"{MARGIN}entry by entry, before it meets {derivation.upstream[0][1]}:"
        yield from equation(*local, WIDTH, len(MARGIN))
        yield ""
    for sentence in remarks(derivation):
        yield from _sentence(sentence, f"{MARGIN}• ", f"{MARGIN}  ")


def _start(left: Expr, start: Expr) -> list[str]:
    """What is looked for; for an intermediate, also what its adjoint's name stands for."""
    if left == start:
        return wrapped(left, WIDTH, len(MARGIN))
    return equation(left, start, WIDTH, len(MARGIN))


def _steps(steps: Iterable[Shown], detail: str) -> Iterator[str]:
    for step in steps:
        if step.skipped:
            yield from _paragraph(f"⋮ {', '.join(step.skipped)}", MARGIN, MARGIN + MARGIN)
            yield ""
        yield f"{step.number:3}. {step.title}"
        if detail == "full":
            for old, new in step.changes:
                yield from _change(old, new)
        yield from _led("     = ", wrapped(step.after, WIDTH, 7))
        for condition in step.conditions:
            yield from _sentence(reason(condition), "     ∵ ", "       ")
        for note in step.notes:
            yield from _paragraph(note, "     · ", "       ")
        yield ""


def _change(old: Basic, new: Basic) -> Iterator[str]:
    """The part that changed; on one line where it fits."""
    short = f"     {plain(old)} ⟶ {plain(new)}"
    if len(short) <= WIDTH:
        yield short
        return
    yield from wrapped(old, WIDTH, 5)
    yield from _led("       ⟶ ", wrapped(new, WIDTH, 9))


def _result(derivation: Derivation, adjoint: Adjoint) -> Iterator[str]:
    inside = equation(left_side(derivation, adjoint), adjoint.result, WIDTH - 6)
    width = max(map(len, inside))
    yield f"{MARGIN}╭─{'─' * width}─╮"
    for line in inside:
        yield f"{MARGIN}│ {line.ljust(width)} │"
    yield f"{MARGIN}╰─{'─' * width}─╯"


def _forms(forms: Sequence[Form], detail: str) -> Iterator[str]:
    for place, form in enumerate(forms):
        if place:
            yield f"{MARGIN}the same in another form:"
            yield ""
        yield from _steps(shown(form.steps, detail), detail)
        yield from _paragraph(form.text, f"{MARGIN}= ", f"{MARGIN}  ")
        yield ""


def _led(lead: str, lines: list[str]) -> Iterator[str]:
    """Lines whose first one begins with ``lead`` in place of as many spaces."""
    yield lead + lines[0][len(lead) :]
    yield from lines[1:]


def _words(sentence: Prose) -> str:
    """The sentence in one line, its formulas held together by spaces that do not break."""
    return "".join(p if isinstance(p, str) else _held(plain(p)) for p in sentence)


def _held(formula: str) -> str:
    """The formula with firm spaces, if a line has room for it."""
    return formula.replace(" ", FIRM) if len(formula) <= LONGEST else formula


def _sentence(sentence: Prose, first: str, later: str) -> Iterator[str]:
    yield from _paragraph(_words(sentence), first, later)


def _paragraph(text: str, first: str, later: str) -> Iterator[str]:
    for line in textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    ):
        yield line.replace(FIRM, " ")
