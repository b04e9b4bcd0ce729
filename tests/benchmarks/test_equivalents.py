"""Every rule by which a mutant is no mistake still fits a mutant: rules rot when names change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

import pytest

import numeric
from benchmarks.mutation import of_templates, templates
from benchmarks.mutation.equivalents import Equivalent, rules
from benchmarks.mutation.formulas import wrong_layers
from benchmarks.mutation.layers import NAMES, layer
from benchmarks.mutation.same_formulas import FORMULAS
from benchmarks.mutation.texts import mutants
from numeric.generation import derivations, generated_keeping

pytestmark = pytest.mark.complete


def unused(rules: Iterable[Equivalent], texts: Iterable[str]) -> list[str]:
    """The arguments of rules that fit no mutant: only statements that one concerns are changed."""
    left = list(rules)
    for text in texts:
        if not left:
            break

        for mutant in mutants(text, wanted=partial(_concerned, left)):
            left[:] = [rule for rule in left if not rule.fits(mutant)]
    return [rule.argument for rule in left]


def _concerned(rules: Iterable[Equivalent], function: str, statement: str) -> bool:
    return any(rule.concerns(function, statement) for rule in rules)


#: layers whose code for the target fast is argued about
FAST = ("linear", "rmsnorm", "trace", "dropout", "mse", "biased")


def of_layers() -> Iterator[str]:
    for name in FAST:
        yield numeric.code(layer(name), "fast")
    for name in NAMES:
        yield numeric.code(layer(name), "arrays")
        if generated_keeping(layer(name), "arrays").names:
            yield generated_keeping(layer(name), "arrays").text


def test_rules_for_generated_code_fit_something() -> None:
    assert unused(rules(), of_layers()) == []


def test_rules_for_templates_fit_something() -> None:
    assert unused(templates.RULES, [of_templates.text()]) == []


def test_a_rule_that_fits_nothing_is_noticed() -> None:
    rotten = Equivalent("of a function that is gone", function="no_such_function")
    assert unused([rotten], [numeric.code(layer("linear"), "arrays")]) == [rotten.argument]


@pytest.mark.parametrize("rule", FORMULAS, ids=lambda rule: rule[1])
def test_rules_for_formulas_fit_something(rule: tuple[str, str, str]) -> None:
    known, change, _ = rule
    names = [n for n in NAMES if re.fullmatch(known, n)]
    assert any(re.search(change, words) for name in names for words in wrong(name))


def wrong(name: str) -> Iterator[str]:
    """What is changed in a layer's formulas."""
    made = layer(name)
    for derivation in derivations(made):
        for changed in wrong_layers(derivation.layer):
            yield f"∂L/∂{derivation.wrt}: {changed.words}"
    for changed in wrong_layers(made):
        yield f"both passes: {changed.words}"
