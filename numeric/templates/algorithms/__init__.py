"""The algorithms for correlations: one file each, found because it is here.

A file defines functions of a ``CorrelationProblem``: the algorithm ``NAME``, and ``NAME_cost``,
which estimates its seconds on one thread and says why it does not apply, if so.
"""
