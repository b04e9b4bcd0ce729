"""Algorithms for correlations that are compiled loops, beside those that are calls of NumPy."""
