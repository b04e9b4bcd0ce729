"""A kernel that slides over a signal: correlations and convolutions.

Both have the signal's sliding axes in common, each with an index of the result and a summed one
that stands alone, or mirrored, in the kernel; all axes are in one order.
"""

from __future__ import annotations

from derive.engine.instances import Instance, Mirrored
from verify.checker.forms import form
from verify.checker.roles import (
    covered,
    dilated,
    indices,
    mirrored,
    ordered,
    slides,
    stepping,
    stuffed,
)

CORRELATION, CONVOLUTION = "cross-correlation", "convolution"


def sliding(instance: Instance) -> bool:
    """Whether there are a signal and a kernel, and the indices stand in them as they must."""
    if [o.role for o in instance.operands] != ["signal", "kernel"] or instance.selection:
        return False
    signal, kernel = instance.operands
    weights, places = indices(kernel), indices(signal)
    slid = [s.summed for s in signal.slides]
    return (
        bool(slid)
        and not kernel.slides
        and slid == [i for i in weights if i in slid]
        and all(s.result not in weights for s in signal.slides)
        and all(places.count(i) == 1 for s in signal.slides for i in (s.result, s.summed))
        and covered(instance)
        and all(ordered(operand, instance) for operand in instance.operands)
    )


def _flipped(instance: Instance) -> bool:
    """Whether the kernel is read backwards along every axis that slides."""
    if not sliding(instance):
        return False
    signal, kernel = instance.operands
    backwards = {c.index for c in kernel.coordinates if isinstance(c, Mirrored)}
    return backwards == {s.summed for s in signal.slides}


def _correlation(instance: Instance) -> bool:
    return sliding(instance) and not mirrored(instance) and not stuffed(instance)


def _convolution(instance: Instance) -> bool:
    return sliding(instance) and not mirrored(instance) and not stepping(instance)


@form("cross-correlation")
def cross_correlation(instance: Instance) -> bool:
    """Σ_t u[step·i + t + shift]·v[t]."""
    return _correlation(instance) and not dilated(instance)


@form("dilated cross-correlation", CORRELATION)
def dilated_correlation(instance: Instance) -> bool:
    """Σ_t u[step·i + spread·t + shift]·v[t]."""
    return _correlation(instance) and dilated(instance)


@form("cross-correlation with the flipped kernel", CORRELATION)
def flipped_correlation(instance: Instance) -> bool:
    """Σ_t u[(i + spread·t + shift)/stuffing]·v[n−1−t]."""
    return _flipped(instance)


@form("convolution", sign=-1)
def convolution(instance: Instance) -> bool:
    """Σ_t u[i − spread·t + shift]·v[t]."""
    return _convolution(instance) and not stuffed(instance)


@form("full convolution", CONVOLUTION, sign=-1)
def full_convolution(instance: Instance) -> bool:
    """Σ_t u[i − spread·t]·v[t], of full length (which is decided, see ``verify.checker.named``)."""
    return convolution(instance) and all(s.shift == 0 for s in slides(instance))


@form("convolution of the zero-stuffed gradient", CONVOLUTION, sign=-1)
def stuffed_gradient(instance: Instance) -> bool:
    """Σ_t g[(i − spread·t + shift)/stuffing]·v[t] of an upstream gradient g."""
    return _convolution(instance) and stuffed(instance) and instance.operands[0].upstream


@form("transposed convolution", CONVOLUTION, sign=-1)
def transposed_convolution(instance: Instance) -> bool:
    """Σ_t u[(i − spread·t + shift)/stuffing]·v[t] of another tensor."""
    return _convolution(instance) and stuffed(instance) and not instance.operands[0].upstream


@form("convolution with the flipped kernel", CONVOLUTION, sign=-1)
def flipped_convolution(instance: Instance) -> bool:
    """Σ_t u[step·i − spread·t + shift]·v[n−1−t]."""
    return _flipped(instance)
