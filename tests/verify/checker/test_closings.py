"""Closed forms that do not follow are not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import pytest
from sympy import Integer

import derive
import verify
from derive.engine.record import ClosedForm, Derivation, Step
from tests.suites import quick
from verify.checker import derivations
from verify.checker.places import replaced


@pytest.fixture(autouse=True)
def _no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is not asked for the smallest sizes that show it."""
    monkeypatch.setattr(derivations, "smallest", lambda derivation, evidence: evidence)


@dataclass(frozen=True, repr=False)
class Changed(Derivation):
    """A derivation with other closed forms than the engine found."""

    changed: tuple[ClosedForm, ...] = ()

    @property
    def closings(self) -> tuple[ClosedForm, ...]:
        return self.changed


def changed(d: Derivation, closings: tuple[ClosedForm, ...]) -> Derivation:
    given = {f.name: getattr(d, f.name) for f in fields(Derivation)}
    return Changed(**given, changed=closings)


def scaled(step: Step) -> Iterator[Step]:
    """Twice as much as the step may say."""
    new = 2 * step.new
    yield replace(step, new=new, after=replaced(step.before, step.position, new))


def unconditional(step: Step) -> Iterator[Step]:
    if step.conditions:
        yield replace(step, conditions=())


def renamed(step: Step) -> Iterator[Step]:
    yield replace(step, rule="common factor" if step.rule != "common factor" else "fold back")


def emptied(step: Step) -> Iterator[Step]:
    yield replace(step, new=Integer(0), after=replaced(step.before, step.position, Integer(0)))


FAULTS: list[Callable[[Step], Iterator[Step]]] = [scaled, unconditional, renamed, emptied]
#: layers and the rules whose steps are changed, so that each is changed somewhere
CASES = [
    ("softmax", ("fold back", "move a factor out of a Σ that has terms", "common factor")),
    ("layernorm", ("insert an adjoint", "a vanishing sum", "a number out of +")),
    ("lrn", ("fold back",)),
    ("groupnorm", ("the one residue", "small quotient")),
]


def faulty(
    d: Derivation, rule: str, fault: Callable[[Step], Iterator[Step]]
) -> Iterator[Derivation]:
    """The first step of that rule changed, the later ones of its closed form left out."""
    for n, closing in enumerate(d.closings):
        for k, step in enumerate(closing.steps):
            if step.rule == rule:
                for wrong in fault(step):
                    cut = replace(closing, steps=(*closing.steps[:k], wrong))
                    yield changed(d, (*d.closings[:n], cut))
                return


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("case", quick(CASES, CASES[:1]), ids=lambda c: c[0])
def test_a_wrong_step_is_not_checked(
    case: tuple[str, tuple[str, ...]], fault: Callable[[Step], Iterator[Step]]
) -> None:
    name, rules = case
    d = derive.gradient(derive.layer(name), "x")
    for rule in rules:
        for wrong in faulty(d, rule, fault):
            last = wrong.closings[-1].steps[-1]
            if last.new != 0 or rule not in ("a vanishing sum", "small quotient"):
                assert verify.check(wrong).word != "checked", (rule, last.old, last.new)


def test_closed_forms_start_where_their_adjoints_end() -> None:
    d = derive.gradient(derive.layer("softmax"), "x")
    (only,) = d.closings
    begun = replace(only, steps=only.steps[1:])
    for wrong in ((replace(only, adjoint="g_y"),), (only, only), (begun,)):
        assert verify.check(changed(d, wrong)).word != "checked"


def test_what_is_left_as_it_was_is_checked() -> None:
    d = derive.gradient(derive.layer("softmax"), "x")
    assert verify.check(changed(d, d.closings)).word == "checked"
    assert verify.check(changed(d, ())).word == "checked"
