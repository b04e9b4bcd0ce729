"""Which index of one term is which of another: the maps that a change of index needs.

Two terms agree when their points correspond one to one and the same entries are multiplied.  The
entries say how: where one term reads g[r] and the other g[(p − a)/s], r is (p − a)/s.  Nothing here
needs to be right: Coq checks the maps, and ``verify.coq.trials`` tries them on small sizes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from sympy import Add, Expr, Integer

from derive.language.integers import affine, exact_multiple, expanded, mentions, split_multiple
from derive.language.substitution import substituted
from derive.language.terms import Divides, FloorDiv, Index, Modulo, Same, Symbol, symbols_of
from verify.coq.terms import Term
from verify.coq.trees import Inverse, Read, Whole

Equality = tuple[Expr, Expr]
Map = dict[Index, Expr]


def signature(term: Term) -> tuple[tuple[str, int], ...]:
    """What a term multiplies, up to indices: terms that agree have the same signature."""
    kinds = [
        (f.tensor, len(f.indices)) if isinstance(f, Read) else (type(f).__name__, 1)
        for f in term.factors
    ]
    return tuple(sorted(kinds))


def pairings(left: Term, right: Term) -> Iterator[list[Equality]]:
    """Every way to pair factors of the same kind, as equations between their indices."""
    groups: dict[tuple[str, int], tuple[list[list[Expr]], list[list[Expr]]]] = {}
    for side, term in enumerate((left, right)):
        for factor in term.factors:
            key = signature(Term((), (), (factor,), term.coefficient))[0]
            arguments = list(factor.indices) if isinstance(factor, Read) else [factor.value]
            groups.setdefault(key, ([], []))[side].append(arguments)
    # reads determine indices best: whole numbers and quotients come last
    ordered = sorted(groups, key=lambda key: key[0] in (Whole.__name__, Inverse.__name__))
    choices = [permutations(groups[key][1]) for key in ordered]
    for chosen in product(*choices):
        yield [
            (mine, theirs)
            for key, group in zip(ordered, chosen, strict=True)
            for own, other in zip(groups[key][0], group, strict=True)
            for mine, theirs in zip(own, other, strict=True)
        ]


def solve(equalities: Sequence[Equality], source: Term, target: Term) -> Map | None:
    """Each index of the target in terms of the source's, from (source, target) equations."""
    given = list(equalities)
    given += [(b, a) for a, b in _same_guards(target)]
    unknown = list(target.indices)
    exact = {(g.args[1], g.args[0]) for g in target.guards if isinstance(g, Divides)}
    found: Map = {}
    while unknown:
        step = _direct(given, unknown, exact) or _digits(given, unknown)
        step = step or _by_name(unknown, source) or _by_range(unknown, found, source, target)
        step = step or _only_value(unknown, target)
        if step is None:
            return None
        index, value = step
        unknown.remove(index)
        found[index] = value
        given = [(substituted(a, {index: value}), substituted(b, {index: value})) for a, b in given]
        exact = {(substituted(a, {index: value}), substituted(b, {index: value})) for a, b in exact}
    return found


def _same_guards(term: Term) -> list[Equality]:
    sides = [g.args for g in term.guards if isinstance(g, Same)]
    return [pair for a, b in sides for pair in ((a, b), (b, a))]


def _direct(
    given: Sequence[Equality], unknown: Sequence[Index], exact: set[Equality]
) -> tuple[Index, Expr] | None:
    """An index that an equation gives: alone first, then with a coefficient ±1, then another."""
    solutions = []
    for known, expr in given:
        if any(mentions(known, i) for i in unknown):
            continue
        if isinstance(expr, FloorDiv) and expr.args in exact:
            known, expr = known * expr.args[1], expr.args[0]
        expr = _multiples_out(expr)
        free = [i for i in unknown if mentions(expr, i)]
        if len(free) != 1:
            continue
        parts = affine(expr, free[0])
        if parts is None:
            continue
        coefficient, rest = parts
        if any(mentions(part, i) for part in parts for i in unknown):
            continue
        difference = expanded(known - rest)
        if coefficient in (1, -1):
            cost = 0 if rest == 0 and coefficient == 1 else 1
            solutions.append((cost, (free[0], expanded(coefficient * difference))))
        elif coefficient != 0:
            quotient = exact_multiple(difference, coefficient)
            value = FloorDiv(difference, coefficient) if quotient is None else quotient
            solutions.append((2, (free[0], value)))
    return min(solutions, key=lambda s: s[0])[1] if solutions else None


def _multiples_out(expr: Expr) -> Expr:
    """(b·X + e) // b as X + e // b, throughout."""
    if not expr.args:
        return expr
    parts = [_multiples_out(arg) for arg in expr.args]
    if isinstance(expr, FloorDiv):
        multiple, rest = split_multiple(expanded(parts[0]), parts[1])
        if multiple != 0 and rest != 0:
            return multiple + FloorDiv(rest, parts[1])
    result: Expr = expr.func(*parts)
    return result


def _digits(given: Sequence[Equality], unknown: Sequence[Index]) -> tuple[Index, Expr] | None:
    """An index of which quotients and remainders are given: m = Σ digit·place."""
    for index in unknown:
        places = []
        for known, expr in given:
            place = _place(expr, index)
            if place is not None and not any(mentions(known, i) for i in unknown):
                places.append(expanded(known * place))
        if len(places) > 1:
            return index, Add(*dict.fromkeys(places))
    return None


def _place(expr: Expr, index: Index) -> Expr | None:
    """D for m//D and (m//D)%M, 1 for m%M."""
    if isinstance(expr, Modulo):
        inner = expr.args[0]
        return Integer(1) if inner == index else _place(inner, index)
    if isinstance(expr, FloorDiv) and expr.args[0] == index:
        return expr.args[1]
    return None


def _by_name(unknown: Sequence[Index], source: Term) -> tuple[Index, Expr] | None:
    """An index that no equation gives is taken for its namesake."""
    for index in unknown:
        for other in source.indices:
            if _stem(index) == _stem(other):
                return index, other
    return None


def _by_range(
    unknown: Sequence[Index], found: Map, source: Term, target: Term
) -> tuple[Index, Expr] | None:
    """Else for an index with the same range that no other is found from."""
    used = {s for value in found.values() for s in symbols_of(value)}
    for index, *ends in target.bounds:
        for other, *others in source.bounds:
            here = [substituted(end, found) for end in ends]
            if index in unknown and other not in used and here == others:
                return index, other
    return None


def _stem(index: Symbol) -> str:
    return str(index.name).split("#")[0].rstrip("'")


def _only_value(unknown: Sequence[Index], target: Term) -> tuple[Index, Expr] | None:
    """Else it may have one value only, the lowest."""
    for index, lo, _ in target.bounds:
        if index in unknown and not any(i in unknown for i in symbols_of(lo)):
            return index, lo
    return None


def candidates(left: Term, right: Term) -> Iterator[tuple[list[Equality], Map, Map]]:
    """Paired indices, with the right side's indices from the left's, and the left's from those."""
    for pairs in pairings(left, right):
        there = solve(pairs, left, right)
        back = solve([(b, a) for a, b in pairs], right, left)
        if there is not None and back is not None:
            yield pairs, there, back
