"""Faults planted in the lowering itself: no stage is believed.

A fault in a view is noticed where the view is made, and the read goes entry by entry instead; a
fault in a scatter's index maps, and the sum stays a gather; one in a pad or a shape by the validity
check, and the equation is computed entry by entry; any other by the comparison of the finished
program with the equations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sympy import Integer

import derive
from numeric.lowering import lowered, nesting, rearranging
from numeric.lowering.arrays import reach, reads
from numeric.lowering.arrays.reach import Reach
from numeric.lowering.nesting import scatter
from numeric.lowering.rearranging import quotients
from numeric.program.equivalence import judged
from numeric.program.statements import Program, ScatterAdd

CONV = "f(x[H pad p], k[K]; s=1, p=0, d=1): y[r] = sum[a] x[s*r + d*a - p]*k[a]"
STRIDED = "f(g[R pad all], k[K]; s=1): x[p < s*R + K] = sum[a] g[(p - a)/s]*k[a]"
GROUPED = "f(x[N, C], k[O, C//G]; G=1): y[n, o] = sum[i] x[n, o//(O//G)*(C//G) + i]*k[o, i]"
DELTA = "f(x[H]): y[i < H] = sum[j < H] [j == H - 1 - i]*x[j]"
RANGED = "f(x[H]): y[] = sum[1 <= j < H] x[j]"


@dataclass(frozen=True)
class Fault:
    """A function replaced by one that does something else, and what has to come of it."""

    module: Any
    name: str
    wrong: Callable[[Callable[..., Any]], Callable[..., Any]]
    text: str
    outcome: str


def off_by(amount: int, place: int) -> Any:
    """One of two results shifted."""

    def wrong(right: Callable[..., Any]) -> Callable[..., Any]:
        def replaced(*arguments: Any) -> Any:
            made = list(right(*arguments))
            made[place] += amount
            return tuple(made)

        return replaced

    return wrong


def plus_one(right: Callable[..., Any]) -> Callable[..., Any]:
    def replaced(*arguments: Any) -> Any:
        made = right(*arguments)
        return None if made is None else made + 1

    return replaced


def always(value: Any) -> Any:
    return lambda right: lambda *arguments: value


FAULTS = {
    "padded too little in front": Fault(reach, "extremes", off_by(1, 0), CONV, "gathered"),
    "padded too little behind": Fault(reach, "extremes", off_by(-1, 1), CONV, "gathered"),
    "no padding at all": Fault(reach, "_positive_part", always(Integer(0)), CONV, "gathered"),
    "a guard taken for padding": Fault(
        reads, "_limits", always(True), "f(x[H]): y[i < H] = x[i]*[2*i < H]", "right"
    ),
    "a quotient one too large": Fault(quotients, "quotient", plus_one, GROUPED, "gathered"),
    "a remainder left out": Fault(quotients, "_below", always(True), GROUPED, "refuted"),
    "a delta solved wrongly": Fault(rearranging, "_value", plus_one, DELTA, "refuted"),
    "a wrong number of groups": Fault(
        rearranging, "_candidates", lambda right: lambda *a: iter([Integer(2)]), GROUPED, "gathered"
    ),
    "a scatter's position shifted": Fault(scatter, "expanded", plus_one, STRIDED, "gathered"),
    "a range without its start": Fault(
        nesting,
        "ranges_of",
        lambda right: lambda node: [(i, Integer(0), hi) for i, _, hi in right(node)],
        RANGED,
        "refuted",
    ),
}


def outcome(program: Program) -> str:
    """What became of a fault: the program is refuted, goes entry by entry, or is right."""
    if judged(program).word == "refuted":
        return "refuted"
    gathered = any("entry by entry" in note for note in program.notes)
    return "gathered" if gathered else "right"


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = FAULTS[name]
    layer = derive.parse(fault.text)
    assert outcome(lowered(layer)) == "right"
    monkeypatch.setattr(fault.module, fault.name, fault.wrong(getattr(fault.module, fault.name)))
    assert outcome(lowered(layer)) == fault.outcome


def test_a_position_that_is_not_the_formulas_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Reach.position.fget
    assert right is not None
    monkeypatch.setattr(Reach, "position", property(lambda reach: right(reach) + 1))
    assert outcome(lowered(derive.parse(CONV))) == "gathered"


def test_a_strided_adjoint_is_scattered() -> None:
    """What the fault in its position prevents."""
    program = lowered(derive.parse(STRIDED))
    assert any(isinstance(s, ScatterAdd) for s in program.statements)
