"""Where no proof is found, the sentence names what would have to be related, and by which law."""

from __future__ import annotations

import pytest

import derive
from verify.claims import laws
from verify.claims.subject import subject

SENTENCES = [
    (
        "f(x[N], z[N]): y[i] = erf(x[i]+z[i])",
        "y[i] = erf(x[i]) + erf(z[i])",
        "erf(x[i] + z[i]), erf(x[i]) and erf(z[i]) occur together:"
        " there is no addition theorem for erf here",
    ),
    (
        "f(x[N], z[N]): y[i] = erf(x[i])",
        "y[i] = exp(2*x[i])",
        "erf(x[i]) and exp(x[i]) occur together: no law relates them here",
    ),
    (
        "f(x[N]): y[i] = log(1 + x[i]^2)",
        "y[i] = log(2 + x[i]^2)",
        "log(x[i]² + 1) and log(x[i]² + 2) occur together: a logarithm is taken apart only into"
        " factors that are known to be positive",
    ),
    (
        "f(u[N,K], v[M,K]): y = sum[n,m] (sum[k] u[n,k]*v[m,k])^2",
        "y = sum[n,m,k] u[n,k]^2*v[m,k]^2",
        "Σ_{i<N, j<M, k<K} u[i, k]²·v[j, k]² and Σ_{i<N, j<M, k<K, l<K} u[i, k]·u[i, l]·v[j, k]"
        "·v[j, l]: sums that would have to agree after regrouping",
    ),
    (
        "f(x[N]): y[i] = sqrt(1 + x[i]^2)",
        "y[i] = sqrt(2 + x[i]^2)",
        "no law relates sqrt(x[i]² + 1) and sqrt(x[i]² + 2) to one another",
    ),
    (
        "f(x[N,C]): y[n] = (max[j < C] x[n,j]) + x[n,0]",
        "y[n] = 3*x[n,0]",
        "no law relates max_{i<C} x[n, i] to the rest: of a maximum nothing is known but where it"
        " stands",
    ),
    (
        "f(x[N]): y[i] = x[i]^2",
        "y[i] = abs(x[i])^3",
        "as polynomials in entries the two sides differ; no law was found by which x[i]² − x[i]³"
        " is 0 where x[i] > 0",
    ),
]


@pytest.mark.parametrize(("layer", "claim", "words"), SENTENCES)
def test_the_law_that_is_missing_is_named(layer: str, claim: str, words: str) -> None:
    found = laws.compared(subject(derive.parse(layer), claim))
    assert found.equal is None
    assert found.why.startswith(words), found.why
