"""Generated NumPy modules for the catalog's convolutions, products and poolings.

Each module stands alone: it needs NumPy and the standard library, nothing of this package.  Write
them anew with ``python -m numeric.regenerate``.
"""
