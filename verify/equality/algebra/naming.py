"""Names for bound indices that tell nothing but their roles."""

from __future__ import annotations

from itertools import permutations
from itertools import product as pairs_of

from derive.language.terms import Index
from verify.equality.algebra.polynomials import Product

#: how many orders of bound indices that play one role are compared
_ORDERS = 24


def by_roles(product: Product, bound: tuple[Index, ...]) -> tuple[Index, ...]:
    """The bound indices, sorted by what is written where each of them stands."""
    if len(bound) == 1:
        return bound
    keys = [f"{a.key}^{e}" for a, e in product if not a.free.isdisjoint(bound)]
    roles: dict[str, list[Index]] = {}
    for index in bound:
        others = {i.name: "○" for i in bound if i != index}
        roles.setdefault(_written(keys, {**others, index.name: "●"}), []).append(index)
    groups = [roles[r] for r in sorted(roles)]
    choices = [list(permutations(g))[:_ORDERS] for g in groups]
    orders = [sum(map(tuple, c), ()) for c in pairs_of(*choices)][:_ORDERS]
    if len(orders) == 1:
        return orders[0]
    return min(orders, key=lambda o: _written(keys, {i.name: f"•{k}" for k, i in enumerate(o)}))


def _written(keys: list[str], names: dict[str, str]) -> str:
    found = []
    for key in keys:
        for old, new in names.items():
            key = key.replace(old, new)
        found.append(key)
    return "·".join(sorted(found))
