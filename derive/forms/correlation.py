"""Cross-correlation: (u ⋆ v)[i] = Σ_t u[step·i + spread·t + shift]·v[t]."""

from __future__ import annotations

from derive.derivation import Form
from derive.products import Product
from derive.sliding import redefined, slides
from derive.wording import kernel_words, remaining_sums, signal_words, stride_words, trivial

PRIORITY = 10
DEFINITION = "c[i] = sum[t] u[i + t]*v[t]"


def recognise(product: Product) -> Form | None:
    """Σ_t u[i + t]·v[t] with t alone in every sliding axis of v; stride and dilation allowed.

    Reads of u outside its range count as zero where the result says so (zero padding).
    """
    if len(product.reads) != 2:
        return None
    for signal, kernel in (product.reads, product.reads[::-1]):
        axes = slides(product, signal)
        if not axes or any(s.backwards or s.stuffing != 1 for s in axes):
            continue
        if not all(s.summed in kernel.indices for s in axes):
            continue
        definition = redefined(product, signal, axes)
        if product.equals(definition):
            operands = f"{signal_words(signal, axes)} with {kernel_words(kernel, axes)}"
            name = "cross-correlation"
            if not trivial(s.spread for s in axes):
                name = "dilated cross-correlation"
            rest = stride_words(axes) + remaining_sums(product, axes)
            return Form(name, f"cross-correlation of {operands}{rest}", definition)
    return None
