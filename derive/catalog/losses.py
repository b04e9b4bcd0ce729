"""What losses share that compare entries of x with entries of t."""

from __future__ import annotations

from derive.catalog.options import Definition, word
from derive.catalog.tensors import Axes

REDUCTIONS = ("mean", "sum", "none")


def loss(name: str, dims: int, right: str, reduction: str, hyperparameters: str = "") -> Definition:
    """The mean or the sum of ``right``, in which ``{x}`` and ``{t}`` stand for an entry of each."""
    axes = Axes(dims)
    found = word("reduction", reduction, REDUCTIONS)
    header = f"{axes.declared('x')}, {axes.declared('t')}"
    header += f"; {hyperparameters}" if hyperparameters else ""
    term = right.format(x=axes.read("x"), t=axes.read("t"))
    if found == "none" or not dims:
        return Definition(f"{name}({header}):\n    {axes.read('y')} = {term}")
    count = "*".join(axes.sizes)
    count = f"({count})" if dims > 1 else count
    term += f"/{count}" if found == "mean" else ""
    return Definition(f"{name}({header}):\n    y = sum[{', '.join(axes.indices)}] {term}")
