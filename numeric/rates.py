"""Seconds of one thread that statements of array programs take, as ``benchmarks.rates`` found them.

Written by ``python -m benchmarks.rates --write``: of each kind an entry's seconds with whole
arrays, and with compiled loops; what ``numeric/choice.py`` estimates with.
"""

RATES = {
    "call": (2.4e-05, 2.7e-05),
    "statement": (7.1e-06, 0),
    "array": (1.1e-10, 8.7e-11),
    "operation": (2.6e-11, 7.1e-12),
    "function": (4.8e-10, 2.8e-10),
    "power": (6.9e-10, 0),
    "product": (2e-11, 2.1e-11),
    "correlation": (3e-10, 1.1e-10),
    "maximum": (2e-10, 1.6e-10),
    "place": (2.1e-10, 1.9e-10),
    "scatter": (4.7e-10, 2.2e-10),
    "gather": (0, 0),
    "entry": (1e-06, 1e-09),
}
