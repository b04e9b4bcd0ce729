"""Each law broken on purpose: random expressions change their values, or a wrong claim follows."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from sympy import Expr, Integer, log

import derive
from derive.domains.known import Known
from derive.language.terms import (
    AtMost,
    Between,
    Choose,
    Condition,
    Entry,
    Index,
    Iverson,
    Less,
    total,
)
from tests.suites import every, quick
from tests.verify.equality.test_normal_forms import HERE, LAYER, N, values_stay
from verify.claims import laws
from verify.claims.subject import subject
from verify.equality.algebra import decision, facts, functions, powers, products, signs, sums
from verify.equality.algebra.atoms import Plain
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import Polynomial, added, constant, one
from verify.equality.algebra.reading import Reader

Break = Callable[[pytest.MonkeyPatch], None]


def always(owner: object, name: str) -> Break:
    """What is to be decided holds in any case."""
    return lambda patch: patch.setattr(owner, name, lambda *_, **__: True)


def sum_of_exponentials(self: functions.Functions, polynomial: Polynomial) -> Polynomial:
    """exp(a + b) taken for exp a + exp b."""
    parts = (self._exponential(p, c) for p, c in polynomial.items())
    return added(*parts) if polynomial else constant(1)


def one_too_many(self: sums.Sums, low: object, high: object) -> Polynomial:
    """Σ 1 taken for hi − lo + 1."""
    return self.integer(high - low + 1)  # type: ignore[operator]


BROKEN: dict[str, Break] = {
    "all bases are positive": always(signs.Signs, "is_positive"),
    "all bases are not negative": always(signs.Signs, "is_not_negative"),
    "every sum is positive": always(signs.Signs, "_sum_is"),
    "all factors leave a root": always(powers.Powers, "_leaves"),
    "exp of a sum": lambda patch: patch.setattr(
        functions.Functions, "exponential", sum_of_exponentials
    ),
    "counting": lambda patch: patch.setattr(sums.Sums, "_counted", one_too_many),
}


def changes_a_value() -> bool:
    """Whether a random expression is found whose normal form has another value."""
    for seed in range(12):
        try:
            values_stay(Random(seed), (HERE,), (1, 2, 3))
            values_stay(Random(seed), (), (0, 1, 2))
        except AssertionError:
            return True
    return False


@pytest.mark.parametrize("name", quick(BROKEN, ["all bases are positive"]))
def test_a_broken_law_changes_a_value(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BROKEN[name](monkeypatch)
    assert changes_a_value()


def follows(layer: str, text: str) -> bool | None:
    return laws.compared(subject(derive.parse(layer), text)).equal


#: right only where something is not zero, or not negative, that nothing says of it
UNFOUNDED = [
    ("f(x[N]): y[i] = x[i]", "dL/dx[i] = g[i]*sqrt(x[i]^2)/x[i]"),
    ("f(x[N]): y[i] = x[i]^2", "dL/dx[i] = 2*g[i]*sqrt(x[i]^2)"),
    ("f(x[N]): y = (sum[i] x[i])^2", "dL/dx[i] = 2*g*sqrt((sum[j] x[j])^2)"),
    ("f(x[N], w[N]): y[i] = x[i]", "dL/dx[i] = g[i]*[w[i] > 0] + g[i]*[w[i] < 0]"),
    ("f(x[N], w): y = w*N", "dL/dw = sum[i < N] g*x[i]/x[i] + g*[N == 0]"),
    ("f(x[N], w): y = 3*w", "dL/dw = 3*g*(sum[i < N] 1/N)"),
    ("f(x[N], w): y = w", "dL/dw = g*(sum[i < N] exp(x[i])/(sum[j] exp(x[j])))"),
    ("f(x[N]; a=1.0): y[i] = x[i]*a", "dL/dx[i] = g[i]*sqrt(a)*sqrt(a)*[a > 0]"),
    (
        "f(x[N], z[M], w): y = w",
        "y = w*[N <= 5] + w*(1 - [N <= 5])*(sum[j] exp(z[j])/(sum[k] exp(z[k])))",
    ),
]


@pytest.mark.parametrize("case", every(5, UNFOUNDED))
def test_nothing_is_cancelled_that_may_be_zero(case: tuple[str, str]) -> None:
    assert not follows(*case)


def test_without_cases_an_empty_sum_would_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Σᵢ exp(xᵢ)/Σⱼ exp(xⱼ) is 1 for N ≥ 1 only, and 0 for N = 0."""
    case = UNFOUNDED[6]
    assert not follows(*case)
    cases = decision.situations
    monkeypatch.setattr(decision, "situations", lambda *a: [next(cases(*a))])
    assert follows(*case)


X, Z, J = Entry("x", HERE), Entry("z", HERE), Index("j")


def reader(*conditions: Condition) -> Reader:
    return Reader(LAYER, {}, Place(Known(LAYER.facts, LAYER.domain)).under(*conditions))


def x_is_positive(expr: Expr) -> bool:
    """Whether that follows where an expression has a value."""
    found = reader(Between(Integer(0), HERE, N))
    found.read(expr)
    return found.is_positive(one(Plain(X)))


def everywhere(body: Expr) -> Expr:
    return total(body, [(J, Integer(0), N)])


def test_what_is_needed_holds_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """log x in a branch, or in a sum over other entries, says nothing of x elsewhere."""
    stated = Less(Integer(0), Z)
    branches = Choose(stated, Integer(0), log(X)), Choose(stated, log(X), Integer(0))
    others = everywhere(Iverson(Less(HERE, J)) * log(Entry("x", J)))
    assert x_is_positive(log(X))
    assert x_is_positive(everywhere(log(Entry("x", J))))
    assert not any(map(x_is_positive, (*branches, others)))
    monkeypatch.setattr(facts.Facts, "_applies", lambda *_: True)
    assert all(map(x_is_positive, branches))
    monkeypatch.undo()
    monkeypatch.setattr(facts, "_holds", lambda *_: True)
    assert x_is_positive(others)


def test_a_quotient_by_itself_is_one_where_it_is_not_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Σ_{j<N} 1/N is 0 for N = 0."""
    mean = everywhere(1 / N)
    assert reader().read(mean) != constant(1)
    assert reader(AtMost(Integer(1), N)).read(mean) == constant(1)
    monkeypatch.setattr(signs.Signs, "is_not_zero", lambda *_: True)
    assert reader().read(mean) == constant(1)


def test_odd_functions_change_sign() -> None:
    layer = "f(x[N], z[N]): y[i] = cos(x[i] - z[i])"
    assert follows(layer, "dL/dx[i] = g[i]*sin(z[i] - x[i])")
    assert not follows(layer, "dL/dx[i] = g[i]*sin(x[i] - z[i])")


def test_a_hypothesis_of_the_claim_is_told() -> None:
    layer = derive.parse("f(x[N], w[N]): y[i] = x[i]*w[i]")
    result = laws.compared(subject(layer, "dL/dx[i] = g[i]*y[i]/x[i]"))
    assert result.equal
    assert result.hypotheses == ("x[i] ≠ 0",)
    assert not laws.compared(subject(layer, "dL/dx[i] = g[i]*w[i]")).hypotheses


def test_a_premise_of_the_layer_is_told() -> None:
    layer = derive.layer("rmsnorm")
    summed = "(sum[j] w[j]*g[n,j]*x[n,j])"
    text = f"dL/dx[n,c] = (w[c]*g[n,c] - x[n,c]/(q[n]+eps)*{summed}/C)/sqrt(q[n]+eps)"
    result = laws.compared(subject(layer, text))
    assert result.equal
    assert any("> 0, or the layer has no value" in p for p in result.premises)


def test_too_many_terms_are_not_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "LARGEST", 3)
    layer = derive.parse("f(x[N], z[N]): y[i] = exp(x[i])")
    result = laws.compared(subject(layer, "dL/dx[i] = g[i]*(x[i] + z[i] + exp(x[i]))^3"))
    assert result.why == "multiplied out, one side has too many terms"
