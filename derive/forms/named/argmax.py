"""Scatter to maxima: u[r] goes to the first entry, in row-major order, where window r is largest.

c[q] = Σ_t [q = stuffing·r + spread·t − shift]·[t is the first maximum of window r]·u[r]; or the
maximum is over whole axes, and then c[q] = [q is the first maximum]·u.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from derive.engine.instances import Coordinate, FirstMaximum, Instance, Operand, Window
from derive.engine.record import Form
from derive.forms.products import Product, complete, confirmed, operand, outline
from derive.forms.textbook import formula, standing, turned, well_posed
from derive.forms.wording import listed, times, window_words
from derive.language.terms import Between, FirstMax, Index, entries, subterms

PRIORITY = 65
KIND = "scatter to maxima"
DEFINITION = "f(u[], x[H]): c[q < H] = [q == argmax[t < H] x[t]]*u[]"


def recognise(product: Product) -> Form | None:
    """One tensor, and one guard that the entry is the first maximum of its window."""
    outlined = outline(product, KIND) if len(product.reads) == 1 else None
    maxima = [g for g in product.guards if isinstance(g, FirstMax)]
    if outlined is None or len(maxima) != 1:
        return None
    values = operand(product, outlined, product.reads[0], "values", -1)
    signal = _signal(maxima[0], values, product) if values is not None else None
    if values is None or signal is None:
        return None
    chosen = FirstMaximum(signal, tuple(maxima[0].args[0]))
    instance = complete(product, replace(outlined, selection=chosen), [values])
    found = confirmed(product, instance, define)
    return Form(KIND, times(found[0], _text(found[0], product)), *found) if found else None


def _signal(guard: FirstMax, values: Operand, product: Product) -> Operand | None:
    """The tensor whose maximum is taken, read at the result's indices or in windows around them.

    Only proposed here: whether the maximum really is over those windows is seen when the formula
    for them is compared with the result.
    """
    places, maximum = guard.args
    reads = entries(maximum.function)
    if len(reads) != 1 or any(not isinstance(p, Index) for p in places):
        return None
    sizes = product.scope.shape(reads[0].tensor)
    if len(sizes) != len(product.free):
        return None
    coordinates: list[Coordinate] = []
    for index, at in zip(product.free, reads[0].indices, strict=True):
        slide = next((s for s in values.slides if s.result == index), None)
        padded = any(isinstance(c, Between) and c.args[1] == at for c in subterms(maximum))
        window = Window(index, slide.summed, slide.spread, padded) if slide else index
        coordinates.append(window)
    return Operand("signal", reads[0].tensor, sizes, tuple(coordinates))


def define(instance: Instance) -> Expr | None:
    """factor · Σ_t [t is the first maximum of its window]·u[(q − spread·t + shift)/stuffing].

    From the data alone.  None unless the result has the axes of the signal, and either each place
    is a summed index that slides in u as it does in the signal's window, or each is an index of
    the result along whose axis the whole of the signal is compared.
    """
    chosen, (values,) = instance.selection, instance.operands
    if not isinstance(chosen, FirstMaximum) or instance.groups is not None:
        return None
    result = [i for i, _ in instance.result]
    windows = [(c.entry, c.place, c.spread) for c in _windows(chosen)]
    slides = [(s.result, s.summed, s.spread) for s in values.slides if s.step == 1]
    along = [entry for entry, _, _ in windows] or list(chosen.places)
    places = [place for _, place, _ in windows] or along
    rest = standing(values) if windows else (*standing(values), *along)
    if _axes(chosen) != result or windows != slides or len(slides) < len(values.slides):
        return None
    if places != list(chosen.places) or along != [i for i in result if i in along]:
        return None
    if {i for i, _ in instance.summed} != {s.summed for s in values.slides}:
        return None
    if not set(result) <= set(rest) or turned(values, result) != "" or not well_posed(instance):
        return None
    return formula(instance, -1)


def _windows(chosen: FirstMaximum) -> list[Window]:
    return [c for c in chosen.signal.coordinates if isinstance(c, Window)]


def _axes(chosen: FirstMaximum) -> list[Coordinate]:
    """The entry that the signal's windows are around, an index for each axis."""
    return [c.entry if isinstance(c, Window) else c for c in chosen.signal.coordinates]


def _text(instance: Instance, product: Product) -> str:
    chosen, (values,) = instance.selection, instance.operands
    assert isinstance(chosen, FirstMaximum)
    text = f"scatter of {values.tensor} to the first maximum of"
    if not values.slides:
        return f"{text} {chosen.signal.tensor} along {listed(chosen.places)}"
    about = window_words(instance, values.slides, product)
    return f"{text} each window of {chosen.signal.tensor} ({about})"
