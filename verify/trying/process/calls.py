"""A call of a user's function and what it came to, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from verify.trying.process.layouts import ROWS_FIRST


@dataclass(frozen=True)
class SignatureParameter:
    """One parameter of the function; ``kind`` is a name of ``inspect.Parameter``'s kinds."""

    name: str
    kind: str
    default: str | None


@dataclass(frozen=True)
class FunctionCall:
    """One call: arrays by name, and how each parameter is filled.

    ``positional`` and ``named`` hold names of arrays as ``{"array": name}``, other values as
    ``{"value": …}``.  ``wanted`` is the number of tensors that are asked for.
    """

    arrays: Mapping[str, NDArray[Any]]
    positional: Sequence[dict[str, Any]]
    named: Mapping[str, dict[str, Any]]
    wanted: int
    layout: str = ROWS_FIRST


@dataclass(frozen=True)
class Reply:
    """What a call came to.

    ``kind`` is "returned", "raised", "unreadable" (it returned what is no array), "time" (no end
    within the limit) or "ended" (the process died); ``message`` says more unless it returned.
    ``modified`` and ``shared`` name arrays that were given; ``overwritten``: what the call before
    had returned has changed since.
    """

    kind: str
    message: str = ""
    structure: str = ""
    keys: tuple[str, ...] = ()
    arrays: tuple[NDArray[Any], ...] = ()
    modified: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    overwritten: bool = False
