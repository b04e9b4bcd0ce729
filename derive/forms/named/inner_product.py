"""Inner product: c = Σ_k a[k]·b[k], of whole tensors or row by row."""

from __future__ import annotations

from sympy import Expr

from derive.engine.instances import Instance
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, standing, turned, unread, well_posed
from derive.forms.wording import listed, times

PRIORITY = 35
KIND = "inner product"
DEFINITION = "c[i] = sum[k] a[i, k]*b[i, k]"


def recognise(product: Product) -> Form | None:
    """Σ_k a[i, k]·b[i, k]: both factors carry the same indices, perhaps one of them transposed."""
    outlined = outline(product, KIND) if len(product.reads) == 2 else None
    if outlined is None:
        return None
    factors = [operand(product, outlined, read, "factor") for read in product.reads]
    fitting = [f for f in factors if f is not None]
    instance = complete(product, outlined, fitting) if len(fitting) == 2 else None
    found = confirmed(product, instance, define)
    return Form(KIND, _text(found[0]), *found) if found is not None else None


def define(instance: Instance) -> Expr | None:
    """factor · Σ_k a[i, k]·b[i, k] from the data alone.

    None where the factors do not carry the same indices, in the same order or, two of them, in
    opposite orders; or the result has an index of neither, or its indices in another order.
    """
    left, right = (standing(o) for o in instance.operands)
    if not instance.summed or unread(instance):
        return None
    if left != right and not (len(left) == 2 and left == right[::-1]):
        return None
    if turned(instance.operands[0], [i for i, _ in instance.result]) != "":
        return None
    plain = instance.groups is None and well_posed(instance)
    return formula(instance) if plain else None


def _text(instance: Instance) -> str:
    left, right = instance.operands
    transposed = "" if standing(left) == standing(right) else "ᵀ"
    text = f"inner product of {left.tensor} and {right.tensor}{transposed}"
    every = [i for i, _ in instance.result if i in standing(left)]
    if every:
        text += f" over {listed(k for k, _ in instance.summed)}, for every {listed(every)}"
    return times(instance, text)
