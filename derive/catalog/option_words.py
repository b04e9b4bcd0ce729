"""The options of catalog layers as a command line takes and explains them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: the option's kinds: switched on or off, a number, or text such as 2, s, 2,1 and same
Kind = Literal["flag", "number", "text"]

#: what options mean that several layers have: metavar and help
MEANINGS: Mapping[str, tuple[str, str]] = {
    "dims": ("N", "Number of spatial dimensions."),
    "channels": ("", "With or without batch and channel axes."),
    "stride": ("S", "A number or a name (symbolic); S1,S2 per axis."),
    "padding": ("P", "Likewise; lo:hi for two sides; same; valid."),
    "output_padding": ("E", "Of a transposed convolution."),
    "dilation": ("D", "A number or a name; D1,D2 per axis."),
    "input_dilation": ("U", "Likewise: zeros stuffed into the image."),
    "groups": ("G", "A number or a name."),
    "kernel_size": ("K", "A number or a name; K1,K2 per axis."),
    "bias": ("", "With or without a bias."),
    "ceil_mode": ("", "Round output sizes up, or down."),
    "count_include_pad": ("", "Count the padding in a mean, or not."),
    "divisor_override": ("N", "What sums are divided by."),
    "padding_mode": ("WORD", "zeros, reflect, replicate or circular."),
    "weight": ("", "With a weight for each class."),
    "ignore_index": ("C", "A class that does not count."),
    "label_smoothing": ("E", "The share that all classes get."),
    "probabilities": ("", "Targets are probabilities, or classes."),
    "output_size": ("E", "A number or a name; E1,E2 per axis."),
    "training": ("", "Statistics of the batch, or given ones."),
    "eps": ("E", "Added to a variance: a number or a name."),
    "axis": ("A", "From 0, or from -1 backwards."),
    "size": ("K", "How many channels a window has."),
    "alpha": ("A", "A number or a name."),
    "beta": ("B", "A number or a name."),
    "k": ("K", "A number or a name."),
    "p": ("P", "The share that is dropped."),
    "negative_slope": ("A", "A number or a name."),
    "approximate": ("WORD", "none or tanh."),
    "norm_type": ("P", "The power."),
    "delta": ("D", "Where the loss becomes linear."),
    "shape": ("E1,E2", "One of them may be -1: what is left."),
    "reduction": ("WORD", "mean, sum or none."),
    "causal": ("", "Look at earlier rows only, or at all."),
    "mode": ("WORD", "How entries outside or between are taken."),
    "align_corners": ("", "Whether first and last entries stay."),
    "scale_factor": ("S", "A number or a name."),
    "upscale_factor": ("S", "A number or a name."),
}


@dataclass(frozen=True)
class Option:
    """An option of catalog layers as a command line takes it."""

    name: str
    kind: Kind

    @property
    def flag(self) -> str:
        """``--kernel-size``, and for what is switched ``--bias/--no-bias``."""
        word = self.name.replace("_", "-")
        return f"--{word}/--no-{word}" if self.kind == "flag" else f"--{word}"

    @property
    def metavar(self) -> str | None:
        return MEANINGS.get(self.name, ("", ""))[0] or None

    @property
    def help(self) -> str:
        return MEANINGS.get(self.name, ("", "See `help(derive.layer)`."))[1]
