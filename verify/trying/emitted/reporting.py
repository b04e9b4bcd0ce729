"""What is told of the properties of a program; a failing case is a program that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.presentation.blocks import (
    Block,
    Code,
    Definitions,
    Facts,
    Heading,
    Paragraph,
    Strong,
    Told,
)
from verify.trying.emitted.examination import ExaminedCode, PropertyLine
from verify.trying.memory import LAYOUTS
from verify.trying.numbers import EXACTLY, numbers_of
from verify.trying.subject import Arrays, CodeCall, Failure
from verify.verdict import EXIT_CODES


def told(examination: ExaminedCode, title: str, kernel: str) -> Told:
    """One line a property; for a failure a program that shows it, beginning with ``kernel``."""
    status = EXIT_CODES["generated"][examination.word]
    return Told(
        partial(_blocks, examination, title, kernel),
        partial(_records, examination, title, kernel, status),
        status,
    )


def _blocks(examination: ExaminedCode, title: str, kernel: str) -> Iterator[Block]:
    yield Heading((Strong(examination.word), f": {title}"), 3)
    lines = tuple((line.wanted.name, (_sentence(line),)) for line in examination.lines)
    yield Definitions(lines)
    how = EXACTLY.get(numbers_of(examination.subject.layer), "up to rounding")
    compared = f"compared {how}, unless the property says otherwise; seed {examination.seed}"
    yield Facts(((compared,),))
    failure = examination.failure
    if failure is not None:
        why = f": {examination.reason}" if examination.reason else ""
        yield Paragraph((f"{failure.words}{why}:",))
        yield Code(snippet(failure, kernel), "python")


def _sentence(line: PropertyLine) -> str:
    if line.reason:
        return f"does not apply: {line.reason}"
    skipped = f", {line.skipped} left out" if line.skipped else ""
    return f"{line.word}, {line.held} examples{skipped}"


def _records(
    examination: ExaminedCode, title: str, kernel: str, status: int
) -> Iterator[dict[str, Any]]:
    failure = examination.failure
    yield {
        "of": title,
        "layer": examination.subject.layer.text,
        "word": examination.word,
        "exit_code": status,
        "seed": examination.seed,
        "properties": [
            {
                "name": line.wanted.name,
                "word": line.word,
                "reason": line.reason,
                "held": line.held,
                "skipped": line.skipped,
            }
            for line in examination.lines
        ],
        "failure": None
        if failure is None
        else {
            "words": failure.words,
            "reason": examination.reason,
            "program": snippet(failure, kernel),
        },
    }


# --- a failing case as a program ------------------------------------------------------------------


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
    options = "".join(f", **{{{_key(n)}: {v!r}}}" for n, v in call.options.items())
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
            return f"np.array({array.astype(int).tolist()}) * Fraction(1)"
        return f"np.array({array.tolist()}, object)"
    return f"np.array({array.tolist()}, {_dtype(array)})"


def _dtype(array: NDArray[Any]) -> str:
    return "object" if array.dtype == object else f'"{array.dtype}"'


def _key(name: str) -> str:
    return '"' + name + '"'


def _has_fractions(call: CodeCall) -> bool:
    arrays: Mapping[str, Any] = {**call.inputs, **(call.upstream or {})}
    return any(np.asarray(a).dtype == object for a in arrays.values()) or any(
        isinstance(v, Fraction) for v in call.options.values()
    )
