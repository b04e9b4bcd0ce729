"""Data for other programs.  All steps are in it, whatever the level of detail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from derive.domains import Decision
from derive.engine.record import Adjoint, Derivation, Form, Step
from derive.forms import definition_forms
from derive.language.definition import Layer
from derive.language.printing import plain
from derive.presentation.guard_words import read_aloud
from derive.presentation.telling import left_side

#: raised whenever a key is renamed or removed
SCHEMA = 1


def render(derivations: Sequence[Derivation], detail: str) -> str:
    """One object with a list of derivations; formulas are lines of plain text."""
    document = {"schema": SCHEMA, "derivations": [_derivation(d) for d in derivations]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _derivation(derivation: Derivation) -> dict[str, Any]:
    return {
        "layer": _layer(derivation.source),
        "layer_forms": [_form(f) for f in definition_forms(derivation.source)],
        "wrt": derivation.wrt,
        "upstream": dict(derivation.upstream),
        "gradients": [_adjoint(derivation, a) for a in derivation.adjoints],
        "result": plain(derivation.result),
        "local_derivative": None if derivation.local is None else _local(derivation.local),
        "forms": [_form(f) for f in derivation.forms],
        "remarks": read_aloud(derivation),
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
    }


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
        "holds": decision.holds,
        "decider": decision.decider,
    }
