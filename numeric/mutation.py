"""Mutants of generated code as code that can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.definition import Layer
from numeric.emission.modules import Function
from numeric.generation import generated
from numeric.loading import loaded
from verify.testing.subject import Code


def code_of_text(layer: Layer, target: str, text: str) -> Code:
    """The two passes of a module that has the functions of the layer's generated one.

    ``backward`` is the module's own unless single gradients are asked for.
    """
    module = loaded("mutant", text)
    made = generated(layer, target)

    def forward(**given: Any) -> Any:
        return _called(module.forward, made.forward, given)

    def backward(g: Mapping[str, Any], wrt: Any = None, **given: Any) -> Any:
        arrays = {**given, **{name: g[output] for output, name in made.upstream}}
        if wrt is None and made.gradients:
            first = next(iter(made.gradients.values()))
            return _called(module.backward, first, arrays)
        functions = {name: made.gradients[name] for name in wrt or ()}
        return {n: _called(getattr(module, f.name), f, arrays) for n, f in functions.items()}

    return Code(forward, backward)


def _called(code: Callable[..., Any], function: Function, given: Mapping[str, Any]) -> Any:
    """The code called with what the function takes, by the names it has in Python."""
    options = {function.options[o]: given[o] for o in function.options if o in given}
    return code(*(given[name] for name in function.arguments), **options)
