"""What layers share that subtract a mean and divide by a standard deviation."""

from __future__ import annotations

from collections.abc import Sequence

from derive.catalog.options import Definition, OptionError, name_of, real
from derive.catalog.windows import Spatial


def channelled(dims: int, least: int = 0) -> tuple[list[str], list[str]]:
    """Sizes and indices of a batch of images with channels and ``dims`` spatial axes."""
    if dims == 0 and not isinstance(dims, bool) and least == 0:
        return ["N", "C"], ["n", "c"]
    names = Spatial(dims)
    places = ["r", "t"] if dims == 2 else names.outputs
    return ["N", "C", *names.sizes], ["n", "c", *places]


def normalised(
    name: str,
    sizes: Sequence[str],
    indices: Sequence[str],
    kept: Sequence[str],
    scaled: str,
    eps: object,
) -> Definition:
    """y = w·x̂ + b, x̂ = (x − m)/√(v + ε), m and v over all axes but those of the indices ``kept``.

    w and b have the axis of the index ``scaled``.
    """
    if len(sizes) == len(kept):
        raise OptionError(f"{name} has no axis to average over")
    small = real("eps", eps)
    over = [i for i in indices if i not in kept]
    count = "*".join(n for i, n in zip(indices, sizes, strict=True) if i in over)
    count = f"({count})" if len(over) > 1 else count
    at = f"[{', '.join(kept)}]" if kept else ""
    x, size = ", ".join(indices), dict(zip(indices, sizes, strict=True))[scaled]
    return Definition(
        f"{name}(x[{', '.join(sizes)}], w[{size}], b[{size}]; {small}):\n"
        f"    m{at} = sum[{', '.join(over)}] x[{x}]/{count};\n"
        f"    v{at} = sum[{', '.join(over)}] (x[{x}] - m{at})^2/{count};\n"
        f"    xhat[{x}] = (x[{x}] - m{at})/sqrt(v{at} + {name_of(small)});\n"
        f"    y[{x}] = w[{scaled}]*xhat[{x}] + b[{scaled}]"
    )
