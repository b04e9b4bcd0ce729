"""Products of entries without a sum: elementwise, outer, or with shared axes."""

from __future__ import annotations

from derive.derivation import Form
from derive.products import Product

PRIORITY = 50
DEFINITION = "C[i, j] = A[i]*B[j]"


def recognise(product: Product) -> Form | None:
    """Two or more factors, each read at indices of the result alone, no sum and no guard."""
    if len(product.reads) < 2 or product.bound or product.guards:
        return None
    if any(i not in product.free for read in product.reads for i in read.indices):
        return None
    definition = product.rebuilt((), product.reads)
    if not product.equals(definition):
        return None
    reads = sorted(product.reads, key=lambda r: [product.free.index(i) for i in r.indices])
    operands = " and ".join(dict.fromkeys(r.tensor for r in reads))
    indices = [set(r.indices) for r in reads]
    if all(i == set(product.free) for i in indices):
        return Form("elementwise product", f"elementwise product of {operands}", definition)
    if sum(map(len, indices)) == len(set().union(*indices)) and all(indices):
        return Form("outer product", f"outer product of {operands}", definition)
    return Form("product", f"product of {operands}, broadcast", definition)
