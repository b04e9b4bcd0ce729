"""Layers that do not fit: what is said, where the caret stands, and the exit code."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import cli
import derive
from derive.language.notation.errors import NotationError

#: text, what is under the caret, words of the message
REFUSED = [
    ("relu(convv(x,k))", "convv", ["no layer 'convv'", "did you mean 'conv'?"]),
    ("relu(swish(x))", "swish", ["did you mean 'silu'?"]),
    ("relu(conv(x))", "conv(x)", ["takes 2 tensors, x, k; given 1"]),
    ("relu(conv(x,k,b))", "conv(x,k,b)", ["takes 2 tensors", "given 3", "channels"]),
    ("linear(x,w)", "linear(x,w)", ["takes 3 tensors, x, w, b", "bias=False"]),
    ("relu()", "relu()", ["takes 1 tensor, x; given 0"]),
    ("relu(conv(x,k; strid=2))", "strid=2", ["no option 'strid'", "did you mean 'stride'?"]),
    ("relu(x; axis=1)", "axis=1", ["no option 'axis'", "its options are: dims"]),
    ("conv(x,k; stride=2, stride=3)", "stride=3", ["stride is given twice"]),
    ("conv(x,k; stride=0)", "stride=0", ["at least 1"]),
    ("conv(x,k; channels=3)", "channels=3", ["True or False"]),
    ("softmax(relu(x); axis=7)", "axis=7", ["axis must be"]),
    ("relu(conv(x,k)", "(", ["not closed", "')' is missing"]),
    ("relu(conv(x,k)))", ")", ["closes nothing"]),
    ("relu(conv(x,k]))", "]", ["closes nothing"]),
    ("relu(x[i])", "[", ["not read here", "names alone"]),
    ("relu(conv(x, stride=2))", "=", ["after a semicolon"]),
    ("conv(x,k; stride=2,1)", "1", ["in parentheses: stride=(2, 1)"]),
    ("conv(x,k; padding=1:2)", ":", ["as a pair"]),
    ("relu(x y)", "y", ["cannot read 'y'"]),
    ("relu(x; dims=" + "9" * 50 + ")", "9" * 50, ["at most 40 digits"]),
    (
        "relu(conv(x,k,b;channels); dims=2)",
        "conv(x,k,b;channels)",
        ["relu takes x[H, W], of 2 axes", "[N, O, H_out, W_out] by conv, of 4 axes"],
    ),
    (
        "f(g(x)) with f(x[4]): y[i] = x[i] with g(x[5]): y[i] = x[i]",
        "g(x)",
        ["takes x[4] here", "[5] by g", "4 is not 5"],
    ),
    ("add(conv(x,k),x)", "x", ["takes z[R, C]", "x[H, W]", "R is not H", "H = 1, K1 = 2"]),
    (
        "add(conv(x,k),conv(x,l;stride=2))",
        "conv(x,l;stride=2)",
        ["[R2, C2] by conv", "R is not R2, as for"],
    ),
    (
        "conv(f(x),k,b;channels,groups=3) with f(x[N,16,H,W]): y[n,c,i,j] = x[n,c,i,j]",
        "conv(f(x),k,b;channels,groups=3)",
        ["needs 3 divides 16"],
    ),
    ("cross_entropy(x, relu(t))", "relu(t)", ["holds integers"]),
    ("conv(x, s; stride=s)", "s", ["a tensor and the value of an option"]),
    (
        "leaky_relu(conv(x, k; stride=s); negative_slope=s)",
        "leaky_relu(conv(x, k; stride=s); negative_slope=s)",
        ["s cannot be both an integer and a real number"],
    ),
    ("f(x) with y[i] = x[i]", None, ["needs a name"]),
]


def marked(message: str) -> str:
    """What the carets in a message stand under."""
    lines = message.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip() and set(line.strip()) == {"^"})
    start = lines[at].index("^")
    return lines[at - 1][start : start + lines[at].count("^")]


@pytest.mark.parametrize(("text", "under", "words"), REFUSED, ids=[r[0][:40] for r in REFUSED])
def test_it_says_what_is_wrong_and_where(text: str, under: str | None, words: list[str]) -> None:
    with pytest.raises(NotationError) as found:
        derive.compose(text)
    said = str(found.value)
    assert all(word in said for word in words), said
    if under is not None:
        assert marked(said) == under, said


@pytest.mark.parametrize("text", [r[0] for r in REFUSED[::5]])
def test_on_the_command_line(text: str) -> None:
    result = CliRunner().invoke(cli.main, [text, "--show"])
    assert result.exit_code == 2
    assert result.output.startswith("derive: ")


def test_options_of_the_command_line_stand_in_parentheses() -> None:
    for more in (["--stride", "2"], ["--set", "s=2"]):
        result = CliRunner().invoke(cli.main, ["relu(conv(x,k))", *more])
        assert result.exit_code == 2
        assert "conv(x, k; stride=" in result.output


def test_python_objects() -> None:
    with pytest.raises(TypeError, match="expected a layer"):
        derive.compose(derive.layer("relu"), "conv")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="by names in a text"):
        derive.compose(derive.layer("relu"), f=derive.layer("relu"))
    with pytest.raises(NotationError, match="of 2 axes"):
        derive.compose(derive.layer("conv", channels=True), derive.layer("relu"))


def test_a_deep_text_is_refused() -> None:
    with pytest.raises(NotationError, match="nest at most"):
        derive.compose("relu(" * 1000 + "x" + ")" * 1000)
