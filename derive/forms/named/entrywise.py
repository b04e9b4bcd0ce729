"""Products of entries without a sum: elementwise, outer, or with one of them repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sympy import Expr

from derive.engine.instances import Instance, Operand
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, standing, turned, unread, well_posed
from derive.forms.wording import listed, times
from derive.language.terms import Index

PRIORITY = 50
ELEMENTWISE, OUTER, REPEATED = "elementwise product", "outer product", "product"
DEFINITION = "C[i, j] = A[i]*B[j]"


def recognise(product: Product) -> Form | None:
    """Two or more factors, each read at indices of the result alone, no sum and no guard."""
    outlined = outline(product, REPEATED) if len(product.reads) > 1 else None
    if outlined is None:
        return None
    factors = [operand(product, outlined, read, "factor") for read in product.reads]
    fitting = [f for f in factors if f is not None]
    if len(fitting) < len(factors):
        return None
    order = list(product.free)
    fitting.sort(key=lambda f: [order.index(i) for i in standing(f) if i in order])
    instance = complete(product, replace(outlined, kind=_kind(fitting, order)), fitting)
    found = confirmed(product, instance, define)
    return Form(found[0].kind, times(found[0], _text(found[0])), *found) if found else None


def _kind(factors: Sequence[Operand], order: Sequence[Index]) -> str:
    indices = [set(standing(f)) for f in factors]
    if all(i == indices[0] for i in indices):
        return ELEMENTWISE
    return OUTER if _follow_one_another(indices, order) else REPEATED


def _follow_one_another(indices: Sequence[set[Index]], order: Sequence[Index]) -> bool:
    """Whether each factor has indices, all of them before those of the next one in the result."""
    places = [sorted(order.index(i) for i in own if i in order) for own in indices]
    return all(places) and all(a[-1] < b[0] for a, b in pairwise(places))


def define(instance: Instance) -> Expr | None:
    """factor · A[i]·B[j] from the data alone, no index summed.

    None where a factor has its indices in another order than the result, unless it is a transposed
    matrix, or where the factors' indices make it a product of another kind.
    """
    order = [i for i, _ in instance.result]
    if instance.summed or instance.groups is not None or not well_posed(instance):
        return None
    if any(turned(o, order) is None for o in instance.operands):
        return None
    return formula(instance) if instance.kind == _kind(instance.operands, order) else None


def _text(instance: Instance) -> str:
    order = [i for i, _ in instance.result]
    names = [f"{o.tensor}{turned(o, order)}" for o in instance.operands]
    text = f"{instance.kind} of {', '.join(names[:-1])} and {names[-1]}"
    met = {i for o in instance.operands for i in standing(o)}
    if instance.kind == REPEATED:
        for name, factor in zip(names, instance.operands, strict=True):
            missing = [i for i in order if i in met and i not in standing(factor)]
            text += f", {name} broadcast along {listed(missing)}" if missing else ""
    constant = unread(instance)
    return f"{text}, broadcast along {listed(constant)}" if constant else text
