"""What an option goes with: whatever would be ignored is refused, for all pairs of options."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import click
import pytest
from click.testing import CliRunner

import cli
from derive import catalog
from derive.console.commands import Fitting
from tests.places import ROOT
from tests.suites import every

#: options that no act ignores, beside those of the layer
EVERYWHERE = {"set", "format", "output", "of", "help"}
VALUES = {
    "max-examples": "1",
    "seed": "1",
    "target": "loops",
    "at": "H=4",
    "wrt": "x",
    "size": "4x4",
    "kernel": "2x2",
    "coq": "conv.v",
    "set": "s=1",
    "format": "json",
    "output": "out",
    "code": "my.py:f",
    "calls": "cs231n",
    "layout": "NHWC",
    "root": ".",
}


def names(command: click.Command) -> set[str]:
    options = [p for p in command.params if isinstance(p, click.Option)]
    return {p.opts[-1].removeprefix("--") for p in options}


def typed(option: str, command: click.Command) -> list[str]:
    (found,) = (p for p in command.params if f"--{option}" in p.opts)
    assert isinstance(found, click.Option)
    return [f"--{option}"] if found.is_flag else [f"--{option}", VALUES[option]]


def refused(fitting: Fitting, options: tuple[str, ...]) -> str:
    try:
        fitting.check(options)
    except ValueError as error:
        return str(error)
    return ""


LAYER = sorted(names(cli.work))
CHECK = sorted(names(cli.check) - {"of"})
OF_CODE = {"wrt", "seed", "strict", "calls", "layout", "root"}


def test_the_table_speaks_of_options_that_there_are() -> None:
    for fitting, command in ((cli.LAYER_OPTIONS, cli.work), (cli.CHECK_OPTIONS, cli.check)):
        words = {w for option, wanted in fitting.needs.items() for w in (option, *wanted.split())}
        assert {*words, *fitting.acts, *fitting.exclusive} <= names(command)
        left = names(command) - set(fitting.needs) - set(fitting.acts) - {"code"}
        assert left <= EVERYWHERE, "an option without a line in the table goes with everything"


@pytest.mark.parametrize("pair", every(3, permutations(LAYER, 2)), ids=" ".join)
def test_pairs_of_options_of_a_layer(pair: tuple[str, str]) -> None:
    """Each pair is refused by hand-written reasons, and exactly these are refused."""
    acts = [o for o in pair if o in ("show", "prove", "code", "explain", "test")]
    act = acts[0] if acts else "show"
    wrong = len(acts) == 2 or {*pair} == {"brief", "full"}
    for option in pair:
        wrong |= option == "coq" and act != "prove"
        wrong |= option in ("max-examples", "seed") and act != "test"
        wrong |= option == "target" and act in ("show", "prove")
        wrong |= option == "at" and act != "explain"
        wrong |= option == "wrt" and act not in ("show", "prove")
        wrong |= option in ("brief", "full", "size") and act != "show"
        wrong |= option == "kernel" and "size" not in pair
    assert bool(refused(cli.LAYER_OPTIONS, pair)) == wrong
    if wrong:
        words = [word for option in pair for word in typed(option, cli.work)]
        result = CliRunner().invoke(cli.main, ["conv", *words])
        assert result.exit_code == 2
        assert result.output == f"derive: {refused(cli.LAYER_OPTIONS, _in_order(pair))}\n"


def _in_order(pair: tuple[str, ...]) -> tuple[str, ...]:
    """The options in the order in which the command declares them."""
    order = [p.opts[-1].removeprefix("--") for p in cli.work.params]
    return tuple(sorted(pair, key=order.index))


@pytest.mark.parametrize("pair", every(3, permutations(CHECK, 2)), ids=" ".join)
def test_pairs_of_options_of_check(pair: tuple[str, str]) -> None:
    wrong = "code" not in pair and not OF_CODE.isdisjoint(pair)
    assert bool(refused(cli.CHECK_OPTIONS, pair)) == wrong
    if wrong:
        words = [word for option in pair for word in typed(option, cli.check)]
        result = CliRunner().invoke(cli.main, ["check", "dL/dx[p] = 0", "--of", "conv", *words])
        assert result.exit_code == 2
        assert "goes with --code" in result.output


@pytest.mark.parametrize("option", ["wrt", "coq", "target", "at", "seed", "max-examples", "kernel"])
def test_alone_an_option_goes_with_show(option: str) -> None:
    assert bool(refused(cli.LAYER_OPTIONS, (option,))) == (option != "wrt")


def test_a_formula_and_code_are_not_checked_at_once() -> None:
    arguments = ["check", "dL/dx[p] = 0", "--code", "my.py:f", "--of", "conv"]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2 and "give a formula" in result.output


def test_the_package_is_a_program() -> None:
    command = [sys.executable, "-m", "derive", "list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == catalog.names()
    wrong = subprocess.run([*command, "x"], cwd=ROOT, capture_output=True, text=True)
    assert wrong.returncode == 2 and "Usage: derive list" in wrong.stderr


def test_an_option_of_a_layer_beside_one_of_the_command() -> None:
    """``--size`` is the worked example's; the window of LRN is ``--layer-size``."""
    shown = CliRunner().invoke(cli.main, ["lrn", "--layer-size", "3", "--alpha", "0.5"])
    assert shown.exit_code == 0 and "Σ_{j<3}" in shown.output
    refused = CliRunner().invoke(cli.main, ["conv", "--layer-size", "3"])
    assert refused.exit_code == 2 and "no option 'size'" in refused.output
    assert "--layer-size" in CliRunner().invoke(cli.main, ["lrn", "--help"]).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["elu", "--alpha", "1e-3"], "alpha·(exp"),
        (["elu", "--alpha", "a!"], "alpha must be"),
        (["gelu", "--approximate", "tnh"], "did you mean 'tanh'?"),
        (["softmax", "--axis", "2"], "axis must be between -2 and 1"),
        (["mse", "--reduction", "avg"], "reduction must be one of mean, sum, none"),
        (["batchnorm", "--eps", "-1", "--no-training"], "var"),
        (["lp_pool", "--norm-type", "0"], "norm_type must be"),
        (["pad", "--mode", "reflct"], "did you mean 'reflect'?"),
    ],
)
def test_options_of_layers_that_are_no_whole_numbers(words: list[str], said: str) -> None:
    assert said in CliRunner().invoke(cli.main, words).output
