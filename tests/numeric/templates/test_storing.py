"""Compiled loops on disk: found again, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")
from numeric.templates import storing
from numeric.templates.loops.planes import plane_loops

#: compute something, and print it; the first argument is the most that a file may hold, in bytes
SCRIPT = """
import resource, sys
import numpy as np
import derive, numeric
kernel = numeric.compile(derive.parse("f(x[N]): y[i] = 2*x[i]"), target="compiled")
kernel.forward(x=np.ones(0))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
print(kernel.forward(x=np.arange(3.0)).tolist())
"""
RIGHT = "[0.0, 2.0, 4.0]\n"


def run(folder: Path | str, limit: int = -1) -> str:
    """What a new process computes, whose folder for loops this is."""
    command = [sys.executable, "-c", SCRIPT, str(limit)]
    environment = {**os.environ, storing.FOLDER_VARIABLE: str(folder)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def files(folder: Path) -> dict[str, int]:
    """Every file with when it was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.complete
def test_machine_code_is_found_again_and_a_full_disk_is_no_error(tmp_path: Path) -> None:
    folder = tmp_path / "loops"
    assert run(folder) == RIGHT
    before = files(folder)
    assert {Path(name).suffix for name in before} == {".py", ".nbi", ".nbc"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert run(folder) == RIGHT
    assert files(folder) == before
    for name in before:
        if not name.endswith(".py"):
            Path(name).unlink()
    assert run(folder, limit=16) == RIGHT
    assert not [name for name in files(folder) if name.endswith(".nbc")]
    (source,) = folder.glob("*.py")
    source.write_text("broken")
    assert run(folder) == RIGHT


@pytest.mark.complete
def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run(tmp_path / "file" / "loops") == RIGHT


def test_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(storing.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert storing.cache_folder() == tmp_path / "derive"
    monkeypatch.setenv(storing.FOLDER_VARIABLE, "")
    assert storing.cache_folder() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no owners here")
def test_a_folder_that_others_may_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(storing.FOLDER_VARIABLE, str(tmp_path))
    tmp_path.chmod(0o777)
    assert storing.cache_folder() is None
    tmp_path.chmod(0o700)
    assert storing.cache_folder() == tmp_path
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert storing.cache_folder() is None


def module(text: str) -> Any:
    from numeric.emission.loading import loaded

    return loaded("loops", text)


#: loops with what they use, and something else
USED = "A = 1\n\ndef f(x):\n    return g(x)\n\ndef g(x):\n    return A\n"


def test_the_text_holds_what_loops_use_and_nothing_else() -> None:
    for other in ("B = 2", "B = 3"):
        assert storing.self_contained(module(f"import math\n{other}\n{USED}").f) == USED
    changed = USED.replace("A = 1", "A = 2")
    assert storing.self_contained(module(changed).f) == changed


def test_loops_that_use_other_modules_are_not_kept() -> None:
    """Those might change, and nobody would see it."""
    assert storing.self_contained(plane_loops) is None
