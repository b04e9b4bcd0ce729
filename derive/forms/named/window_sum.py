"""Sums over windows: c[i] = Σ_{t<n} u[step·i + spread·t + shift], and the adjoint of that.

The adjoint adds up, for each entry q, what belongs to the windows that contain it: u[r] for all r
and t with q = stuffing·r + spread·t − shift.
"""

from __future__ import annotations

from sympy import Expr

from derive.engine.instances import Instance
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, turned, unread, well_posed
from derive.forms.wording import (
    further,
    numbers,
    signal_words,
    start_words,
    stride_words,
    times,
    trivial,
    window_words,
)
from derive.language.printing import plain

PRIORITY = 45
WINDOWS, CONTAINING = "window sum", "sum over containing windows"
#: the sign of the summed index in the sliding coordinates
SIGNS = {WINDOWS: 1, CONTAINING: -1}
DEFINITION = "f(u[N]; K=2): c[i] = sum[t < K] u[i + t]"


def recognise(product: Product) -> Form | None:
    """One tensor, read at an index of the result plus or minus a summed one."""
    for kind, sign in SIGNS.items():
        found = confirmed(product, _instance(product, kind, sign), define)
        if found is not None:
            text = (_windows if sign == 1 else _containing)(found[0], product)
            return Form(kind, times(found[0], text), *found)
    return None


def _instance(product: Product, kind: str, sign: int) -> Instance | None:
    outlined = outline(product, kind) if len(product.reads) == 1 else None
    if outlined is None:
        return None
    signal = operand(product, outlined, product.reads[0], "signal", sign)
    return complete(product, outlined, [signal]) if signal is not None else None


def define(instance: Instance) -> Expr | None:
    """factor · Σ_t u[…, (step·i ± spread·t + shift)/stuffing, …] from the data alone.

    The sign is that of the kind; windows are read whole (stuffing 1), entries one by one (step 1).
    None where the data are not of that shape, or the result has an index that u has not, or u has
    its axes in another order.
    """
    (signal,) = instance.operands
    stepping = [s.stuffing if instance.kind == WINDOWS else s.step for s in signal.slides]
    if not stepping or not trivial(stepping) or unread(instance) or instance.groups is not None:
        return None
    if turned(signal, [i for i, _ in instance.result]) != "" or not well_posed(instance):
        return None
    return formula(instance, SIGNS[instance.kind])


def _windows(instance: Instance, product: Product) -> str:
    signal = instance.operand("signal")
    spread = [s.spread for s in signal.slides]
    dilated = "" if trivial(spread) else f" dilated by {numbers(spread)}"
    size = "×".join(plain(instance.sizes[s.summed]) for s in signal.slides)
    text = f"sum of {signal_words(signal)} over windows of size {size}{dilated}"
    text += stride_words(signal.slides)
    text += start_words(signal.slides, [s.shift for s in signal.slides], product)
    return text + further(instance, [s.summed for s in signal.slides])


def _containing(instance: Instance, product: Product) -> str:
    signal = instance.operand("signal")
    about = window_words(instance, signal.slides, product)
    text = f"sum of {signal.tensor} over the windows that contain the entry ({about})"
    return text + further(instance, [s.summed for s in signal.slides])
