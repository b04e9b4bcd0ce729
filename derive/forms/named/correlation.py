"""Cross-correlation: (u ⋆ v)[i] = Σ_t u[step·i + spread·t + shift]·v[t]."""

from __future__ import annotations

from derive.engine.instances import Instance
from derive.engine.record import Form
from derive.forms.products import Product, confirmed
from derive.forms.sliding import CORRELATION, define, first_reads, mirrored, sliding
from derive.forms.wording import (
    further,
    kernel_words,
    signal_words,
    start_words,
    stride_words,
    times,
    trivial,
)

PRIORITY = 10
DEFINITION = "c[i] = sum[t] u[i + t]*v[t]"


def recognise(product: Product) -> Form | None:
    """Σ_t u[i + t]·v[t] with t alone in every sliding axis of v; stride and dilation allowed.

    Reads of u outside its range count as zero where the result says so (zero padding).
    """
    found = confirmed(product, sliding(product, CORRELATION), define)
    if found is None:
        return None
    slides = found[0].operand("signal").slides
    if not trivial(s.stuffing for s in slides):
        return None
    dilated = "" if trivial(s.spread for s in slides) else "dilated "
    return Form(f"{dilated}{CORRELATION}", _text(found[0], product), *found)


def dual(product: Product, form: Form) -> Form | None:
    """The same as a convolution with the flipped kernel: t ↦ n − 1 − t along every axis."""
    return mirrored(product, form, "convolution with the flipped kernel", _text)


def _text(instance: Instance, product: Product) -> str:
    signal = instance.operand("signal")
    rest = stride_words(signal.slides) + start_words(signal.slides, first_reads(instance), product)
    rest += further(instance, [s.summed for s in signal.slides])
    operands = f"{signal_words(signal)} with {kernel_words(instance)}"
    return times(instance, f"{instance.kind} of {operands}{rest}")
