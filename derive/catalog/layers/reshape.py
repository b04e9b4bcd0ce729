"""The same entries in row-major order with other axes."""

from __future__ import annotations

from collections.abc import Sequence

from derive.catalog.options import Definition, OptionError, Settings, Value, one
from derive.catalog.tensors import Axes, digits

SUMMARY = "y[i<E, j] = f[i*(N*C//E) + j], f[m] = x[m//C, m%C]"

#: as many axes as an input may have
_MOST = 8


def notation(dims: int = 2, shape: Value = ("E", -1)) -> Definition:
    """Shapes: x[N, C] → y with the axes of ``shape``; x has ``dims`` axes.

    ``shape`` is a length for each axis, a number or a name; one of them may be −1, which stands for
    what is left, as in PyTorch.
    """
    axes = Axes(dims).some()
    lengths = list(shape) if isinstance(shape, list | tuple) else [shape]
    if not 1 <= len(lengths) <= _MOST:
        raise OptionError(f"shape must have between 1 and {_MOST} axes, not {len(lengths)}")
    if len([n for n in lengths if n in (-1, "-1")]) > 1:
        raise OptionError("only one axis of shape may be -1")
    names = ["E", "F"] if len(lengths) <= 2 else [f"E{a + 1}" for a in range(len(lengths))]
    pairs = list(zip(names, lengths, strict=False))
    given = {name: one("shape", n, 1) for name, n in pairs if n not in (-1, "-1")}
    whole, known = "*".join(axes.sizes), "*".join(given) or "1"
    left = f"({whole}//({known}))" if given else whole
    sizes = [name if name in given else left for name, _ in pairs]
    where = f" where {known} {'==' if len(given) == len(sizes) else 'divides'} {whole}"
    return Definition(_text(axes, sizes, given, where if given else ""), {"shape": given})


def _text(axes: Axes, sizes: Sequence[str], given: Settings, where: str) -> str:
    """All entries in one row, and the row read with other axes."""
    many = len(sizes) > 2
    indices = [f"i{axis + 1}" for axis in range(len(sizes))] if many else ["i", "j"][: len(sizes)]
    place = indices[0]
    for index, size in zip(indices[1:], sizes[1:], strict=True):
        place = f"({place})*{size} + {index}"
    declared = ", ".join(f"{name}=1 >= 1" for name in given)
    header = f"{axes.declared('x')}; {declared}" if given else axes.declared("x")
    ranges = ", ".join(f"{i} < {size}" for i, size in zip(indices, sizes, strict=True))
    return (
        f"reshape({header}){where}:\n"
        f"    f[m < {'*'.join(axes.sizes)}] = x[{', '.join(digits('m', axes.sizes))}];\n"
        f"    y[{ranges}] = f[{place}]"
    )
