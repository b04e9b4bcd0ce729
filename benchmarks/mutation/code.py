"""Texts, right or wrong, as code that can be called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from benchmarks.mutation.formulas import wrong_layers
from derive.language.definition import Layer
from numeric.emission.modules import Function, function, module_text
from numeric.generation import backward as whole_backward
from numeric.generation import derivations, generated
from numeric.kernel import Kernel
from numeric.targets import TARGETS
from verify.trying.subject import LayerCode

#: the kind of mistake, what was changed, and what makes the text
WrongModule = tuple[str, str, Callable[[], str]]
#: how gradients are asked for: by which tensors, of a kernel, for upstream gradients, the other
#: arguments and what was kept
Computed = Callable[
    [Iterable[str], Kernel, Any, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]
]


def code_of(layer: Layer, target: str, module: Any) -> LayerCode:
    """The two passes of a module that has the functions of the layer's generated one.

    ``backward`` is the module's own unless single gradients are asked for.
    """
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


def keeping_code(layer: Layer, target: str, computed: Computed, module: Any) -> LayerCode:
    """The passes of a module whose gradients are given what forward keeps.

    A gradient has to refuse what forward refuses: it is handed such tensors with what was kept of
    others before.  Where one gradient is asked for it also has to refuse what forward cannot have
    kept, by its name.
    """
    right, kernel = Kernel(layer, target, None), Kernel(layer, target, None)
    kernel.__dict__["_keeping_module"] = module
    latest: dict[str, Any] = {}

    def forward(**given: Any) -> Any:
        return kernel.forward_keeping(**given)[0]

    def backward(g: Mapping[str, Any], wrt: Any = None, **given: Any) -> dict[str, Any]:
        try:
            latest["kept"] = kernel.forward_keeping(**given)[1]
        except ValueError:
            if not latest:
                raise
        kept, asked = latest["kept"], wrt or kernel.gradients
        made = computed(asked, kernel, g, given, kept)
        read = {name for w in wrt or () for name in right._keeping.gradients[w].arguments}
        for name in read & {*kept}:
            refusing = partial(_refusal, computed, asked, g=g, given=given, kept=kept, name=name)
            for wrong in _not_kept(kept[name], partial(refusing, right)):
                if not re.match(rf"{name}(: | is | holds )", refusing(kernel, wrong=wrong)):
                    raise AssertionError(f"it is not said that {name} cannot have been kept")
        return made

    return LayerCode(forward, backward)


def _refusal(
    computed: Computed,
    wrt: Iterable[str],
    kernel: Kernel,
    *,
    g: Any,
    given: Mapping[str, Any],
    kept: Mapping[str, Any],
    name: str,
    wrong: Any,
) -> str:
    """Why something else is refused in place of what was kept."""
    try:
        result = computed(wrt, kernel, g, given, {**kept, name: wrong})
    except ValueError as error:
        return str(error)
    raise AssertionError(f"with {wrong} for {name} the gradients are {result}")


def _not_kept(array: Any, refusal: Callable[..., str]) -> Iterator[Any]:
    """What cannot have been kept in place of an array: an axis more, and places that are none.

    The last place there is, is in the right program's refusal of −1.
    """
    good = np.asarray(array)
    yield good[None]
    if good.dtype.kind in "iu" and good.size:
        yield good.astype(np.float64)
        before = np.full(good.shape, -1)
        yield before
        last = re.search(r"0 … (\d+)", refusal(wrong=before))
        assert last is not None
        yield np.full(good.shape, int(last[1]) + 1)


def together(
    wrt: Iterable[str], kernel: Kernel, g: Any, given: Mapping[str, Any], kept: Mapping[str, Any]
) -> dict[str, Any]:
    """The gradients as one call gives them all."""
    made = kernel.backward(g, kept=kept, **given)
    return {name: made[name] for name in wrt}


def alone(
    wrt: Iterable[str], kernel: Kernel, g: Any, given: Mapping[str, Any], kept: Mapping[str, Any]
) -> dict[str, Any]:
    """The gradients by a call each."""
    return {name: kernel.backward(g, wrt=[name], kept=kept, **given)[name] for name in wrt}


def wrong_modules(layer: Layer, target: str) -> Iterator[WrongModule]:
    """Modules generated from wrong formulas.

    First one gradient after the other, then both passes from the same wrong definition.  From some
    formulas nothing can be generated, such as those that read outside a tensor: then ``ValueError``
    or another error is raised when the text is asked for.
    """
    for derivation in derivations(layer):
        for wrong in wrong_layers(derivation.layer):
            make = partial(with_gradient, layer, target, derivation.wrt, wrong.layer)
            yield wrong.mistake, f"∂L/∂{derivation.wrt}: {wrong.words}", make
    for wrong in wrong_layers(layer):
        make = partial(_text, wrong.layer, target)
        yield wrong.mistake, f"both passes: {wrong.words}", make


def _text(layer: Layer, target: str) -> str:
    return generated(layer, target).text


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
