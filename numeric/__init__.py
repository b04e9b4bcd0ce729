"""Programs generated from layers, and what is done with them.

``compile`` makes a layer's forward and backward pass into functions on NumPy arrays, ``code`` gives
the same as the text of a module.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from derive import expected

if TYPE_CHECKING:
    from derive.language.definition import Layer
    from numeric.kernel import Kernel
    from numeric.networks.network import Network

__all__ = ["code", "compile", "torch_module"]


def compile(
    layer: Layer, dtype: Any = None, target: str | None = None, threads: int | None = None
) -> Kernel:
    """The layer as functions on arrays: ``.forward(x=x)``, ``.backward(g, x=x)``, ``.source``.

    Without ``dtype`` results follow the tensors' dtypes; with it, tensors of another dtype are
    refused.  ``target`` names a module of ``numeric/targets``: ``fast``, with templates for
    correlations and convolutions; ``arrays``, the most readable; or ``loops``, the plain loops that
    everything is tested against.  Raises ``ValueError`` for another target.  Without ``target`` it
    is ``fast``, or where Numba is installed (extra ``jit``) the one of ``fast`` and ``compiled``
    that is estimated to be faster for the shapes of a call (``plan`` says which).
    ``threads`` are those of these two targets: all cores, unless given here or to a call.
    """
    from numeric.kernel import Kernel  # local: start-up time

    if target is None and find_spec("numba") is not None:
        from numeric.choice import ChoosingKernel  # local: start-up time

        return ChoosingKernel(expected.layer(layer), dtype, threads)
    return Kernel(expected.layer(layer), target or "fast", dtype, threads)


def code(layer: Layer, target: str = "arrays") -> str:
    """The text of a self-contained module: ``forward``, ``backward`` and one function a gradient.

    It needs NumPy and the standard library, nothing of this package.
    """
    from numeric.generation import generated  # local: start-up time

    return generated(expected.layer(layer), target).text


def torch_module(made: Layer | Network, rng: Any = None) -> Any:
    """The layer or network as a ``torch.nn.Module`` (extra ``torch``).

    Its passes are generated code, which autograd calls; PyTorch differentiates nothing.  A layer's
    module takes all of the layer's tensors; a network's takes a batch of images, and has the
    network's parameters and buffers under their names.  ``rng`` is the NumPy generator that masks
    of dropouts come from.
    """
    from numeric.targets import TARGETS  # local: start-up time

    TARGETS.get("torch").DIALECT.available()
    from numeric.networks.network import Network  # local: start-up time
    from numeric.wrapping.layers import LayerModule
    from numeric.wrapping.networks import NetworkModule

    if isinstance(made, Network):
        return NetworkModule(made, rng)
    return LayerModule(expected.layer(made))
