"""``derive augment``: a picture of random changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import cli
from numeric.data import opened


def command(*arguments: str) -> Any:
    return CliRunner().invoke(cli.main, ["augment", *arguments])


def test_a_picture_of_digits(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.png" for name in "abc"]
    for file, seed in zip(files, (0, 0, 1), strict=True):
        done = command(
            "affine(degrees=20)", "--data", "digits", "-o", str(file), "--seed", f"{seed}"
        )
        assert done.exit_code == 0, done.output
        assert (
            done.stdout.startswith(f"{file}: images as they are") and done.stdout.count("\n") == 1
        )
    pixels = [np.asarray(Image.open(file).convert("L")) for file in files]
    assert np.array_equal(pixels[0], pixels[1]) and not np.array_equal(pixels[0], pixels[2])
    first = pixels[0][:, :96]  # a column of images as they are: 96 points for 8 pixels
    assert np.array_equal(first, pixels[2][:, :96])
    digit = opened("digits").train.images[0, 0]
    np.testing.assert_array_equal(first[6:96:12, 6:96:12], np.round(255 * (digit / 16)))


def test_how_colours_vary_is_told(tmp_path: Path) -> None:
    """Along grey with deviation 0.25, and not at all across it."""
    grey = np.array([0.25, 0.75]).repeat(8).reshape(4, 2, 2, 1).repeat(3, 3)
    np.savez(tmp_path / "a.npz", x=grey[[0, 2, 1, 3]], y=np.arange(4) % 2)
    file = tmp_path / "a.png"
    done = command("colour", "--data", str(tmp_path / "a.npz"), "-o", str(file))
    assert done.exit_code == 0, done.output
    assert "0.433" in done.stdout.splitlines()[-3] and "+0.58" in done.stdout.splitlines()[-3]
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["flop", "--data", "digits"], "there is no augmentation 'flop'"),
        (["colour", "--data", "digits"], "colour: images must have 3 channels"),
        (["flip", "--data", "absent"], "there is no data set 'absent'"),
        (["flip", "--data", "digits", "-o", "/absent/a.png"], "cannot write '/absent/a.png'"),
    ],
)
def test_wrong_use(arguments: list[str], message: str, tmp_path: Path) -> None:
    output = [] if "-o" in arguments else ["-o", str(tmp_path / "a.png")]
    done = command(*arguments, *output)
    assert done.exit_code == 2 and message in done.stderr
    assert [*tmp_path.iterdir()] == []
