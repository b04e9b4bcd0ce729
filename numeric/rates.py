"""Seconds of one thread that statements of array programs take, as ``benchmarks.rates`` found them.

Written by ``python -m benchmarks.rates --write``: of each kind an entry's seconds with whole
arrays, and with compiled loops; what ``numeric/choice.py`` estimates with.
"""

RATES = {
    "call": (2e-5, 2e-5),
    "statement": (2e-6, 1e-6),
    "operation": (0.5e-9, 0.15e-9),
    "function": (4e-9, 0.8e-9),
    "power": (4e-9, 0.8e-9),
    "product": (0.05e-9, 0.05e-9),
    "correlation": (0.05e-9, 0.05e-9),
    "maximum": (0.8e-9, 0.1e-9),
    "place": (4e-9, 0.5e-9),
    "scatter": (1.5e-9, 0.4e-9),
    "gather": (3e-9, 0.5e-9),
    "entry": (1e-6, 1e-9),
}
