"""Forms of a single tensor whose axes are read whole: sums, broadcasts, copies, transposes."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from derive.engine.instances import Instance, Operand
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, turned, unread, well_posed
from derive.forms.wording import listed, times

PRIORITY = 40
REDUCTION, BROADCAST, COPY, TRANSPOSE = "reduction", "broadcast", "copy", "transpose"
DEFINITION = "c[i] = sum[t] u[i, t]"


def recognise(product: Product) -> Form | None:
    """One tensor read at indices that stand alone, each once."""
    outlined = outline(product, COPY) if len(product.reads) == 1 else None
    if outlined is None:
        return None
    summand = operand(product, outlined, product.reads[0], "summand")
    instance = complete(product, outlined, [summand]) if summand is not None else None
    if instance is None:
        return None
    found = confirmed(product, replace(instance, kind=_kind(instance)), define)
    return Form(found[0].kind, _text(found[0]), *found) if found is not None else None


def _kind(instance: Instance) -> str:
    if instance.summed:
        return REDUCTION
    if unread(instance):
        return BROADCAST
    return TRANSPOSE if _turned(instance) else COPY


def _turned(instance: Instance) -> str | None:
    summand: Operand = instance.operands[0]
    return turned(summand, [i for i, _ in instance.result])


def define(instance: Instance) -> Expr | None:
    """factor · Σ_t u[i, t] from the data alone, constant along the result's other indices.

    None where what is left of u has its indices in another order than the result, unless the whole
    is the transpose of a matrix.
    """
    if instance.kind != _kind(instance) or instance.groups is not None:
        return None
    if _turned(instance) != ("ᵀ" if instance.kind == TRANSPOSE else ""):
        return None
    return formula(instance) if well_posed(instance) else None


def _text(instance: Instance) -> str:
    tensor = instance.operands[0].tensor
    if instance.kind == COPY:
        return times(instance, f"{tensor}, entry by entry", article="")
    if instance.kind == TRANSPOSE:
        return times(instance, f"transpose of {tensor}")
    constant = unread(instance)
    along = f" along {listed(constant)}"
    if instance.kind == BROADCAST:
        return times(instance, f"broadcast of {tensor}{along}")
    text = f"sum of {tensor} over {listed(t for t, _ in instance.summed)}"
    return times(instance, f"{text}, broadcast{along}" if constant else text)
