"""A target of your own is one file on the path of ``numeric.targets``: its imports, its words."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

import derive
import numeric
from numeric import targets
from tests.numeric.cases import DESIGN, sampled

#: arrays that are never written to, as in JAX: another import, preamble and words, and two helpers
FROZEN = '''"""Arrays that are never written to."""

import numpy as np

from numeric.closed import in_closed_form
from numeric.emission.dialect import NUMPY, Dialect
from numeric.emission.statements import body_of

SUMMARY = "arrays that are never written to"


class Frozen(Dialect):
    library = "Frozen"
    imports = ("import numpy as np", "import numpy as xp")
    helpers = (__name__, *NUMPY.helpers)
    names = ("np", "xp", "as_strided")

    def arrays(self, reals, tables, whole, call):
        yield from super().arrays(reals, tables, whole, call)
        for name in reals:
            yield call("freeze", name)

    def zeros(self, shape):
        return f"xp.zeros({shape}, dtype=dtype)"

    def added(self, target, place, value, call):
        return f"{target} = {call('plus', target, f'np.s_[{place}]', value)}"

    def scattered(self, target, index, value, call):
        call("plus")
        return f"{target} = {call('scatter_add', target, ', '.join([value, *index]))}"


DIALECT = Frozen()
gradient = in_closed_form


def body(layer, outputs, names, comment):
    return body_of(layer, outputs, names, comment, DIALECT)


def freeze(array: np.ndarray) -> None:
    """Refuse writing."""
    array.flags.writeable = False


def plus(target: np.ndarray, place: tuple, value: np.ndarray) -> np.ndarray:
    """A new array."""
    made = target.copy()
    np.add.at(made, place, value)
    freeze(made)
    return made


def scatter_add(target, values, *index):
    """A new array; this one is found before the helper of that name for NumPy."""
    *index, values = np.broadcast_arrays(*index, values)
    inside = np.all([(i >= 0) & (i < n) for i, n in zip(index, target.shape)], axis=0)
    return plus(target, tuple(i[inside] for i in index), values[inside])
'''

#: loops in functions of their own, which something may compile
COMPILED = '''"""Loops that something compiles."""

from dataclasses import replace

from numeric.emission.dialect import Dialect
from numeric.targets import loops

SUMMARY = "loops that something compiles"


class Compiled(Dialect):
    library = "NumPy, a compiler"
    imports = ("import numpy as np", "from functools import cache as compiled")
    options = ("checked=True",)
    names = ("np", "compiled")


DIALECT = Compiled()
gradient = loops.gradient


def body(layer, outputs, names, comment):
    made = loops.body(layer, outputs, names, comment)
    run = names.array(f"run_{outputs[0]}")
    own = {names.array(t.name) for t in layer.tensors}
    own |= {names.symbol(s) for s in layer.symbols}
    given = ", ".join(sorted(own))
    lines = [f"    {line}" for line in made.lines]
    result = f"    return {', '.join(names.array(y) for y in outputs)}"
    text = "\\n".join([f"# @compiled\\ndef {run}(dtype, {given}):", *lines, result])
    call = f"{', '.join(names.array(y) for y in outputs)} = {run}(dtype, {given})"
    return replace(made, lines=(call,), definitions=(text,))
'''


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "frozen.py").write_text(FROZEN, encoding="utf-8")
    (tmp_path / "compiled_loops.py").write_text(COMPILED, encoding="utf-8")
    monkeypatch.setattr(targets, "__path__", [*targets.__path__, str(tmp_path)])
    importlib.invalidate_caches()


@pytest.mark.parametrize("target", ["frozen", "compiled_loops"])
@pytest.mark.parametrize("name", DESIGN)
def test_a_file_makes_a_target(name: str, target: str) -> None:
    text, shapes, options = DESIGN[name]
    layer = derive.parse(text)
    inputs = sampled(layer, shapes, options)
    given = {t.name: np.array(inputs.arrays[t.name].nested()) for t in layer.tensors}
    given = {n: a if n == "t" else a.astype(float) for n, a in given.items()}
    arrays, kernel = (numeric.compile(layer, target=t) for t in ("arrays", target))
    y = arrays.forward(**{n: a.copy() for n, a in given.items()}, **options)
    np.testing.assert_allclose(kernel.forward(**given, **options), y, 1e-12)
    found = kernel.backward(y.copy(), **given, **options)
    for wrt, gradient in arrays.backward(y, **given, **options).items():
        np.testing.assert_allclose(found[wrt], gradient, 1e-12, err_msg=wrt)
    assert kernel.explain


def test_imports_preamble_and_words_are_the_targets() -> None:
    assert {"frozen", "compiled_loops"} <= set(targets.TARGETS.names())
    text = numeric.code(derive.layer("maxpool", padding=1), "frozen")
    assert "needs Frozen and the standard library only." in text
    assert re.search(r"^import numpy as np\nimport numpy as xp$", text, re.M)
    assert "    freeze(x)\n" in text and "def freeze(array):\n" in text
    assert re.search(r"dx = plus\(\s*dx,\s*np\.s_\[", text) and "_] += " not in text
    assert "np.zeros((N" not in text and "xp.zeros((N, C, H_out, W_out), dtype=dtype)" in text
    text = numeric.code(derive.layer("linear"), "compiled_loops")
    assert text.count("# @compiled\ndef run_") == 4
    assert "def forward(x, w, b, *, checked=True):" in text


def test_a_file_that_says_no_dialect_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "mute.py").write_text('SUMMARY = "nothing"\n', encoding="utf-8")
    importlib.invalidate_caches()
    with pytest.raises(TypeError, match=r"mute\.py is no target: it lacks DIALECT, body, gradient"):
        numeric.compile(derive.layer("linear"), target="mute")
