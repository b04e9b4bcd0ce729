"""Sums and products of arrays: axes in another order, shapes that are settled below."""

from __future__ import annotations

import ast
import re

from benchmarks.mutation.equivalents import Equivalent
from benchmarks.mutation.texts import Mutant

OWN = r"forward|gradient_.*"


def _reordered(mutant: Mutant) -> bool:
    """Whether only the order of numbers was changed."""
    sides = mutant.change.split(" → ")
    numbers = [sorted(re.findall(r"\d+", side)) for side in sides]
    return len(sides) == 2 and numbers[0] == numbers[1]


def _shaped_below(mutant: Mutant) -> bool:
    """Whether nothing is done with the array that is assigned but to give it a shape."""
    name = mutant.statement.split(" = ")[0]
    nodes = list(ast.walk(ast.parse(mutant.context)))
    used = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    shaped = [n.value for n in nodes if isinstance(n, ast.Attribute) and n.attr == "reshape"]
    return all(any(n is s for s in shaped) for n in used if n.id == name)


RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "NumPy widens sums of integers only; these are sums of floats",
        r".*sum\(",
        "call",
        r"dtype=dtype.* → ",
        OWN,
        lambda mutant: mutant.change.count("dtype=dtype") == 1,
    ),
    Equivalent(
        "the array has two axes, so the last one is axis 1",
        r".*axis=(\(-2, )?-1",
        "arithmetic",
        "^-1 → 1$",
    ),
    Equivalent("the array has one axis", r"w_entries = taken\(w, t, 0\)", "constant", "^0 → -1$"),
    Equivalent("the array has one axis", r".*np\.sum\(\w+, axis=0", "constant|call", "→"),
    Equivalent(
        "the sum is over all axes",
        r"y_product = np\.sum\(.*axis=\(-2, -1\)",
        "call",
        r"axis=\(-2, -1\), dtype=dtype\) → .*, dtype=dtype\)$",
        "forward",
    ),
    Equivalent("a sum over the same axes", r".*axis=\(", "axes", r"^\(", also=_reordered),
    Equivalent(
        "NumPy's matmul takes a vector for a row; the shape is settled by the reshape after it",
        r".*np\.matmul\(",
        "call",
        r"^\w+\.reshape\(1, \w+\) → \w+$",
    ),
    Equivalent(
        "the array takes another shape below, in the same row-major order",
        r"\w+ = \w+\.reshape\([^()]*\)$",
        "axes|call",
        also=_shaped_below,
    ),
    Equivalent(
        "axes are split and merged again in the same row-major order",
        r"\w+_split = \w+\.reshape\(",
        "axes|call",
    ),
    Equivalent(
        "the result is brought into its final shape below, in the same row-major order",
        r"\w+_(parts|sum) = np\.matmul\(",
        "axes|call",
        r"\.reshape\(",
    ),
    Equivalent(
        "NumPy's matmul multiplies a stack of matrices, and what it promotes truth values to",
        r"(return|\w+_factor2 =)",
        "call",
        r"^dx_factor\.reshape\(N \* C, E\) → dx_factor$|\.astype\(dtype\) → ",
        "gradient_.*",
    ),
    Equivalent(
        "the array has one axis",
        r"y_(product|sum4) = np\.sum\((np\.(log|where)|\(1 - label_smoothing).*axis=-1",
        "constant|call",
    ),
)
