"""How long checking takes, beside deriving and beside importing SymPy.

Run: python -m benchmarks.checking
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import derive
import numeric
import verify
from benchmarks.derivation import ROUNDS, ratio
from derive.engine.record import Derivation
from derive.language.definition import Layer

SYMBOLIC = {"channels": True, "stride": "s", "padding": "p", "dilation": "d"}
#: what is derived and checked, and how many times as long checking may take
LAYERS: Mapping[str, tuple[dict[str, object], float | None]] = {
    "the lecture's layer": ({}, 2.0),
    "2-d, channels, symbolic": (SYMBOLIC, 2.0),
    "2-d, grouped, symbolic": ({**SYMBOLIC, "groups": "G"}, None),
    "4-d, grouped, symbolic": ({**SYMBOLIC, "groups": "G", "dims": 4}, None),
}
#: layers whose generated code is checked as somebody's, and how many times as long as importing
#: SymPy that may take
CODE = {"relu": 3.0, "conv": 8.0}
SYMPY = [sys.executable, "-c", "import sympy"]
SHOW_AND_CHECK = """
import derive, verify
from derive.presentation.formats import render
from derive.presentation.telling import chapter
layer = derive.layer("conv")
derivations = [derive.gradient(layer, name) for name in ("k", "x")]
render([chapter(derivations)], "text")
assert all(verify.check(d).word == "checked" for d in derivations)
"""


def gradients(layer: Layer) -> list[Derivation]:
    """All gradients of a layer."""
    return [derive.gradient(layer, t.name) for t in layer.tensors if not t.integer]


def checked(derivations: list[Derivation]) -> None:
    """Check them all."""
    for derivation in derivations:
        word = verify.check(derivation).word
        if word != "checked":
            raise SystemExit(f"{derivation.source.name} by {derivation.wrt}: {word}")


def timed(action: Callable[[], object]) -> float:
    """How long an action takes the first time, in seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def alternately(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median times of two actions that take turns, so that both meet the same disturbances."""
    pairs = [(timed(one), timed(other)) for _ in range(ROUNDS)]
    first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
    return first, second


def main() -> None:
    print("all gradients                 first time             again")
    print("                           derive    check    derive    check   ratio  (bound)")
    for name, (options, bound) in LAYERS.items():
        layer = derive.layer("conv", **options)
        cold = timed(lambda layer=layer: gradients(layer))
        derivations = gradients(layer)
        cold_check = timed(lambda derivations=derivations: checked(derivations))
        warm, check = alternately(
            lambda layer=layer: gradients(layer),
            lambda derivations=derivations: checked(derivations),
        )
        limit = f"  (≤ {bound})" if bound else ""
        times = "  ".join(f"{1000 * t:5.0f} ms" for t in (cold, cold_check, warm, check))
        print(f"{name:<25}{times}{check / warm:8.2f}{limit}")
    print("\nprocess                              ours     import sympy   ratio  (bound)")
    beside_sympy("derive conv --show, and check", [sys.executable, "-c", SHOW_AND_CHECK], 2.5)
    for name, bound in CODE.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "own.py")
            file.write_text(numeric.code(derive.layer(name)), encoding="utf-8")
            asked = ["--code", f"{file}:backward", "--of", name]
            command = [sys.executable, "-m", "derive", "check", *asked]
            beside_sympy(f"derive check --code, {name}", command, bound)


def beside_sympy(name: str, command: list[str], bound: float) -> None:
    """A line about a process and ``import sympy``, run in turns."""
    ours, theirs, factor = ratio(command, SYMPY)
    print(f"{name:<33} {ours:6.3f} s   {theirs:6.3f} s   {factor:8.2f}  (≤ {bound})", flush=True)


if __name__ == "__main__":
    main()
