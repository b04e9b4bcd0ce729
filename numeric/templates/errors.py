"""The error function and its complement, which NumPy does not have, in pieces that stay in cache.

erfc u = e^(−u²)·P(u)/Q(u) for u ≥ 0, where P and Q have positive coefficients, so that nothing
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
PIECE = 1 << 15
#: how many bytes a number has: the coefficients of P and of Q, the highest first, the largest u,
#: and how many terms of the series erf needs
ERFC = {
    4: (
        (0.0331064115, 0.230711661, 0.734753093, 1.24143546, 1.00000001),
        (0.058678942, 0.408950627, 1.33124308, 2.40879359, 2.36981521, 1),
        10.5,
        9,
    ),
    8: (
        (
            0.0000630043604336724385,
            0.00119681386542451436,
            0.0111333285329886397,
            0.0656072663234004354,
            0.267850675015817948,
            0.782968253104564898,
            1.63887613011359184,
            2.37832671827507608,
            2.19271952378244626,
            0.999999999999999949,
        ),
        (
            0.000111672321274813888,
            0.00212129734454273828,
            0.0197891471953917777,
            0.1173465003922414,
            0.484563783063043296,
            1.44485730785914289,
            3.13248268065875923,
            4.85385955683513503,
            5.12578529293058545,
            3.32109869087794438,
            1,
        ),
        28.0,
        17,
    ),
}
#: below this the series of erf is used
NEAR = 0.75


def erf(u: Any, out: Any = None) -> Any:
    """The error function."""
    return into(out, in_pieces(erf_of_piece, u))


def erfc(u: Any, out: Any = None) -> Any:
    """1 − erf(u), as exact as e^(−u²), however small."""
    return into(out, in_pieces(erfc_of_piece, u))


def in_pieces(compute: Callable[[Array, Array], None], u: Any) -> Any:
    """What ``compute(piece, result)`` makes of all entries, in single or double precision."""
    u = np.asarray(u)
    dtype = u.dtype if u.dtype.kind == "f" else np.dtype(float)
    flat = u.astype(f"f{min(max(dtype.itemsize, 4), 8)}", copy=False).reshape(-1)
    made = np.empty_like(flat)
    for start in range(0, flat.size, PIECE):
        compute(flat[start : start + PIECE], made[start : start + PIECE])
    return made.reshape(u.shape).astype(dtype, copy=False)


def horner(coefficients: Sequence[float], u: Array) -> Array:
    """The polynomial with these coefficients, the highest first."""
    made = u * coefficients[0]
    for coefficient in coefficients[1:-1]:
        made += coefficient
        made *= u
    made += coefficients[-1]
    return made


def erfc_of_size(size: Array) -> Array:
    """erfc of entries that are not negative."""
    above, below, largest, _ = ERFC[size.itemsize]
    if not size.max(initial=0) <= largest:
        size = np.minimum(size, largest)
    made = horner(above, size)
    made /= horner(below, size)
    less = np.negative(size)
    less *= size
    made *= np.exp(less, out=less)
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
