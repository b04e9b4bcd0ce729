"""The verdict says of what it holds: of one rank, or of every rank."""

from __future__ import annotations

import dataclasses

import pytest

import derive
import verify
from derive.language.entrywise import EVERY_RANK
from verify.checker.ranks import in_every_rank


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y[i, j] = x[i, j]*exp(x[i, j])", True),
        ("s[n] = sigmoid(x[n])\ny[n] = x[n]*s[n]", True),
        ("y = w*x", True),
        ("y[i] = x[i]*(sum[j] x[j])", False),
        ("f(x[N]): y[i] = x[i]/N", False),
    ],
)
def test_what_is_checked_of_an_entrywise_layer_is_said_of_every_rank(text: str, said: bool) -> None:
    layer = derive.parse(text)
    verdict = verify.check(derive.gradient(layer, "x"))
    assert verdict.word == "checked"
    assert verdict.reason.endswith(f"; {EVERY_RANK}") == said


def test_gradients_judged_together_say_so_too() -> None:
    layer = derive.compose("relu(add(silu(x), z))")
    both = [derive.gradient(layer, name) for name in "xz"]
    assert verify.check(*both).reason.endswith(f"; {EVERY_RANK}")


def test_nothing_is_said_where_a_formula_is_not_entrywise_or_nothing_is_checked() -> None:
    silu, norm = (derive.gradient(derive.layer(name), "x") for name in ("silu", "softmax"))
    found = verify.check(silu)
    mixed = dataclasses.replace(silu, adjoints=norm.adjoints)
    plain = dataclasses.replace(found, reason="")
    assert in_every_rank(plain, [silu]).reason and not in_every_rank(plain, [mixed]).reason
    tested = dataclasses.replace(plain, word="tested")
    assert in_every_rank(tested, [silu]) == tested
