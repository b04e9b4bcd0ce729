"""A derivation as data for other programs: all steps, whatever the level of detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sympy import Expr

from derive.domains import Decision
from derive.engine.record import Adjoint, ClosedForm, Derivation, Form, Step
from derive.engine.reverse import local_derivative
from derive.forms import definition_forms
from derive.language.definition import Layer
from derive.language.printing import plain
from derive.language.terms import Entry, Partial
from derive.presentation.blocks import spoken
from derive.presentation.guard_words import remarks


def records(derivation: Derivation) -> Iterator[dict[str, Any]]:
    """Names, steps and results; formulas are lines of plain text."""
    local = local_derivative(derivation.source, derivation.wrt)
    yield {
        "layer": _layer(derivation.source),
        "layer_forms": [_form(f) for f in definition_forms(derivation.source)],
        "wrt": derivation.wrt,
        "upstream": dict(derivation.upstream),
        "gradients": [_adjoint(derivation, a) for a in derivation.adjoints],
        "result": plain(derivation.result),
        "local_derivative": None if local is None else _local(local),
        "forms": [_form(f) for f in derivation.forms],
        "remarks": [spoken(r) for r in remarks(derivation)],
        "gradient_layer": _layer(derivation.layer),
    }


def _layer(layer: Layer) -> dict[str, str]:
    return {"name": layer.name, "text": layer.text}


def _adjoint(derivation: Derivation, adjoint: Adjoint) -> dict[str, Any]:
    return {
        "of": plain(adjoint.target),
        "left": plain(left_side(derivation, adjoint)),
        "name": adjoint.name,
        "steps": _steps(adjoint.steps),
        "result": plain(adjoint.result),
        "closed_form": next(
            (_closed(c) for c in derivation.closings if c.adjoint == adjoint.name), None
        ),
    }


def _closed(closing: ClosedForm) -> dict[str, Any]:
    return {"steps": _steps(closing.steps), "result": plain(closing.expression)}


def _local(local: Adjoint) -> dict[str, Any]:
    return {
        "of": plain(local.target),
        "start": plain(local.steps[0].before),
        "steps": _steps(local.steps),
        "result": plain(local.result),
    }


def _form(form: Form) -> dict[str, Any]:
    return {
        "name": form.name,
        "text": form.text,
        "definition": plain(form.definition),
        "steps": _steps(form.steps),
    }


def _steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {
            "rule": step.rule,
            "before": plain(step.before),
            "after": plain(step.after),
            "position": list(step.position),
            "old": plain(step.old),
            "new": plain(step.new),
            "conditions": [_decision(c) for c in step.conditions],
            "note": step.note,
        }
        for step in steps
    ]


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "text": plain(decision.condition),
        "where": [plain(c) for c in decision.where],
        "holds": decision.holds,
        "decider": decision.decider,
    }


def decided(steps: Iterable[Step]) -> tuple[Decision, ...]:
    """The side conditions of steps, each once, whoever decided it again elsewhere."""
    found: dict[object, Decision] = {}
    for c in (c for step in steps for c in step.conditions):
        found.setdefault((c.condition, c.where), c)
    return tuple(found.values())


def left_side(derivation: Derivation, adjoint: Adjoint) -> Expr:
    """What an adjoint's result is equal to: ∂L/∂x[…], or g_m[…] for an intermediate m."""
    if adjoint is derivation.adjoints[-1]:
        return Partial(derivation.source.loss, adjoint.target)
    return Entry(adjoint.name, *adjoint.target.indices)
