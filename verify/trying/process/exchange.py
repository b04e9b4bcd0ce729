"""How the checking process and the one that runs a user's code exchange data.

A message is a JSON header and a list of arrays in NumPy's .npy format, without pickle: whatever the
user's code does, nothing it sends back is executed here.  This module is loaded on both sides.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

#: lengths of the header and of the arrays, in bytes
_LENGTHS = struct.Struct(">QQ")
#: a longer header is none: something else was written to the stream
_LONGEST_HEADER = 1 << 20

Arrays = list[NDArray[Any]]


def send(stream: IO[bytes], header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write one message; arrays of Python objects are refused with ``ValueError``."""
    body = BytesIO()
    for array in arrays:
        np.save(body, array, allow_pickle=False)
    head = json.dumps({**header, "arrays": len(arrays)}).encode("ascii")
    stream.write(_LENGTHS.pack(len(head), body.tell()) + head + body.getvalue())
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
    packed = BytesIO(body)
    return header, [np.load(packed, allow_pickle=False) for _ in range(header.pop("arrays"))]
