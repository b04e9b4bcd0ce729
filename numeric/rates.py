"""Seconds of one thread that statements of array programs take, as ``benchmarks.rates`` found them.

Written by ``python -m benchmarks.rates --write``: of each kind an entry's seconds with whole
arrays, and with compiled loops; what ``numeric/choice.py`` estimates with.
"""

RATES = {
    "call": (1.7e-05, 2.4e-05),
    "statement": (8.9e-06, 0),
    "array": (1.4e-10, 1e-10),
    "operation": (3.7e-11, 9.8e-12),
    "function": (5.2e-10, 3e-10),
    "power": (9.3e-10, 0),
    "product": (2.6e-11, 2.6e-11),
    "correlation": (4.1e-10, 2e-10),
    "maximum": (2.5e-10, 1.8e-10),
    "place": (1.6e-10, 0),
    "scatter": (6.5e-10, 5e-10),
    "gather": (0, 0),
    "entry": (1e-06, 1e-09),
}
