"""Every field of a record changed: refused wherever it can change what the record says."""

from __future__ import annotations

import re
from collections import Counter

import pytest

import derive
import verify
from tests.suites import quick
from tests.verify.checker.fields import changed
from verify.checker import derivations
from verify.checker.sampling import Sampling

LAYERS = {
    "square": derive.parse("y[i] = x[i]^2"),
    "strided": derive.layer("conv", dims=1, stride="s", padding="p"),
    "average": derive.layer("avgpool", dims=1),
    "maximum": derive.parse(
        "f(x[H pad all by -inf]; K=2, s=2, p=0): y[r < 3] = max[a<K] x[s*r + a - p]"
    ),
    "centred": derive.parse(
        "f(x[N]; e real): m[] = sum[n] x[n]/N; y[n] = (x[n] - m[])*(x[n] - m[]) + e"
    ),
    "table": derive.parse("f(x[V, D], t[N] int < V): y[n, d] = x[t[n], d]"),
}

#: fields that say nothing about the gradient, and why
OTHERS = {
    r"Layer\.name": "what the layer is called",
    r"Layer\.derived_by.*": "what it is the gradient of, for headings",
    r"Layer\.conditions.*": "what the notation decided about reads; not part of a derivation",
    r"Layer\.equations\.exchanged": "equations stand in any order",
    r"Equation\.given.*": "whether a size was written or inferred, for printing",
    r"Hyperparameter\.default": "a value that is used where none is given",
    r"Axis\.(before|after|unbounded|fill)": "how far reads may go, where none goes there",
    r"Tensor\.below": "the bound on a table's entries, where nothing needs it",
    r"Decision\.(decider|counterexample|where).*": "conditions are decided anew",
    r"Step\.note": "a remark for the reader",
    r"forms\.(exchanged|left out)": "names need not all be given",
    r"Operand\.role": "what an operand is called, where nothing slides",
    r"Form\.text": "words beyond those that the data call for",
}


@pytest.mark.parametrize("name", quick(LAYERS, ["square"]))
def test_every_field_that_matters_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest counterexample is not looked for: whether the record is refused is enough."""
    monkeypatch.setattr(derivations, "smallest", lambda derivation, evidence: evidence)
    monkeypatch.setattr(derivations, "sampled", lambda derivation: Sampling())
    derivation = derive.gradient(LAYERS[name], "x")
    assert verify.check(derivation).word == "checked"
    tried: Counter[str] = Counter()
    accepted = []
    for path, other in changed(derivation):
        tried[path] += 1
        if tried[path] <= 2 and not any(re.search(rf"(^|\.){o}$", path) for o in OTHERS):
            accepted += [path] if verify.check(other).word == "checked" else []
    assert accepted == []
    assert len(tried) > 40
