"""How the checking process and the one that runs a user's code exchange data.

A message is a JSON header, which names the kinds and shapes of arrays, and the bytes of these:
whatever the user's code does, nothing it sends back is executed here.  This module is loaded on
both sides.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from math import prod
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: lengths of the header and of the arrays, in bytes
_LENGTHS = struct.Struct(">QQ")
#: a longer header is none: something else was written to the stream
_LONGEST_HEADER = 1 << 20

#: the kinds of numbers that are sent: truth values, integers, floats, complex numbers
_NUMBERS = tuple("biufc")

Arrays: TypeAlias = "list[NDArray[Any]]"


def send(stream: IO[bytes], header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write one message; arrays of Python objects are refused with ``ValueError``."""
    if any(a.dtype.hasobject for a in arrays):
        raise ValueError("an array of Python objects is not sent")
    kinds = [(a.dtype.str, a.shape) for a in arrays]
    head = json.dumps({**header, "arrays": kinds}).encode("ascii")
    body = b"".join(a.tobytes() for a in arrays)
    stream.write(_LENGTHS.pack(len(head), len(body)) + head + body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], Arrays] | None:
    """Read one message; None at the end of the stream, and where there is something else."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    in_header, in_body = _LENGTHS.unpack(lengths)
    if in_header > _LONGEST_HEADER:
        return None
    head, body = stream.read(in_header), stream.read(in_body)
    if len(head) < in_header or len(body) < in_body:
        return None
    header = json.loads(head)
    return header, list(_unpacked(header.pop("arrays"), body))


def _unpacked(kinds: Sequence[tuple[str, Sequence[int]]], body: bytes) -> Iterator[NDArray[Any]]:
    """The arrays that lie one behind the other; ``ValueError`` where they are no such numbers."""
    import numpy as np  # local: whoever only begins a process does without

    at = 0
    for name, shape in kinds:
        if name[1:2] not in _NUMBERS or min(shape, default=0) < 0:
            raise ValueError(f"{name} is no kind of number, or {shape} no shape")
        array = np.frombuffer(body, np.dtype(name), prod(shape), at).reshape(shape)
        at += array.nbytes
        yield array.copy()
