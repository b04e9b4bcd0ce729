"""A training that is killed, at any moment, and resumed; locks, full and read-only disks."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numeric.networks import read
from numeric.optimisers import Optimiser
from numeric.training import checkpoints, files, loop, streams
from numeric.training.checkpoints import restored, trained, unpacked
from numeric.training.folder import BEST, LOG, RUN, STATE, WEIGHTS, held
from numeric.training.loop import Moment
from numeric.training.running import Asked, Ended, run
from tests.numeric.training.cases import images, network

#: what a run that is done has written, its log without what depends on the clock
WRITTEN = (STATE, WEIGHTS, BEST, LOG, RUN)


def asked(folder: Path, **given: Any) -> Asked:
    return Asked(str(network(folder)), str(images(folder)), given, threads=1)


def outcome(folder: Path) -> dict[str, object]:
    """All numbers of a run's folder, bit for bit, and its log but for times."""
    found: dict[str, object] = {}
    for name in (STATE, WEIGHTS, BEST):
        arrays, _ = unpacked(folder / name)
        found |= {f"{name}/{n}": (a.dtype.str, a.shape, a.tobytes()) for n, a in arrays.items()}
    found |= {name: (folder / name).read_bytes() for name in (WEIGHTS, BEST)}
    rows = [json.loads(row) for row in (folder / LOG).read_text().splitlines()]
    timeless = [{k: v for k, v in row.items() if "second" not in k} for row in rows]
    return {**found, LOG: timeless, RUN: json.loads((folder / RUN).read_text())}


# --- killed ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """In place of a signal, where one process is to survive many."""


def points(monkeypatch: pytest.MonkeyPatch, fatal: int) -> Iterator[int]:
    """Count system calls that write, and end the training at one of them, as a signal would.

    What was open stays half-written: nothing is tidied up.
    """
    count = 0

    def counted(call: Any, name: str) -> Any:
        def called(*given: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == fatal:
                if name == "write":
                    call(given[0][: len(given[0]) // 2])
                raise Killed
            return call(*given, **more)

        return called

    opened = open

    def opening(path: Any, mode: str = "r", *given: Any, **more: Any) -> Any:
        call = counted(opened, "open") if mode == "wb" else opened
        file = call(path, mode, *given, **more)
        return Counted(file, counted(file.write, "write")) if mode == "wb" else file

    monkeypatch.setattr(files, "open", opening, raising=False)
    monkeypatch.setattr(files, "suppress", lambda *_: Dead())
    for name in ("replace", "fsync"):
        monkeypatch.setattr(files.os, name, counted(getattr(os, name), name))
    while True:
        yield count


class Counted:
    """A file each write of which is counted."""

    def __init__(self, file: Any, write: Any) -> None:
        self.file, self.write = file, write
        self.flush, self.fileno = file.flush, file.fileno

    def __enter__(self) -> Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


class Dead:
    """A dead process tidies nothing up."""

    def __enter__(self) -> None:
        raise Killed

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a training comes to that nothing interrupts."""
    folder = tmp_path_factory.mktemp("whole")
    run(asked(folder), folder / "run", resume=False)
    return outcome(folder / "run")


def killed_at(place: Path, fatal: int) -> int:
    """Begin a training and kill it at that point; how many points there were."""
    with pytest.MonkeyPatch.context() as patched:
        counting = points(patched, fatal)
        next(counting)
        with suppress(Killed):
            run(asked(place), place / "run", resume=False)
        return next(counting)


def comes_to(whole: dict[str, object], place: Path) -> bool:
    """Whether a training in that folder, gone on with, ends as the whole one."""
    run(asked(place), place / "run", resume=True)
    found = outcome(place / "run")
    told: Any = found[RUN]
    expected: Any = whole[RUN]
    return {**found, RUN: {**told, "data": ""}} == {**whole, RUN: {**expected, "data": ""}}


@pytest.mark.complete
def test_killed_at_every_write_it_ends_the_same(whole: dict[str, object], tmp_path: Path) -> None:
    """Half of what is written is there then; every file, every epoch."""
    (tmp_path / "all").mkdir()
    count = killed_at(tmp_path / "all", 0)
    assert count >= 50
    for fatal in range(1, count + 1):
        place = tmp_path / str(fatal)
        place.mkdir()
        assert killed_at(place, fatal) == fatal
        assert comes_to(whole, place), f"killed at point {fatal}"


def test_killed_in_the_second_epoch_it_ends_the_same(
    whole: dict[str, object], tmp_path: Path
) -> None:
    """The quick suite's part of it."""
    killed_at(tmp_path, 23)
    assert len(restored(tmp_path / "run").epochs) == 1
    assert comes_to(whole, tmp_path)


PROGRAM = """
import os, signal, sys
from pathlib import Path
from numeric.training.running import Asked, run

fatal = int(sys.argv[4])

def killing(moment):
    if moment.done == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

asked = Asked(sys.argv[1], sys.argv[2], {}, threads=1)
run(asked, Path(sys.argv[3]), True, killing if fatal else lambda moment: None)
"""


@pytest.mark.complete
def test_a_real_signal_between_two_steps(whole: dict[str, object], tmp_path: Path) -> None:
    """Killed twice, in different epochs, each time gone on with."""
    words = [str(network(tmp_path)), str(images(tmp_path)), str(tmp_path / "run")]
    for fatal in (3, 9):
        done = subprocess.run([sys.executable, "-c", PROGRAM, *words, str(fatal)], check=False)
        assert done.returncode == -signal.SIGKILL
    assert comes_to(whole, tmp_path)


# --- sabotage -------------------------------------------------------------------------------------


def forgetful(patched: pytest.MonkeyPatch) -> None:
    """An optimiser without what it remembered."""
    patched.setattr(Optimiser, "restore", lambda *_: None)


def unfollowed(patched: pytest.MonkeyPatch) -> None:
    """Running statistics that begin anew."""
    patched.setattr(
        checkpoints,
        "read",
        lambda text, arrays, *how: read(
            text, {n: np.ones_like(a) if n.endswith("var") else a for n, a in arrays.items()}, *how
        ),
    )


def flowing(patched: pytest.MonkeyPatch) -> None:
    """Random streams that go on from epoch to epoch, and so depend on what was drawn before."""
    going: dict[Any, Any] = {}

    def stream(seed: int, purpose: Any, epoch: int = 0) -> Any:
        return going.setdefault(purpose, streams.stream(seed, purpose))

    patched.setattr(loop, "stream", stream)


@pytest.mark.parametrize("fault", [forgetful, unfollowed, flowing])
def test_what_is_not_restored_is_missed(
    fault: Any, whole: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at(tmp_path, 23)
    fault(monkeypatch)
    assert not comes_to(whole, tmp_path)


def test_files_written_in_place_are_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a checkpoint is none, and the one before is gone."""

    def in_place(path: Path, content: bytes) -> None:
        with files.open(path, "wb") as file:  # type: ignore[attr-defined]
            file.write(content)

    monkeypatch.setattr(files, "written", in_place)
    for fatal in (2, 6):  # opening run.json, writing it; the best weights; the checkpoint
        place = tmp_path / str(fatal)
        place.mkdir()
        killed_at(place, fatal)
        with pytest.raises(ValueError, match="is damaged"):
            restored(place / "run")


# --- interrupted ----------------------------------------------------------------------------------


def interrupted(place: Path) -> Ended:
    def interrupt(moment: Moment) -> None:
        if moment.epoch == 2:
            raise KeyboardInterrupt

    return run(asked(place), place / "run", False, interrupt)


def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(whole: dict[str, object], tmp_path: Path) -> None:
    ended = interrupted(tmp_path)
    assert ended.stopped == "interrupted after 1 of 3 epochs" and not ended.failed
    found, _, classes = trained(tmp_path / "run")
    assert found.forward(np.zeros((1, 1, 6, 6), np.float32)).shape == (1, len(classes))
    assert comes_to(whole, tmp_path)


def test_a_resumed_run_stays_what_it_was(tmp_path: Path) -> None:
    interrupted(tmp_path)
    for change in ({"seed": 1}, {"rate": 0.1}, {"augment": ("flip",)}):
        with pytest.raises(ValueError, match=f"begun with {next(iter(change))} .*, not"):
            run(asked(tmp_path, **change), tmp_path / "run", True)


def test_ctrl_c_while_a_checkpoint_is_written(
    whole: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The epoch that is not on the disk is not told of either."""
    written = files.written

    def interrupt(path: Path, content: bytes) -> None:
        if path.name == STATE and (tmp_path / "run" / STATE).exists():
            raise KeyboardInterrupt
        written(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(files, "written", interrupt)
        ended = run(asked(tmp_path), tmp_path / "run", False)
    assert ended.stopped == "interrupted after 1 of 3 epochs"
    assert len(restored(tmp_path / "run").epochs) == len(ended.training.epochs) == 1
    assert comes_to(whole, tmp_path)


def test_a_path_means_the_same_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network(tmp_path), images(tmp_path), (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    run(Asked("own.py", "spots.npz", {"epochs": 1}, threads=1), tmp_path / "run", False)
    monkeypatch.chdir(tmp_path / "other")
    assert run(Asked(), tmp_path / "run", True).training.test_accuracy is not None


# --- folders --------------------------------------------------------------------------------------


def test_two_trainings_in_one_folder_are_refused(tmp_path: Path) -> None:
    with held(tmp_path / "run"):
        with pytest.raises(ValueError, match="another training is writing into"):
            run(asked(tmp_path), tmp_path / "run", False)
        assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_refuses_loses_nothing(
    number: int, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first epoch's checkpoint stays, and the message names file and reason."""
    interrupted(tmp_path)
    before = {name: (tmp_path / "run" / name).read_bytes() for name in WRITTEN}

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(files.os, call, refuse)
        with pytest.raises(ValueError, match=f"cannot write .*: {os.strerror(number)}"):
            run(asked(tmp_path), tmp_path / "run", True)
    after = {name: (tmp_path / "run" / name).read_bytes() for name in WRITTEN}
    assert after == before and not list((tmp_path / "run").glob(".*.partial"))
    assert run(asked(tmp_path), tmp_path / "run", True).training.test_accuracy is not None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (RUN, b"{", "run.json' is damaged"),
        (RUN, b"[]", "run.json' is damaged: it holds no object"),
        (RUN, b"{}", "run.json or .* is damaged: 'recipe'"),
        (STATE, b"", "checkpoint.safetensors' is damaged"),
        (STATE, b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", "checkpoint.safetensors' is damaged"),
    ],
)
def test_damaged_files_are_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    interrupted(tmp_path)
    (tmp_path / "run" / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        restored(tmp_path / "run")


def test_cut_off_weights_are_refused_at_every_length(tmp_path: Path) -> None:
    interrupted(tmp_path)
    path = tmp_path / "run" / WEIGHTS
    content = path.read_bytes()
    for length in range(0, len(content), 61):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"weights\.safetensors' is damaged"):
            unpacked(path)


def test_data_that_have_changed_are_noticed(tmp_path: Path) -> None:
    interrupted(tmp_path)
    images(tmp_path, 200)
    with pytest.raises(ValueError, match="have changed since the run began"):
        restored(tmp_path / "run")
