"""A function that is in this process already, such as one of a test suite's, called where it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from verify.trying.process.calling import answer
from verify.trying.process.loading import contents
from verify.trying.process.process import FunctionCall, Loaded, Reply, loaded, reply_of
from verify.trying.process.returned import NOTHING, Returned


@dataclass
class Here:
    """Calls one function as ``Process`` does, without limits: nobody else could reach a lambda."""

    function: Callable[..., Any]
    _previous: Returned = field(default_factory=lambda: NOTHING)

    @property
    def file(self) -> str:
        """The file that the function is from, "" where there is none."""
        try:
            return inspect.getsourcefile(inspect.unwrap(self.function)) or ""
        except TypeError:
            return ""

    @property
    def name(self) -> str:
        """What it is called in its module, else ``f``."""
        name = getattr(self.function, "__qualname__", "")
        return name if self._in_module(name) else "f"

    @property
    def _module(self) -> ModuleType | SimpleNamespace:
        module = inspect.getmodule(self.function)
        return module if module and self.name != "f" else SimpleNamespace(f=self.function)

    def _in_module(self, name: str) -> bool:
        found: object = inspect.getmodule(self.function)
        for part in name.split("."):
            found = getattr(found, part, None)
        return found is self.function

    def load(self) -> Loaded:
        return loaded(contents(self._module, self.name))

    def call(self, call: FunctionCall) -> Reply:
        arrays = list(call.arrays.values())
        message, made, self._previous = answer(
            call.header, arrays, self._module, self.file, self._previous
        )
        return reply_of(message, [a.copy() for a in made])

    def printed(self) -> str:
        """What is printed here has gone where everything goes."""
        return ""

    def stop(self) -> None:
        """There is no process to be ended."""
