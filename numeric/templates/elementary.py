"""Functions of a number as machine code, without branches and calls: several at once.

Only Numba, NumPy and the standard library may be used here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import overload, register_jitable

from numeric.templates.compiling import in_machine_code

# eᵘ − 1 = 2ⁿ·(eʳ − 1) + 2ⁿ − 1, where u = n·log 2 + r with ∣r∣ ≤ log 2 / 2, and eʳ by its series:
# the first term left out is less than a quarter of the last place.  The first part of log 2 is so
# short that n times it is exact.  Even and odd powers of a series are added up side by side: then
# there is less to wait for.

#: 1/13!, …, 1/1!, the coefficients of (eʳ − 1)/r
SERIES = tuple(1 / math.factorial(k) for k in range(13, 0, -1))
#: the coefficients of erf u = u·Σ cₖ·u²ᵏ, the last one first
ERF = tuple(
    2 / math.sqrt(math.pi) * (-1) ** k / (math.factorial(k) * (2 * k + 1))
    for k in range(10, -1, -1)
)
#: the coefficients of erfc(u)·exp(u²)/t in powers of 2t − 1, the last power first, where
#: t = 2/(2 + u) and 0 ≤ u ≤ 10.5: the polynomial whose largest error is smallest, 1.5·10⁻⁸
TAIL = (
    3.41049771e-05,
    -0.000277767866,
    0.000353123922,
    0.00153547927,
    -0.00321446752,
    -0.0107561216,
    0.0182175413,
    0.139736269,
    0.343580483,
    0.510791349,
)
#: 1/log 2
PER_LOG_2 = 1.4426950408889634


@register_jitable(forceinline=True)
def single_parts(u: Any) -> Any:
    """2ⁿ⁻ᵐ, 2ᵐ and eʳ − 1."""
    low, high = np.float32(-104), np.float32(89)
    u = low if u < low else high if u > high else u
    n = np.floor(u * np.float32(PER_LOG_2) + np.float32(0.5))
    r = u - n * np.float32(0.693359375)
    r += n * np.float32(2.12194440e-4)
    even, odd, square = np.float32(0), np.float32(0), r * r
    for coefficient in SERIES[6::2]:
        even = even * square + np.float32(coefficient)
    for coefficient in SERIES[7::2]:
        odd = odd * square + np.float32(coefficient)
    series = odd * r + even
    half = np.int32(np.int32(n) >> 1)
    rest = np.int32(np.int32(n) - half)
    first = np.int32((rest + 127) << 23).view(np.float32)
    return first, np.int32((half + 127) << 23).view(np.float32), series * r


@register_jitable(forceinline=True)
def double_parts(u: Any) -> Any:
    """2ⁿ⁻ᵐ, 2ᵐ and eʳ − 1."""
    u = -746.0 if u < -746.0 else 710.0 if u > 710.0 else u
    n = np.floor(u * PER_LOG_2 + 0.5)
    r = u - n * 0.69314718036912382 - n * 1.9082149292705877e-10
    series = 0.0
    for coefficient in SERIES:
        series = series * r + coefficient
    half = np.int64(n) >> 1
    rest = np.int64(n) - half
    first = np.int64((rest + 1023) << 52).view(np.float64)
    return first, np.int64((half + 1023) << 52).view(np.float64), series * r


@register_jitable(forceinline=True)
def single_exp(u: Any) -> Any:
    """eᵘ."""
    first, second, less = single_parts(u)
    return (less + np.float32(1)) * first * second


@register_jitable(forceinline=True)
def double_exp(u: Any) -> Any:
    """eᵘ."""
    first, second, less = double_parts(u)
    return (less + 1.0) * first * second


@register_jitable(forceinline=True)
def single_expm1(u: Any) -> Any:
    """eᵘ − 1."""
    first, second, less = single_parts(u)
    return (less * first + (first - np.float32(1) / second)) * second


@register_jitable(forceinline=True)
def double_expm1(u: Any) -> Any:
    """eᵘ − 1."""
    first, second, less = double_parts(u)
    return (less * first + (first - 1.0 / second)) * second


@register_jitable(forceinline=True)
def single_tanh(u: Any) -> Any:
    """tanh u = (e²ᵘ − 1)/(e²ᵘ + 1), for ∣u∣."""
    less = single_expm1(np.float32(40) if abs(u) > np.float32(20) else abs(u) * np.float32(2))
    found = less / (less + np.float32(2))
    return found if u >= np.float32(0) else -found


@register_jitable(forceinline=True)
def double_tanh(u: Any) -> Any:
    """tanh u = (e²ᵘ − 1)/(e²ᵘ + 1), for ∣u∣."""
    less = double_expm1(40.0 if abs(u) > 20.0 else abs(u) * 2.0)
    found = less / (less + 2.0)
    return found if u >= 0.0 else -found


@register_jitable(forceinline=True)
def single_sigmoid(u: Any) -> Any:
    """1/(1 + e⁻ᵘ) without overflow."""
    small = single_exp(-abs(u))
    return (np.float32(1) if u >= np.float32(0) else small) / (np.float32(1) + small)


@register_jitable(forceinline=True)
def double_sigmoid(u: Any) -> Any:
    """1/(1 + e⁻ᵘ) without overflow."""
    small = double_exp(-abs(u))
    return (1.0 if u >= 0.0 else small) / (1.0 + small)


@register_jitable(forceinline=True)
def single_slope(u: Any) -> Any:
    """σ(u)·σ(−u)."""
    small = single_exp(-abs(u))
    return small / ((np.float32(1) + small) * (np.float32(1) + small))


@register_jitable(forceinline=True)
def double_slope(u: Any) -> Any:
    """σ(u)·σ(−u)."""
    small = double_exp(-abs(u))
    return small / ((1.0 + small) * (1.0 + small))


@register_jitable(forceinline=True)
def single_bell(u: Any) -> Any:
    """exp(−u²), as the error functions compute it."""
    return single_exp(-(u * u))


@register_jitable(forceinline=True)
def double_bell(u: Any) -> Any:
    """exp(−u²)."""
    return double_exp(-(u * u))


@register_jitable(forceinline=True)
def single_erf_near(u: Any) -> Any:
    """erf u where ∣u∣ ≤ 1."""
    even, odd, square = np.float32(0), np.float32(0), u * u
    for coefficient in ERF[::2]:
        even = even * (square * square) + np.float32(coefficient)
    for coefficient in ERF[1::2]:
        odd = odd * (square * square) + np.float32(coefficient)
    return u * (odd * square + even)


@register_jitable(forceinline=True)
def single_tail(u: Any, bell: Any) -> Any:
    """1 − erf u where u ≥ 0, given exp(−u²)."""
    t = np.float32(2) / (np.float32(2) + u)
    even, odd, place = np.float32(0), np.float32(0), np.float32(2) * t - np.float32(1)
    for coefficient in TAIL[1::2]:
        even = even * (place * place) + np.float32(coefficient)
    for coefficient in TAIL[::2]:
        odd = odd * (place * place) + np.float32(coefficient)
    return t * bell * (odd * place + even)


@register_jitable(forceinline=True)
def single_erf(u: Any) -> Any:
    """The error function."""
    near, far = single_erf_near(u), np.float32(1) - single_tail(abs(u), single_bell(u))
    signed = far if u > np.float32(0) else -far
    return near if abs(u) < np.float32(1) else signed


@register_jitable(forceinline=True)
def double_erf(u: Any) -> Any:
    """The error function."""
    return math.erf(u)


@register_jitable(forceinline=True)
def single_erfc(u: Any) -> Any:
    """1 − erf u."""
    far = single_tail(abs(u), single_bell(u))
    return far if u > np.float32(0) else np.float32(2) - far


@register_jitable(forceinline=True)
def double_erfc(u: Any) -> Any:
    """1 − erf u."""
    return math.erfc(u)


@in_machine_code(single_exp, double_exp)
def scalar_exp(u: Any) -> Any:
    """eᵘ."""
    return np.exp(u)


@in_machine_code(single_expm1, double_expm1)
def scalar_expm1(u: Any) -> Any:
    """eᵘ − 1."""
    return np.expm1(u)


@in_machine_code(single_tanh, double_tanh)
def scalar_tanh(u: Any) -> Any:
    """The hyperbolic tangent."""
    return np.tanh(u)


@in_machine_code(single_sigmoid, double_sigmoid)
def scalar_sigmoid(u: Any) -> Any:
    """1/(1 + e⁻ᵘ) without overflow."""
    small = np.exp(-abs(u))
    return (1 if u >= 0 else small) / (1 + small)


@in_machine_code(single_slope, double_slope)
def scalar_sigmoid_slope(u: Any) -> Any:
    """σ(u)·σ(−u)."""
    small = np.exp(-abs(u))
    return small / ((1 + small) * (1 + small))


@in_machine_code(single_erf, double_erf)
def scalar_erf(u: Any) -> Any:
    """The error function."""
    return math.erf(u)


@in_machine_code(single_erfc, double_erfc)
def scalar_erfc(u: Any) -> Any:
    """1 − erf u."""
    return math.erfc(u)


@in_machine_code(single_bell, double_bell)
def scalar_bell(u: Any) -> Any:
    """exp(−u²)."""
    return np.exp(-(u * u))


@register_jitable(forceinline=True)
def power_of_quarters(base: Any, exponent: Any, one: Any) -> Any:
    """A power whose exponent is a few quarters by square roots and products, others by pow."""
    four = one + one + one + one
    quarters = np.int32(exponent * four) if abs(exponent) < four else np.int32(0)
    if quarters != 0 and quarters == exponent * four:
        root, square, number = np.sqrt(base), base * base, abs(quarters)
        made = np.sqrt(root) if number & 1 else one
        made *= root if number & 2 else one
        made *= base if number & 4 else one
        made *= square if number & 8 else one
        return one / made if quarters < 0 else made
    return base**exponent


def with_powers(function: Any) -> Any:
    """What a compiler takes in place of ``scalar_power``."""
    overload(function, jit_options={"forceinline": True})(
        lambda base, exponent, one: power_of_quarters
    )
    return function


@with_powers
def scalar_power(base: Any, exponent: Any, one: Any) -> Any:
    """A power; ``one`` is of the type that is computed in.

    An exponent that does not vary is looked at in front of the loop.
    """
    return base**exponent
