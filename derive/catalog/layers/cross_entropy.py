"""Cross-entropy of class numbers, or probabilities, under the softmax of logits."""

from __future__ import annotations

from derive.catalog.losses import REDUCTIONS
from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, OptionError, name_of, real, word

SUMMARY = "y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]])/N"


def notation(
    dims: int = 0,
    weight: bool = False,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
    probabilities: bool = False,
) -> Definition:
    """Shapes: x[N, C, …] logits, t[N, …] class numbers 0 … C−1 → y, a scalar, as in PyTorch.

    There are ``dims`` spatial axes.  With ``probabilities`` t[N, C, …] holds those of the classes.
    ``weight``: one number w[C] a class, and the mean is a weighted one; ``ignore_index``: a class
    number whose places do not count; ``label_smoothing``: the share of the loss that is spread over
    all classes; ``reduction``: ``mean``, ``sum`` or ``none``.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3; label smoothing:
    Szegedy et al., Rethinking the inception architecture (2016), section 7.
    """
    sizes, indices = channelled(dims)
    found = word("reduction", reduction, REDUCTIONS)
    if ignore_index is not None and (probabilities or ignore_index < 0):
        raise OptionError("ignore_index is a class number 0, 1, …, and goes with class numbers")
    places, kept = [indices[0], *indices[2:]], [sizes[0], *sizes[2:]]
    at = ", ".join(places)
    term, counted = _terms(indices, at, weight, ignore_index, label_smoothing, probabilities)
    total = ", ".join(places)
    if found == "none":
        equation = f"y[{at}] = {term}"
    elif found == "sum":
        equation = f"y = sum[{total}] {term}"
    elif counted == "1":
        count = "*".join(kept)
        count = f"({count})" if len(kept) > 1 else count
        equation = f"y = sum[{total}] {term}/{count}"
    else:
        equation = f"y = (sum[{total}] {term})/(sum[{total}] {counted})"
    targets = f"t[{', '.join(sizes)}]" if probabilities else f"t[{', '.join(kept)}] int < C"
    header = f"x[{', '.join(sizes)}], {targets}" + (", w[C]" if weight else "")
    header += f"; {real('label_smoothing', label_smoothing, 0)}" if label_smoothing else ""
    return Definition(f"cross_entropy({header}):\n    {equation}")


def _terms(
    indices: list[str],
    at: str,
    weight: bool,
    ignore_index: int | None,
    label_smoothing: float,
    probabilities: bool,
) -> tuple[str, str]:
    """The loss at one place, and what it counts in a mean."""

    def read(tensor: str, c: str) -> str:
        """An entry at the class ``c``."""
        return f"{tensor}[{', '.join([indices[0], c, *indices[2:]])}]"

    normaliser = f"log(sum[c] exp({read('x', 'c')}))"
    label, scale = f"t[{at}]", "w[j]*" if weight else ""
    others = f"(sum[j < C] {scale}({normaliser} - {read('x', 'j')}))"
    if probabilities:
        counted = "1"
        hard = f"(sum[j < C] {read('t', 'j')}*{scale}({normaliser} - {read('x', 'j')}))"
    else:
        counted = f"w[{label}]" if weight else "1"
        named = f"{counted}*" if weight else ""
        hard = f"{named}({normaliser} - {read('x', label)})"
    if label_smoothing:
        share = name_of(real("label_smoothing", label_smoothing, 0))
        hard = f"((1 - {share})*{hard} + {share}*{others}/C)"
    if ignore_index is not None:
        guard = f"[t[{at}] != {ignore_index}]"
        return f"{guard}*{hard}", f"{guard}*{counted}" if counted != "1" else guard
    return hard, counted
