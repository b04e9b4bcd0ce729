"""Which entries are read, and which are added to."""

from __future__ import annotations

from benchmarks.mutation.equivalents import Equivalent

SPREAD = (
    "s²·C_out channels: a slice with the step s² that begins below s² has C_out of them, each is in"
    " one slice, and where it ends behind its last one, if not before the array, is the same"
)

RULES: tuple[Equivalent, ...] = (
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
        r"(x_entries = taken|add_rows)\(.*np\.maximum\(r - 1, 1 - r\) - H \+ 1\) - 1",
        "arithmetic|constant",
        r"^1( - r)? → [01]$",
        also=lambda mutant: mutant.name.endswith((" - r → 1 (2)", " 1 → 0 (5)")),
    ),
    Equivalent(
        "2·r − 1 is odd: one less has the same quotient by 4",
        r"(x_entries = taken|add_rows)\(.*\(2 \* r\[:, None\] - 1\) // 4 \+ a",
        "constant",
        "^1 → 2$",
        also=lambda mutant: mutant.name.endswith("1 → 2"),
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
        "the place of the largest value is inside the window, so the further conditions hold",
        r"dx_factor = (g \* )?np\.where\(.*(== dx_first|>= 0\) & \(a_)"
        r"|dx_factor2 = np\.where\(\(a_\[:, None\] - H \* r // E >= 0\)",
        function="gradient_x",
    ),
)
