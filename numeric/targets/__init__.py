"""Targets of code generation: one module a target, discovered.

A target has ``SUMMARY``, its one-line description; ``DIALECT``, what it speaks (imports, helpers,
the words of its library: ``numeric.emission.dialect``); ``gradient``, which turns a derivation into
the gradient layer that is computed (the closed form, or what was derived as it is); and a function
``body(layer, output names, names, comment) -> Body``: the lines that compute the outputs from the
layer's tensors, whose sizes are known by then.
"""

from __future__ import annotations

from derive.plugins import Plugins
from numeric.emission.dialect import Target

TARGETS: Plugins[Target] = Plugins(__name__, Target, "target")
