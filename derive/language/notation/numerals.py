"""How numbers are written."""

from __future__ import annotations

from fractions import Fraction

#: fractions with a denominator up to this stay fractions: x/8, but 0.044715*x
SMALL_DENOMINATOR = 20


def number_text(number: Fraction) -> str:
    """An exact decimal where there is a short one, else a fraction."""
    for digits in range(25):
        if (number * 10**digits).denominator == 1:
            scaled = str(abs(int(number * 10**digits))).rjust(digits + 1, "0")
            text = f"{scaled[:-digits]}.{scaled[-digits:]}" if digits else scaled
            return "-" + text if number < 0 else text
    return str(number)


def front_and_denominator(number: Fraction) -> tuple[str, int]:
    """How a positive factor is split around a product: ``3`` and 4, or ``0.044715`` and 1."""
    if number.denominator > SMALL_DENOMINATOR and "/" not in number_text(number):
        return number_text(number), 1
    return str(number.numerator), number.denominator
