"""What a backward pass hands to the gradients."""

from __future__ import annotations

from benchmarks.mutation.equivalents import Equivalent

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "both have the same shape, and are not looked at otherwise",
        r"return \{'x': gradient_x\(g, x, z(, threads=threads)?\), 'z': gradient_z\(g, x, z",
        "axes",
        r"\(g, x, z(|, threads=threads)\) → \w+\(g, z, x\1\)$",
        "backward",
    ),
    Equivalent(
        "w and b have the same shape, which is all that is looked at",
        r"return \{'x': gradient_x\(g, x, (mean, var, )?w, b, (G=G, )?eps=eps\)",
        "axes",
        r"^gradient_[wb]\(.*, w, b, (.*)\) → gradient_[wb]\(.*, b, w, \1\)$",
        "backward",
    ),
    Equivalent(
        "vectors of one shape, which is all that is looked at",
        r"return \{'x': gradient_x\(g, x, mean, var, w, b, eps=eps\)",
        "axes",
        r"^gradient_b\(g, x, mean, var, w, b, eps=eps\) → gradient_b\(g, x, ",
        "backward",
    ),
    Equivalent(
        "products commute",
        r"return \{'x': gradient_x\(g, x, mask",
        "axes",
        r"^gradient_mask\(g, x, mask, p=p(.*)\) → gradient_mask\(x, g, mask, p=p\1\)$",
        "backward",
    ),
)
