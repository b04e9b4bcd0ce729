"""From the definition of a neural-network layer to its gradient, step by step.

``layer`` builds a catalog layer, ``parse`` reads one in index notation, ``compose`` makes one of
several, ``gradient`` derives.
Importing this package is cheap: SymPy is loaded when a layer is first built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
    from derive.gradients import ToldDerivation
    from derive.language.definition import Layer

__all__ = ["compose", "gradient", "layer", "parse"]


def layer(name: str, /, **options: object) -> Layer:
    """A layer of the catalog, ``derive.layer("conv", dims=1, stride="s")``.

    Options are those of the layer's ``notation`` function in ``derive/catalog/layers``.  A
    hyperparameter is a number, a string (then it stays symbolic, under that name), or one of either
    per axis. Raises ``derive.catalog.OptionError`` for an unknown layer, option or value.
    """
    from derive import expected  # local: start-up time
    from derive.catalog import definition
    from derive.language.notation import parse_layer

    found = definition(expected.text(name, "conv"), **options)
    return parse_layer(found.text, found.values)


def parse(text: str, /, **values: int | str) -> Layer:
    """A layer from index notation, ``derive.parse("y[i] = sum[j] A[i,j]*x[j]")``.

    The language is described in docs/notation.md.  ``values`` replace hyperparameters by numbers or
    other names.  Raises ``derive.language.notation.NotationError``, which shows where and why.
    """
    from derive import expected  # local: start-up time
    from derive.language.notation import parse_layer

    return parse_layer(expected.text(text, "y[i] = 2*x[i]"), values)


def compose(first: Layer | str, /, *others: Layer, **known: Layer) -> Layer:
    """Layers applied to one another, as one layer.

    Either a text, ``derive.compose("relu(conv(x, k; stride=2))")``, in which ``known`` layers go by
    their names beside those of the catalog; or layers, each of which takes the output of the one
    before as its first tensor.  The language is described in docs/composition.md.  Raises
    ``derive.language.notation.NotationError``, which shows where and why.
    """
    from derive import expected  # local: start-up time
    from derive.composition import chained, composed

    if isinstance(first, str) and not others:
        return composed(first, {name: expected.layer(one) for name, one in known.items()})
    if known:
        raise TypeError("layers go by names in a text: derive.compose('relu(f(x))', f=layer)")
    return chained([expected.layer(one) for one in (first, *others)])


def gradient(layer: Layer, wrt: str) -> ToldDerivation:
    """∂L/∂wrt for a scalar loss L, derived step by step; ``wrt`` names an input of the layer.

    Raises ``derive.gradients.DerivationError`` when there is no such input or it holds
    integers.
    """
    from derive import expected  # local: start-up time

    name = expected.text(wrt, "x")
    if expected.layer(layer).parts:
        from derive.networks import differentiate as part_by_part  # local: start-up time

        return part_by_part(layer, name)
    from derive.gradients import differentiate  # local: start-up time

    return differentiate(layer, name)


def __getattr__(name: str) -> str:
    """``__version__``, looked up when it is asked for."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # local: start-up time

    try:
        return version("derive")
    except PackageNotFoundError:
        return "unknown: this is a source tree that is not installed"
