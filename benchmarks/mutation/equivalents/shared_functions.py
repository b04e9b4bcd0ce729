"""Functions that modules share."""

from __future__ import annotations

from benchmarks.mutation.equivalents import Equivalent

GUARD = (
    "a check of index maps that are right for all sizes: it is never true, and the mutant lets"
    " through no more than the right program"
)

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "only the words of a message",
        r"stated = |raise ValueError\(f'\{statement",
        function="require",
    ),
    Equivalent(
        "what divides is at least 1: ``integers`` has refused less, so zero is never among it",
        r"zero = np\.equal|return np\.where\(zero, np\.equal\(number, 0\)",
        "axes|constant",
        function="divides",
    ),
    Equivalent(GUARD, r"for axis|reach =|low =|high =|if low", function="view"),
    Equivalent(GUARD, r"for axis|if not", function="gather"),
    Equivalent(GUARD, r"if index\.size and", function="taken"),
    Equivalent(
        "only which entry the message names",
        r"wrong = array\[",
        "comparison|constant|slice",
        function="below",
    ),
    Equivalent(
        "a table that is only compared may be of any integers; ``table`` makes int64 of it",
        r"return made if made\.dtype\.itemsize < 8",
        function="compared_table",
    ),
    Equivalent(
        "the same numbers, copied once more", r".*copy=False", "constant", r"^False → True$"
    ),
    Equivalent(
        "NumPy takes an array for its dtype; nothing but arrays and Python's numbers is given",
        r"kinds = \[a if isinstance",
        "comparison",
        r"→ a$",
        "common_dtype",
    ),
    Equivalent(
        "an array without entries: its values do not matter",
        r"return np\.zeros\(",
        "call",
        function="view|gather|gather_or_zero|largest",
    ),
    Equivalent(
        "all index arrays have the same shape after broadcasting, which NumPy's indexing does, too",
        r"(\*?index|\*index, values) = np\.broadcast|if index\[0\]|return np\.zeros|inside = np",
        "statement|constant",
        function="gather|gather_or_zero|scatter_add",
    ),
    Equivalent(
        "arrays of few entries are sorted by 16 bits, which only is quicker",
        r"small = index\.astype\(np\.uint16\) if",
        function="add_rows",
    ),
    Equivalent(
        "many rows for one index are added in one pass, few in rounds: either way all are added",
        r"if most > 8",
        "comparison|constant|statement",
        function="add_rows",
    ),
    Equivalent(
        "there is one index array for each axis: nothing is left over",
        r"for i, size in zip\(index",
        "constant",
        "True → False",
        "scatter_add|gather_or_zero",
    ),
    Equivalent(
        "entries outside are set to zero, here or by the caller: which one is read does not matter",
        r"return np\.where\(inside|inside &=",
        "constant",
        function="gather_or_zero",
    ),
)
