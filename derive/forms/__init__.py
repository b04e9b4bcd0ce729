"""Named forms: one module a form, discovered.

Each module has ``PRIORITY`` (smaller is tried first) and ``recognise(product) -> Form | None``.  It
writes down the form's own definition with the result's operands and names the result only if the
two agree.  A module may add ``rewritten(product)``, a second form of a gradient, and
``dual(product)``, a second form of a layer's own equation.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
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


def recognised(layer: Layer, adjoint: Adjoint, upstream: Mapping[str, str]) -> tuple[Form, ...]:
    """The named forms of a gradient, the first one first; empty where no form fits.

    ``upstream`` says of each upstream gradient which tensor it is the gradient by.
    """
    product = product_of(adjoint.result, layer, adjoint.target, upstream)
    if product is None:
        return ()
    for module in _modules():
        form = module.recognise(product)
        if form is not None:
            more = module.rewritten(product) if hasattr(module, "rewritten") else None
            return (form, more) if more is not None else (form,)
    return ()


def definition_forms(layer: Layer) -> Iterator[Form]:
    """The named form of the layer's own equation, then its dual with the flipped kernel.

    The output itself takes the place of a gradient's entry.  Nothing for several equations or
    terms.
    """
    if len(layer.equations) != 1:
        return
    equation = layer.equations[0]
    product = product_of(equation.explicit, layer, equation.entry, {})
    if product is None:
        return
    for module in _modules():
        form = module.recognise(product)
        if form is not None:
            yield form
            if hasattr(module, "dual"):
                yield from filter(None, [module.dual(product)])
            return
