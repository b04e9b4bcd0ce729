"""How long making a layer's code takes, beside importing SymPy: each layer in fresh processes.

*First*: everything that generating needs is loaded meanwhile, NumPy included.  *Loaded*: after the
code of another layer.

Run: python -m benchmarks.compiling [LAYER …]
"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.derivation import ENVIRONMENT
from derive import catalog

ROUNDS = 5
#: how many times as long as importing SymPy it may take where everything is loaded
BOUND = 0.9
CODE = """
import json, sys, time
clock = time.process_time
start = clock()
import sympy
seconds = [clock() - start]
import derive, numeric
for name in sys.argv[1:]:
    layer = derive.layer(name)
    start = clock()
    numeric.compile(layer)._module
    seconds.append(clock() - start)
print(json.dumps(seconds))
"""
#: what is generated before the layer in question
OTHER = "relu"


def run(*names: str) -> list[float]:
    """Processor seconds for importing SymPy, and for each layer's code, in one process."""
    command = [sys.executable, "-c", CODE, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    found: list[float] = json.loads(done.stdout)
    return found


def lower_quartile(seconds: list[float]) -> float:
    """What it takes where little disturbs."""
    return sorted(seconds)[len(seconds) // 4]


def ratios(name: str) -> tuple[float, float]:
    """How many times as long as importing SymPy a layer's code takes, first and loaded."""
    first = [run(name) for _ in range(ROUNDS)]
    loaded = [run(OTHER, name) for _ in range(ROUNDS)]
    sympy = lower_quartile([seconds[0] for seconds in (*first, *loaded)])
    made = (lower_quartile([seconds[-1] for seconds in rows]) for rows in (first, loaded))
    one, other = (seconds / sympy for seconds in made)
    return one, other


def main() -> None:
    print(f"processor seconds, × import sympy   first   loaded  (≤ {BOUND})")
    for name in sys.argv[1:] or catalog.names():
        first, loaded = ratios(name)
        print(f"{name:<33} {first:7.2f} {loaded:8.2f}", flush=True)


if __name__ == "__main__":
    main()
