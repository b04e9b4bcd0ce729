"""Forms of a single tensor: sums over axes, broadcasts, copies, sums over windows, scatters."""

from __future__ import annotations

from derive.derivation import Form
from derive.products import Product
from derive.sliding import redefined, slides
from derive.terms import Condition, Entry, FirstMax, Same, entries
from derive.wording import remaining_sums, signal_words

PRIORITY = 40
DEFINITION = "c[i] = sum[t] u[i, t]"


def recognise(product: Product) -> Form | None:
    """One tensor read, where every index stands alone or slides over a window."""
    if len(product.reads) != 1:
        return None
    (read,) = product.reads
    through = [c for c in product.guards if _selects(c)]
    if through:
        return Form("scatter", _scatter_text(read, through), product.expression)
    axes = slides(product, read)
    if axes:
        definition = redefined(product, read, axes)
        if not product.equals(definition):
            return None
        text = f"sum of {signal_words(read, axes)} over the windows that contain the entry"
        return Form("window sum", text + remaining_sums(product, axes), definition)
    if product.guards or any(i not in (*product.free, *product.bound) for i in read.indices):
        return None
    definition = product.rebuilt((), (read,))
    if not product.equals(definition):
        return None
    if product.bound:
        over = ", ".join(i.name for i in product.bound)
        return Form("reduction", f"sum of {read.tensor} over {over}", definition)
    unread = [i for i in product.free if i not in read.indices]
    if unread:
        along = ", ".join(i.name for i in unread)
        return Form("broadcast", f"broadcast of {read.tensor} along {along}", definition)
    return Form("copy", f"{read.tensor}, entry by entry", definition)


def _selects(condition: Condition) -> bool:
    return isinstance(condition, FirstMax) or (
        isinstance(condition, Same) and bool(entries(condition))
    )


def _scatter_text(read: Entry, through: list[Condition]) -> str:
    if any(isinstance(c, FirstMax) for c in through):
        return f"scatter of {read.tensor} to the first maximum of each window"
    tables = ", ".join(dict.fromkeys(e.tensor for c in through for e in entries(c)))
    return f"scatter of {read.tensor} through {tables}"
