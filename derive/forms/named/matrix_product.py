"""Matrix product: C[i, j] = Σ_k A[i, k]·B[k, j], up to transposes and further shared axes."""

from __future__ import annotations

from sympy import Expr

from derive.engine.instances import Instance, Operand
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, standing, unread, well_posed
from derive.forms.wording import listed, times
from derive.language.terms import Entry, Index

PRIORITY = 30
DEFINITION = "C[i, j] = sum[k] A[i, k]*B[k, j]"


def recognise(product: Product) -> Form | None:
    """Σ_k A[…, k]·B[k, …]: indices stand alone, every summed one in both factors."""
    found = confirmed(product, contraction(product), define)
    return Form(found[0].kind, _text(found[0]), *found) if found is not None else None


def contraction(product: Product) -> Instance | None:
    """The product as a contraction of two tensors, the one with the result's first index first."""
    outlined = outline(product, "matrix product") if len(product.reads) == 2 else None
    if outlined is None:
        return None
    first, second = _ordered(product)
    left = operand(product, outlined, first, "left")
    right = operand(product, outlined, second, "right")
    return complete(product, outlined, (left, right)) if left and right else None


def _ordered(product: Product) -> tuple[Entry, Entry]:
    """The factor that carries the result's first unshared index goes first."""
    first, second = product.reads
    for index in product.free:
        if (index in first.indices) != (index in second.indices):
            return (first, second) if index in first.indices else (second, first)
    return first, second


def define(instance: Instance) -> Expr | None:
    """factor · Σ_k A[…, k]·B[k, …] from the data alone.

    None where the summed indices do not stand in both factors, in the same order; where neither
    factor has an index of the result for itself (then it is an inner product), or the result has
    an index of neither.
    """
    left, right = (standing(o) for o in instance.operands)
    summed = [k for k in left if k in dict(instance.summed)]
    if not summed or summed != [k for k in right if k in dict(instance.summed)]:
        return None
    if all((i in left) == (i in right) for i, _ in instance.result) or unread(instance):
        return None
    if set(summed) != {k for k, _ in instance.summed}:
        return None
    plain = instance.groups is None and well_posed(instance)
    return formula(instance) if plain else None


def _text(instance: Instance) -> str:
    left, right = instance.operands
    summed = [k for k in standing(left) if k in dict(instance.summed)]
    own = [[i for i in standing(o) if i not in summed] for o in (left, right)]
    shared = [i for i, _ in instance.result if i in own[0] and i in own[1]]
    if max(len(o.coordinates) for o in instance.operands) > 2:
        text = f"matrix product of {left.tensor} and {right.tensor}"
        text += f", contracted over {listed(summed)}"
    else:
        text = f"matrix product {_factor(left, summed[0], 1)}·{_factor(right, summed[0], 0)}"
    if shared:
        text += f", for every {listed(shared)}"
    laid = [i for i, _ in instance.result if i in (*own[0], *own[1]) and i not in shared]
    if laid != [i for i in (*own[0], *own[1]) if i not in shared]:
        text += f", axes in the order {listed(i for i, _ in instance.result)}"
    return times(instance, text)


def _factor(operand: Operand, summed: Index, axis: int) -> str:
    """The factor's name, with ᵀ where a matrix has the summed index in the other axis."""
    if len(operand.coordinates) != 2:
        return operand.tensor
    return operand.tensor if operand.coordinates[axis] == summed else f"{operand.tensor}ᵀ"
