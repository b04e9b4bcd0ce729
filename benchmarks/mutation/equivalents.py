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
SPREAD = (
    "s²·C_out channels: a slice with the step s² that begins below s² has C_out of them, each is in"
    " one slice, and where it ends behind its last one, if not before the array, is the same"
)
EARLY = r"if (0 in \(.*\)|\w+ == 0):\n    return np\.zeros"
OWN = r"forward|gradient_.*"
#: sums, products and quotients of lengths and positive numbers
LENGTH = r"\w+( (\*|\+|//|\*\*) \w+)*"

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
        "the array has one axis",
        r"y_(product|sum4) = np\.sum\((np\.(log|where)|\(1 - label_smoothing).*axis=-1",
        "constant|call",
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
        "what stands where a choice by the same condition around it takes the other side does not"
        " matter",
        r".*np\.where\(([^()]+), .*np\.where\(\1, [^,]+(, [^,]+)?, 1\)",
        "constant",
        "^1 → [02]$",
    ),
    Equivalent(
        "the other factor is zero there",
        r"\w+_factor = np\.where\(([^()]+), .*, 0\) \* np\.where\(\1, .*, 0\)$",
        "constant",
        "^0 → ",
    ),
    Equivalent(
        "entries of a table below C are in 0 … C − 1: the condition always holds",
        r"\w+ = .*np\.where\(\((t(\[[:, None]+\])?) >= 0\) & \(\1 < C\)",
        "arithmetic|axes|comparison|constant|slice",
        r"^\(t[:, None\[\]]* >= 0\) & [^+*/]* → |^t[:, None\[\]]* < C → .* <= C$"
        r"|^0 → -1$|^1 → [02]$|^\(:, None|^t\[:, None\] → t$",
    ),
    Equivalent(
        "at 0 both sides are 1/2, or 0",
        r"return np\.where\(u >= 0, 1, small\)|.*-np\.where\((beta \* x|x|u) >= 0, \1, -",
        "comparison",
        r"^(u|x|beta \* x) >= 0 → (u|x|beta \* x) > 0$",
    ),
    Equivalent(
        "the factor is exp(0)",
        r"return np\.exp\(np\.maximum\(x, 0\) - np\.maximum\(0, x\)\)",
        "arithmetic",
        r"^np\.exp\(np\.maximum\(x, 0\) - np\.maximum\(0, x\)\) \* \((.*)\) → \1$",
    ),
    Equivalent(
        "where x − t = δ both branches are δ²/2",
        r"y_product = np\.sum\(np\.where\(x - t < -delta",
        "comparison",
        r"^delta < x - t → delta <= ",
        "forward",
    ),
    Equivalent(
        "both have the same shape, and are not looked at otherwise",
        r"return \{'x': gradient_x\(g, x, z\), 'z': gradient_z\(g, x, z\)\}",
        "axes",
        r"\(g, x, z\) → \w+\(g, z, x\)$",
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
        "the sum of the weights is computed several times over",
        r"return label_smoothing \* g \* dx_sum2",
        "name",
        "^dx_sum[345] → dx_sum[345]$",
        "gradient_x",
    ),
    Equivalent(
        "where H is 0 there is no entry that a mean and a variance would be for",
        r"[mv] = [mv]_product / max\(1, H\)",
        "call|constant",
        r"^max\(1, H\) → H$|^1 → 0$",
        "gradient_w",
    ),
    Equivalent(
        "where H is 1 there is nothing to divide: the variance of one entry is 0",
        r"v = v_product / max\(1, H\)",
        "constant",
        "^1 → 2$",
        "gradient_w",
    ),
    Equivalent(
        "the smaller of two equal numbers: one of them may be larger",
        r"R = max\(0, min\(\(H - 1\) // K \+ 1, \(H - 1\) // K \+ 1\)\)",
        "arithmetic|call|constant",
        r"^\(H - 1\) // K → |^H - 1 → H|^min\(.*→ (max\()?\(H|^1 → ",
    ),
    Equivalent(
        "K ≥ 1, so that R ≥ 1 where H ≥ 1: nothing is ever refused",
        r"require\(R >= 1 or H == 0, 'lp_pool",
        "constant|statement",
        r"^1 → 0$|left out",
    ),
    Equivalent(
        "places outside the image are cut off below, and inside the weaker condition still holds;"
        " integers are added into an array of the dtype",
        r"dx_sum2 = g\[:, :, None, :\] / \(np\.minimum\(K \* r__ \+ K, H\)",
        "arithmetic|call|comparison|constant",
        r"^\(?K \* r__|^[01] → |\.astype\(dtype\) → ",
        "gradient_x",
    ),
    Equivalent(
        "windows of K with the stride K: each of the K·R places is in one of them",
        r"dx_spread\[:, :, a__:a__ \+ K \* R:K\] \+= ",
        "arithmetic|slice|statement",
        r"^a__ \+ K \* R → K \* R$|→ a__::K$|^overwrites",
        "gradient_x",
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
        rf"\w+ = max\(0, {LENGTH}\)$",
        "call|constant",
        r"^max\(0, (.*)\) → \1$|^0 → -1$",
    ),
    Equivalent(
        "at least 1 in any case: a positive number is added, or it is twice H, which is"
        " at least 1 by a requirement below",
        r"R = max\(0, (H \+ 2|2 \* H)\)$",
        "constant",
        "^0 → 1$",
        "gradient_x",
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
        "only the product of the two lengths is used",
        r"N, C = shape_of\('x', x, 'N, C'\)",
        "axes",
        r"^\(N, C\) → \(C, N\)$",
        "forward",
    ),
    Equivalent(
        "the row-major view of E·J entries with the step J: each is in one slice, which ends with"
        " the array",
        r"g_f\[j:j \+ E \* \(N \* C // E\):N \* C // E\] \+= g\[:, j\]",
        "arithmetic|slice|statement",
        r"^j \+ E \* .* → E \*|^N \* C // E → N \* C( \* E)?$|→ j::|^overwrites",
        "gradient_x",
    ),
    Equivalent(
        "the reflection at the far end counts only from r = H + 1 on: r − 1 is more than H − 1 > 0"
        " there, and the other argument is less",
        r"(x_entries = gather|scatter_add)\(.*np\.maximum\(r - 1, 1 - r\) - H \+ 1\) - 1",
        "arithmetic|constant",
        r"^1( - r)? → [01]$",
        also=lambda mutant: mutant.name.endswith((" - r → 1 (2)", " 1 → 0 (5)")),
    ),
    Equivalent(
        "2·r − 1 is odd: one less has the same quotient by 4",
        r"(x_entries = gather|scatter_add)\(.*\(2 \* r\[:, None\] - 1\) // 4 \+ a",
        "constant",
        "^1 → 2$",
        also=lambda mutant: mutant.name.endswith("1 → 2"),
    ),
    Equivalent(
        "integers among floats: the result is added into an array of the dtype",
        r"dx_sum = (\(\(\(2 \* r|g / \(np\.minimum\(2 \* r__)",
        "call",
        r"\.astype\(dtype\) → ",
        "gradient_x",
    ),
    Equivalent(
        "C + D places: at c = C what is read of x is the zero behind it",
        r"return np\.where\(C <= c, z_padded, 0\) \+ np\.where\(c < C, x_padded, 0\)",
        "comparison",
        "^c < C → c <= C$",
        "forward",
    ),
    Equivalent(
        "``table`` has made int64 of it, which is the dtype of a layer of tables",
        r"return \(t \*\* 2\)\.astype\(dtype\)",
        "call",
        r"\.astype\(dtype\) → ",
        "forward",
    ),
    Equivalent(
        "K ≥ 2 is required below",
        r"K, = integers\(1, K=K\)",
        "constant",
        "^1 → [02]$",
        also=lambda mutant: "requires 2 <= K" in mutant.text,
    ),
    Equivalent(
        "R ≥ 1 is required below",
        r"R = max\(0, min\(",
        "call|constant",
        r"^max\(0, (min.*)\) → \1$|^0 → -1$",
        also=lambda mutant: "requires R >= 1 (" in mutant.text,
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
        r"for \w+, \w+ in np\.ndindex\((\w+), \1\)",
        "axes",
    ),
    Equivalent(
        SPREAD,
        r"dx\[:, s \* r__ \+ q__:s \* r__ \+ q__ \+ s \*\* 2 \* C_out:s \*\* 2",
        "arithmetic|constant|slice|statement",
        r"q__ \+ s \*\* 2 \* C_out → s|^2 → 3$|→ s \* r__ \+ q__::|^overwrites",
        "gradient_x",
    ),
    Equivalent(
        SPREAD,
        r"dx\[:, s \* r__ \+ q__:s \* r__ \+ q__ \+ s \*\* 2 \* C_out:s \*\* 2",
        "arithmetic",
        r"^s \* r__( \+ q__)? → ",
        "gradient_x",
        lambda mutant: mutant.name.endswith("(2)"),
    ),
    Equivalent(
        "the widest window has as many places as the whole axis",
        r"x_view = x_padded\[:width_a|.*np\.broadcast_to\(x_view",
        "slice|axes",
        r"^x_padded\[:width_a, :\] → x_padded$|^:width_a → "
        r"|^\(I, width_a, J\) → \(width_a, I, J\)$",
    ),
    Equivalent(
        "sizes under which a window has no place that counts are refused above",
        r"return largest_where\(",
        "constant",
        "True → False",
        "forward",
        lambda mutant: re.search(r"require\([HJ] >= 1", mutant.text) is not None,
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
    Equivalent(
        "what divides is at least 1: ``integers`` has refused less, so zero is never among it",
        r"zero = np\.equal|return np\.where\(zero, np\.equal\(number, 0\)",
        "axes|constant",
        function="divides",
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
        r"dx_factor = (g \* )?np\.where\(.*(== dx_first|>= 0\) & \(a_)"
        r"|dx_factor2 = np\.where\(\(a_\[:, None\] - r \* H // E >= 0\)",
        function="gradient_x",
    ),
    Equivalent(
        "truth values among numbers count as 0 and 1",
        r"dx_factor = \(a_.* == dx_first",
        "call",
        r"\.astype\(dtype\) → ",
        "gradient_x",
    ),
    Equivalent(
        "the argument is computed from arrays of floats",
        r"u = np\.asarray\(u\)|return np\.vectorize",
        "statement|comparison",
        r"left out|^u\.dtype if .* → u\.dtype$",
        "erfc?",
    ),
)


def argument(mutant: Mutant) -> str:
    """Why a mutant computes the same as the right program; nothing if no rule says so."""
    return next((rule.argument for rule in RULES if rule.fits(mutant)), "")
