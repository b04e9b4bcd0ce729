"""Comparisons: one module for each claim of a lecture on convolutional networks, discovered.

What a module holds is ``numeric.experiments.comparing.Comparison``.
"""
