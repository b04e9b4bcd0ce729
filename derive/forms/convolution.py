"""Convolution: (u ∗ v)[i] = Σ_t u[i − t]·v[t], with u zero outside its range.

Under a stride s the first operand is zero-stuffed: s−1 zeros go between its entries, so that it is
read at (i − t)/s where s divides, and is zero elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.derivation import Form, Step
from derive.normal import normal
from derive.products import Product, product_of
from derive.rules.reindex import flip
from derive.sliding import Slide, redefined, slides
from derive.terms import Entry
from derive.wording import kernel_words, numbers, remaining_sums, signal_words, trivial

PRIORITY = 20
DEFINITION = "c[i] = sum[t] u[i - t]*v[t]"


def recognise(product: Product) -> Form | None:
    """Σ_t u[i − t]·v[t] with t alone in every sliding axis of v."""
    found = _operands(product)
    if found is None:
        return None
    signal, kernel, axes = found
    definition = redefined(product, signal, axes)
    if not product.equals(definition):
        return None
    stuffed = not trivial(s.stuffing for s in axes)
    full = all(s.padded and s.shift == 0 for s in axes)
    name = "full convolution" if full and not stuffed else "convolution"
    operands = f"{signal_words(signal, axes)} with {kernel_words(kernel, axes)}"
    text = f"{name} of {operands}{_cropped(axes)}{remaining_sums(product, axes)}"
    if stuffed:
        name = "convolution of the zero-stuffed gradient"
    return Form(name, text, definition)


def rewritten(product: Product) -> Form | None:
    """The same as a cross-correlation with the flipped kernel: t ↦ K − 1 − t along every axis."""
    found = _operands(product)
    if found is None:
        return None
    signal, kernel, axes = found
    steps: list[Step] = []
    expression = product.expression
    for slide in axes:
        steps.append(flip(expression, slide.summed))
        expression = steps[-1].after
    flipped = product_of(expression, product.layer, product.target, product.upstream)
    if flipped is None:
        return None
    signals = [r for r in flipped.reads if r.tensor == signal.tensor]
    turned = slides(flipped, signals[0])
    definition = redefined(flipped, signals[0], turned)
    if len(turned) != len(axes) or any(s.backwards for s in turned):
        return None
    if normal(definition) != normal(expression):
        return None
    padded = signal_words(signals[0], turned)
    borders = [-s.shift for s in turned]
    if trivial(s.stuffing for s in turned):
        padded = f"{signal.tensor} zero-padded by {numbers(borders)}"
    else:
        padded += f", zero-padded by {numbers(borders)},"
    text = (
        f"cross-correlation of {padded} with the flipped {kernel_words(kernel, turned)}"
        f"{remaining_sums(product, axes)}"
    )
    return Form("cross-correlation with the flipped kernel", text, definition, tuple(steps))


def _operands(product: Product) -> tuple[Entry, Entry, tuple[Slide, ...]] | None:
    """The sliding operand, the one it slides over, and the axes; None: no convolution."""
    if len(product.reads) != 2:
        return None
    for signal, kernel in (product.reads, product.reads[::-1]):
        axes = slides(product, signal)
        backwards = axes and all(s.backwards and s.step == 1 for s in axes)
        if backwards and all(s.summed in kernel.indices for s in axes):
            return signal, kernel, axes
    return None


def _cropped(axes: Sequence[Slide]) -> str:
    shifts = [s.shift for s in axes]
    if all(s == 0 for s in shifts):
        return ""
    return f", cropped by {numbers(shifts)}"
