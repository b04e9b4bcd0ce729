"""The largest of some values, and the first place that has it."""

from __future__ import annotations

import re

from benchmarks.mutation.equivalents import Equivalent

SHIFT = r"\w+_shift = np\.where\(\(\w+_max > -np\.inf\)"

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "where the largest exponent is infinite a quotient is no number, with any shift, and so is"
        " all that is made of it",
        SHIFT,
        "arithmetic|comparison",
        also=lambda mutant: (
            re.search(
                r"(np\.exp\(.*_shift.*\)\s*/ |\(1 / |, 1 / |_common(?: /|,) ).*_sum\[",
                mutant.context,
            )
            is not None
        ),
    ),
    Equivalent(
        "where all logits are −∞, −∞ + ∞ is no number either way",
        SHIFT,
        "comparison",
        r"^y_max > -np\.inf → y_max >= -np\.inf$",
        "forward|gradient_x",
        lambda mutant: "x_entries = gather" in mutant.text or "return x - np.log" in mutant.text,
    ),
    Equivalent(
        "where the largest logit is infinite the mean over all classes holds ∞ − ∞ with any shift",
        SHIFT,
        "arithmetic|comparison",
        function="forward",
        also=lambda mutant: "y_sum3_factor @ w" in mutant.context,
    ),
    Equivalent(
        "where the largest logit is infinite the loss is, too, or is no number: no gradient is"
        " promised there",
        SHIFT,
        "arithmetic|comparison",
        function="gradient_[xw]",
        also=lambda mutant: "shape_of('g', g, '')" in mutant.context,
    ),
    Equivalent(
        "sizes under which a window has no place that counts are refused above",
        r"return largest_where\(",
        "constant",
        "True → False",
        "forward",
        lambda mutant: re.search(r"require\([HJ] >= 1", mutant.context) is not None,
    ),
    Equivalent(
        "never reached: a maximum over nothing is no layer, and sizes that lead to one are refused",
        r"if 0 in values|if not values\.size|return np\.zeros\(values|if np\.any\(np\.logical_and",
        function="largest|largest_where",
    ),
    Equivalent(
        "a table below C has entries only where 1 <= C: there is always a largest one",
        r"y_max(_max)? = (largest_where\(x, 1, True, C >= 1\)|np\.where\(C >= 1)",
        function=r"cross_entropy\.forward|forward",
    ),
    Equivalent(
        "where M is not 0 there is a largest one, which then need not be asked for",
        r"\w+_max_max = largest_where\(.*, 1, True, M >= 1\)",
        "comparison|constant",
        r"^M >= 1 → M > 1$|^1 → 2$",
    ),
    Equivalent(
        "True counts as 1, and 1 as True",
        r"\w+_max_max = largest_where\(.*, 1, True, M >= 1\)",
        "axes",
        ", True, 1, M >= 1\\)$",
    ),
    Equivalent(
        "where M is 0 there is no exponential to shift",
        r"\w+_max = np\.where\(M >= 1, \w+, 0\)",
        "constant",
        r"^0 → |^1 → 0$",
    ),
    Equivalent(
        "each window says along which axis it is: sums of sums, and the largest of the largest,"
        " are the same whichever axis is first",
        r"(return|\w+ =) window_(maxima|sums)\(",
        "axes",
        r"^(window_\w+\(\w+), (\(.*\)), (\(.*\))\) → \1, \3, \2\)$",
    ),
    Equivalent(
        "no window is empty where this is reached: the forward pass has refused those",
        r"return np\.(argmax\(.* else|full|where\(only\.any)|if not values\.shape",
        function="first_place|first_place_where",
    ),
)
