"""Lengths: those that are never negative, and room that is not looked at."""

from __future__ import annotations

from benchmarks.mutation.equivalents import Equivalent

OWN = r"forward|gradient_.*"
#: sums, products and quotients of lengths and positive numbers
LENGTH = r"\w+( (\*|\+|//|\*\*) \w+)*"

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "more padding behind the last entry that is read; less would be refused by ``view``",
        r"\w+ = (np\.pad|surrounded)\(",
        "arithmetic|constant|axes|call|name",
        function=OWN,
    ),
    Equivalent(
        "more room behind the last entry that is kept; the rest is cut off below, and too little"
        " room would be an error",
        r"\w+ = np\.zeros\(\(.*\+",
        "arithmetic|constant|call",
        function=OWN,
    ),
    Equivalent(
        "a loop over more places than any window has: a mask leaves out the others",
        r"width_\w+ = int\(np\.max\(",
    ),
    Equivalent(
        "lengths are not negative",
        rf"\w+ = max\(0, {LENGTH}\)$",
        "call|constant",
        r"^max\(0, (.*)\) → \1$|^0 → -1$",
    ),
    Equivalent(
        "at least 1 in any case: a positive number is added, or it is twice H, which is"
        " at least 1 by a requirement below",
        r"R = max\(0, (H \+ 2|2 \* H)\)$",
        "constant",
        "^0 → 1$",
        "gradient_x",
    ),
    Equivalent(
        "the smaller of two equal numbers: one of them may be larger",
        r"R = max\(0, min\(\(H - 1\) // K \+ 1, \(H - 1\) // K \+ 1\)\)",
        "arithmetic|call|constant",
        r"^\(H - 1\) // K → |^H - 1 → H|^min\(.*→ (max\()?\(H|^1 → ",
    ),
    Equivalent(
        "K ≥ 2 is required below",
        r"K, = integers\(1, K=K\)",
        "constant",
        "^1 → [02]$",
        also=lambda mutant: "requires 2 <= K" in mutant.context,
    ),
    Equivalent(
        "R ≥ 1 is required below",
        r"R = max\(0, min\(",
        "call|constant",
        r"^max\(0, (min.*)\) → \1$|^0 → -1$",
        also=lambda mutant: "requires R >= 1 (" in mutant.context,
    ),
    Equivalent(
        "J ≥ 1 is required below", r"I_out = max\(0, min\(I, I - J \+ 1\)\)", "call", "^min"
    ),
    Equivalent(
        "where H is 0 there is no entry that a mean and a variance would be for",
        r"[mv] = [mv]_product / max\(1, H\)",
        "call|constant",
        r"^max\(1, H\) → H$|^1 → 0$",
        "gradient_w",
    ),
    Equivalent(
        "where H is 1 there is nothing to divide: the variance of one entry is 0",
        r"v = v_product / max\(1, H\)",
        "constant",
        "^1 → 2$",
        "gradient_w",
    ),
)
