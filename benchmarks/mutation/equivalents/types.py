"""Integers and truth values among floats."""

from __future__ import annotations

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
        "``table`` has made int64 of it, which is the dtype of a layer of tables",
        r"return \(t \*\* 2\)\.astype\(dtype\)",
        "call",
        r"\.astype\(dtype\) → ",
        "forward",
    ),
)
