"""Convolution: (u ∗ v)[i] = Σ_t u[i − t]·v[t], with u zero outside its range.

Under a stride s the first operand is zero-stuffed: s−1 zeros go between its entries, so that it is
read at (i − t)/s where s divides, and is zero elsewhere.
"""

from __future__ import annotations

from derive.engine.instances import Instance
from derive.engine.record import Form
from derive.forms.products import Product, confirmed
from derive.forms.sliding import CONVOLUTION, define, first_reads, flipped, mirrored, sliding
from derive.forms.wording import (
    bordered_words,
    crop_words,
    further,
    kernel_words,
    length_words,
    signal_words,
    start_words,
    stuffed_words,
    symmetric,
    times,
    trivial,
)

PRIORITY = 20
TRANSPOSED = "transposed convolution"
DEFINITION = "f(u[R pad all], v[K]): c[i < R + K - 1] = sum[t] u[i - t]*v[t]"


def recognise(product: Product) -> Form | None:
    """Σ_t u[i − t]·v[t] with t alone in every sliding axis of v."""
    found = confirmed(product, sliding(product, CONVOLUTION), define)
    if found is None:
        return None
    instance, definition = found
    signal = instance.operand("signal")
    if not trivial(s.step for s in signal.slides):
        return None
    stuffed = not trivial(s.stuffing for s in signal.slides)
    aligned = not stuffed and all(s.shift == 0 for s in signal.slides)
    name = f"full {CONVOLUTION}" if aligned and symmetric(instance, product) else CONVOLUTION
    operands = f"{stuffed_words(signal)} with {kernel_words(instance)}"
    text = f"{name} of {operands}{crop_words(instance, product)}"
    text += further(instance, [s.summed for s in signal.slides])
    if stuffed:
        name = f"{CONVOLUTION} of the zero-stuffed gradient" if signal.upstream else TRANSPOSED
    return Form(name, times(instance, text), instance, definition)


def rewritten(product: Product, form: Form) -> Form | None:
    """The same as a cross-correlation with the flipped kernel: t ↦ n − 1 − t along every axis."""
    return mirrored(product, form, "cross-correlation with the flipped kernel", _flipped_text)


def _flipped_text(instance: Instance, product: Product) -> str:
    signal = instance.operand("signal")
    words = bordered_words(instance, product)
    if words is None:
        words = signal_words(signal)
        rest = start_words(signal.slides, first_reads(instance), product)
    else:
        rest = length_words(flipped(instance), product)
    rest += further(instance, [s.summed for s in signal.slides])
    return times(instance, f"{instance.kind} of {words} with {kernel_words(instance)}{rest}")
