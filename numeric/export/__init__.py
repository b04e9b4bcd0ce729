"""A trained network as one module of Python and a file of numbers, for NumPy alone.

passes     forward and backward as calls of the layers' generated functions
module     the text: passes, functions, and what reads weights and prepares images
command    from a run's folder to the two files
"""

from __future__ import annotations

from numeric.export.module import module_of

__all__ = ["module_of"]
