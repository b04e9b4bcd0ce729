"""Changed formulas from which code with the same results is generated, each with the argument."""

from __future__ import annotations

import re

#: layer, what was changed in its formula, why that changes nothing
FORMULAS: tuple[tuple[str, str, str], ...] = (
    ("lrn", r"both passes: without \[Between\(0, c, C\)", "c runs over the channels of x"),
    (
        ".*",
        r"(∂L/∂\w+|both passes): \w+'* goes one too far",
        "the further place is outside a tensor, where the formula has no value: the code reads the"
        " tensor to its end",
    ),
    (
        "maxpool.*|avgpool.*|ceiling|lp_pool|conv.*|largest|running|irregular",
        r"(∂L/∂x|both passes): without \[Between",
        "the code drops what falls outside the tensor that it adds to, and reads zeros outside",
    ),
    (
        "adaptive_maxpool",
        r"∂L/∂x: without \[Between",
        "the place of the largest value is inside its window",
    ),
    (
        "pixel_shuffle",
        r"∂L/∂x: Modulo\([qr]'', s\) as a quotient",
        "in the place that is read, whose guard says that s² divides what was right: the remainder"
        " that is left there is less than s², and the quotient is rounded down",
    ),
    (
        "attention",
        "∂L/∂k: i begins one late",
        "the first query sees one key only, whose weight is 1 whatever it is: its share is 0",
    ),
    (
        "smoothed",
        "∂L/∂w: x turned round along n$",
        "in the mean over all classes x[n, j] is a term by itself: its sum is taken backwards",
    ),
    ("irregular", "i begins one late", "for i = 0 the position is −1, outside every tensor"),
    (
        "huber",
        r"∂L/∂[xt]: without \[Negation\(Less\(.*, -delta\)\)\]",
        "delta is not negative: what is above delta is not below −delta",
    ),
    (
        "conv1",
        r"∂L/∂x: without \[Same",
        "outside its group the kernel has no entry: the index that is left is inside only there",
    ),
    (
        "maxpool.*|avgpool.*|ceiling|conv1|conv2|conv_transpose1",
        r"(∂L/∂x|both passes): FloorDiv\(.*\) as a remainder",
        "where the stride divides the remainder is 0, which is inside",
    ),
)


def formula_argument(layer: str, words: str) -> str:
    """Why a changed formula has the same values; nothing if no rule says so."""
    for name, change, reason in FORMULAS:
        if re.fullmatch(name, layer) and re.search(change, words):
            return reason
    return ""
