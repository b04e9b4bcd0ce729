"""A failing case as a Python program that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.memory import LAYOUTS
from verify.trying.subject import Arrays, Call, Failure


def snippet(failure: Failure, kernel: str) -> str:
    """A program that computes what was found, with what was expected in a comment.

    ``kernel`` are the lines that make ``kernel``, whose two functions are called.
    """
    return "\n".join([*_lines(failure, kernel), ""])


def _lines(failure: Failure, kernel: str) -> Iterator[str]:
    call = failure.call
    if _has_fractions(call):
        yield "from fractions import Fraction"
        yield ""
    yield "import numpy as np"
    yield kernel
    yield ""
    yield f"inputs = {_dictionary(call.inputs)}"
    if call.upstream is not None:
        yield f"g = {_dictionary(call.upstream)}"
    if call.layout:
        laid = LAYOUTS[call.layout].text
        yield f"inputs = {{name: {laid} for name, a in inputs.items()}}"
        if call.upstream is not None:
            yield f"g = {{name: {laid} for name, a in g.items()}}"
    if failure.along is not None:
        yield f"v = {_literal(failure.along)}"
    yield f"found = {_expression(failure)}"
    yield from _compared("expected", failure.expected)
    yield from _compared("found", failure.found)
    yield "print(found)"


def _expression(failure: Failure) -> str:
    call = failure.call
    options = "".join(f", **{{{_key(n)}: {_scalar(v)}}}" for n, v in call.options.items())
    if call.upstream is None:
        return f"kernel.forward(**inputs{options})"
    text = f"kernel.backward(g, **inputs{options})"
    if not failure.tensor or failure.tensor in call.upstream:
        return text
    text = f"{text}[{_key(failure.tensor)}]"
    return f"np.sum({text} * v)" if failure.along is not None else text


def _compared(word: str, value: Any) -> Iterator[str]:
    """What was expected or found, as a comment; long arrays are cut."""
    text = _literal(value) if isinstance(value, np.ndarray) else str(value)
    shown = re.sub(r"\s+", " ", text)
    yield f"# {word}: {shown if len(shown) <= 2000 else shown[:2000] + ' …'}"


def _dictionary(arrays: Arrays) -> str:
    rows = [f"    {_key(name)}: {_literal(a)}," for name, a in arrays.items()]
    return "\n".join(["{", *rows, "}"]) if rows else "{}"


def _literal(array: NDArray[Any]) -> str:
    """The array as text; fractions are integers times 1.  Python's numbers stay what they are."""
    if not isinstance(array, np.ndarray):
        return repr(array)
    if array.size == 0:
        return f"np.zeros({array.shape}, {_dtype(array)})"
    if array.dtype == object:
        whole = all(Fraction(v).denominator == 1 for v in array.ravel().tolist())
        if whole:
            return f"np.array({_nested(array.astype(int))}) * Fraction(1)"
        return f"np.array({_nested(array)}, object)"
    return f"np.array({_nested(array)}, {_dtype(array)})"


def _nested(array: NDArray[Any]) -> str:
    return str(array.tolist())


def _dtype(array: NDArray[Any]) -> str:
    return "object" if array.dtype == object else f'"{array.dtype}"'


def _scalar(value: Any) -> str:
    return repr(value)


def _key(name: str) -> str:
    return '"' + name + '"'


def _has_fractions(call: Call) -> bool:
    arrays: Mapping[str, Any] = {**call.inputs, **(call.upstream or {})}
    return any(np.asarray(a).dtype == object for a in arrays.values()) or any(
        isinstance(v, Fraction) for v in call.options.values()
    )
