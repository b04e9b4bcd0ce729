"""Matrix product: C[i, j] = Σ_k A[i, k]·B[k, j], up to transposes and further shared axes."""

from __future__ import annotations

from derive.derivation import Form
from derive.products import Product
from derive.terms import Entry, Index

PRIORITY = 30
DEFINITION = "C[i, j] = sum[k] A[i, k]*B[k, j]"


def recognise(product: Product) -> Form | None:
    """Σ_k A[…, k]·B[k, …]: indices stand alone or are numbers, every summed one occurs twice."""
    if len(product.reads) != 2 or not product.bound or product.guards:
        return None
    first, second = _ordered(product)
    names = (*product.free, *product.bound)
    if any(not i.is_Integer and i not in names for e in (first, second) for i in e.indices):
        return None
    if any(i not in read.indices for i in product.bound for read in (first, second)):
        return None
    shared = [i for i in product.free if i in first.indices and i in second.indices]
    definition = product.rebuilt((), (first, second))
    if not product.equals(definition):
        return None
    text = f"matrix product {_operand(first, product, left=True)}·"
    text += _operand(second, product, left=False)
    if max(len(first.indices), len(second.indices)) > 2:
        text = f"matrix product of {first.tensor} and {second.tensor}"
        text += f", contracted over {', '.join(i.name for i in product.bound)}"
    if shared:
        text += f", for every {', '.join(i.name for i in shared)}"
    return Form("matrix product", text, definition)


def _ordered(product: Product) -> tuple[Entry, Entry]:
    """The factor that carries the result's first unshared index goes first."""
    first, second = product.reads
    for index in product.free:
        if (index in first.indices) != (index in second.indices):
            return (first, second) if index in first.indices else (second, first)
    return first, second


def _operand(read: Entry, product: Product, left: bool) -> str:
    """The factor's name, with ᵀ where a matrix is read with its indices the other way round."""
    if len(read.indices) != 2:
        return read.tensor
    contracted: Index = read.indices[1] if left else read.indices[0]
    return read.tensor if contracted in product.bound else f"{read.tensor}ᵀ"
