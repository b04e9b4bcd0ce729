"""Huber loss."""

from __future__ import annotations

from derive.catalog.losses import loss
from derive.catalog.options import Definition, name_of, real

SUMMARY = "y = sum[n, c] h(x[n, c] - t[n, c])/(N*C), h(d) = d^2/2 or delta*(abs(d) - delta/2)"


def notation(dims: int = 2, delta: float = 1.0, reduction: str = "mean") -> Definition:
    """Shapes: x[N, C], t[N, C] → y, a scalar; x has ``dims`` axes.

    Quadratic where |x − t| ≤ delta, linear elsewhere; delta is at least 0.
    ``reduction`` is ``mean``, ``sum`` or ``none``, as in PyTorch.
    Source: Huber, Robust estimation of a location parameter (1964).
    """
    bound = f"{real('delta', delta, 0)} >= 0"
    d = name_of(bound)
    above = f"if {d} < {{x}} - {{t}} then {d}*({{x}} - {{t}} - {d}/2) else ({{x}} - {{t}})^2/2"
    right = f"(if {{x}} - {{t}} < -{d} then {d}*({{t}} - {{x}} - {d}/2) else ({above}))"
    return loss("huber", dims, right, reduction, bound)
