"""The algorithms for correlations: one file each, found because it is here.

A file defines functions of a ``Problem``: the algorithm ``NAME``, and ``NAME_cost``, which
estimates its seconds on one thread and says why it does not apply, if so.  Where an error may be
larger than that of a plain sum, ``NAME_bound`` says how large.
"""
