"""Results written where they belong, block by block: what the target fast does."""

from __future__ import annotations

from benchmarks.mutation.equivalents import Equivalent

PASSES = "forward|gradient_.*"

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "sums, products and the larger of two are symmetric",
        r"(np\.add|np\.multiply|larger)\(",
        "axes",
        r"^(\w[\w.]*)\((.*), (.*), out=(\w+)\) → \1\(\3, \2, out=\4\)$",
        PASSES,
    ),
    Equivalent(
        "what a block makes of the two is their product, or the square of their difference",
        r"over_(rows|entries)\(block, (1|threads), (t, x|q, x, g|mask, x, y|g, (mask|x), d\w+)\)",
        "axes",
        r"^(.*), (\w+), (\w+)((?:, \w+)?)\) → \1, \3, \2\4\)$",
        PASSES,
    ),
    Equivalent(
        "blocks are written into arrays of the dtype, whatever is wider on the way",
        r"(\w+) = of_python\(\1\)$",
        "statement",
        "^left out$",
        PASSES,
        lambda mutant: "(block, " in mutant.context,
    ),
    Equivalent(
        "the array has so many axes",
        r".*(sums\(A_view, \(0,\)|sums\(g, \(0,\)|square_sums\(x, \(-1,\)|square_sums\(x - t)",
        "arithmetic|constant|axes",
        r"^-1 → 1$|^0 → -1$|^\(-2, -1\) → \(-1, -2\)$",
        PASSES,
    ),
    Equivalent(
        "a number is broadcast as an array of one entry",
        r"correlate\(.*addend=b\[None, None, None, None\]",
        "slice",
        r"^b\[None, None, None, None\] → b$",
        "forward",
    ),
)
