"""How long deriving takes, beside importing SymPy and in a warm process.

Run: python -m benchmarks.derivation
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import derive

ROUNDS = 9
#: byte code is cached, as it is for an installed package
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
COMMAND = [sys.executable, "-m", "derive"]


def process(*arguments: str) -> float:
    """Wall time of one process, in seconds."""
    start = time.perf_counter()
    subprocess.run([*arguments], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def ratio(ours: list[str], theirs: list[str]) -> tuple[float, float, float]:
    """Median times of two processes run alternately, and the ratio of the medians."""
    pairs = [(process(*ours), process(*theirs)) for _ in range(ROUNDS)]
    a, b = (statistics.median(times) for times in zip(*pairs, strict=True))
    return a, b, a / b


def median(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median time of an action in this process, after one warm-up."""
    action()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def both(**options: object) -> None:
    """Both gradients of a convolution."""
    layer = derive.layer("conv", **options)
    derive.gradient(layer, "x")
    derive.gradient(layer, "k")


def main() -> None:
    print("process                    ours     other    ratio  (bound)")
    sympy = [sys.executable, "-c", "import sympy"]
    click = [sys.executable, "-c", "import click, rich"]
    for words, other, name, bound in (
        (["conv", "--show"], sympy, "import sympy", 2.0),
        (["--help"], click, "import click, rich", 1.3),
        (["list"], click, "import click, rich", 1.3),
    ):
        a, b, r = ratio([*COMMAND, *words], other)
        print(
            f"derive {' '.join(words):<16}  {a:6.3f} s  {b:6.3f} s  {r:6.2f}  (≤ {bound})  {name}"
        )

    print("\nwarm process, both gradients                         time")
    symbolic = {"stride": "s", "padding": "p", "dilation": "d"}
    start = time.perf_counter()
    both(channels=True, **symbolic)
    print(f"2-d, channels, symbolic stride …, first time   {time.perf_counter() - start:8.3f} s")
    print(f"the lecture's layer                            {median(both):8.4f} s")
    for dims in range(1, 7):
        start = time.perf_counter()
        both(dims=dims, channels=True, groups="G", **symbolic)
        cold = time.perf_counter() - start
        warm = median(lambda dims=dims: both(dims=dims, channels=True, groups="G", **symbolic), 3)
        print(f"rank {dims}: grouped, symbolic     first {cold:8.3f} s   again {warm:8.3f} s")


if __name__ == "__main__":
    main()
