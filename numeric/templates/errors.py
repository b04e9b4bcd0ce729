"""The error function and its complement, which NumPy does not have, in pieces that stay in cache.

erfc u = P(u)/Q(u)/e^(u²) for u ≥ 0, where P and Q have positive coefficients, so that nothing
cancels; erfc(−u) = 2 − erfc u; and erf u is its series where 1 − erfc u would lose digits.  The
rational functions are within 10⁻⁸ (single precision, 0 ≤ u ≤ 10.5) and 6·10⁻¹⁷ (double,
0 ≤ u ≤ 28) of what they stand for; beyond, erfc is too small for the type.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numeric.templates.choosing import either, into

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]

#: the entries of a piece
PIECE = 1 << 16
#: how many bytes a number has: the coefficients of P and of Q, the highest first, the largest u,
#: and how many terms of the series erf needs
ERFC = {
    4: (
        (0.5641957808, 3.931762454, 12.52158045, 21.15640497, 17.04188889),
        (1, 6.969291079, 22.68689643, 41.05039232, 40.38612711, 17.04188872),
        10.5,
        9,
    ),
    8: (
        (
            0.5641895835461797689,
            10.71719340801809583,
            99.69640109468741225,
            587.4980082302383915,
            2398.541303324979579,
            7011.300957716836761,
            14675.75950248664852,
            21297.36976114486858,
            19635.29994497376964,
            8954.770426407674217,
        ),
        (
            1,
            18.99573072652844444,
            177.2072700691226685,
            1050.810971354879885,
            4339.157434281164182,
            12938.36549079606186,
            28050.6632699972932,
            43465.19801348352893,
            45900.2305532502063,
            29739.67634025506013,
            8954.770426407674673,
        ),
        28.0,
        17,
    ),
}
#: below this the series of erf is used
NEAR = 0.75


def erf(u: Any, out: Any = None) -> Any:
    """The error function."""
    return in_pieces(erf_of_piece, u, out)


def erfc(u: Any, out: Any = None) -> Any:
    """1 − erf(u), as exact as e^(−u²), however small."""
    return in_pieces(erfc_of_piece, u, out)


def in_pieces(compute: Callable[[Array, Array], None], u: Any, out: Any = None) -> Any:
    """What ``compute(piece, result)`` makes of all entries, in single or double precision."""
    u = np.asarray(u)
    dtype = u.dtype if u.dtype.kind == "f" else np.dtype(float)
    flat = u.astype(f"f{min(max(dtype.itemsize, 4), 8)}", copy=False).reshape(-1)
    here = out is not None and out.dtype == flat.dtype and out.flags.c_contiguous
    made = out.reshape(-1) if here else np.empty_like(flat)
    for start in range(0, flat.size, PIECE):
        compute(flat[start : start + PIECE], made[start : start + PIECE])
    return out if here else into(out, made.reshape(u.shape).astype(dtype, copy=False))


def horner(coefficients: Sequence[float], u: Array) -> Array:
    """The polynomial with these coefficients, the highest first."""
    first, second, *others = coefficients
    made = u if first == 1 else u * first
    made = made + second if made is u else np.add(made, second, out=made)
    for coefficient in others:
        made *= u
        made += coefficient
    return made


def erfc_of_size(size: Array) -> Array:
    """erfc of entries that are not negative."""
    above, below, largest, _ = ERFC[size.itemsize]
    if not size.max(initial=0) <= largest:
        size = np.minimum(size, largest)
    made = horner(above, size)
    made /= horner(below, size)
    growth = np.square(size)
    with np.errstate(over="ignore"):
        made /= np.exp(growth, out=growth)
    return made


def erfc_of_piece(u: Array, out: Array) -> None:
    """erfc of a piece: ∣2 − erfc ∣u∣∣ where u < 0."""
    made = erfc_of_size(np.abs(u))
    np.multiply(u < 0, 2, out=out, dtype=u.dtype)
    out -= made
    np.abs(out, out=out)


def erf_of_piece(u: Array, out: Array) -> None:
    """erf of a piece: its series where ∣u∣ is small, else 1 − erfc ∣u∣ with the sign of u."""
    near = np.clip(u, -NEAR, NEAR)
    terms = range(ERFC[u.itemsize][3] - 1, -1, -1)
    series = [2 / math.sqrt(math.pi) * (-1) ** k / (math.factorial(k) * (2 * k + 1)) for k in terms]
    near *= horner(series, near * near)
    size = np.abs(u)
    np.subtract(1, erfc_of_size(size), out=out)
    np.copysign(out, u, out=out)
    either(size < NEAR, near, out, out=out)
