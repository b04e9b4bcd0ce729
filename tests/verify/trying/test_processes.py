"""The processes of a user's code: begun ahead, each with other hashes; messages that are none."""

from __future__ import annotations

import json
import struct
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verify.trying.process.children import USUAL, Children
from verify.trying.process.exchange import receive, send
from verify.trying.process.process import FunctionCall, Process, Reply

HASHES = """
import numpy as np

def f(x):
    print("at work")
    return x * 0 + hash("x") % 2**20

def dies(x):
    import os
    os._exit(3)
"""


def call() -> FunctionCall:
    asked = {"function": "f", "positional": [{"array": "x"}], "named": {}}
    return FunctionCall(
        {"x": np.ones((2, 3))}, {"call": asked, "before": [], "attributes": {}}, wanted=1
    )


def hashes(file: Path, children: Children, number: int) -> list[float]:
    """What ``hash`` says in so many processes, one after another."""
    process, found = Process(str(file), "f", children), []
    process.load()
    for _ in range(number):
        reply = process.call(call())
        assert reply.kind == "returned", reply.message
        found.append(float(reply.arrays[0][0, 0]))
        process.stop()
    return found


def test_every_process_has_other_hashes_and_what_all_print_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "hashes.py"
    file.write_text(HASHES)
    number = USUAL + 3
    with Children() as children:
        found = hashes(file, children, number)
        assert children.printed() == "at work\n" * number
    assert len({*found}) == number
    with Children() as children:
        assert hashes(file, children, number) == found


def test_all_of_them_end(tmp_path: Path) -> None:
    file = tmp_path / "hashes.py"
    file.write_text(HASHES)
    with Children() as children:
        hashes(file, children, USUAL + 1)
        begun = list(children._begun)
        assert any(child.process.poll() is None for child in begun)
    assert all(child.process.poll() is not None for child in begun)


ARRAYS: list[np.ndarray[Any, Any]] = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6).reshape(2, 3)),
    np.array([True, False, True]),
    np.array(2.5, dtype=np.float32),
    np.zeros((0, 4)),
    np.array([1 + 2j]),
    np.arange(5, dtype=">i4"),
    np.arange(8)[::2],
]


def test_arrays_arrive_as_they_were_sent() -> None:
    stream = BytesIO()
    send(stream, {"kind": "here"}, ARRAYS)
    stream.seek(0)
    found = receive(stream)
    assert found is not None
    header, arrays = found
    assert header == {"kind": "here"}
    for sent, got in zip(ARRAYS, arrays, strict=True):
        assert (sent.shape, sent.dtype) == (got.shape, got.dtype)
        assert got.tobytes() == sent.tobytes()
        assert got.flags.writeable
    assert receive(stream) is None


def test_objects_are_not_sent() -> None:
    with pytest.raises(ValueError, match="objects"):
        send(BytesIO(), {}, [np.array([{}])])


def forged(kinds: Any, body: bytes) -> BytesIO:
    head = json.dumps({"arrays": kinds}).encode()
    return BytesIO(struct.pack(">QQ", len(head), len(body)) + head + body)


@pytest.mark.parametrize(
    "kinds",
    [
        [["|O", [1]]],
        [["<f8", [100]]],
        [["<f8", [-1]]],
        [["<M8[ns]", [1]]],
        [["f8,O", [1]]],
        [["<fx", [1]]],
        [["", [1]]],
        [["<f8", "1"]],
        3,
        [[1, 2]],
    ],
)
def test_what_is_no_array_is_no_array(kinds: Any) -> None:
    """Whoever listens takes any exception for the end of the stream."""
    with pytest.raises((ValueError, TypeError, MemoryError, OverflowError)):
        receive(forged(kinds, b"\0" * 8))


def test_a_process_that_writes_nonsense_has_ended(tmp_path: Path) -> None:
    file = tmp_path / "forges.py"
    file.write_text(
        "import glob, os, struct\n\ndef f(x):\n"
        "    for fd in range(3, 20):\n"
        "        try:\n            os.write(fd, struct.pack('>QQ', 4, 0) + b'null')\n"
        "        except OSError:\n            pass\n"
        "    return x\n"
    )
    with Children() as children:
        process = Process(str(file), "f", children)
        process.load()
        start = time.perf_counter()
        found: Reply = process.call(call())
        assert found.kind == "ended"
        assert time.perf_counter() - start < children.limits.seconds
