"""Array programs equal their equations for all sizes; broken ones are refused or refuted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import derive
import numeric
from derive.language.integers import expanded
from derive.language.substitution import substituted
from derive.language.terms import ONE, ZERO, Choose, Entry, Parameter
from numeric.lowering import lowered
from numeric.program.equivalence import judged
from numeric.program.reads import TRUE
from numeric.program.statements import (
    Contraction,
    Elementwise,
    Gather,
    Merge,
    Pad,
    Program,
    Reduction,
    ScatterAdd,
    Split,
    Statement,
    View,
)
from numeric.program.validity import InvalidProgram, checked
from tests.numeric.cases import DESIGN, programs

SYMBOLIC = {"stride": "s", "padding": "p", "dilation": "d", "groups": "G"}


# --- what is equal ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(DESIGN))
def test_programs_of_the_design_are_checked_or_tested(name: str) -> None:
    """What stays open: the place of a maximum, a divisor that depends on the place, and
    exponentials that have been stabilised."""
    tested = {("maxpool", "dx"), ("adaptive_avgpool", "y")}
    tested |= {("cross_entropy", "y"), ("cross_entropy", "dx")}
    for output, program in programs(derive.parse(DESIGN[name][0])).items():
        word = "tested" if (name, output) in tested else "checked"
        assert judged(program).word == word, output


def test_without_stabilising_exponentials_are_values_like_any_other() -> None:
    assert judged(lowered(derive.parse(DESIGN["cross_entropy"][0]))).word == "checked"


@pytest.mark.parametrize(
    "text",
    [
        "y[i] = sum[j] A[i,j]*x[j]",
        "f(x[H]): y[i < H] = x[H-1-i]",
        "f(x[H], w[K pad all]): y[i < H] = sum[0 <= j < i] x[j]*w[i-j]",
        "f(x[N, C]):\n    m[n] = sum[c] x[n, c] / C\n    y[n, c] = x[n, c] - m[n]",
        "f(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]",
        "f(x[H]): y[i < H] = x[i//2] + x[i]*[2*i < H]",
    ],
)
def test_programs_of_typed_layers_are_checked(text: str) -> None:
    for output, program in programs(derive.parse(text)).items():
        assert judged(program).word == "checked", (output, str(judged(program)))


# --- what is broken -----------------------------------------------------------------------------


def conv(wrt: str | None = None, **options: Any) -> Program:
    """The program of a convolution with symbolic hyperparameters, or of its gradient."""
    layer = derive.layer("conv", dims=1, channels=True, **{**SYMBOLIC, **options})
    return programs(layer)["y" if wrt is None else f"d{wrt}"]


def refused(program: Program) -> bool:
    """Whether a program is found to be wrong: not well formed, or with a counterexample."""
    try:
        checked(program)
    except InvalidProgram:
        return True
    return judged(program).word == "refuted"


def changed(program: Program, kind: type[Statement], change: Callable[[Any], Statement]) -> Program:
    """The program with its first statement of a kind changed."""
    place = next(k for k, s in enumerate(program.statements) if isinstance(s, kind))
    made = list(program.statements)
    made[place] = change(made[place])
    assert made[place] != program.statements[place]
    return replace(program, statements=tuple(made))


def at_index(positions: tuple[Any, ...], place: int, change: Callable[[Any], Any]) -> Any:
    """The positions with one of them changed."""
    return tuple(expanded(change(p)) if k == place else p for k, p in enumerate(positions))


def longer(statement: Pad) -> Pad:
    """Padded by one more on both sides of the last axis, consistently."""
    *axes, (index, extent) = statement.axes
    return replace(
        statement,
        axes=(*axes, (index, extent + 2)),
        before=(*statement.before[:-1], statement.before[-1] + 1),
        after=(*statement.after[:-1], statement.after[-1] + 1),
    )


def swapped(statement: Any) -> Any:
    """Two positions of a read exchanged."""
    first, second, *rest = statement.positions
    return replace(statement, positions=(second, first, *rest))


def axes_swapped(statement: Statement) -> Statement:
    """The first two axes of a result exchanged."""
    first, second, *rest = statement.axes
    return replace(statement, axes=(second, first, *rest))


def other_index(statement: Contraction) -> Contraction:
    """The window's offset read at the output's place: another index is contracted."""
    tap, place = statement.over[-1][0], statement.axes[-1][0]
    first, second = statement.factors
    exchange = {tap: place, place: tap}
    return replace(
        statement,
        factors=tuple(
            Entry(f.tensor, *(exchange.get(i, i) for i in f.indices)) if f == second else f
            for f in (first, second)
        ),
    )


def double(at: Any) -> Any:
    return 2 * at


SABOTAGE: dict[str, Callable[[], Program]] = {
    "a pad one too wide on both sides": lambda: changed(conv(), Pad, longer),
    "a pad one too wide, its length not": lambda: changed(
        conv(), Pad, lambda s: replace(s, before=(*s.before[:-1], s.before[-1] + 1))
    ),
    "a pad one too narrow": lambda: changed(
        conv(), Pad, lambda s: replace(s, after=(*s.after[:-1], s.after[-1] - 1))
    ),
    "padded with ones": lambda: changed(conv(), Pad, lambda s: replace(s, fill=ONE)),
    "a view that starts one further": lambda: changed(
        conv(), View, lambda s: replace(s, positions=at_index(s.positions, 2, lambda p: p + 1))
    ),
    "a view with twice the stride": lambda: changed(
        conv(), View, lambda s: replace(s, positions=at_index(s.positions, 2, double))
    ),
    "stride and dilation exchanged in a view": lambda: changed(
        conv(),
        View,
        lambda s: replace(
            s,
            positions=at_index(s.positions, 2, _exchanged),
        ),
    ),
    "two positions of a view exchanged": lambda: changed(conv(), View, swapped),
    "two axes of a view exchanged": lambda: changed(conv(), View, axes_swapped),
    "a split into other digits": lambda: changed(
        conv(), Split, lambda s: replace(s, lengths=(s.lengths[0][::-1], *s.lengths[1:]))
    ),
    "two axes of a split exchanged": lambda: changed(conv(), Split, axes_swapped),
    "two axes of a merge exchanged": lambda: changed(conv(), Merge, axes_swapped),
    "another index contracted": lambda: changed(conv(), Contraction, other_index),
    "a sum without its last index": lambda: changed(
        conv(), Contraction, lambda s: replace(s, over=s.over[:-1])
    ),
    "a sum over too little": lambda: changed(
        conv(),
        Contraction,
        lambda s: replace(s, over=(*s.over[:-1], (s.over[-1][0], s.over[-1][1] - 1))),
    ),
    "the bias with the wrong sign": lambda: changed(
        conv(), Elementwise, lambda s: replace(s, value=-s.value)
    ),
    "a scatter one further": lambda: changed(
        conv("x"),
        ScatterAdd,
        lambda s: replace(s, positions=at_index(s.positions, -1 % len(s.positions), _more)),
    ),
    "a scatter without its stride": lambda: changed(
        conv("x", stride=2),
        ScatterAdd,
        lambda s: replace(
            s, positions=at_index(s.positions, len(s.positions) - 1, _without_stride)
        ),
    ),
    "a scatter into too narrow a room": lambda: changed(
        conv("x"), ScatterAdd, lambda s: replace(s, before=(*s.before[:-1], s.before[-1] - 1))
    ),
    "the batch left out of a sum": lambda: changed(
        conv("k"), Contraction, lambda s: replace(s, over=s.over[1:])
    ),
    "a bias gradient summed over too little": lambda: changed(
        conv("b"), Reduction, lambda s: replace(s, over=s.over[1:])
    ),
    "a guard dropped": lambda: changed(
        lowered(derive.parse("f(x[H]): y[i < H] = x[i]*[2*i < H]")),
        Elementwise,
        lambda s: replace(s, value=_unguarded(s.value)),
    ),
    "a gather without its guard": lambda: changed(
        lowered(derive.parse("f(x[H pad all]): y[i < H] = x[i*i]")),
        Gather,
        lambda s: replace(s, guarded=False),
    ),
    "a gather one further": lambda: changed(
        lowered(derive.parse("f(x[H pad all]): y[i < H] = x[i*i]")),
        Gather,
        lambda s: replace(s, positions=at_index(s.positions, 0, _more)),
    ),
    "a statement left out": lambda: replace(conv(), statements=conv().statements[1:]),
    "statements out of order": lambda: replace(conv(), statements=conv().statements[::-1]),
    "another output": lambda: replace(conv(), outputs=("z",)),
    "a value used as a position": lambda: changed(
        lowered(derive.parse("f(w[V], x[N], t[N] int < V): y[n] = w[t[n]]*x[n]")),
        Gather,
        lambda s: replace(s, positions=(Entry("x", s.axes[0][0]),)),
    ),
}


def _more(at: Any) -> Any:
    return at + 1


def _exchanged(at: Any) -> Any:
    s, d = Parameter("s"), Parameter("d")
    return substituted(at, {s: d, d: s})


def _without_stride(at: Any) -> Any:
    return at - sum(term / 2 for term in at.args if term.args and term.args[0] == 2)


def _unguarded(value: Any) -> Any:
    assert isinstance(value, Choose) and value.args[0] != TRUE and value.args[2] == ZERO
    return value.args[1]


@pytest.mark.parametrize("name", list(SABOTAGE))
def test_broken_programs_are_refused(name: str) -> None:
    assert refused(SABOTAGE[name]()), name


def test_a_refutation_shows_where() -> None:
    verdict = judged(SABOTAGE["a view that starts one further"]())
    assert verdict.counterexample is not None
    assert "expected, found" in verdict.counterexample.text


def test_a_wider_pad_that_is_read_all_the_same_is_no_mistake() -> None:
    """Sabotage that changes nothing is not refused: the checks look at what is computed."""

    def more(statement: Pad) -> Pad:
        *axes, (index, extent) = statement.axes
        after = (*statement.after[:-1], statement.after[-1] + 1)
        return replace(statement, axes=(*axes, (index, extent + 1)), after=after)

    def read(statement: View) -> View:
        return replace(statement, sizes=(*statement.sizes[:-1], statement.sizes[-1] + 1))

    program = changed(changed(conv(), Pad, more), View, read)
    assert judged(checked(program)).word == "checked"


@pytest.mark.parametrize("eps", ["eps", "eps=0.5", "eps=0.00001"])
def test_real_hyperparameters_have_a_value_in_samples(eps: str) -> None:
    """Products that read a tensor too often are compared at small sizes."""
    layer = derive.parse(f"f(x[N]; {eps}): y[i] = eps*x[i]^3 + x[i]/sqrt(x[i]^2 + eps^2)")
    for target in ("arrays", "fast"):
        assert "tested: agrees at small sizes" in numeric.compile(layer, target=target).explain
