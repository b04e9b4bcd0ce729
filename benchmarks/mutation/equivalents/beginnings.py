"""What every function begins with: types, shapes, what is required, early exits."""

from __future__ import annotations

import ast

from benchmarks.mutation.equivalents import Equivalent
from benchmarks.mutation.texts import Mutant

EARLY = r"if (0 in \(.*\)|\w+ == 0):\n    return (np\.zeros|\{'\w+': np\.zeros)"


def _unread(mutant: Mutant) -> bool:
    """Whether the function has no use for the number that the statement makes."""
    name = mutant.statement.split(" = ")[0]
    named = (n for n in ast.walk(ast.parse(mutant.context)) if isinstance(n, ast.Name))
    own = mutant.statement.count(f"({name})")
    return sum(n.id == name and isinstance(n.ctx, ast.Load) for n in named) == own


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
        r"return (\{'\w+': )?np\.zeros\(\(.*\), dtype\)\}?$",
        "call|axes|name",
    ),
    Equivalent(
        "each gradient alone is what it is beside the others: where one has no entries all are"
        " computed alone, and whatever is computed so is right",
        r"if 0 in \(.*\):\n    return \{'\w+': gradient_",
        function="gradient_all",
    ),
    Equivalent(
        "where this is reached nothing is left to sum: arrays of one shape may change places, and"
        " others would be refused",
        r"return \{'d\w+': gradient_",
        "axes|name",
        function="gradient_all",
    ),
    Equivalent(
        "where D is 0 each gradient is computed alone, which refuses it",
        r"require\(D >= 1, 'attention",
        "constant|statement",
        r"^1 → 0$|^left out$",
        "gradient_all",
    ),
    Equivalent(
        "of another length it fits neither the weights nor k, and the products below refuse it",
        r"expect\('v', v, 'M, E'",
        "statement",
        "^left out$",
        "gradient_all",
    ),
    Equivalent(
        "what is kept was computed in floats, so that the common dtype is one",
        r"dtype = common_dtype\(.*integers=(False|True)\)$",
        "constant",
        "^(False → True|True → False)$",
        "gradient_.*",
        lambda mutant: "def forward_keeping" in mutant.text,
    ),
    Equivalent(
        "the hyperparameter is not read",
        r"(\w+) = of_python\(\1\)$",
        "statement|name",
        also=_unread,
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
