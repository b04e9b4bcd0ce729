"""The words in which a named form speaks of its operands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Expr

from derive.printing import plain
from derive.products import Product
from derive.sliding import Slide
from derive.terms import Entry


def numbers(values: Iterable[Expr]) -> str:
    """``s`` when all axes agree, else ``(s1, s2)``."""
    texts = [plain(v) for v in values]
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"


def trivial(values: Iterable[Expr]) -> bool:
    """Whether every value is 1."""
    return all(v == 1 for v in values)


def signal_words(signal: Entry, axes: Sequence[Slide]) -> str:
    """``x``, ``zero-padded x``, ``zero-stuffed g (stride s)``."""
    stuffing = [s.stuffing for s in axes]
    if not trivial(stuffing):
        return f"zero-stuffed {signal.tensor} (stride {numbers(stuffing)})"
    if any(s.padded and not s.backwards for s in axes):
        return f"zero-padded {signal.tensor}"
    return signal.tensor


def kernel_words(kernel: Entry, axes: Sequence[Slide]) -> str:
    """``k``, ``k dilated by d``."""
    spread = [s.spread for s in axes]
    return kernel.tensor if trivial(spread) else f"{kernel.tensor} dilated by {numbers(spread)}"


def stride_words(axes: Sequence[Slide]) -> str:
    """``, read with stride s`` where the result steps over the signal by more than one."""
    step = [s.step for s in axes]
    return "" if trivial(step) else f", read with stride {numbers(step)}"


def remaining_sums(product: Product, axes: Sequence[Slide]) -> str:
    """``, summed over n`` for the summed indices that slide over nothing."""
    sliding = {s.summed for s in axes}
    rest = [i.name for i in product.bound if i not in sliding]
    return f", summed over {', '.join(rest)}" if rest else ""
