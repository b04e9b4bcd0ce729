"""Integer expressions shortened by what is known at a place, so that equal ones look alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Expr, IndexedBase, Integer, Mul, Sum

from derive.domains.known import Known
from derive.language.integers import affine, expanded, split_multiple
from derive.language.substitution import integral
from derive.language.terms import Condition, Divides, FloorDiv, Index, MaxOver, subterms


class Tidy:
    """Shortens expressions under a domain and further conditions.

    (m·q + e) // m = q + e // m for m ≥ 1, and m·(n // m) = n where m divides n.
    """

    def __init__(self, domain: Known, conditions: Sequence[Condition]) -> None:
        self.domain = domain
        self._exact = [c.args for c in conditions if isinstance(c, Divides)]

    def __call__(self, expr: Any) -> Any:
        if isinstance(expr, IndexedBase | Sum | MaxOver) or not expr.args:
            return expr
        new = expr.func(*(self(a) for a in expr.args))
        if isinstance(new, FloorDiv):
            return self._quotient(*new.args)
        if isinstance(new, Add | Mul) and integral(new):
            return self._cancelled(expanded(new))
        return new

    def _quotient(self, number: Expr, divisor: Expr) -> Expr:
        if number.is_Integer and divisor.is_Integer and divisor != 0:
            return Integer(int(number) // int(divisor))
        multiple, rest = split_multiple(number, divisor)
        if multiple == 0 or not self.domain.positive(divisor):
            return FloorDiv(number, divisor)
        return multiple if rest == 0 else multiple + self._quotient(rest, divisor)

    def _cancelled(self, expr: Expr) -> Expr:
        """m·(n // m) replaced by n for every known m ∣ n."""
        quotients = [s for s in subterms(expr) if isinstance(s, FloorDiv)]
        for quotient in dict.fromkeys(quotients):
            number, divisor = quotient.args
            if not self._divides(divisor, number):
                continue
            stand_in = Index("□")
            parts = affine(expr.xreplace({quotient: stand_in}), stand_in)
            if parts is None:
                continue
            multiple, rest = split_multiple(parts[0], divisor)
            expr = expanded(multiple * number + rest * quotient + parts[1])
        return expr

    def _divides(self, divisor: Expr, number: Expr) -> bool:
        return any(
            m == divisor and (n == number or expanded(n + number) == 0) for m, n in self._exact
        )
