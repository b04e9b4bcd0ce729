"""What is installed: the four storeys of the house with all their data, and nothing beside them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.places import ROOT

PACKAGES = ["derive", "verify", "numeric"]
MADE_HERE = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")


def can_build() -> bool:
    """Whether pip can build without fetching anything; the extra ``test`` sees to it."""
    try:
        return bool(version("pip")) and int(version("setuptools").split(".")[0]) >= 77
    except PackageNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not can_build(), reason="needs pip and setuptools 77 or newer")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of the project."""
    copy = tmp_path_factory.mktemp("wheel") / "source"
    shutil.copytree(ROOT, copy, ignore=MADE_HERE)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path) -> set[str]:
    """The names of all files in its wheel."""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", "-q", *options, "--wheel-dir", "made", "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = (source / "made").glob("*.whl")
    with ZipFile(made) as archive:
        return set(archive.namelist())


def test_nothing_else_is_installed(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    (information,) = (top for top in tops if top.endswith(".dist-info"))
    assert tops == {*PACKAGES, "cli.py", information}
    assert information.startswith("derive-")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_installed(package: str, source: Path, wheel: set[str]) -> None:
    files = {p.relative_to(source).as_posix() for p in (source / package).rglob("*") if p.is_file()}
    assert {name for name in wheel if name.startswith(f"{package}/")} == files


def test_the_notation_is_read_from_files_that_are_installed(wheel: set[str]) -> None:
    assert {
        "derive/language/notation/grammar.lark",
        "derive/language/notation/tables.json",
    } <= wheel
    assert "derive/py.typed" in wheel
