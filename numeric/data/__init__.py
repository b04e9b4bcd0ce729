"""Data sets: one module a data set, discovered.

Each module has ``SUMMARY``, its one-line description, and a function ``load() -> DataSet``.
Nothing is downloaded: data come with packages, and where one is missing ``load`` raises
``ValueError`` and says how to install it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from derive.plugins import Plugins

if TYPE_CHECKING:
    from numeric.training.dataset import DataSet


class Source(Protocol):
    """A module of this package."""

    SUMMARY: str

    def load(self) -> DataSet: ...


SOURCES: Plugins[Source] = Plugins(__name__, Source, "data set")
