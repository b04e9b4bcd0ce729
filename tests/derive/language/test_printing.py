"""How formulas read."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sympy import Expr, Integer, KroneckerDelta, exp, log, sqrt

from derive.domains import Decision
from derive.language.printing import decision_text, latex, plain, to_ascii, wrapped
from derive.language.terms import (
    LOSS,
    AtMost,
    Between,
    Choose,
    Delta,
    Divides,
    Entry,
    FirstMax,
    FloorDiv,
    Greatest,
    Index,
    Iverson,
    Less,
    Modulo,
    Negation,
    Parameter,
    Partial,
    RealParameter,
    Same,
    Sigmoid,
    Size,
    Tuple,
    maximum,
    total,
)
from tests.places import ROOT

ZERO, ONE = Integer(0), Integer(1)
r, c, a, b, n, i = (Index(name) for name in ("r", "c", "a", "b", "n", "i"))
r_, c_, a_ = Index("r'"), Index("c'"), Index("a'")
H, W, K1, K2, R, C, N = (Size(name) for name in ("H", "W", "K1", "K2", "R", "C", "N"))
s, p, d = (Parameter(name) for name in ("s", "p", "d"))
WINDOW = [(a, ZERO, K1), (b, ZERO, K2)]


def entry(name: str, *indices: Expr | int) -> Entry:
    return Entry(name, *indices)


READINGS = [
    (r_ - a, "r'−a"),
    (H - K1 + 1, "H−K1+1"),
    (s * r + d * a - p, "s·r+d·a−p"),
    (s * r + d * a_ - p, "s·r+d·a'−p"),
    (C * H * W, "C·H·W"),
    (FloorDiv(H + 2 * p - d * (K1 - 1) - 1, s) + 1, "⌊(H+2·p−d·(K1−1)−1)/s⌋+1"),
    (Modulo(FloorDiv(a, W), H), "⌊a/W⌋ mod H"),
    (Modulo(a, W) + 1, "(a mod W)+1"),
    (Partial(entry("y", r, c), entry("x", r_, c_)), "∂y[r, c]/∂x[r', c']"),
    (Partial(LOSS, entry("b")), "∂L/∂b"),
    (
        Partial(entry("x", r) + entry("x", c), entry("x", r_)),
        "∂(x[c] + x[r])/∂x[r']",
    ),
    (Delta(r + a, r_), "δ(r+a, r')"),
    (KroneckerDelta(r_, r + a), "δ(r+a, r')"),
    (
        total(
            entry("k", a)
            * entry("g", FloorDiv(r_ + p - d * a, s))
            * Iverson(Divides(s, r_ + p - d * a)),
            [(a, ZERO, K1)],
        ),
        "Σ_{a<K1} [s ∣ r'+p−d·a]·g[(r'+p−d·a)/s]·k[a]",
    ),
    (
        total(entry("x", i), [(i, FloorDiv(r * H, N), R + 1)]),
        "Σ_{⌊r·H/N⌋≤i<R+1} x[i]",
    ),
    (-entry("x", r) / N, "−x[r]/N"),
    ((1 - entry("x", r) ** 2) / 2, "1/2 − x[r]²/2"),
    (
        (entry("x", r) - entry("m")) / sqrt(entry("v") + RealParameter("eps")),
        "(x[r] − m)/sqrt(v + eps)",
    ),
    (
        total(entry("x", r), [(r, ZERO, R)]) * total(entry("x", c), [(c, ZERO, C)]),
        "(Σ_{c<C} x[c])·Σ_{r<R} x[r]",
    ),
    (total(entry("x", r), [(r, ZERO, R)]) / N, "1/N·Σ_{r<R} x[r]"),
    (
        log(total(exp(entry("x", r, c)), [(c, ZERO, C)])) - entry("x", r, entry("t", r)),
        "log(Σ_{c<C} exp(x[r, c])) − x[r, t[r]]",
    ),
    (Choose(Less(ZERO, entry("x", r)), entry("x", r), ZERO), "if 0 < x[r] then x[r] else 0"),
    (
        2 * Choose(Less(ZERO, entry("x", r)), entry("x", r), ZERO) * entry("g", r),
        "2·g[r]·(if 0 < x[r] then x[r] else 0)",
    ),
    (
        Partial(total(entry("x", r), [(r, ZERO, R)]), entry("x", r_)) / N,
        "1/N·∂(Σ_{r<R} x[r])/∂x[r']",
    ),
    (
        1 / (N * total(exp(entry("x", r)), [(r, ZERO, R)])),
        "1/(N·Σ_{r<R} exp(x[r]))",
    ),
    (
        Iverson(Between(ZERO, c_ - b, C)) * Iverson(Between(ZERO, r_ - a, R)) * Delta(n, i) * N,
        "N·[0 ≤ r'−a < R]·[0 ≤ c'−b < C]·δ(n, i)",
    ),
    (Negation(Less(ZERO, entry("x", r))), "x[r] ≤ 0"),
    (Sigmoid(-entry("x", r)), "sigmoid(−x[r])"),
    (
        Iverson(FirstMax(Tuple(a, b), maximum(entry("x", r + a, c + b), WINDOW))),
        "[(a, b) = argmax_{a<K1, b<K2} x[r+a, c+b]]",
    ),
    (Same(R, Greatest(ZERO, H - K1 + 1)), "R = max(0, H−K1+1)"),
]


@pytest.mark.parametrize(("expr", "text"), READINGS, ids=[t for _, t in READINGS])
def test_plain_reads_like_lecture_notes(expr: Expr, text: str) -> None:
    assert plain(expr) == text


@pytest.mark.parametrize("expr", [e for e, _ in READINGS], ids=[t for _, t in READINGS])
@pytest.mark.parametrize("width", [24, 40, 80])
def test_breaking_lines_changes_nothing_but_spaces(expr: Expr, width: int) -> None:
    lines = wrapped(expr, width)
    assert "".join("".join(lines).split()) == "".join(plain(expr).split())


@pytest.mark.parametrize("expr", [e for e, _ in READINGS], ids=[t for _, t in READINGS])
def test_latex_is_ascii_with_balanced_braces(expr: Expr) -> None:
    text = latex(expr)
    assert text.isascii()
    assert text.count("{") == text.count("}")


def test_ascii_is_for_terminals_without_unicode() -> None:
    assert to_ascii("Σ_{a<K} x[r−a]²") == "sum_{a<K} x[r-a]^2"


def test_decision_text_says_who_decided() -> None:
    condition = AtMost(ONE, s)
    assert decision_text(Decision(condition, True, "z3")) == "1 ≤ s for all sizes (z3)"
    assert decision_text(Decision(condition, None, "z3")) == "1 ≤ s: undecided (z3)"
    failed = Decision(condition, False, "islpy", ((s, 0),))
    assert decision_text(failed) == "1 ≤ s fails at s=0 (islpy)"


def test_order_does_not_depend_on_hashes() -> None:
    program = (
        "import tests.derive.language.test_printing as t;"
        "print(*map(t.plain, (e for e, _ in t.READINGS)), sep='\\n')"
    )
    outputs = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", program]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
        outputs.add(run.stdout)
    assert len(outputs) == 1
