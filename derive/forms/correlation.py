"""Cross-correlation: (u ⋆ v)[i] = Σ_t u[step·i + spread·t + shift]·v[t]."""

from __future__ import annotations

from derive.derivation import Form, Step
from derive.products import Product
from derive.rules.reindex import flip
from derive.sliding import Slide, redefined, slides
from derive.terms import Entry
from derive.wording import kernel_words, remaining_sums, signal_words, stride_words, trivial

PRIORITY = 10
DEFINITION = "c[i] = sum[t] u[i + t]*v[t]"


def recognise(product: Product) -> Form | None:
    """Σ_t u[i + t]·v[t] with t alone in every sliding axis of v; stride and dilation allowed.

    Reads of u outside its range count as zero where the result says so (zero padding).
    """
    found = _operands(product)
    if found is None:
        return None
    signal, kernel, axes = found
    definition = redefined(product, signal, axes)
    if not product.equals(definition):
        return None
    operands = f"{signal_words(signal, axes)} with {kernel_words(kernel, axes)}"
    name = "cross-correlation"
    if not trivial(s.spread for s in axes):
        name = "dilated cross-correlation"
    rest = stride_words(axes) + remaining_sums(product, axes)
    return Form(name, f"cross-correlation of {operands}{rest}", definition)


def dual(product: Product) -> Form | None:
    """The same as a convolution with the flipped kernel: t ↦ K − 1 − t along every axis."""
    found = _operands(product)
    if found is None:
        return None
    signal, kernel, axes = found
    steps: list[Step] = []
    expression = product.expression
    for slide in axes:
        steps.append(flip(expression, slide.summed))
        expression = steps[-1].after
    operands = f"{signal_words(signal, axes)} with the flipped {kernel_words(kernel, axes)}"
    rest = stride_words(axes) + remaining_sums(product, axes)
    text = f"convolution of {operands}{rest}"
    return Form("convolution with the flipped kernel", text, expression, tuple(steps))


def _operands(product: Product) -> tuple[Entry, Entry, tuple[Slide, ...]] | None:
    """The sliding operand, the one it slides over, and the axes; None: no correlation."""
    if len(product.reads) != 2:
        return None
    for signal, kernel in (product.reads, product.reads[::-1]):
        axes = slides(product, signal)
        if not axes or any(s.backwards or s.stuffing != 1 for s in axes):
            continue
        if all(s.summed in kernel.indices for s in axes):
            return signal, kernel, axes
    return None
