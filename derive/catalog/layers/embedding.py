"""Rows of a matrix, chosen by number."""

from __future__ import annotations

from derive.catalog.options import Definition

SUMMARY = "y[n, e] = w[t[n], e]"


def notation() -> Definition:
    """Shapes: w[V, E] one row a word, t[N] numbers of words, each less than V → y[N, E]."""
    return Definition("embedding(w[V, E], t[N] int < V):\n    y[n, e] = w[t[n], e]")
