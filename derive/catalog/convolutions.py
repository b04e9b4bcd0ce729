"""What convolutions and transposed ones share: channels, groups, the bias, and the header."""

from __future__ import annotations

from dataclasses import dataclass

from derive.catalog.options import Definition, OptionError, Settings, Value, declared, one
from derive.catalog.windows import Spatial, Windows, windows

DEFAULTS = {
    "stride": 1,
    "dilation": 1,
    "padding": 0,
    "output_padding": 0,
    "output_size": 1,
    "input_dilation": 1,
    "groups": 1,
}


@dataclass(frozen=True)
class Convolution:
    """What slides, over which channels."""

    slide: Windows
    kernels: Settings
    channels: bool
    groups: int | str
    bias: bool

    @property
    def grouped(self) -> bool:
        return self.groups != 1

    @property
    def channel(self) -> str:
        """The i-th channel of the group that channel o is in."""
        return "o//(O//G)*(C//G) + i" if self.grouped else "i"

    def share(self, size: str) -> str:
        """How many of C or O channels are in a group."""
        return f"{size}//G" if self.grouped else size

    def layer(
        self, name: str, tensors: list[str], left: str, right: str, needed: str = ""
    ) -> Definition:
        """The layer with this equation, to which the bias is added, and what it needs of sizes."""
        options = dict(self.slide.options)
        if self.grouped:
            options["groups"] = {"G": self.groups}
        if self.bias:
            tensors = [*tensors, "b[O]" if self.channels else "b[]"]
            right = f"{'b[o]' if self.channels else 'b[]'} + {right}"
        where = f" where {needed}" if needed else ""
        head = f"{name}({', '.join(tensors)}; {declared(options, DEFAULTS)}){where}"
        text = f"{head}:\n    {left} = {right}"
        return Definition(text, options, {"kernel_size": self.kernels})


def convolution(
    dims: int,
    channels: bool,
    stride: Value,
    padding: object,
    dilation: Value,
    groups: int | str,
    bias: bool | None,
    kernel_size: Value | None,
) -> Convolution:
    """Read the options that convolutions share, PyTorch's names and meanings."""
    names = Spatial(dims)
    kernels = {} if kernel_size is None else names.given("kernel_size", "K", kernel_size, 1)
    strides = names.given("stride", "s", stride, 1)
    dilations = names.given("dilation", "d", dilation, 1)
    slide = windows(names, kernels, strides, dilations, padding)
    if one("groups", groups, 1) != 1 and not channels:
        raise OptionError("groups need channels: add channels (on the command line: --channels)")
    return Convolution(slide, kernels, channels, groups, channels if bias is None else bias)
