"""Generated text as a module, without writing a file; tracebacks show its lines."""

from __future__ import annotations

import importlib.abc
import importlib.util
from hashlib import sha256
from types import CodeType, ModuleType


class _Text(importlib.abc.InspectLoader):
    """Loads one module from its text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, fullname: str) -> str:
        return self._text

    def get_code(self, fullname: str) -> CodeType:
        """The code under a file name that ``linecache`` asks the loader about."""
        return self.source_to_code(self._text, f"{fullname}.py")


def loaded(name: str, text: str) -> ModuleType:
    """The module with that text; its name is made from the given one and the text."""
    digest = sha256(text.encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_loader(f"generated_{name}_{digest}", _Text(text))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
