"""What people call the tensors, outputs and options of a layer, and their gradients."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: names that people give to one and the same thing
UPSTREAM = (
    "g", "dy", "dout", "d_out", "dz", "gy", "grad", "grad_out", "grad_output", "grad_y", "dL_dy",
    "delta", "upstream", "upstream_gradient", "upstream_grad", "grad_outputs", "doutput", "dl_dy",
    "grad_loss", "dloss", "dL_dout", "dl_dout", "output_grad", "out_grad", "output_gradient",
)  # fmt: skip
TENSORS = (
    ("x", "input", "inputs", "inp", "image", "images", "img", "data", "logits", "scores", "pred",
     "preds", "prediction", "predictions", "y_pred", "y_hat", "yhat"),
    ("k", "w", "kernel", "kernels", "weight", "weights", "filter", "filters", "filt"),
    ("b", "bias", "biases"),
    ("t", "target", "targets", "label", "labels", "y", "y_true", "truth", "ground_truth", "gt",
     "classes", "ids", "idx", "indices", "tokens"),
    ("gamma", "w", "weight", "scale"),
    ("beta", "b", "bias", "shift"),
)  # fmt: skip
OUTPUTS = ("y", "out", "output", "outputs", "probs", "y_pred", "y_hat", "yhat", "pred", "preds")
OPTIONS = (
    ("s", "stride", "strides"),
    ("p", "padding", "pad"),
    ("d", "dilation"),
    ("G", "groups"),
    ("K", "kernel_size", "pool_size"),
    ("e", "output_padding"),
)
#: options that name one axis by its word
AXES = {
    "pool_height": ("kernel_size", 0), "pool_width": ("kernel_size", 1),
    "stride_h": ("stride", 0), "stride_w": ("stride", 1),
    "pad_h": ("padding", 0), "pad_w": ("padding", 1),
}  # fmt: skip

#: how constructors call the number of channels or features that go in, and come out
WIDTHS_IN = (
    "in_channels", "in_features", "input_size", "input_dim", "in_dim", "n_in", "fan_in",
    "num_features", "num_channels", "n_features", "n_inputs", "in_size",
)  # fmt: skip
WIDTHS_OUT = (
    "out_channels", "out_features", "output_size", "output_dim", "out_dim", "n_out", "fan_out",
    "num_filters", "n_filters", "units", "n_outputs", "out_size", "n_units",
)  # fmt: skip

#: what people put in front of a tensor's name, or behind it, for its gradient
_GRADIENT = re.compile(r"(?:dL_?/?_?d_?|∂L/∂|grad_?|d_?|g_|)(?P<name>.+?)(?:_grad|_bar|\.grad|)")


def called(name: str, names: Sequence[str]) -> list[str]:
    """Those of the tensors ``names`` that people also call ``name``, each once."""
    found = []
    for group in TENSORS:
        there = [n for n in names if n in group]
        if name.lower() in group and len(there) == 1:
            found += there
    return list(dict.fromkeys(found))


def tensor_of(key: str, names: Sequence[str]) -> str | None:
    """``x`` for ``x``, ``dx``, ``grad_x``, ``dL_dx``, ``x_grad``, ``input``; else None."""
    if key in names:
        return key
    match = _GRADIENT.fullmatch(key.rstrip("_"))
    if match is None:
        return None
    base = match["name"]
    if base in names:
        return base
    alike = [n for n in names if n.lower() == base.lower()]
    found = called(base, names) or alike
    return found[0] if len(found) == 1 else None


def spellings(name: str) -> tuple[str, ...]:
    """All that the tensor ``name`` may be called, in small letters, the likeliest first."""
    groups = [group for group in TENSORS if name in group]
    return tuple(dict.fromkeys((name.lower(), *(n for group in groups for n in group))))
