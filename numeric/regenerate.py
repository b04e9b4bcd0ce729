"""``python -m numeric.regenerate``: write the modules in ``numeric/generated`` anew.

They are what ``numeric.code`` gives for the layers of the table below; a test compares them.
"""

from __future__ import annotations

from pathlib import Path

import derive
import numeric
from derive.files import write_whole

FOLDER = Path(__file__).parent / "generated"


def _per_axis(letter: str, dims: int) -> list[str]:
    return [letter] if dims == 1 else [f"{letter}{axis}" for axis in range(1, dims + 1)]


def _symbolic(dims: int) -> dict[str, object]:
    """Stride, padding and dilation of each axis, and the groups, all left to the caller."""
    options = {"stride": "s", "padding": "p", "dilation": "d"}
    spatial = {name: _per_axis(letter, dims) for name, letter in options.items()}
    return {"dims": dims, "channels": True, "groups": "G", "bias": True, **spatial}


def _catalog() -> dict[str, tuple[str, dict[str, object]]]:
    """Each module's name with the layer and its options."""
    table: dict[str, tuple[str, dict[str, object]]] = {
        "linear": ("linear", {}),
        "matmul": ("matmul", {}),
    }
    for dims in (1, 2, 3):
        pooling = {"stride": _per_axis("s", dims), "padding": _per_axis("p", dims)}
        table[f"lecture_conv{dims}"] = ("conv", {"dims": dims})
        table[f"conv{dims}"] = ("conv", _symbolic(dims))
        table[f"conv_transpose{dims}"] = (
            "conv_transpose",
            {**_symbolic(dims), "output_padding": _per_axis("e", dims)},
        )
        table[f"avgpool{dims}"] = ("avgpool", {"dims": dims, **pooling})
    return dict(sorted(table.items()))


CATALOG = _catalog()


def text(name: str) -> str:
    """What the module of that name has to contain."""
    layer, options = CATALOG[name]
    return numeric.code(derive.layer(layer, **options), "arrays")


def main() -> None:
    """Write every module."""
    for name in CATALOG:
        write_whole(FOLDER / f"{name}.py", text(name))


if __name__ == "__main__":
    main()
