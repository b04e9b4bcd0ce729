"""Named forms: one module a form, discovered.

Each module has ``PRIORITY`` (smaller is tried first) and ``recognise(product) -> Form | None``, which
writes down the form's own definition with the result's operands and names the result only if the
two agree.  A form that can be rewritten into a second named form adds ``rewritten(product)``.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from derive.definition import Layer
from derive.derivation import Adjoint, Form
from derive.products import product_of


@cache
def _modules() -> tuple[ModuleType, ...]:
    found = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted(found, key=lambda m: (m.PRIORITY, m.__name__)))


def recognised(layer: Layer, adjoint: Adjoint, upstream: tuple[str, ...]) -> tuple[Form, ...]:
    """The named forms of a gradient, the first one first; empty where no form fits."""
    product = product_of(adjoint.result, layer, adjoint.target, upstream)
    if product is None:
        return ()
    for module in _modules():
        form = module.recognise(product)
        if form is not None:
            more = module.rewritten(product) if hasattr(module, "rewritten") else None
            return (form, more) if more is not None else (form,)
    return ()
