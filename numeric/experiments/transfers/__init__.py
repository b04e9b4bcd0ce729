"""Tasks that features learnt elsewhere are tried on: one module each, discovered.

What a module holds is ``numeric.experiments.transferring.Task``.
"""
