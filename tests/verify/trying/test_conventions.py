"""Ways in which people's functions are called: losses, methods, caches, recipes, packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import derive
from derive.engine.reverse import upstream_names
from tests.suites import every
from verify.trying.user import layouts
from verify.trying.user.examination import CannotRun, ExaminedFunction, examined

FEW = 6

#: right for the mean loss; %s is the signature
SOFTMAX = """
import numpy as np
def f({}):
    x, t = np.asarray({}), np.asarray({})
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(len(x)), t]).mean()
    p[np.arange(len(x)), t] -= 1
    dx = p / len(x)
    return {}
"""


def tried(layer: Any, code: str, function: str = "f", **options: Any) -> ExaminedFunction:
    built = derive.layer(layer) if isinstance(layer, str) else layer
    return examined(built, code, function, examples=FEW, **options)


# --- losses without g ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    every(5, [
        ("x", "t", "dx"),
        ("x", "y", "dx"),
        ("X", "y", "dx"),
        ("logits", "labels", "(loss, dx)"),
        ("scores", "target", "[loss, dx]"),
        ("pred", "y", "(loss, {'dx': dx})"),
        ("y_pred", "y_true", "{'dpred': dx}"),
        ("y_hat", "y", "(loss, (dx,))"),
        ("inputs", "targets", "(loss, [dx])"),
        ("a", "c", "loss, dx"),
    ]),
)  # fmt: skip
def test_a_loss_without_g(case: tuple[str, str, str]) -> None:
    x, t, returned = case
    found = tried("cross_entropy", SOFTMAX.format(f"{x}, {t}", x, t, returned), wrt="x")
    assert found.verdict.word == "tested", (found.call, found.verdict)
    assert "g = 1" in found.call


def test_a_wrong_loss_without_g_is_refuted_at_g_1() -> None:
    wrong = SOFTMAX.format("x, y", "x", "y", "dx * len(x)")
    found = tried("cross_entropy", wrong, wrt="x")
    assert found.verdict.word == "refuted" and found.smallest is not None
    assert list(found.smallest.failure.case.tensors["g"].entries) == [1]


def test_a_loss_that_takes_g_gets_one() -> None:
    found = tried("cross_entropy", SOFTMAX.format("dout, x, y", "x", "y", "dx * dout"), wrt="x")
    assert found.verdict.word == "tested" and "g = 1" not in found.call
    assert (
        tried("cross_entropy", SOFTMAX.format("g, x, y", "x", "y", "dx")).verdict.word == "refuted"
    )


@pytest.mark.parametrize("returned", ["(loss, dx, -dx)", "loss, {'dx': dx, 'dt': -dx}", "dx, -dx"])
def test_a_loss_with_two_gradients(returned: str) -> None:
    layer = derive.parse("mse(x[N], t[N]):\n    y = sum[n] (x[n] - t[n])^2/N")
    code = f"""
def f(pred, y):
    d = pred - y
    loss, dx = (d*d).mean(), 2*d/len(d)
    return {returned}
"""
    found = tried(layer, code)
    assert found.verdict.word == "tested", found.verdict
    assert found.tensors == ("x", "t")


@pytest.mark.parametrize("name", every(3, ["backward_", "_", "d_", "__"]))
def test_names_that_end_in_an_underscore(name: str) -> None:
    code = f"def {name}(g, x):\n    return g * (x > 0)"
    assert tried("relu", code, name).verdict.word == "tested"


# --- methods -------------------------------------------------------------------------------------

FC = "fc(x[N, D], w[D, M], b[M]):\n    y[n, m] = b[m] + sum[d] x[n, d]*w[d, m]"
CLASS = """
import numpy as np
class Param:
    def __init__(self, data): self.data, self.grad = data, None
class FC:
    def __init__(self, {}):
        {}
    def forward(self, x):
        self.x = x
    def backward(self, dout):
        dx, dw, db = dout @ {}.T, self.x.T @ dout, dout.sum(0)
        {}
"""


@pytest.mark.parametrize(
    "case",
    every(5, [
        ("w, b", "self.w = w", "self.w", "self.dw, self.db = dw, db; return dx", "xwb"),
        ("W, b, lr=1", "self.W = W", "self.W", "self.dW, self.db = dw, db; return dx", "xwb"),
        ("W, b", "self.W = W", "self.W", "self.grads = {'W': dw, 'b': db}; return dx", "xwb"),
        ("W, b", "self.W = W", "self.W", "self.grads = {'dW': dw}; return dx", "xw"),
        ("W, b", "self.W = W", "self.W", "return dx, dw, db", "xwb"),
        ("W, b", "self.W = W", "self.W", "return dict(x=dx, w=dw, b=db)", "xwb"),
        ("W, b", "self.W = W", "self.W", "return dx", "x"),
        ("W, b", "self.W = W", "self.W", "self.dx, self.dw, self.db = dx, dw, db", "xwb"),
        ("weights, bias", "self.W = Param(weights)", "self.W.data",
         "self.W.grad = dw; return dx", "xw"),
        ("n_in, n_out", "self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)", "self.W",
         "self.grad_W, self.grad_b = dw, db; return dx", "xwb"),
        ("in_features, out_features",
         "self.params = {'W': np.zeros((in_features, out_features)), 'b': np.zeros(out_features)}",
         "self.params['W']", "self.grads = {'W': dw, 'b': db}; return dx", "xwb"),
        ("", "self.weights, self.bias = None, None", "self.weights",
         "self.dweights, self.dbias = dw, db; return dx", "xwb"),
    ]),
)  # fmt: skip
def test_methods(case: tuple[str, str, str, str, str]) -> None:
    takes, made, weight, kept, tensors = case
    code = CLASS.format(takes, made, weight, kept)
    if not takes:
        code = code.replace("__init__(self, )", "__init__(self)")
    found = tried(derive.parse(FC), code, "FC.backward")
    assert (found.verdict.word, found.tensors) == ("tested", tuple(tensors)), found.verdict


def test_a_wrong_gradient_that_is_kept_is_refuted() -> None:
    code = CLASS.format("W, b", "self.W = W", "self.W", "self.dW, self.db = dw, 2*db; return dx")
    assert tried(derive.parse(FC), code, "FC.backward").verdict.word == "refuted"


# --- caches --------------------------------------------------------------------------------------

AFFINE = derive.parse(FC.replace("fc", "affine"))
BACKWARD = "    return dout @ w.T, x.T @ dout, dout.sum(0)\n"
FORWARD = "def f_forward(x, w, b):\n    return x @ w + b, {}\n"


@pytest.mark.parametrize(
    "case",
    every(6, [
        ("    x, w, b = cache\n", "cache=(x, w, b)"),
        ("    (x, w, _) = cache\n", "cache=(x, w, b)"),
        ("    _, w, b = cache; x = cache[0]\n", "cache=(x, w, b)"),
        ("    x = cache[0]\n    w = cache[1]\n", "cache=(x, w)"),
        ("    X, W, bias = cache; x, w = X, W\n", "cache=(x, w, b)"),
        ("    (x, w), (b,) = cache\n", "cache=((x, w), (b,))"),
        ("    none, (x, w) = None, cache\n", "cache=(x, w)"),
        ("    w, x = cache\n", "cache=(w, x)"),
        ("    x, w, b = cache\n" + BACKWARD + FORWARD.format("(x, w, b)"), "f_forward(x, w, b)[-"),
        ("    w, xs = cache; x = xs[0]\n" + BACKWARD + FORWARD.format("(w, [x])"), "f_forward("),
        ("    x = cache['in']; w = cache['w']\n" + BACKWARD
         + FORWARD.format("{'in': x, 'w': w}"), "f_forward("),
        ("    w, x = cache\n" + BACKWARD + FORWARD.replace("f_f", "f_forward_f").format("(w, x)"),
         "f_forward_forward("),
    ]),
)  # fmt: skip
def test_caches_of_the_course(case: tuple[str, str]) -> None:
    unpacked, call = case
    code = f"def f_backward(dout, cache):\n{unpacked}"
    code += "" if "def f_forward" in unpacked else BACKWARD
    found = tried(AFFINE, code, "f_backward", calls="cs231n")
    assert found.verdict.word == "tested" and call in found.call, (found.call, found.verdict)


def test_a_cache_that_is_one_array_and_dictionaries_of_parameters() -> None:
    relu = "def f(dout, cache):\n    dx, x = None, cache\n    return dout * (x > 0)\n"
    assert tried("relu", relu, calls="cs231n").call == "f(dout=g, cache=x)"
    every_second = derive.parse("f(x[N]; s=1):\n    y[r] = x[s*r]")
    code = """
import numpy as np
def f(dout, cache):
    x, conv_param = cache
    assert conv_param["mode"] == "train" and conv_param.get("bias", 3) == 3
    dx = np.zeros_like(x)
    dx[:conv_param["stride"]*len(dout):conv_param["stride"]] = dout
    return dx
"""
    found = tried(every_second, code, calls="cs231n")
    assert found.verdict.word == "tested"
    assert 'cache=(x, {"mode": \'train\', "stride": s})' in found.call, found.call


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def f(dout, cache):\n    xhat, w = cache\n", "nothing is known that xhat could be"),
        ("def f(dout, cache):\n    return g(cache)\n", "does not say into which names"),
        ("def f(dout, x, w, b):\n    return x\n", "has no parameter `cache`"),
        ("def f(dout, cache):\n    x, c_param = cache\n    c_param['zeta']\n",
         "reads c_param['zeta']"),
        ("def f_backward(dout, cache):\n    pass\ndef f_forward(x, w, b):\n    return x\n",
         "should return a tuple, such as (output, cache)"),
    ],
)  # fmt: skip
def test_caches_that_nobody_can_fill(code: str, words: str) -> None:
    with pytest.raises(CannotRun) as raised:
        tried(AFFINE, code, "f_backward" if "f_backward" in code else "f", calls="cs231n")
    assert words in str(raised.value)


# --- recipes -------------------------------------------------------------------------------------

OWN = """
import numpy as np
def run(weights, data, cfg, flag=None):
    assert cfg == {"mode": "fast", "width": data.shape[1], "on": True} and flag == 3
    return "status", {"in": data, "w": weights}
def grads(upstream_signal, saved, pair):
    x, w = saved["in"], saved["w"]
    assert pair[0].shape == (x.shape[0], w.shape[1]) and pair[1] == 2.5
    return 1, upstream_signal.sum(0), upstream_signal @ w.T, x.T @ upstream_signal
"""
RECIPE = """
returns = ["_", "b", "x", "w"]
[arguments]
upstream_signal = "g"
saved = "forward.1"
pair = ["y", 2.5]
[forward]
function = "run"
[forward.arguments]
weights = "w"
data = "x"
cfg = { mode = "'fast'", width = "D", on = true }
flag = 3
"""


def with_recipe(tmp_path: Path, text: str, code: str = OWN, f: str = "grads") -> ExaminedFunction:
    file = tmp_path / "recipe.toml"
    file.write_text(text)
    return tried(AFFINE, code, f, calls=str(file))


def test_a_recipe(tmp_path: Path) -> None:
    found = with_recipe(tmp_path, RECIPE)
    assert (found.verdict.word, found.tensors) == ("tested", ("b", "x", "w")), found.verdict
    wrong = with_recipe(tmp_path, RECIPE, OWN.replace("sum(0), ", "sum(0)*2, "))
    assert wrong.verdict.word == "refuted"


def test_a_recipe_for_keys_and_one_for_a_class(tmp_path: Path) -> None:
    code = OWN.replace("return 1, upstream_signal.sum(0), ", "return dict(zip('ab', (") + "))"
    code = code.replace("upstream_signal\n))", "upstream_signal)))")
    text = RECIPE.replace('["_", "b", "x", "w"]', '{ a = "x", b = "w" }')
    found = with_recipe(tmp_path, text, code)
    assert (found.verdict.word, found.tensors) == ("tested", ("x", "w"))
    code = CLASS.format("a, c", "self.W = c", "self.W", "return dx").replace("forward", "go")
    text = '[constructor.arguments]\na = "b"\nc = "w"\n[forward]\nfunction = "go"\n'
    found = with_recipe(tmp_path, text, code, "FC.backward")
    assert found.call == "FC(a=b, c=w); FC.go(x); FC.backward(dout=g)"
    assert found.verdict.word == "tested"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = ", "is no TOML"),
        ("result = 3", "'result' is nothing a recipe says; it may say: arguments"),
        ("arguments = 3", "arguments is a table: [arguments]"),
        ("forward.arguments = 3", "arguments is a table"),
        ('forward.name = "run"', "in [forward] may stand: function, arguments; not name"),
        ("returns = 3", "returns is a list of tensors"),
        ('returns = ["z"]' + RECIPE.partition("]")[2], "no gradient with respect to 'z'"),
        ('arguments.saved = "nothing"', "nothing is known that 'nothing' could be"),
        ("arguments.saved = 1979-05-27", "an argument cannot be"),
        ('arguments.svaed = "x"', "grads has no parameter 'svaed'; its parameters are: upstream"),
        ('forward.function = "runs"', "the file has no function 'runs'; it has run"),
        (RECIPE.replace("forward.1", "forward.7"), "with a place 7"),
        (RECIPE.replace("forward.1", "forward.x"), "a part of what forward returns is forward.1"),
        ('layout = "NHXC"', "no tensor of the layer has the axes of NHXC"),
    ],
)
def test_recipes_that_say_nothing(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CannotRun) as raised:
        with_recipe(tmp_path, text)
    assert words in str(raised.value)


def test_other_conventions_are_refused_by_name() -> None:
    for word, said in (
        ("CS231", "--calls takes cs231n"),
        ("nofile.toml", "cannot read the recipe"),
    ):
        with pytest.raises(CannotRun) as raised:
            tried("relu", "def f(g, x):\n    return g\n", calls=word)
        assert said in str(raised.value)


# --- channels last -------------------------------------------------------------------------------


@pytest.mark.complete
@pytest.mark.parametrize(
    "case",
    every(5, [
        ("relu", {"dims": 4}, "NHWC", "g * (x > 0)"),
        ("flatten", {}, "NHWC", "g.reshape(len(x), *np.moveaxis(x, 3, 1).shape[1:])"
         ".transpose(0, 2, 3, 1)"),
        ("linear", {}, "NWC", None),
        ("conv", {"channels": True}, "NCHW,IOHW", None),
        ("conv", {"channels": True, "dims": 1}, "NWC,WIO", None),
        ("conv", {"channels": True, "dims": 1}, "nlc,lio", None),
    ]),
)  # fmt: skip
def test_layouts(case: tuple[str, dict[str, Any], str, str | None]) -> None:
    name, options, layout, right = case
    layer = derive.layer(name, **options)
    if right is None and name == "linear":
        with pytest.raises(CannotRun, match="no tensor of the layer"):
            tried(layer, "def f(g, x):\n    return g\n", layout=layout)
        return
    if right is None:
        orders = layouts.orders(layer, upstream_names(layer), layout)
        given = {n: [str(s) for s in layouts.laid(layer.shape(n), o)] for n, o in orders.items()
                 if n in "xk"}  # fmt: skip
        assert (
            given
            == {
                "NCHW,IOHW": {"x": ["N", "C", "H", "W"], "k": ["C", "O", "K1", "K2"]},
                "NWC,WIO": {"x": ["N", "H", "C"], "k": ["K", "C", "O"]},
                "nlc,lio": {"x": ["N", "H", "C"], "k": ["K", "C", "O"]},
            }[layout]
        ), given
        return
    code = f"import numpy as np\ndef f(g, x):\n    return {right}\n"
    found = tried(layer, code, layout=layout)
    assert found.verdict.word == "tested", found.verdict


# --- files of a repository -----------------------------------------------------------------------


def repository(tmp_path: Path) -> Path:
    """A package whose layers import from it, in both ways."""
    package = tmp_path / "net" / "layers"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package.parent / "tools.py").write_text("def mask(x):\n    return x > 0\n")
    (package / "relu.py").write_text(
        "from net.tools import mask\n\ndef f(g, x):\n    return g * mask(x)\n"
    )
    (package / "own.py").write_text(
        "from ..tools import mask\n\ndef f(g, x):\n    return g * mask(x)\n"
    )
    return package


@pytest.mark.complete
def test_a_file_of_a_repository(tmp_path: Path) -> None:
    package = repository(tmp_path)
    for name in ("relu.py", "own.py"):
        file = str(package / name)
        with pytest.raises(CannotRun) as raised:
            tried("relu", file)
        assert f"--root {tmp_path}" in str(raised.value)
        assert tried("relu", file, root=str(tmp_path)).verdict.word == "tested"
        with pytest.raises(CannotRun, match="has no function 'h'; it has: f"):
            tried("relu", file, "h", root=str(tmp_path))
    with pytest.raises(CannotRun, match="there is no folder"):
        tried("relu", file, root=str(tmp_path / "nofolder"))
    (tmp_path / "other").mkdir()
    with pytest.raises(CannotRun, match="the file is not in the folder"):
        tried("relu", file, root=str(tmp_path / "other"))


def test_an_error_in_another_file_is_shown_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "lib_with_error.py").write_text("def inner(g):\n    return g * undefined_name\n")
    (tmp_path / "mine.py").write_text(
        "import lib_with_error\n\ndef f(g, x):\n    return lib_with_error.inner(g)\n"
        "\ndef h(g, x):\n    import numpy\n    return numpy.zeros((2, 3)).reshape(5)\n"
    )
    reason = tried("relu", str(tmp_path / "mine.py")).verdict.reason
    assert "(lib_with_error.py, line 2: return g * undefined_name)" in reason
    reason = tried("relu", str(tmp_path / "mine.py"), "h").verdict.reason
    assert "(line 8: return numpy" in reason
