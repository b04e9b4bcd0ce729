"""Mutants that compute the same as the right program, each with the argument why.

A rule is as narrow as its argument: it names the function, the statement, the kind of change and
the change.  A mutant that fits a rule and is refuted all the same counts as refuted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.mutation.texts import Mutant


@dataclass(frozen=True)
class Equivalent:
    """Mutants of one kind that change nothing.

    ``statement`` must match from the beginning, ``change`` anywhere, ``function`` and ``operator``
    as a whole; ``also`` is what patterns cannot say.
    """

    argument: str
    statement: str = ""
    operator: str = ".*"
    change: str = ""
    function: str = ".*"
    also: Callable[[Mutant], bool] = lambda mutant: True

    def fits(self, mutant: Mutant) -> bool:
        """Whether a mutant is of this kind."""
        return bool(
            re.fullmatch(self.function, mutant.function)
            and re.match(self.statement, mutant.statement)
            and re.fullmatch(self.operator, mutant.operator)
            and re.search(self.change, mutant.change)
            and self.also(mutant)
        )


def _reordered(mutant: Mutant) -> bool:
    """Whether only the order of numbers was changed."""
    sides = mutant.change.split(" → ")
    numbers = [sorted(re.findall(r"\d+", side)) for side in sides]
    return len(sides) == 2 and numbers[0] == numbers[1]


GUARD = (
    "a check of index maps that are right for all sizes: it is never true, and the mutant lets"
    " through no more than the right program"
)
EARLY = r"if (0 in \(.*\)|\w+ == 0):\n    return np\.zeros"
OWN = r"forward|gradient_.*"

RULES: tuple[Equivalent, ...] = (
    # --- what every function begins with
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
        "O is G times an axis of k (the line ``O = k.shape[1] * G``), so G divides it",
        r"require\(O % G == 0, 'conv_transpose",
        "statement",
        "left out",
    ),
    # --- room
    Equivalent(
        "more padding behind the last entry that is read; less would be refused by ``view``",
        r"\w+ = np\.pad\(",
        "arithmetic|constant|axes|call|name",
        function=OWN,
    ),
    Equivalent(
        "more room behind the last entry that is kept; the rest is cut off below, and too little"
        " room would be an error",
        r"\w+ = np\.zeros\(\(.*\+",
        "arithmetic|constant|call",
        function=OWN,
    ),
    Equivalent(
        "a loop over more places than any window has: a mask leaves out the others",
        r"width_\w+ = int\(np\.max\(",
    ),
    # --- sums and products
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
    Equivalent("the array has one axis", r".*np\.sum\(\w+, axis=0", "constant|call", "→"),
    Equivalent("a sum over the same axes", r".*axis=\(", "axes", r"^\(", also=_reordered),
    Equivalent(
        "NumPy's matmul takes a vector for a row; the shape is settled by the reshape after it",
        r".*np\.matmul\(",
        "call",
        r"^\w+\.reshape\(1, \w+\) → \w+$",
    ),
    Equivalent(
        "axes are split and merged again in the same row-major order",
        r"\w+_split = \w+\.reshape\(",
        "axes|call",
    ),
    Equivalent(
        "products of single numbers commute",
        r".*np\.matmul\(.*1, 1\), .*1, 1\)\)",
        "axes",
        r"^np\.matmul",
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
        "the array has one axis", r"y_product = np\.sum\(np\.(log|where).*axis=-1", "constant|call"
    ),
    Equivalent(
        "Σₙ (x[n, c] − m[c]) = 0, so this term of the derived formula is zero whatever its factor",
        r"g_m = |g_m_sum2",
        function="gradient_x",
    ),
    Equivalent(
        "at 0 both branches are 0",
        r"return np\.where\(x (<= 0, 0, |> 0, x, (negative_slope \* x\)|alpha \* np\.expm1))",
        "comparison",
        r"^x (<= 0 → x < 0|> 0 → x >= 0)$",
        "forward",
    ),
    Equivalent(
        "what stands where the outer choice takes the other side does not matter",
        r"return np\.where\(.*np\.where\(np\.logical_not\(x > 0\), x, 1\)",
        "constant",
        r"^(1 → .|0 → 1)$",
    ),
    Equivalent(
        "at 0 both sides are 1/2, or 0",
        r"return np\.where\(u >= 0, 1, small\)|.*-np\.where\((beta \* )?x >= 0, (beta \* )?x, -",
        "comparison",
        r"^(u|x|beta \* x) >= 0 → (u|x|beta \* x) > 0$",
    ),
    Equivalent(
        "the sign of β·x is that of x: β is positive",
        r"return .*-np\.where\(beta \* x >= 0, beta \* x, -b",
        "arithmetic",
        r"^beta \* x → x$",
    ),
    Equivalent(
        "the factor is exp(0)",
        r"return np\.exp\(np\.maximum\(x, 0\) - np\.maximum\(0, x\)\)",
        "arithmetic",
        r"^np\.exp\(np\.maximum\(x, 0\) - np\.maximum\(0, x\)\) \* \((.*)\) → \1$",
    ),
    Equivalent(
        "where |x − t| = δ both branches are the same, and what is above δ is not below −δ: δ is"
        " positive",
        r"y_product = np\.sum\(np\.where\(x - t < -d|return np\.where\(\(delta < x - t\) & np\.l",
        "comparison|arithmetic",
        r"^x - t < -delta → x - t <= |^delta < x - t → delta <= |^-delta → delta$|→ delta < x - t$",
    ),
    Equivalent(
        "both have the same shape, and are not looked at otherwise",
        r"return \{'x': gradient_x\(g, x, z\), 'z': gradient_z\(g, x, z\)\}",
        "axes",
        r"\(g, x, z\) → \w+\(g, z, x\)$",
        "backward",
    ),
    Equivalent(
        "only the product of the two lengths is used",
        r"\w, C, H = shape_of\('x', x, 'N, C, H'\)",
        "axes",
        r"^\(N, C, H\) → \(N, H, C\)$",
        "forward",
    ),
    Equivalent(
        "c runs over the channels of x, so the guard holds everywhere",
        r"return np\.where\(\(c >= 0\) & \(c < C\), x / np\.where\(\(c >= 0\) & \(c < C\), q, 1\)",
        "arithmetic|comparison|constant",
        r"^\(c >= 0\) & \(c < C\) → |^c < C → c <= C$|^0 → |^1 → ",
        "forward",
    ),
    Equivalent(
        "lengths are not negative",
        r"\w+ = max\(0, [A-Z]\d?( \* [A-Z]\d?)*\)$",
        "call|constant",
        r"^max\(0, (.*)\) → \1$|^0 → -1$",
    ),
    Equivalent(
        "the sum is over all axes",
        r"y_product = np\.sum\(.*axis=\(-2, -1\)",
        "call",
        r"axis=\(-2, -1\), dtype=dtype\) → .*, dtype=dtype\)$",
        "forward",
    ),
    Equivalent(
        "products commute",
        r"return \{'x': gradient_x\(g, x, mask",
        "axes",
        r"^gradient_mask\(g, x, mask, p=p\) → gradient_mask\(x, g, mask, p=p\)$",
        "backward",
    ),
    Equivalent(
        "what is read outside is zero already, and inside the weaker condition still holds",
        r"return np\.where\(",
        "arithmetic|comparison|constant",
        function="forward",
        also=lambda mutant: "x_entries, 0)" in mutant.statement,
    ),
    Equivalent(
        "J ≥ 1 is required below", r"I_out = max\(0, min\(I, I - J \+ 1\)\)", "call", "^min"
    ),
    Equivalent(
        "the largest value does not depend on the order of the places",
        r"return largest\(",
        "axes",
        r"transpose",
        "forward",
    ),
    Equivalent(
        "both indices run over the same range, so the pairs are the same",
        r"for a_, b_ in np\.ndindex\(K, K\)",
        "axes",
    ),
    Equivalent(
        "the widest window has as many places as the whole axis",
        r"x_view = x_padded\[:width_a|.*np\.broadcast_to\(x_view",
        "slice|axes",
        "width_a",
    ),
    Equivalent(
        "a maximum over nothing is no layer: there is always a value that counts",
        r"return largest_where\(",
        "constant",
        "True → False",
    ),
    Equivalent(
        "both coordinates are the same, so the axes may change places",
        r"U, V = shape_of",
        "axes",
        function="forward",
    ),
    # --- shared functions
    Equivalent(
        "only the words of a message",
        r"stated = |raise ValueError\(f'\{statement",
        function="require",
    ),
    Equivalent(GUARD, r"for axis|reach =|low =|high =|if low", function="view"),
    Equivalent(GUARD, r"for axis|if not", function="gather"),
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
        "the exponents of a case are finite, so their maximum is, and every finite shift gives the"
        " same; infinite ones are tried in tests/numeric/lowering/test_stabilise.py",
        r"\w+_shift = np\.where\(\(\w+_max > -np\.inf\)",
        "arithmetic|comparison|constant",
    ),
    Equivalent(
        "no window is empty where this is reached: the forward pass has refused those",
        r"return np\.(argmax\(.* else|full|where\(only\.any)|if not values\.shape",
        function="first_place|first_place_where",
    ),
    Equivalent(
        "the place of the largest value is inside the window, so the further conditions hold",
        r"dx_factor = (g \* )?np\.where\(.*(== dx_first|>= 0\) & \(a_)",
        function="gradient_x",
    ),
)


def argument(mutant: Mutant) -> str:
    """Why a mutant computes the same as the right program; nothing if no rule says so."""
    return next((rule.argument for rule in RULES if rule.fits(mutant)), "")
