"""Mutants are made, refuted, and noticed when they survive."""

from __future__ import annotations

from functools import partial

import pytest

import numeric
from benchmarks.mutation import scores
from benchmarks.mutation.code import code_of_text, wrong_modules
from benchmarks.mutation.equivalents import Equivalent, argument, rules
from benchmarks.mutation.operators import operators
from benchmarks.mutation.results import (
    Module,
    Result,
    counts,
    formula_results,
    results,
    tried,
)
from benchmarks.mutation.scoring import killer, killers, truths
from benchmarks.mutation.spelling import spelt
from benchmarks.mutation.texts import Mutant, functions_of, mutants
from numeric.examination import code_of, subject_of
from tests.verify.trying import property_layers
from verify.trying.properties import properties

#: every so-many-th mutant is tried here; `python -m benchmarks.mutation` tries all
STEP = 60


def module(name: str, cases: int = 60) -> Module:
    layer = property_layers.layer(name)
    text = numeric.code(layer, "arrays")
    made = partial(code_of_text, layer, "arrays")
    functions = [f for f, _ in functions_of(text)]
    return Module(name, text, made, truths(subject_of(layer), cases), functions)


@pytest.mark.parametrize("name", ["lecture", "linear", "read_twice"])
def test_a_sample_of_mutants_is_refuted(name: str) -> None:
    some = module(name)
    names = [m.name for m in mutants(some.text) if not argument(m)]
    wanted = {n for n in names if n.startswith(("forward", "gradient_"))}
    sample = sorted(wanted)[::STEP]
    found = [r for r in _chosen(some, sample) if r.word == "survives"]
    assert len(sample) > 1 and not found, found


def _chosen(some: Module, names: list[str]) -> list[Result]:
    return [tried(m.name, m, some) for m in mutants(some.text) if m.name in names]


@pytest.mark.parametrize("name", ["matmul", "relu"])
def test_wrong_formulas_are_refuted(name: str) -> None:
    layer = property_layers.layer(name)
    found = list(formula_results(module(name, 30), wrong_modules(layer, "arrays")))
    assert counts(found)["refuted"] >= 3
    assert not [r for r in found if r.word == "survives"]


def test_windows_overwritten_instead_of_added_are_refuted() -> None:
    """It is invisible while the stride is the kernel size."""
    some = module("avgpool", 20)
    wrong = [m for m in mutants(some.text) if "overwrites" in m.change and "dx" in m.statement]
    assert wrong
    for mutant in wrong:
        assert killer(some.made(mutant.text), some.cases), mutant.name


def test_the_right_program_survives() -> None:
    for name in ("linear", "maxpool", "cross_entropy"):
        some = module(name, 20)
        assert killer(some.made(some.text), some.cases) == ""


def test_there_is_no_score_where_the_right_program_is_refuted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scores, "CASES", 2)
    monkeypatch.setattr(scores, "killer", lambda code, cases: "fast = loops")
    with pytest.raises(ValueError, match="table: the right program is refuted by fast = loops"):
        scores.of_layer("table", "arrays")


def test_a_shared_function_is_tried_until_a_layer_refutes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a layer of tables calls what is done with tables; afterwards nothing is tried again."""
    seen: list[tuple[str, str]] = []

    def refuting(name: str, mutant: Mutant, module: Module) -> Result:
        seen.append((module.name, mutant.name))
        return Result(name, mutant.operator, "some" if module.name == "table" else "")

    monkeypatch.setattr(scores, "CASES", 2)
    monkeypatch.setattr(scores, "tried", refuting)
    found = scores.of_shared(["trace", "table", "table"], "arrays")
    by_name = {r.name: r.word for r in found}
    both = {m for layer, m in seen if layer == "trace"} & {
        m for layer, m in seen if layer == "table"
    }
    assert both and all(by_name[m] == "refuted" for layer, m in seen if layer == "table")
    assert {"survives"} == {by_name[m] for layer, m in seen if layer == "trace" and m not in both}
    assert len(set(seen)) == len(seen)


def test_a_survivor_is_noticed() -> None:
    """Without cases, or without properties, nothing is refuted."""
    some = module("matmul", 4)
    nothing = Module(some.name, some.text, some.made, [], some.functions)
    found = list(results(nothing))
    assert counts(found)["survives"] > 50 and not counts(found)["refuted"]
    wrong = next(m for m in mutants(some.text) if m.operator == "arithmetic")
    assert not list(killers(some.made(wrong.text), some.cases, []))


def test_a_mutant_changes_one_line_and_has_a_name_of_its_own() -> None:
    text = numeric.code(property_layers.layer("lecture"), "arrays")
    found = list(mutants(text))
    assert len(found) > 300
    assert len({m.name for m in found}) == len(found)
    assert all(m.text != text for m in found)
    assert {m.operator for m in found} >= {"arithmetic", "axes", "call", "constant", "slice"}


def test_the_same_mutants_are_made_every_time() -> None:
    text = numeric.code(property_layers.layer("linear"), "arrays")
    assert [m.name for m in mutants(text)] == [m.name for m in mutants(text)]


def test_every_operator_changes_something() -> None:
    texts = [numeric.code(property_layers.layer(n), "arrays") for n in ("lecture", "maxpool")]
    used = {m.operator for text in texts for m in mutants(text)}
    assert used == {o.name for o in operators()}


def test_a_rule_needs_its_statement_and_its_change() -> None:
    """The arguments are for certain lines; the same change elsewhere has none."""
    early = "if 0 in (N, O):\n    return np.zeros((N, O), dtype)"
    kept = Mutant("", "constant", "forward", early, "0 → -1", "")
    assert argument(kept)
    assert not argument(Mutant("", "constant", "forward", "y = x + 0", "0 → -1", ""))
    assert not argument(Mutant("", "arithmetic", "forward", "return x @ w.T + b", "a + b → a", ""))
    assert all(len(rule.argument) > 15 for rule in rules())


def test_rules_know_choices_in_every_spelling() -> None:
    assert spelt("y = either(x > 0, only_where(t < C, x), 1)") == (
        "y = np.where(x > 0, np.where(t < C, x, 0), 1)"
    )
    assert spelt("condition is False") == "condition is False"
    rule = Equivalent("at 0 both are 0", r"return np\.where\(", change="np.where", function="f")
    changed = "only_where(x > 0, x) → only_where(x >= 0, x)"
    assert rule.fits(Mutant("", "comparison", "f", "return only_where(x > 0, x)", changed, ""))
    assert not rule.fits(Mutant("", "comparison", "f", "return otherwise(x > 0, x)", changed, ""))


def test_choices_that_are_settled_around_do_not_matter() -> None:
    """Not so behind a sum, where the entries are others."""

    def argued(inner: str) -> str:
        right = f"return np.where(x > 0, {inner}, 0)"
        wrong = right.replace(", 1)", ", 2)")
        text = f"def forward(x):\n    {wrong}\n"
        return argument(Mutant("", "constant", "forward", right, "1 → 2", text))

    assert argued("np.log(np.where(x > 0, x, 1))")
    assert not argued("np.sum(np.where(x > 0, x, 1))")
    assert not argued("np.log(np.where(x > 1, x, 1))")


def test_what_is_refuted_counts_as_refuted_whatever_a_rule_says() -> None:
    found = [
        Result("a", "x", "loops", "some argument"),
        Result("b", "x", ""),
        Result("c", "x", "", "…"),
    ]
    assert [r.word for r in found] == ["refuted", "survives", "equivalent"]


def test_the_kernel_itself_is_not_refuted() -> None:
    layer = property_layers.layer("linear")
    cases = truths(subject_of(layer), 10)
    assert not list(killers(code_of(numeric.compile(layer)), cases, properties()))
