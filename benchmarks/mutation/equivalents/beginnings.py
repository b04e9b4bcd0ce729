"""What every function begins with: types, shapes, what is required, early exits."""

from __future__ import annotations

from benchmarks.mutation.equivalents import Equivalent

EARLY = r"if (0 in \(.*\)|\w+ == 0):\n    return np\.zeros"

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "NumPy promotes an array when it meets one of the common dtype, and every result is made"
        " with dtype=dtype: the conversion only happens later",
        r".* = np\.asarray\(\w+, dtype\)$|.* = \(np\.asarray\(\w+, dtype\) for",
        "statement",
        "left out",
    ),
    Equivalent(
        "where a result has no entries the lines below compute the same empty array: the early"
        " exit only saves work",
        EARLY,
    ),
    Equivalent(
        "an array without entries: its values do not matter, and where no axis can be empty the"
        " line is never reached",
        r"return np\.zeros\(\(.*\), dtype\)$",
        "call|axes|name",
    ),
    Equivalent(
        "``expect`` compares the whole shape below and refuses the same arrays with a message that"
        " begins the same way",
        r"shape_of\(",
        "statement|name|axes",
    ),
    Equivalent(
        "the sizes of both axes are compared below: either may be the one that is named",
        r"\w+, _ = shape_of\(",
        "axes",
    ),
    Equivalent(
        "only the product of the two lengths is used",
        r"\w, C, H = shape_of\('x', x, 'N, C, H'\)",
        "axes",
        r"^\(N, C, H\) → \(N, H, C\)$",
        "forward",
    ),
    Equivalent(
        "only the product of the two lengths is used",
        r"N, C = shape_of\('x', x, 'N, C'\)",
        "axes",
        r"^\(N, C\) → \(C, N\)$",
        "forward",
    ),
    Equivalent(
        "both coordinates are the same, so the axes may change places",
        r"U, V = shape_of",
        "axes",
        function="forward",
    ),
    Equivalent(
        "O is G times an axis of k (the line ``O = k.shape[1] * G``), so G divides it",
        r"require\(O % G == 0, 'conv_transpose",
        "statement",
        "left out",
    ),
    Equivalent(
        "K ≥ 1, so that R ≥ 1 where H ≥ 1: nothing is ever refused",
        r"require\(R >= 1 or H == 0, 'lp_pool",
        "constant|statement",
        r"^1 → 0$|left out",
    ),
)
