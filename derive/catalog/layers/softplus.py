"""Softplus, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition, name_of, real
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = log1p(exp(beta*x[n, c]))/beta"


def notation(dims: int = 2, beta: float = 1.0) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    beta is not 0.  PyTorch takes x itself where beta·x > 20, which is the same to nine digits.
    Source: Dugas et al., Incorporating second-order functional knowledge (2001).
    """
    steepness = real("beta", beta)
    name = name_of(steepness)
    return entrywise("softplus", dims, f"log1p(exp({name}*{{x}}))/{name}", steepness)
