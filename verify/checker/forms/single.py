"""Forms of one tensor: sums, broadcasts, copies, windows, and entries that are selected."""

from __future__ import annotations

from derive.engine.instances import FirstMaximum, Instance, Lookup
from verify.checker.forms import form
from verify.checker.roles import covered, ordered, plain, slides, stepping, stuffed


def _whole(instance: Instance) -> bool:
    return len(instance.operands) == 1 and plain(instance)


@form("reduction")
def reduction(instance: Instance) -> bool:
    """Σ_t u[i, t]."""
    return _whole(instance) and bool(instance.summed) and ordered(instance.operands[0], instance)


@form("broadcast")
def broadcast(instance: Instance) -> bool:
    """u[i], constant along another index of the result."""
    turned = not _whole(instance) or not ordered(instance.operands[0], instance)
    return not turned and not instance.summed and not covered(instance)


def _rearranged(instance: Instance) -> bool:
    return _whole(instance) and not instance.summed and covered(instance)


@form("copy")
def copy(instance: Instance) -> bool:
    """u[i, j]."""
    return _rearranged(instance) and ordered(instance.operands[0], instance)


@form("transpose")
def transpose(instance: Instance) -> bool:
    """u[j, i]."""
    turned = _rearranged(instance) and not ordered(instance.operands[0], instance)
    return turned and len(instance.operands[0].sizes) == 2


def _windows(instance: Instance) -> bool:
    one = len(instance.operands) == 1 and bool(slides(instance)) and covered(instance)
    return one and instance.selection is None and instance.groups is None


@form("window sum")
def window_sum(instance: Instance) -> bool:
    """Σ_t u[step·i + spread·t + shift]."""
    return _windows(instance) and not stuffed(instance)


@form("sum over containing windows", sign=-1)
def containing_windows(instance: Instance) -> bool:
    """Σ_t u[(q − spread·t + shift)/stuffing]: what belongs to the windows that contain q."""
    return _windows(instance) and not stepping(instance)


@form("scatter")
def scatter(instance: Instance) -> bool:
    """Σ_n [t[n] = v]·u[n]."""
    return len(instance.operands) == 1 and isinstance(instance.selection, Lookup)


@form("scatter to maxima", sign=-1)
def scatter_to_maxima(instance: Instance) -> bool:
    """Σ_t [t is the first maximum of its window]·u[(q − spread·t + shift)/stuffing]."""
    return len(instance.operands) == 1 and isinstance(instance.selection, FirstMaximum)
