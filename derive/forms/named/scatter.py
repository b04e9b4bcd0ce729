"""Scatter through a table of integers: c[v] = Σ_n [t[n] = v]·u[n]."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from derive.engine.instances import Instance, Lookup
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, standing, turned, unread, well_posed
from derive.forms.wording import listed, times
from derive.language.terms import Condition, Entry, Index, Same

PRIORITY = 60
KIND = "scatter"
DEFINITION = "f(u[N], t[N] int < 3): c[v < 3] = sum[n] [t[n] == v]*u[n]"


def recognise(product: Product) -> Form | None:
    """One tensor, and one guard that a table's entry is an index of the result."""
    outlined = outline(product, KIND) if len(product.reads) == 1 else None
    lookups = [one for g in product.guards if (one := _lookup(g, product)) is not None]
    if outlined is None or len(lookups) != 1:
        return None
    entry, index = lookups[0]
    table = operand(product, outlined, entry, "table")
    values = operand(product, outlined, product.reads[0], "values")
    if table is None or values is None:
        return None
    instance = complete(product, replace(outlined, selection=Lookup(table, index)), [values])
    found = confirmed(product, instance, define)
    return Form(KIND, times(found[0], _text(found[0])), *found) if found is not None else None


def _lookup(guard: Condition, product: Product) -> tuple[Entry, Index] | None:
    """The entry of a table and the index of the result that a guard says are the same."""
    if not isinstance(guard, Same):
        return None
    entry, index = guard.args
    if not isinstance(entry, Entry) or not isinstance(index, Index) or index not in product.free:
        return None
    tensor = product.scope.layer.tensor(entry.tensor)
    return (entry, index) if tensor is not None and tensor.integer else None


def define(instance: Instance) -> Expr | None:
    """factor · Σ_n [t[n] = v]·u[n] from the data alone; v is an index of the result.

    None where v stands in the table or in u, the indices that both carry are in another order in
    one than in the other, or the result has an index of neither.
    """
    chosen, (values,) = instance.selection, instance.operands
    if not isinstance(chosen, Lookup) or chosen.index not in dict(instance.result):
        return None
    taken = (*standing(chosen.table), *standing(values))
    result = [i for i, _ in instance.result]
    ordered = turned(values, standing(chosen.table)) == turned(values, result) == ""
    if chosen.index in taken or not ordered or unread(instance) or instance.groups is not None:
        return None
    return formula(instance) if well_posed(instance) else None


def _text(instance: Instance) -> str:
    chosen, (values,) = instance.selection, instance.operands
    assert isinstance(chosen, Lookup)
    text = f"scatter of {values.tensor} through {chosen.table.tensor}"
    repeated = [i for i in standing(chosen.table) if i not in standing(values)]
    if repeated:
        text += f", {values.tensor} broadcast along {listed(repeated)}"
    summed = [i for i, _ in instance.summed if i not in standing(chosen.table)]
    return f"{text}, summed over {listed(summed)}" if summed else text
