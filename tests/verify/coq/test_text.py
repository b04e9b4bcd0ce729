"""What certificates say, as far as it can be seen without Coq."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sympy import Expr, Integer

import derive
import verify
from derive.language.terms import FloorDiv, Index, Modulo
from tests.places import ROOT
from tests.telling import text as in_text
from verify.coq import Uncertified
from verify.coq.integers import integer
from verify.coq.names import fresh, library, reserved
from verify.coq.reporting import certified

AT, TWO, THREE = Index("i"), Integer(2), Integer(3)


def certificate(text: str, wrt: str = "x") -> str:
    return verify.certificate(derive.gradient(derive.parse(text), wrt))


def test_the_documented_theorem_is_the_one_that_is_written() -> None:
    text = verify.certificate(derive.gradient(derive.layer("conv", dims=1), "x"))
    document = (ROOT / "docs" / "certificates.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```coq\n(.*?)```", document, re.DOTALL)
    assert block in text


def test_the_layer_is_stated_as_it_was_written() -> None:
    layer = derive.layer("conv", dims=1, stride="s", padding="p")
    text = verify.certificate(derive.gradient(layer, "x"))
    (definition,) = re.findall(r"Definition conv_y .*?scalar\.", text, re.DOTALL)
    guard = "⟦(0 <=? s * r + a - p) && (s * r + a - p <? H)⟧"
    assert f"{guard} * x (s * r + a - p)%Z * k a" in " ".join(definition.split())


def test_a_read_at_an_exact_quotient_is_zero_where_it_does_not_divide() -> None:
    layer = derive.layer("conv_transpose", dims=1, stride="s")
    text = verify.certificate(derive.gradient(layer, "x"))
    (definition,) = re.findall(r"Definition conv_transpose_y .*?scalar\.", text, re.DOTALL)
    assert "mod s =? 0)⟧" in definition
    assert "/ s)%Z" in definition


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("y[i] = erf(x[i])", "erf"),
        ("f(x[N], a[N]):\n    y[i] = a[i]**x[i]", "an exponent that moves"),
    ],
)
def test_what_is_not_covered_says_why(text: str, reason: str) -> None:
    with pytest.raises(Uncertified, match=reason):
        certificate(text)


def test_no_law_of_fractions_is_assumed_where_none_is_needed() -> None:
    assert "= one (plain" not in certificate("f(x[N]):\n    y[i] = x[i]/N")
    assert "fraction (plain scalars) 2 = one (plain" in certificate("y[i] = x[i]**2/2")


def test_names_are_kept_where_coq_allows_it() -> None:
    assert fresh("r'", ()) == "r'"
    assert fresh("sum", ()) == "sum_"
    assert fresh("b", {"b"}) == "b_"
    assert fresh("premise0", ()) == "premise0_"
    assert fresh("½x", ()) == "n½x"


def test_the_library_declares_what_is_reserved() -> None:
    declared = re.findall(r"^(?:Definition|Lemma|Fixpoint) (\w+)", library(), re.MULTILINE)
    assert declared and set(declared) <= reserved()


def test_comments_cannot_be_broken_by_the_layer() -> None:
    text = certificate("f(x[N]):\n    y[i] = x[i]*(x[i] + 1)*(x[i] + 2)")
    depth = 0
    for mark in re.findall(r"\(\*|\*\)", text):
        depth += 1 if mark == "(*" else -1
        assert depth in (0, 1)
    assert depth == 0


@pytest.mark.complete
def test_the_text_does_not_depend_on_hash_order() -> None:
    code = (
        "import derive, verify, hashlib\n"
        "layer = derive.layer('conv', dims=1, channels=True, stride='s', groups='G')\n"
        "text = verify.certificate(derive.gradient(layer, 'x'))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1


def test_without_coqc_the_file_is_written_and_the_reader_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    path = tmp_path / "linear.v"
    told = certified(derive.gradient(derive.layer("linear"), "w"), path)
    text = in_text(told)
    assert path.read_text(encoding="utf-8").startswith("(* Certificate")
    assert "install Coq" in text and "coqc" in text
    assert told.status == 3


def test_what_is_not_covered_is_undecided(tmp_path: Path) -> None:
    path = tmp_path / "exp.v"
    told = certified(derive.gradient(derive.parse("y[i] = erf(x[i])"), "x"), path)
    text = in_text(told)
    assert "undecided" in text and "erf" in text
    assert told.status == 3
    assert not path.exists()


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (-FloorDiv(AT, TWO) - AT, "-(i / 2) - i"),
        (-FloorDiv(AT, TWO) - Modulo(AT, THREE), "-(i / 2) - i mod 3"),
        (-Modulo(AT, TWO) - Modulo(AT, THREE), "-(i mod 2) - i mod 3"),
        (AT - FloorDiv(AT, TWO), "i - i / 2"),
        (-3 * FloorDiv(AT, TWO) - AT, "-3 * (i / 2) - i"),
    ],
)
def test_a_sign_in_front_takes_in_a_quotient(expr: Expr, text: str) -> None:
    """``-i / 2`` is (−i)/2 in Coq."""
    assert integer(expr, str) == text
