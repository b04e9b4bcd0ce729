"""Products of tensors whose axes are read whole, summed over shared indices or not."""

from __future__ import annotations

from itertools import pairwise

from derive.engine.instances import Instance
from verify.checker.forms import form
from verify.checker.roles import covered, indices, plain, result, summed


def _contraction(instance: Instance) -> bool:
    """Whether two tensors are multiplied and summed over indices that stand in both."""
    return (
        len(instance.operands) == 2
        and bool(instance.summed)
        and plain(instance)
        and covered(instance)
        and all(k in indices(o) for k in summed(instance) for o in instance.operands)
    )


def _alike(instance: Instance) -> bool:
    """Whether all factors carry the same indices."""
    return len({frozenset(indices(o)) for o in instance.operands}) == 1


@form("matrix product")
def matrix_product(instance: Instance) -> bool:
    """Σ_k A[…, k]·B[k, …]: an index of the result stands in one of the two alone."""
    if not _contraction(instance):
        return False
    left, right = (indices(o) for o in instance.operands)
    shared = [[i for i in side if i in summed(instance)] for side in (left, right)]
    return shared[0] == shared[1] and any((i in left) != (i in right) for i in result(instance))


@form("inner product")
def inner_product(instance: Instance) -> bool:
    """Σ_k a[i, k]·b[i, k]."""
    return _contraction(instance) and _alike(instance)


def _unsummed(instance: Instance) -> bool:
    return len(instance.operands) > 1 and not instance.summed and plain(instance)


@form("elementwise product")
def elementwise_product(instance: Instance) -> bool:
    """a[i]·b[i]."""
    return _unsummed(instance) and _alike(instance)


@form("outer product")
def outer_product(instance: Instance) -> bool:
    """a[i]·b[j]: all indices of one factor come before those of the next."""
    if not _unsummed(instance) or _alike(instance):
        return False
    order = result(instance)
    places = [[order.index(i) for i in indices(o)] for o in instance.operands]
    return all(places) and all(max(a) < min(b) for a, b in pairwise(places))


@form("product")
def product(instance: Instance) -> bool:
    """a[i]·b[i, j], some of them constant along others' indices."""
    return _unsummed(instance) and not _alike(instance) and not outer_product(instance)
