"""What is printed about a claim: it fits 80 columns, says what it must, and never varies."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import derive
from tests.places import ROOT
from tests.telling import text as in_text
from verify.claims import ExaminedClaim, examined, told

CONV = derive.layer("conv")
DOUBLED = derive.parse("f(x[N, C]): y[n] = max[j < C] 2*x[n,j]")

FLIPPED = """\
refuted: dL/dx[p,q] = sum[a,b] g[p+a,q+b]*k[a,b]

  kernel not flipped

  smallest counterexample: H = 1, W = 2, K1 = 1, K2 = 2; p = 0, q = 1
  where k[0, 1] = 1, g[0, 0] = 1 and all other entries are 0
  the gradient is 1, the claim says 0

  Products in this entry (− missing in the claim):

        k01
    g00  −

  derived:
    ∂L/∂x[r', c']
      = Σ_{a<K1, b<K2} [0 ≤ r'−a < R]·[0 ≤ c'−b < C]·g[r'−a, c'−b]·k[a, b]
"""

LISTED = """\
refuted: dL/dk[a,b] = y[a,b]

  smallest counterexample: H = 1, W = 1, K1 = 1, K2 = 1; a = 0, b = 0
  where x[0, 0] = 1, g[0, 0] = 1 and all other entries are 0
  the gradient is 1, the claim says 0

  Products in this entry (+ only in the claim, − missing in the claim):

    + k00·x00
    − g00·x00

  derived:
    ∂L/∂k[a', b'] = Σ_{r<R, c<C} g[r, c]·x[r+a', c+b']
"""


def report(examination: ExaminedClaim, width: int = 80) -> str:
    return in_text(told(examination), width)


def test_a_refutation_is_drawn() -> None:
    assert report(examined(CONV, FLIPPED.partition(": ")[2].partition("\n")[0])) == FLIPPED
    assert report(examined(CONV, "dL/dk[a,b] = y[a,b]")) == LISTED


def test_a_proof_names_its_conditions_and_deciders() -> None:
    layer = derive.layer("conv", dims=1)
    found = examined(layer, "dL/dx[p] = sum[a] g[min(p-a, H)]*k[a]")
    text = report(found)
    assert text.startswith("checked: dL/dx[p] = sum[a]")
    assert "equal for all sizes (islpy)" in text
    assert "the derivation behind it" in text
    assert "derived:" not in text


def test_what_is_only_tested_says_how_much() -> None:
    found = examined(DOUBLED, "y[n] = 2*(max[j < C] x[n,j])")
    text = " ".join(report(found).split())
    assert text.startswith("tested: y[n] = ")
    assert "no law relates max_{i<C} 2·x[n, i] and max_{i<C} x[n, i] to one another" in text
    assert "no law was found by which −2·max_{i<C} x[n, i] + max_{i<C} 2·x[n, i] is 0" in text
    assert "entries, seed 0, exactly" in text
    assert found.verdict.sample is not None and found.verdict.sample.examples > 100


@pytest.mark.parametrize(
    ("layer", "text", "code"),
    [
        (CONV, "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]", 0),
        (CONV, "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[b,a]", 1),
        (
            DOUBLED,
            "y[n] = 2*(max[j < C] x[n,j])",
            3,
        ),
    ],
)
def test_exit_codes(layer: derive.language.definition.Layer, text: str, code: int) -> None:
    assert told(examined(layer, text)).status == code


LONG = [
    (derive.layer("conv", dims=3, channels=True, groups="G"), "dL/dx[n,c,p,q,r] = 0"),
    (derive.layer("conv"), "dL/dx[p,q] = " + " + ".join(["sum[a,b] g[p-a,q-b]*k[a,b]"] * 9)),
    (derive.layer("linear"), "dL/db[o] = sum[n] g[n,o]*[n != 14]"),
    (derive.parse("layer(x[N]): m = (sum[i] x[i])/N; y[i] = x[i] - m"), "dL/dx[i] = g[i]"),
    (derive.parse("y[i] = relu(x[i])"), "dL/dx[i] = g[i]"),
    (derive.layer("matmul"), "dL/dA[i,k] = g[i,k]*B[k,k]/I"),
]


@pytest.mark.parametrize(("layer", "text"), LONG)
def test_reports_fit_the_width(layer: derive.language.definition.Layer, text: str) -> None:
    found = examined(layer, text)
    for width in (60, 80):
        assert all(len(line) <= width for line in report(found, width).splitlines())


@pytest.mark.complete
def test_the_same_claim_prints_the_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "import derive; from tests.telling import text; from verify.claims import examined, told\n"
        "layer = derive.layer('conv', dims=1, stride=2, padding=1)\n"
        "for claim in ('dL/dx[p] = sum[r] g[r]*k[p+1-2*r]', 'dL/dx[p] = sum[a] g[(p-a)/2]*k[a]',\n"
        "             'dL/dk[a] = 2*x[a]*g[0]'):\n"
        "    print(text(told(examined(layer, claim))))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            cwd=ROOT,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("0", "1", "17")
    }
    assert len(outputs) == 1
