"""Folding back: what stands on the right of a definition becomes its left side again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Function, Integer, Mul, Pow, Rational, exp, log

from derive.domains import Decision
from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.integers import split_multiple
from derive.language.normal_form import normal
from derive.language.substitution import substituted
from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Entry,
    FloorDiv,
    Iverson,
    entries,
    mapped,
    subterms,
)

Powers = dict[Any, Any]


@rule("fold back", Phase.FOLD, Mul)
def of_product(term: Mul, scope: Scope) -> Rewrite | None:
    """A·rest = y[p]·rest where y[p] = A is a definition of the layer; exp(y[p]) likewise.

    Powers are shared out: S⁻² = S⁻¹·S⁻¹.  Side conditions, the guards beside A holding: p lies
    inside y, and the guards of the definition hold there.
    Terminates: fewer functions, powers and sums outside definitions.
    """
    return _folded(term, scope)


@rule("fold back", Phase.FOLD, Pow)
def of_power(term: Pow, scope: Scope) -> Rewrite | None:
    """Aⁿ = y[p]ⁿ, see ``of_product``."""
    return _folded(term, scope)


@rule("fold back", Phase.FOLD, Function)
def of_function(term: Function, scope: Scope) -> Rewrite | None:
    """f(u) = y[p], see ``of_product``."""
    return _folded(term, scope)


def _folded(term: Expr, scope: Scope) -> Rewrite | None:
    powers = powers_of(term)
    beside = [f.args[0] for f in powers if isinstance(f, Iverson)]
    kinds = {Iverson, *map(type, powers)}
    for left, right in _definitions(powers, scope):
        if not set(map(type, powers_of(right))) <= kinds:
            continue
        for renaming in _renamings(left, right, powers):
            entry = substituted(left, renaming)
            settled, conditions = _settled(substituted(right, renaming), scope)
            taken = powers_of(settled)
            guards = [f for f in taken if isinstance(f, Iverson)]
            rest = _without(powers, {f: e for f, e in taken.items() if f not in guards})
            if rest is None:
                continue
            needed = [*_inside(entries(entry)[0], scope), *(g.args[0] for g in guards)]
            decisions = [scope.decide(c, *beside) for c in needed]
            if all(d.holds for d in decisions):
                return Rewrite(Mul(entry, rest), tuple(dict.fromkeys([*conditions, *decisions])))
    return None


def _inside(read: Entry, scope: Scope) -> list[Condition]:
    """That a read is inside its tensor."""
    axes = zip(read.indices, scope.shape(read.tensor), strict=True)
    return [Between(Integer(0), i, n) for i, n in axes]


def powers_of(term: Expr) -> Powers:
    """The factors of a product with their exponents; exp(u) is a factor of its own, no power."""
    found: Powers = {}
    for factor in Mul.make_args(term):
        base, exponent = factor.args if isinstance(factor, Pow) else (factor, Integer(1))
        found[base] = found.get(base, Integer(0)) + exponent
    return found


def _definitions(powers: Powers, scope: Scope) -> Iterator[tuple[Expr, Expr]]:
    """The definitions worth folding back to that read nothing but what the product reads."""
    present = {e.tensor for base in powers for e in entries(base)}
    for equation in scope.layer.equations:
        if {e.tensor for e in entries(equation.explicit)} <= present and _worth(equation.explicit):
            yield equation.entry, equation.explicit
            if isinstance(equation.explicit, Add) and equation.explicit.has(log):
                yield exp(equation.entry), exp(equation.explicit)


@lru_cache(maxsize=2**10)
def _worth(right: Expr) -> bool:
    """A sum of squares is no name for a square: only functions, quotients and roots are."""
    return any(
        isinstance(part, Function) or (isinstance(part, Pow) and not part.exp.is_nonnegative)
        for part in subterms(right)
    )


def _renamings(left: Expr, right: Expr, powers: Powers) -> Iterator[dict[Expr, Expr]]:
    """What the indices of a definition may stand for, told by an entry that both read.

    That is an entry in which each of the indices stands alone.
    """
    indices = entries(left)[0].indices
    for mine in entries(right):
        if set(indices) <= set(mine.indices):
            places = [mine.indices.index(i) for i in indices]
            found = (e for base in powers for e in entries(base) if e.tensor == mine.tensor)
            for other in dict.fromkeys(found):
                yield dict(zip(indices, (other.indices[p] for p in places), strict=True))
            return


def _settled(expr: Expr, scope: Scope) -> tuple[Expr, list[Decision]]:
    """The expression with (D·q + e) // D = q worked out where 0 ≤ e < D, and why that is so."""
    conditions: list[Decision] = []

    def settle(part: Any) -> Any:
        new = mapped(settle, part)
        if not isinstance(new, FloorDiv):
            return new
        number, divisor = new.args
        multiple, rest = split_multiple(number, divisor)
        if multiple == 0:
            return new
        needed = [AtMost(Integer(1), divisor), Between(Integer(0), rest, divisor)]
        decisions = [scope.decide(c) for c in needed]
        if not all(d.holds for d in decisions):
            return new
        conditions.extend(decisions)
        return multiple

    settled: Expr = settle(expr)
    return settled, conditions


def _without(powers: Powers, taken: Powers) -> Expr | None:
    """What is left of a product when the factors of another one are taken out of it."""
    if not {*map(_reads, taken)} <= {*map(_reads, powers)}:  # no need to write them in normal form
        return None
    rest = {normal(b): (b, e) for b, e in powers.items()}
    for base, exponent in taken.items():
        key = normal(base)
        if key not in rest:
            return None
        mine, present = rest[key]
        if not _holds(present, exponent):
            return None
        rest[key] = (mine, present - exponent)
    return Mul(*(Pow(b, e) for b, e in rest.values()))


def _reads(base: Expr) -> frozenset[str]:
    return frozenset(e.tensor for e in entries(base))


def _holds(present: Expr, exponent: Expr) -> bool:
    """Whether a power contains another: x³ contains x, S⁻² contains S⁻¹, q^(−1−β) contains q^−β."""
    if isinstance(present, Rational) and isinstance(exponent, Rational):
        return bool(present * exponent > 0 and abs(present) >= abs(exponent))
    return exponent in Add.make_args(present)
