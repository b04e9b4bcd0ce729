"""How entries and numbers are written in the cells of drawings, and as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.presentation.blocks import Facts
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.polynomials import Monomial, Polynomial, Unknown
from verify.verdict import number_data

DOT = "·"
MARK = "■"
Namer = Callable[[Unknown], str]


@dataclass(frozen=True)
class Names:
    """Short names such as k01 where every index is one digit, else k[0,11]."""

    shapes: dict[str, tuple[int, ...]]

    def __call__(self, unknown: Unknown) -> str:
        tensor, index = unknown
        if not index:
            return tensor
        if all(n <= 10 for n in self.shapes[tensor]) and not tensor[-1].isdigit():
            return tensor + "".join(map(str, index))
        return f"{tensor}[{','.join(map(str, index))}]"


def polynomial_text(polynomial: Polynomial, name: Namer) -> str:
    """``k01``, ``2·k01``, ``x00/4``, ``k00+k01``; a dot for zero."""
    text = ""
    for monomial, coefficient in sorted(polynomial.terms.items()):
        sign = "−" if coefficient < 0 else "+" if text else ""
        text += sign + _term(monomial, abs(coefficient), name)
    return text or DOT


def _term(monomial: Monomial, coefficient: Fraction, name: Namer) -> str:
    factors = [name(unknown) for unknown in monomial]
    if coefficient.numerator != 1 or not factors:
        factors.insert(0, str(coefficient.numerator))
    below = f"/{coefficient.denominator}" if coefficient.denominator != 1 else ""
    return DOT.join(factors) + below


def number_text(number: Any, digits: int = 6) -> str:
    """A number with a true minus sign, a float with so many digits."""
    text = f"{number:.{digits}g}" if isinstance(number, float) else str(number)
    return text.replace("-", "−")


def facts(*sentences: str) -> Facts:
    """Sentences without anything emphasised in them."""
    return Facts(tuple((sentence,) for sentence in sentences))


def tensors_text(tensors: Mapping[str, Array], digits: int = 6, most: int | None = None) -> str:
    """``where g[0, 0] = 1, k[0, 1] = 1 and all other entries are 0``; their shapes
    where these would be more than ``most``.
    """
    shown = [
        f"{name}{list(at) if at else ''} = {number_text(value, digits)}"
        for name, array in tensors.items()
        for at, value in zip(indices_of(array.shape), array.entries, strict=True)
        if value != 0
    ]
    if not shown:
        return "where all entries are 0"
    if most is not None and len(shown) > most:
        shapes = ", ".join(f"{name}{list(array.shape)}" for name, array in tensors.items())
        return f"with tensors of the shapes {shapes}"
    return f"where {', '.join(shown)} and all other entries are 0"


def array_data(array: Array) -> dict[str, Any]:
    """The shape, and the entries in row-major order."""
    return {"shape": list(array.shape), "entries": [number_data(v) for v in array.entries]}


def slice_of(array: Array, head: Sequence[int] = ()) -> tuple[tuple[Any, ...], ...]:
    """The rows of the last two axes, at the place ``head`` of the axes before (the first place)."""
    if not array.entries:
        return ()
    columns = array.shape[-1] if array.shape else 1
    rows = array.shape[-2] if len(array.shape) > 1 else 1
    start = 0
    for i, n in zip(head, array.shape, strict=False):
        start = start * n + i
    start *= rows * columns
    return tuple(
        array.entries[start + row * columns : start + (row + 1) * columns] for row in range(rows)
    )


def slice_name(tensor: str, shape: Sequence[int], head: Sequence[int] = ()) -> str:
    """How a picture of a tensor is titled: which slice it shows, where it cannot show all."""
    hidden = shape[:-2]
    if all(n <= 1 for n in hidden):
        return tensor
    return f"{tensor}[{','.join(map(str, head or (0,) * len(hidden)))},{DOT},{DOT}]"
