"""Which index of one term is which of another, told by the entries they read."""

from __future__ import annotations

from fractions import Fraction

from sympy import Expr, Integer

from derive.domains.known import Known
from derive.language.terms import FloorDiv, Index, Modulo, Range, Size
from verify.coq.matching import candidates, signature
from verify.coq.terms import ProofTerm
from verify.coq.trees import TensorRead

H, W, N = Size("H"), Size("W"), Size("N")
ZERO = Integer(0)
NOTHING = Known(lambda condition: (), ())


def term(bounds: list[Range], *reads: TensorRead) -> ProofTerm:
    return ProofTerm(tuple(bounds), (), reads, Fraction(1))


def read(name: str, *indices: Expr) -> TensorRead:
    return TensorRead(name, indices)


def test_a_number_is_told_by_its_digits() -> None:
    """Where one side reads x[a, b], the other x[m // W, m % W]: m = a·W + b, a = m // W."""

    a, b, m = Index("a#1"), Index("b#2"), Index("m#3")
    apart = term([(a, ZERO, H), (b, ZERO, W)], read("x", a, b))
    flat = term([(m, ZERO, H * W)], read("x", FloorDiv(m, W), Modulo(m, W)))
    assert signature(apart) == signature(flat)
    _, there, back = next(candidates(apart, flat, NOTHING))
    assert there == {m: a * W + b}
    assert back == {a: FloorDiv(m, W), b: Modulo(m, W)}


def test_factors_of_a_tensor_are_paired_in_every_way() -> None:

    i, j = Index("i#1"), Index("j#2")
    left = term([(i, ZERO, N)], read("x", i), read("x", i + 1))
    right = term([(j, ZERO, N)], read("x", j + 1), read("x", j))
    found = [there for _, there, _ in candidates(left, right, NOTHING)]
    assert {j: i} in found
    assert len(found) == 2
