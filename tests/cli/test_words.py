"""What the command line says of words that are nearly right, and of a stop before it has begun."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

import cli
import derive
from derive import catalog
from derive.catalog.elsewhere import KNOWN_AS, LINES
from derive.catalog.options import OptionError
from tests.places import ROOT

SAID = [
    (["logsumexp"], 'type it: derive "y[n] = log(sum[c] exp(x[n, c]))"'),
    (["hardtanh", "--show"], 'type it: derive "y[i] = min(max(x[i], -1), 1)'),
    (["BatchNorm2d"], "did you mean 'batchnorm'?"),
    (["hardtan"], 'type it: derive "y[i] = min'),
    (["softmx"], "did you mean 'softmax'?"),
    (["swish"], "did you mean 'silu'?"),
    (["convolution"], "did you mean 'conv'?"),
    (["Conv2d", "--stride", "2"], "did you mean 'conv'?"),
    (["CONV"], "did you mean 'conv'?"),
    (["dense"], "did you mean 'linear'?"),
    (["max_pool"], "did you mean 'maxpool'?"),
    (["max-pooling"], "did you mean 'maxpool'?"),
    (["check", "dL/dx[p] = 0", "--of", "convolution"], "did you mean 'conv'?"),
    (["nofile.d"], "cannot read 'nofile.d': No such file"),
    (["."], "'.' is a folder"),
    (["check", "dL/dx[p] = 0", "--of", "/"], "'/' is a folder"),
    (["conv", "--wrt", "x", "k"], "write --wrt x,k"),
    (["conv", "--padding", "1", "2", "--show"], "write --padding 1,2"),
    (["conv", "--stride", "2,", "1"], "write --stride 2,1"),
    (["conv", "--format", "jsn"], "did you mean 'json'?"),
    (["conv", "--code", "--target", "lops"], "did you mean 'loops'?"),
    (["conv", "--strid", "2"], "--stride"),
    (["train", "lenett", "--data", "digits"], "did you mean 'lenet'?"),
    (["conv", "--kernel", "2x2"], "--kernel goes with --size"),
    (["conv", "--show", "--code"], "--show and --code do not go together"),
    (["conv", "--prove", "--code"], "--prove and --code do not go together"),
]


@pytest.mark.parametrize(("words", "said"), SAID)
def test_says_what_to_write(words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli.main, words)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("words", [["--format", "JSON"], ["--code", "--target", "Loops"]])
def test_words_whatever_their_case(words: list[str]) -> None:
    usual = [w if w.startswith("-") else w.lower() for w in words]
    run = CliRunner().invoke
    assert run(cli.main, ["relu", *words]).output == run(cli.main, ["relu", *usual]).output


@pytest.mark.parametrize("name", LINES)
def test_what_is_offered_can_be_typed(name: str) -> None:
    assert derive.parse(LINES[name]).outputs
    with pytest.raises(OptionError) as caught:
        derive.layer(name)
    assert LINES[name] in str(caught.value)


def test_what_is_offered_is_there() -> None:
    assert set(KNOWN_AS) <= set(catalog.names())
    assert not set(LINES) & set(catalog.names())


def test_an_option_that_a_layer_does_not_have() -> None:
    with pytest.raises(OptionError, match="did you mean 'stride'"):
        derive.layer("conv", strid=2)


@pytest.mark.complete
@pytest.mark.parametrize("after", [0.03, 0.06, 0.1, 0.15])
def test_a_stop_before_it_has_begun_prints_nothing(after: float) -> None:
    command = [sys.executable, "-m", "derive", "conv"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        time.sleep(after)
        started.send_signal(signal.SIGINT)
        _, said = started.communicate()
    # what Python itself prints while it starts is beyond reach
    assert "cli.py" not in said and "site-packages" not in said, said
