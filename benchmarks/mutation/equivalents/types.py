"""Integers and truth values among floats."""

from __future__ import annotations

import re

from benchmarks.mutation.equivalents import Equivalent

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "integers among floats: the result is added into an array of the dtype",
        r"dx_sum = (\(\(\(2 \* r|g / \(np\.minimum\(2 \* r__)",
        "call",
        r"\.astype\(dtype\) → ",
        "gradient_x",
    ),
    Equivalent(
        "the sum makes the dtype that of the tensors",
        r"(delta|label_smoothing) = of_python\(",
        "statement",
        "^left out$",
        "forward",
        lambda mutant: bool(
            re.search(r"np\.sum\(.*dtype=dtype\)|= sums\(.*, dtype\)", mutant.context)
        ),
    ),
    Equivalent(
        "numbers of the dtype times truth values are of the dtype, and so is a matrix product",
        r"dx_factor = g\[.*\] \* \(.* == dx_first\[.*\]\)\.astype\(dtype\)$"
        r"|dx_sum_factor = \(.* == y_first_windows\.transpose.*\)\.astype\(dtype\)$",
        "call",
        r"\.astype\(dtype\) → ",
        "gradient_x",
    ),
    Equivalent(
        "``table`` has made int64 of it, which is the dtype of a layer of tables",
        r"return \(t \*\* 2\)\.astype\(dtype\)",
        "call",
        r"\.astype\(dtype\) → ",
        "forward",
    ),
)
