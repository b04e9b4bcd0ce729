"""What the functions of the packages are given, and what is said of anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.engine.record import Derivation
    from derive.language.definition import Layer


def layer(given: object) -> Layer:
    """A layer; a name or a text is not looked up."""
    from derive.language.definition import Layer  # local: start-up time

    if isinstance(given, Layer):
        return given
    kind = "parse" if isinstance(given, str) and "=" in given else "layer"
    make = f": derive.{kind}({given!r}) makes one" if isinstance(given, str) else ""
    raise TypeError(f"expected a layer, given {_shown(given)}{make}")


def derivation(given: object) -> Derivation:
    """A derivation; a layer has one for each of its tensors."""
    from derive.engine.record import Derivation  # local: start-up time
    from derive.language.definition import Layer

    if isinstance(given, Derivation):
        return given
    name = next((t.name for t in given.tensors), "x") if isinstance(given, Layer) else "x"
    make = f"derive.gradient({'layer' if isinstance(given, Layer) else '…'}, {name!r})"
    raise TypeError(f"expected a derivation, as {make} makes one, given {_shown(given)}")


def text(given: object, example: str) -> str:
    """A text."""
    if isinstance(given, str):
        return given
    raise TypeError(f"expected a text such as {example!r}, given {_shown(given)}")


def _shown(given: object) -> str:
    shown = repr(given)
    return f"{type(given).__name__} {shown if len(shown) <= 60 else shown[:57] + '…'}"
