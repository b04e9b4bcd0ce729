"""A network as one module: the same numbers, NumPy alone, and names that are only names."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from numeric.data import Preprocessing
from numeric.export import module_of
from numeric.export.command import packed
from numeric.networks import INPUT, Network, read
from numeric.training.running import Asked, run
from tests.numeric.training.cases import images, network
from tests.numeric.wrapping.networks import CLASSES, everything
from tests.numeric.wrapping.networks import network as random_network

SHAPE = (2, 6, 5)
PREPARE = Preprocessing(16.0, (0.3, 0.4), (0.25, 0.5))
NAMES = ("zero", "one", "two")
IMAGES = np.random.default_rng(0).integers(0, 17, (5, *SHAPE))

#: answers in a Python that has NumPy and nothing else
BARE = """
import sys
sys.path[:0] = [{site!r}, {folder!r}]
import net, numpy
assert not {{"derive", "numeric", "sympy", "threadpoolctl"}} & set(sys.modules)
numpy.save({out!r}, net.probabilities(numpy.load({given!r})))
"""


def written(folder: Path, made: Network, title: str = "a net", classes: Any = NAMES) -> Any:
    """The module and its arrays in files, imported."""
    (folder / "net.npz").write_bytes(packed(made))
    path = folder / "net.py"
    path.write_text(module_of(title, made, PREPARE, classes), encoding="utf-8")
    return imported(path)


def imported(path: Path) -> Any:
    """The module as Python finds it in a file."""
    spec = spec_from_file_location("net", path)
    assert spec is not None and spec.loader is not None
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def made() -> Network:
    """A network with everything in it, in double precision, whose statistics are no 0 and 1."""
    found = everything(SHAPE)
    for name in found.buffers:
        found.buffers[name] = np.abs(found.buffers[name]) + 0.1
    return read(found.text, found.arrays, "fast", 1)


def test_forward_gives_the_networks_bits(made: Network, tmp_path: Path) -> None:
    net = written(tmp_path, made)
    given = PREPARE.applied(IMAGES, np.float64)
    np.testing.assert_array_equal(net.prepared(IMAGES), given)
    logits = net.forward(given, net.load(), threads=1)
    np.testing.assert_array_equal(logits, made.forward(given))
    assert net.predict(IMAGES) == [NAMES[k] for k in logits.argmax(1)]
    shares = net.probabilities(IMAGES)
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(shares, expected, rtol=1e-12)


def test_backward_gives_the_networks_gradients(made: Network, tmp_path: Path) -> None:
    """By the image and by everything, through paths side by side."""
    net, still = written(tmp_path, made), made.frozen()
    given = PREPARE.applied(IMAGES, np.float64)
    flow = still.flow(given)
    g = np.random.default_rng(1).standard_normal(flow.output.shape)
    expected = still.backward(g, flow, [INPUT, *made.parameters])
    found = net.backward(g, given, net.load(), threads=1)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-9, atol=1e-12, err_msg=name)


def test_wrong_images_are_refused(made: Network, tmp_path: Path) -> None:
    net = written(tmp_path, made)
    with pytest.raises(ValueError, match=r"expected images of shape \(N, 2, 6, 5\), given \(5, 6"):
        net.predict(IMAGES[:, 0])


@pytest.mark.complete
def test_a_module_needs_numpy_alone(made: Network, tmp_path: Path) -> None:
    folder, site = tmp_path / "module", tmp_path / "site"
    folder.mkdir(), site.mkdir()
    net = written(folder, made)
    installed = Path(np.__file__).parent
    for found in (installed, installed.parent / "numpy.libs"):
        if found.exists():
            (site / found.name).symlink_to(found)
    given, out = (str(tmp_path / f"{name}.npy") for name in ("given", "out"))
    np.save(given, IMAGES)
    code = BARE.format(site=str(site), folder=str(folder), given=given, out=out)
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, cwd=tmp_path)
    np.testing.assert_allclose(np.load(out), net.probabilities(IMAGES), rtol=1e-12)


def test_no_name_is_given_twice(made: Network) -> None:
    """Nor one that stands in another function for something else."""
    body = ast.parse(module_of("net", made, PREPARE, NAMES)).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    targets = (t for node in body if isinstance(node, ast.Assign) for t in node.targets)
    names += [target.id for target in targets if isinstance(target, ast.Name)]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_layers_of_any_name(tmp_path: Path) -> None:
    """Names that generated functions and variables would have are given to layers."""
    lines = [
        "copies = flatten",
        "a = linear O=4",
        "a_x = relu",
        "softmax = linear O=4",
        "scaled = own:\n    own's(x[N, I], a'[I]): y[n, i] = x[n, i]*a'[i]",
        f"forward = linear O={CLASSES}",
    ]
    made = random_network(*lines, shape=SHAPE)
    net = written(tmp_path, made)
    given = PREPARE.applied(IMAGES, np.float64)
    np.testing.assert_allclose(net.forward(given, net.load()), made.forward(given), rtol=1e-12)
    assert "scaled.a'" in net.backward(made.forward(given), given, net.load())


HOSTILE = ('"""', "'); raise SystemExit #", "back\\slash\nline")


@pytest.mark.parametrize("title", HOSTILE)
def test_names_of_classes_and_folders_are_no_code(
    title: str, made: Network, tmp_path: Path
) -> None:
    net = written(tmp_path, made, title, HOSTILE)
    assert net.CLASSES == HOSTILE and net.__doc__.startswith(title)


def command(*arguments: str) -> Any:
    return CliRunner().invoke(cli.main, ["export", *arguments])


def test_the_command(tmp_path: Path) -> None:
    source = images(tmp_path)
    ended = run(Asked(str(network(tmp_path)), str(source), {"epochs": 1}), tmp_path / "run", False)
    done = command(str(tmp_path / "run"), "-o", str(tmp_path / "net.py"))
    assert done.exit_code == 0, done.output
    assert "needs NumPy alone; images 1×6×6 as read from a file, 10 classes" in done.stdout
    net = imported(tmp_path / "net.py")
    test = ended.training.parts.test
    logits = net.forward(net.prepared(test.images), net.load())
    expected = ended.training.network.forward(ended.training.prepared(test).images)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


WRONG = {
    "net.py": "holds no run",
    "net.txt": "-o is a module's file, as net.py, not",
    "my-net.py": "-o is a module's file, as net.py, not",
}


@pytest.mark.parametrize("output", WRONG)
def test_wrong_use(output: str, tmp_path: Path) -> None:
    done = command(str(tmp_path), "-o", str(tmp_path / output))
    assert done.exit_code == 2 and WRONG[output] in done.stderr
    assert [*tmp_path.iterdir()] == []
