"""Mutants of generated code as code that can be called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from benchmarks.mutation.formulas import wrong_layers
from derive.language.definition import Layer
from numeric.emission.loading import loaded
from numeric.emission.modules import Function, function, module_text
from numeric.generation import backward as whole_backward
from numeric.generation import derivations, generated
from numeric.targets import TARGETS
from verify.trying.subject import LayerCode


def code_of_text(layer: Layer, target: str, text: str) -> LayerCode:
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

    return LayerCode(forward, backward)


def wrong_modules(layer: Layer, target: str) -> Iterator[tuple[str, str, str]]:
    """Modules generated from wrong formulas: the kind of mistake, what was changed, the text.

    First one gradient after the other, then both passes from the same wrong definition.  Formulas
    that nothing can be generated from, such as those that read outside a tensor, are left out.
    """
    for derivation in derivations(layer):
        for wrong in wrong_layers(derivation.layer):
            make = partial(with_gradient, layer, target, derivation.wrt, wrong.layer)
            words = f"∂L/∂{derivation.wrt}: {wrong.words}"
            yield from _generated(wrong.mistake, words, make)
    for wrong in wrong_layers(layer):
        make = partial(_text, wrong.layer, target)
        yield from _generated(wrong.mistake, f"both passes: {wrong.words}", make)


def _text(layer: Layer, target: str) -> str:
    return generated(layer, target).text


def _generated(mistake: str, words: str, make: Callable[[], str]) -> Iterator[tuple[str, str, str]]:
    try:
        text = make()
    except (ValueError, ArithmeticError, TypeError, LookupError):
        return
    yield mistake, words, text


def with_gradient(layer: Layer, target: str, wrt: str, wrong: Layer) -> str:
    """The layer's module with one gradient generated from another formula.

    Raises ``ValueError`` or ``ArithmeticError`` where nothing can be generated from it.
    """
    made = generated(layer, target)
    derivation = next(d for d in derivations(layer) if d.wrt == wrt)
    first = [g for _, g in derivation.upstream]
    right = made.gradients[wrt]
    wrong_function = function(
        right.name, wrong, [wrong.equations[-1].name], TARGETS.get(target), first
    )
    functions = [wrong_function if f is right else f for f in made.functions]
    return module_text("A wrong gradient.", [*functions, whole_backward(made.gradients)])


def _called(code: Callable[..., Any], function: Function, given: Mapping[str, Any]) -> Any:
    """The code called with what the function takes, by the names it has in Python."""
    options = {function.options[o]: given[o] for o in function.options if o in given}
    return code(*(given[name] for name in function.arguments), **options)
