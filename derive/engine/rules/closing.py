"""Closed forms: what a lecturer does with a result that was derived, until it can be remembered.

These rules are tried last, on a finished result.  None of them makes an expression longer, but for
putting in an adjoint, which happens once for each read.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from sympy import Add, Expr, Integer, Mul, Number, Pow, Rational, Sum, Symbol

from derive.domains import Decision
from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.rules.folding import powers_of
from derive.engine.scope import Scope, fresh_index
from derive.language.integers import mentions
from derive.language.normal_form import normal
from derive.language.substitution import integral, substituted
from derive.language.terms import (
    AtMost,
    Condition,
    Divides,
    Entry,
    FloorDiv,
    Index,
    Iverson,
    Modulo,
    entries,
    ranges_of,
    replace,
    subterms,
    summation,
    symbols_of,
    total,
)


@rule("insert an adjoint", Phase.UNFOLD, Entry)
def insert(term: Entry, scope: Scope) -> Rewrite | None:
    """g_m[p] = what was derived for it, where that holds no sum or the read depends on none.

    Terminates: adjoints read only those derived before them.
    """
    known = scope.adjoints.get(term.tensor)
    if known is None:
        return None
    indices, result = known
    inside = set(symbols_of(term)) & set(scope.bound)
    if inside and any(isinstance(s, Sum) for s in subterms(result)):
        return None
    bound = [i for s in subterms(result) if isinstance(s, Sum) for i, _, _ in ranges_of(s)]
    apart = replace(result, _apart(bound, {*scope.bound, *symbols_of(term)}))
    return Rewrite(substituted(apart, dict(zip(indices, term.indices, strict=True))))


def _apart(bound: Sequence[Index], there: Set[Symbol]) -> dict[Symbol, Index]:
    """Other names for the bound indices that are there already; sums beside may share a name."""
    used = {i.name for i in (*bound, *there)}
    renaming: dict[Symbol, Index] = {}
    for index in dict.fromkeys(i for i in bound if i in there):
        renaming[index] = fresh_index(index, used)
        used.add(renaming[index].name)
    return renaming


@rule("the one residue", Phase.FOLD, Sum)
def residue(term: Sum, scope: Scope) -> Rewrite | None:
    """Σ_{0≤e<D} [D ∣ a−e]·F(e, (a−e)/D) = F(a % D, a // D), D ≥ 1: of D numbers in a row D divides
    one.

    Side conditions: a and D mention no index of the sum, no other bound uses e.
    Terminates: one bound index fewer.
    """
    ranges = ranges_of(term)
    factors = Mul.make_args(term.function)
    for index, lo, hi in ranges:
        others = [r for r in ranges if r[0] != index]
        for guard in (f for f in factors if isinstance(f, Iverson)):
            condition = guard.args[0]
            if not isinstance(condition, Divides) or condition.args[0] != hi - lo or lo != 0:
                continue
            divisor, difference = condition.args
            whole = difference + index
            fixed = [whole, divisor, *(b for r in others for b in r[1:])]
            if any(mentions(e, index) for e in fixed):
                continue
            if any(mentions(e, r[0]) for e in (whole, divisor) for r in others):
                continue
            positive = scope.positive(divisor)
            if positive is None:
                continue
            rest = Mul(*(f for f in factors if f is not guard))
            quotients = replace(rest, {FloorDiv(difference, divisor): FloorDiv(whole, divisor)})
            body = substituted(quotients, {index: Modulo(whole, divisor)})
            return Rewrite(total(body, others), (positive,))
    return None


@rule("a vanishing sum", Phase.FOLD, Sum)
def vanishing(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ c·(uᵢ − m) = 0 where n·m is Σᵢ uᵢ by the definition of m, n being the number of the i.

    Decided by putting the definitions in, not by knowing means.  Side conditions: the ranges are
    no shorter than 0, and no bound uses another index.
    Terminates: fewer sums.
    """
    ranges = ranges_of(term)
    indices = [i for i, _, _ in ranges]
    if any(mentions(b, i) for i in indices for _, *bounds in ranges for b in bounds):
        return None
    inner = [f for f in Mul.make_args(term.function) if any(mentions(f, i) for i in indices)]
    if len(inner) != 1 or not isinstance(inner[0], Add):
        return None
    summed: list[Expr] = []
    for part in inner[0].args:
        coefficient, rest = _parted(part, indices)
        number = Mul(*(hi - lo for _, lo, hi in ranges))
        whole = total(rest, ranges) if rest != 1 else number
        summed.append(Mul(_defined(coefficient, scope), whole))
    if normal(Add(*summed).expand()) != 0:
        return None
    conditions = tuple(scope.decide(AtMost(lo, hi)) for _, lo, hi in ranges)
    return Rewrite(Integer(0), conditions) if all(c.holds for c in conditions) else None


def _defined(expr: Expr, scope: Scope) -> Expr:
    """The expression with the definitions of the intermediates that it reads."""
    found: dict[Entry, Expr] = {}
    for entry in entries(expr):
        equation = scope.layer.equation(entry.tensor)
        if equation is not None:
            definition = _factors_outside(equation.explicit)
            renaming = dict(zip(equation.indices, entry.indices, strict=True))
            found[entry] = substituted(definition, renaming)
    put_in: Expr = replace(expr, found)
    return put_in


def _factors_outside(expr: Expr) -> Expr:
    """A sum with what does not depend on its indices in front."""
    if not isinstance(expr, Sum):
        return expr
    coefficient, rest = _parted(expr.function, expr.variables)
    return Mul(coefficient, summation(rest, *expr.limits))


def _parted(term: Expr, indices: Sequence[Symbol]) -> tuple[Expr, Expr]:
    """The factors that do not depend on the indices, and the others."""
    factors = Mul.make_args(term)
    fixed = [f for f in factors if not any(mentions(f, i) for i in indices)]
    return Mul(*fixed), Mul(*(f for f in factors if f not in fixed))


@rule("a number out of +", Phase.UNFOLD, Mul)
def number_out(term: Mul, scope: Scope) -> Rewrite | None:
    """(2·u − 2·v)·w = 2·(u − v)·w.

    Terminates: fewer numbers in sums.  SymPy multiplies a number into a sum that stands beside
    nothing else, so there it is left.
    """
    for factor in term.args:
        others = [f for f in term.args if f is not factor]
        if not isinstance(factor, Add) or integral(factor) or all(f.is_number for f in others):
            continue
        content, primitive = factor.primitive()
        if content != 1:
            return Rewrite(Mul(content, *others, primitive))
    return None


@rule("move a factor out of a Σ that has terms", Phase.GATHER, Sum)
def move_out(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ c·u = c·Σᵢ u, where c mentions no index of the sum, whose range is not empty.

    Wherever one side has a value, so has c: no guard stands beside it.  Not where c is 1/Σᵢ u: that
    would be 1, and look as if it were so without a division.
    Terminates: fewer factors below sums.
    """
    ranges = ranges_of(term)
    factors = Mul.make_args(term.function)
    indices = [i for i, _, _ in ranges]
    if any(isinstance(f, Iverson) for f in factors):
        return None
    if any(mentions(b, i) for i in indices for _, *bounds in ranges for b in bounds):
        return None
    outside = [f for f in factors if not any(mentions(f, i) for i in indices)]
    if not outside or len(outside) == len(factors):
        return None
    conditions: list[Decision] = []
    for _, lo, hi in ranges:
        decision = scope.decide(AtMost(Integer(1), hi - lo))
        if not decision.holds:
            return None
        conditions.append(decision)
    rest = total(Mul(*(f for f in factors if f not in outside)), ranges)
    divisors = (1 / f for f in outside if isinstance(f, Pow) and f.exp.is_negative)
    if normal(rest) in map(normal, divisors):
        return None
    return Rewrite(Mul(*outside, rest), tuple(dict.fromkeys(conditions)))


@rule("common factor", Phase.GATHER, Add)
def common_factor(term: Add, scope: Scope) -> Rewrite | None:
    """c·u + c·v = c·(u + v), powers included.  Terminates: fewer factors below sums."""
    if integral(term) or scope.within(Entry) or scope.within(Condition):
        return None
    split = [t.as_coeff_Mul() for t in term.args]
    powers = [powers_of(rest) for _, rest in split]
    shared: dict[Expr, Expr] = {}
    for base in powers[0]:
        if not base.is_number and all(base in p for p in powers):
            exponent = _shared([p[base] for p in powers])
            if exponent is not None:
                shared[base] = exponent
    if not shared:
        return None
    number = _number([c for c, _ in split])
    factor = Mul(*(Pow(b, e) for b, e in shared.items()))
    rest = [
        Mul(c / number, *(Pow(b, e - shared.get(b, Integer(0))) for b, e in p.items()))
        for (c, _), p in zip(split, powers, strict=True)
    ]
    inner = Add(*rest)
    return Rewrite(Mul(number, factor, inner)) if isinstance(inner, Add) else None


def _shared(exponents: list[Expr]) -> Expr | None:
    """The exponent with which a base can be taken out of all terms."""
    if len(set(exponents)) == 1:
        return exponents[0]
    if all(isinstance(e, Rational) and e > 0 for e in exponents):
        return min(exponents)
    if all(isinstance(e, Rational) and e < 0 for e in exponents):
        return max(exponents)
    return None


def _number(coefficients: list[Number]) -> Expr:
    """The number that all coefficients share: their size where it is one, a sign likewise."""
    sizes = {abs(c) for c in coefficients}
    size = sizes.pop() if len(sizes) == 1 else Integer(1)
    return -size if all(c < 0 for c in coefficients) else size
