"""The words in which a named form speaks of its operands, from its data.

Signs are decided with what the layer says of its sizes and hyperparameters; what is not known to
be positive is not called padding or cropping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Expr

from derive.engine.instances import Instance, Mirrored, Operand, Slide
from derive.forms.products import Product
from derive.forms.textbook import standing
from derive.language.integers import expanded
from derive.language.printing import plain
from derive.language.terms import ONE, AtMost, Condition, Index, Same


def numbers(values: Iterable[Expr]) -> str:
    """``s`` when all axes agree, else ``(s1, s2)``."""
    texts = [plain(v) for v in values]
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"


def listed(names: Iterable[Index]) -> str:
    """``n, r``: indices by name."""
    return ", ".join(i.name for i in names)


def trivial(values: Iterable[Expr]) -> bool:
    """Whether every value is 1."""
    return all(v == 1 for v in values)


def at_least(least: int, values: Iterable[Expr], product: Product) -> bool:
    """Whether every value is shown to be at least ``least`` for all sizes."""
    return all(product.at_least(least, v) for v in values)


def times(instance: Instance, text: str, article: str = "the ") -> str:
    """``3 times the …`` where the form has a factor."""
    if instance.factor == 1:
        return text
    factor = plain(instance.factor)
    return f"{f'({factor})' if instance.factor.is_Add else factor} times {article}{text}"


def stuffed_words(signal: Operand, more: str = "") -> str:
    """``x``, ``zero-stuffed g (stride s)``."""
    stuffing = [s.stuffing for s in signal.slides]
    if trivial(stuffing):
        return f"{more}{signal.tensor}"
    comma = "," if more else ""
    return f"zero-stuffed{comma} {more}{signal.tensor} (stride {numbers(stuffing)})"


def signal_words(signal: Operand) -> str:
    """``x``, ``zero-padded x``, ``zero-stuffed, zero-padded g (stride s)``."""
    return stuffed_words(signal, "zero-padded " if any(s.padded for s in signal.slides) else "")


def bordered_words(instance: Instance, product: Product) -> str | None:
    """``g zero-padded by (K1−1, K2−1)``; None where it does not begin with zeros or at 0."""
    signal = instance.operand("signal")
    borders = [expanded(-s.shift) for s in signal.slides]
    zeros = all(product.at_least(0, border, *_nonempty(instance)) for border in borders)
    if not zeros or any(s.shift != 0 and not s.padded for s in signal.slides):
        return None
    words = stuffed_words(signal)
    if all(border == 0 for border in borders):
        return f"zero-padded {words}" if any(s.padded for s in signal.slides) else words
    if trivial(s.stuffing for s in signal.slides):
        return f"{words} zero-padded by {numbers(borders)}"
    return f"{words}, zero-padded by {numbers(borders)},"


def kernel_words(instance: Instance) -> str:
    """``k``, ``k dilated by d``, ``the flipped k``."""
    kernel = instance.operand("kernel")
    spread = [s.spread for s in instance.operand("signal").slides]
    flipped = any(isinstance(c, Mirrored) for c in kernel.coordinates)
    dilated = "" if trivial(spread) else f" dilated by {numbers(spread)}"
    return f"{'the flipped ' if flipped else ''}{kernel.tensor}{dilated}"


def stride_words(slides: Sequence[Slide]) -> str:
    """``, read with stride s`` where the result steps over the signal by more than one."""
    step = [s.step for s in slides]
    return "" if trivial(step) else f", read with stride {numbers(step)}"


def start_words(slides: Sequence[Slide], starts: Sequence[Expr], product: Product) -> str:
    """``, starting at q`` where the first read is neither at 0 nor in the zeros of the padding."""
    usual = (
        start == 0 or (slide.padded and product.at_least(0, expanded(-start)))
        for slide, start in zip(slides, starts, strict=True)
    )
    return "" if all(usual) else f", starting at {numbers(starts)}"


def window_words(instance: Instance, slides: Sequence[Slide], product: Product) -> str:
    """``size 2×2, stride 2, dilation d, padding p``: windows seen from an entry they contain."""
    words = [f"size {'×'.join(plain(instance.sizes[s.summed]) for s in slides)}"]
    for name, values in (
        ("stride", [s.stuffing for s in slides]),
        ("dilation", [s.spread for s in slides]),
    ):
        words += [] if trivial(values) else [f"{name} {numbers(values)}"]
    shifts = [s.shift for s in slides]
    if any(shift != 0 for shift in shifts):
        padding = at_least(0, shifts, product)
        starts = [expanded(-shift) for shift in shifts]
        words.append(f"padding {numbers(shifts)}" if padding else f"starting at {numbers(starts)}")
    return ", ".join(words)


def crop_words(instance: Instance, product: Product) -> str:
    """How the result lies in the full convolution: cropped or delayed, or where it begins.

    Under a stride the words leave open how many zeros follow the last stuffed entry.
    """
    slides = instance.operand("signal").slides
    shifts = [s.shift for s in slides]
    if all(shift == 0 for shift in shifts):
        return length_words(instance, product)
    if at_least(0, shifts, product):
        if not trivial(s.stuffing for s in slides) or symmetric(instance, product):
            return f", cropped by {numbers(shifts)}"
        lengths = numbers(instance.sizes[s.result] for s in slides)
        return f", cropped by {numbers(shifts)} at the start, of length {lengths}"
    delays = [expanded(-shift) for shift in shifts]
    if at_least(0, delays, product):
        return f", delayed by {numbers(delays)}"
    return f", starting at entry {numbers(shifts)} of the full convolution"


def length_words(instance: Instance, product: Product) -> str:
    """``, cropped to length H`` where a result that begins as the full convolution ends elsewhere.

    One that may be longer ends with zeros: ``, of length H``.
    """
    beginning = all(s.shift == 0 for s in instance.operand("signal").slides)
    if not beginning or symmetric(instance, product):
        return ""
    lengths = [(instance.sizes[s.result], full) for s, full in _full_lengths(instance)]
    nonempty = _nonempty(instance)
    shorter = (product.scope.decide(AtMost(own, full), *nonempty) for own, full in lengths)
    words = "cropped to" if all(decision.holds for decision in shorter) else "of"
    return f", {words} length {numbers(own for own, _ in lengths)}"


def symmetric(instance: Instance, product: Product) -> bool:
    """Whether the full convolution has as many entries after the result's as before them.

    A convolution of signals or kernels without entries has none; so both are taken to have some.
    """
    nonempty = _nonempty(instance)
    return all(
        product.scope.decide(
            Same(instance.sizes[s.result], expanded(full - 2 * s.shift)), *nonempty
        ).holds
        for s, full in _full_lengths(instance)
    )


def _full_lengths(instance: Instance) -> list[tuple[Slide, Expr]]:
    """The length of the full convolution along each sliding axis: s·(R − 1) + d·(K − 1) + 1."""
    signal = instance.operand("signal")
    axes = zip(signal.coordinates, signal.sizes, strict=True)
    return [
        (c, expanded(c.stuffing * (n - 1) + c.spread * (instance.sizes[c.summed] - 1) + 1))
        for c, n in axes
        if isinstance(c, Slide)
    ]


def _nonempty(instance: Instance) -> tuple[Condition, ...]:
    """That signal and kernel have entries along every sliding axis."""
    signal = instance.operand("signal")
    axes = [(c, n) for c, n in zip(signal.coordinates, signal.sizes, strict=True)]
    sizes = [m for c, n in axes if isinstance(c, Slide) for m in (n, instance.sizes[c.summed])]
    return tuple(AtMost(ONE, size) for size in sizes if not size.is_Integer)


def further(instance: Instance, own: Iterable[Index]) -> str:
    """``, summed over n, for every c, within each of the G groups``: the indices beside ``own``."""
    summed = [i for i, _ in instance.summed if i not in set(own)]
    words = f", summed over {listed(summed)}" if summed else ""
    shared = [i for i, _ in instance.result if _in_all(i, instance)]
    if shared and len(instance.operands) > 1:
        words += f", for every {listed(shared)}"
    if instance.groups is not None:
        words += f", within each of the {plain(instance.groups)} groups"
    return words


def _in_all(index: Index, instance: Instance) -> bool:
    return all(index in standing(operand) for operand in instance.operands)
