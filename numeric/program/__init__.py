"""Array programs: what a layer computes, as a sequence of whole-array statements.

Every statement defines one array, whose axes are named by indices: ``x_windows[n, i, r, a]``.  Its
``meaning`` is an expression of the object language (``derive.language.terms``) for one entry in
terms of entries of arrays defined before.  So a program is itself a list of equations: it can be
printed, compared with the formula it was made from, and evaluated exactly
(``verify.evaluation.exact``) without NumPy.

Values inside statements read arrays only *plainly*: each axis by a bare index, each index once.
What reads differently has been turned into a statement of its own: a ``Pad``, a ``View`` with
affine positions, or a ``Gather`` with arbitrary ones.
"""
