"""Index notation: text to ``Layer`` and back.  The language is described in docs/notation.md.

``claims`` reads claims about a layer, ``layer_writer`` writes a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.language.notation.errors import NotationError

if TYPE_CHECKING:
    from derive.language.definition import Layer

__all__ = ["NotationError", "parse_layer"]


def parse_layer(
    text: str, values: Mapping[str, int | Fraction | str] | None = None, name: str | None = None
) -> Layer:
    """The layer that a text defines, every read decided to be inside its tensor.

    ``values`` replace hyperparameters by numbers or by symbols of other names; ``name`` replaces
    the header's name.  Raises ``NotationError`` for anything that is no layer.
    """
    from derive.language.notation.bounds import checked  # local: start-up time
    from derive.language.notation.elaboration import elaborated
    from derive.language.notation.reader import read

    try:
        return checked(*elaborated(read(text), text, values or {}, name))
    except RecursionError:
        raise NotationError("this nests too deeply", text, (0, 1)) from None
