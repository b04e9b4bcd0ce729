"""Mutants are made, refuted, and noticed when they survive."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import numeric
from benchmarks.mutation import modules, results, scores, shared
from benchmarks.mutation.calls import Calls, copied
from benchmarks.mutation.code import code_of as mutated_code
from benchmarks.mutation.code import wrong_modules
from benchmarks.mutation.equivalents import Equivalent, argument, rules
from benchmarks.mutation.operators import operators
from benchmarks.mutation.results import (
    Earlier,
    Module,
    Result,
    counts,
    formula_results,
    tried,
)
from benchmarks.mutation.sameness import key
from benchmarks.mutation.scoring import Try, killer, killers, refutation, truths
from benchmarks.mutation.spelling import spelt
from benchmarks.mutation.stored import Stored
from benchmarks.mutation.texts import Mutant, functions_of, mutants
from numeric.emission.loading import loaded
from numeric.examination import code_of, subject_of
from tests.suites import quick
from tests.verify.trying import property_layers
from verify.trying.properties import properties

#: every so-many-th mutant is tried here; `python -m benchmarks.mutation` tries all
STEP = 60


def module(name: str, cases: int = 60) -> Module:
    layer = property_layers.layer(name)
    text = numeric.code(layer, "arrays")
    code = partial(mutated_code, layer, "arrays")
    functions = [f for f, _ in functions_of(text)]
    return Module(name, text, code, lambda: truths(subject_of(layer), cases), functions)


@pytest.mark.parametrize("name", quick(["lecture", "linear", "read_twice"], ["linear"]))
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
    monkeypatch.setattr(modules, "CASES", 2)
    monkeypatch.setattr(results, "refutation", lambda *_: Try("fast = loops", 1))
    with pytest.raises(ValueError, match="table: the right program is refuted by fast = loops"):
        scores.of_layer("table", "arrays", Earlier(), lambda result: None)


def test_a_shared_function_is_tried_until_a_layer_refutes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a layer of tables calls what is done with tables; afterwards nothing is tried again."""
    told: list[Result] = []
    monkeypatch.setattr(modules, "CASES", 4)
    found = shared.of_shared(["trace", "table"], "arrays", Earlier(), told.append)
    words = {r.name: r.word for r in found}
    assert {r.word for r in found if r.name.startswith("table")} >= {"refuted"}
    assert len(words) == len(found) < len(told)
    killed = [r.name for r in told if r.killer]
    assert len(set(killed)) == len(killed)


def test_a_wrong_function_is_tried_where_it_does_something_else() -> None:
    """All that refutes a mutant in all cases refutes it where a call of it comes to another end."""
    some = module("linear", 6)
    shared_function = "expect"
    calls = Calls(some, [shared_function])
    refuted = 0
    for mutant in mutants(some.text, [shared_function]):
        differing = set(calls.differing(shared_function, loaded("wrong", mutant.text)))
        every = {Try(p.name, k) for p in properties() for k in range(len(some.cases))}
        wrong = some.made(mutant.text)
        found = {t for t in every if refutation(wrong, some.cases, [t])}
        assert found <= differing, mutant.name
        refuted += bool(found)
    assert refuted >= 3


def test_copies_of_arrays_lie_in_memory_as_the_arrays_do() -> None:
    whole = np.arange(24.0).reshape(4, 6)
    for array in (whole[::-2, 1::2], whole.T, np.broadcast_to(whole[0], (3, 6)), whole[:0]):
        copy = copied(array)
        assert key(copy) == key(array) and not np.shares_memory(copy, array)
    assert key(whole) != key(whole.astype("float32")) != key(whole + 1)
    assert key(whole) != key(np.asfortranarray(whole))


def test_what_was_found_is_not_searched_for_again(tmp_path: Path) -> None:
    """Unless the sources are others: then it is tried first."""
    some = module("matmul", 4)
    stored = Stored(tmp_path / "matmul.json")
    first = list(results.results(some))
    for result in first:
        stored.add(result)
    stored.finish(first)
    again = Stored(tmp_path / "matmul.json").earlier()
    nothing = replace(some, drawn=list, earlier=again)
    assert list(results.results(nothing)) == first
    changed = Earlier(again.results)
    refuted = next(r for r in first if r.killer and r.case)
    assert changed.settled(refuted.name, str) is None
    assert changed.first(refuted.name) == [Try(refuted.killer, refuted.case)]


def test_arguments_that_come_or_go_are_noticed() -> None:
    left, argued = Result("a", "x", ""), Result("b", "x", "", "why")
    earlier = Earlier({"a": left, "b": argued}, {"a", "b"})
    assert earlier.settled("a", lambda: "") == left
    assert earlier.settled("a", lambda: "since") == replace(left, argument="since")
    assert earlier.settled("b", lambda: "why") == argued
    assert earlier.settled("b", lambda: "") is None


@pytest.mark.parametrize("name", ["rmsnorm", "largest"])
def test_mutants_of_gradients_that_are_given_what_forward_keeps(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modules, "CASES", 12)
    _, *kept = modules.modules(name, "arrays", Earlier())
    assert kept and all(m.name == f"{name}, kept" for m in kept)
    for some in kept:
        wanted = [m for m in mutants(some.text, some.functions) if not argument(m)][::STEP]
        found = [tried(m.name, m, some) for m in wanted]
        assert not [r for r in found if r.word == "survives"]
        assert killer(some.made(some.text), some.cases) == ""


def test_a_survivor_is_noticed() -> None:
    """Without cases, or without properties, nothing is refuted."""
    some = module("matmul", 4)
    nothing = replace(some, drawn=list)
    found = list(results.results(nothing))
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
        return argument(Mutant("", "constant", "forward", right, "1 → 2", "", wrong))

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


@pytest.mark.complete
@pytest.mark.parametrize(
    ("name", "fault"), [(n, f) for n, fs in modules.FAULTS.items() for f in fs]
)
def test_a_known_fault_is_still_one(name: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property that holds again is to be tried again."""
    monkeypatch.setattr(modules, "CASES", 8)
    _, *kept = modules.modules(name, "arrays", Earlier())
    wanted = [Try(fault, number) for number in range(8)]
    assert all(refutation(some.made(some.text), some.cases, wanted) for some in kept)


def test_only_trying_the_right_program_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant may be handed a function that is recorded, and calls it with other arguments."""
    monkeypatch.setattr(modules, "CASES", 2)
    some = next(modules.modules("gelu", "arrays", Earlier()))
    calls = Calls(some, ["in_pieces", "erfc_of_piece"])
    before = calls.count("erfc_of_piece")
    for mutant in list(mutants(some.text, ["in_pieces"]))[:5]:
        list(calls.differing("in_pieces", loaded("wrong", mutant.text)))
    assert calls.count("erfc_of_piece") == before > 0
