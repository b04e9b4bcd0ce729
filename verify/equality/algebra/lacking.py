"""Which law would be needed for a polynomial to be 0, read off the atoms that are left in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from sympy import Expr, log

from derive.language.printing import plain
from derive.language.terms import Differ, MaxOver, entries
from verify.equality.algebra.atoms import (
    Applied,
    Base,
    Exponential,
    Largest,
    Plain,
    Total,
)
from verify.equality.algebra.polynomials import Atom, Exponent, Polynomial, rational
from verify.equality.algebra.telling import written
from verify.equality.algebra.truths import Compared

#: how many atoms a sentence names
_NAMED = 3

Powers = Sequence[tuple[Atom, Exponent]]


def lacking(gap: Polynomial) -> str:
    """The atoms that would have to be related, and the kind of law that would do it."""
    powers = sorted(_own(gap), key=lambda power: (power[0].key, str(power[1])))
    return next(filter(None, (tell(powers) for tell in _KINDS)), _ENTRIES)


_ENTRIES = "as polynomials in entries the two sides differ"


def _own(gap: Polynomial) -> set[tuple[Atom, Exponent]]:
    """The powers that are not factors of all terms, where there are several."""
    products = list(gap)
    shared = products[0].intersection(*products) if len(products) > 1 else frozenset()
    return {power for product in products for power in product - shared}


def _listed(values: Sequence[Expr]) -> str:
    """``a, b and c``."""
    texts = list(dict.fromkeys(plain(written(v)) for v in values))
    shown = texts[:_NAMED] + ["others"] * (len(texts) > _NAMED)
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _related(values: Sequence[Expr]) -> str:
    """That they are not."""
    return f"no law relates {_listed(values)} to {'one another' if values[1:] else 'the rest'}"


def _maxima(powers: Powers) -> str:
    found = [a.expression for a, _ in powers if isinstance(a, Largest) and a.value.has(MaxOver)]
    if not found:
        return ""
    return f"{_related(found)}: of a maximum nothing is known but where it stands"


def _divisors(powers: Powers) -> str:
    """What could not be multiplied by."""
    found = [
        a.expression for a, e in powers if isinstance(a, Base) and not isinstance(e, Expr) and e < 0
    ]
    if not found:
        return ""
    return f"to multiply by {_listed(found)}, it would have to be known that it is not 0"


def _comparisons(powers: Powers) -> str:
    found = [a.expression for a, _ in powers if isinstance(a, Compared)]
    differ = any(isinstance(a, Compared) and a.relation is Differ for a, _ in powers)
    if not found:
        return ""
    if differ:
        return f"it is not known whether {_listed(found)}"
    return f"{_related(found)}: an order between the compared values is missing"


def _roots(powers: Powers) -> str:
    found = [a.expression ** rational(e) for a, e in powers if isinstance(e, Fraction | Expr)]
    return _related(found) if found else ""


def _same_function(powers: Powers) -> str:
    """One function at several places: an addition theorem."""
    applied = [a for a, _ in powers if isinstance(a, Applied)]
    for first in applied:
        group = [a.expression for a in applied if a.function is first.function]
        if len(set(group)) < 2:
            continue
        if first.function is log:
            return (
                f"{_listed(group)} occur together: a logarithm is taken apart only into factors"
                " that are known to be positive"
            )
        name = first.function.__name__.lower()
        return f"{_listed(group)} occur together: there is no addition theorem for {name} here"
    return ""


def _functions(powers: Powers) -> str:
    """Different functions, or one beside entries."""
    found = [a.expression for a, _ in powers if isinstance(a, Applied | Exponential)]
    if not found:
        return ""
    if len(set(found)) == 1:
        others = [a.expression for a, _ in powers if isinstance(a, Plain) and entries(a.value)]
        found += others[:1]
    if len(set(found)) == 1:
        return f"no law says what {_listed(found)} is"
    return f"{_listed(found)} occur together: no law relates them here"


def _sums(powers: Powers) -> str:
    """Sums of products of the same tensors may be the same in another order."""
    sums = [a for a, _ in powers if isinstance(a, Total)]
    if not sums:
        return ""
    found = [a.expression for a in sums]
    kinds = [frozenset(e.tensor for e in entries(f)) for f in found]
    again = [f for f, k in zip(found, kinds, strict=True) if kinds.count(k) > 1]
    if again:
        return f"{_listed(again)}: sums that would have to agree after regrouping"
    return _related(found)


#: asked in this order
_KINDS: tuple[Callable[[Powers], str], ...] = (
    _maxima,
    _divisors,
    _comparisons,
    _same_function,
    _functions,
    _roots,
    _sums,
)
