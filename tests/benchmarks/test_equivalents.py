"""Every rule by which a mutant is no mistake still fits a mutant: rules rot when names change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest

import numeric
from benchmarks.mutation import of_templates, templates
from benchmarks.mutation.equivalents import Equivalent, rules
from benchmarks.mutation.formulas import wrong_layers
from benchmarks.mutation.layers import NAMES, layer
from benchmarks.mutation.same_formulas import FORMULAS
from benchmarks.mutation.texts import Mutant, mutants
from numeric.generation import derivations

pytestmark = pytest.mark.complete

#: layers of which there is enough: another one is looked at where a rule fits none of these
FIRST = ("lecture", "biased", "conv1", "conv_transpose1", "linear", "adaptive_maxpool", "lp_pool",
         "elu", "softplus", "sigmoid", "mse", "bce", "huber", "add", "flatten", "softmax",
         "log_softmax", "layernorm", "lrn", "smoothed", "dropout", "read_twice", "irregular",
         "maxpool2", "running")  # fmt: skip


def unused(rules: Iterable[Equivalent], found: Iterable[Mutant]) -> list[str]:
    """The arguments of rules that fit no mutant."""
    left = list(rules)
    for mutant in found:
        left = [rule for rule in left if not rule.fits(mutant)]
        if not left:
            break
    return [rule.argument for rule in left]


def of_layers() -> Iterator[Mutant]:
    for name in (*FIRST, *(n for n in NAMES if n not in FIRST)):
        yield from mutants(numeric.code(layer(name), "arrays"))


def test_rules_for_generated_code_fit_something() -> None:
    assert unused(rules(), of_layers()) == []


def test_rules_for_templates_fit_something() -> None:
    assert unused(templates.RULES, mutants(of_templates.text())) == []


def test_a_rule_that_fits_nothing_is_noticed() -> None:
    rotten = Equivalent("of a function that is gone", function="no_such_function")
    found = mutants(numeric.code(layer("linear"), "arrays"))
    assert unused([rotten], found) == [rotten.argument]


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
