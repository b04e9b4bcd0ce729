"""The rates by which a target is chosen, measured; and how often the choice is the faster one.

Run: python -m benchmarks.rates [--write] [--seconds 0.2] [--only TEXT]

Every function of the layers of ``benchmarks.layers``, at their sizes and with an eighth of the
first axis, is timed with both targets on one thread, in short turns: processor time, which other
work on the machine changes less.  Rates are those that make the relative errors of the model's
estimates smallest (none negative); a kind that no layer has keeps the rate it has.  ``--write``
puts them into ``numeric/rates.py``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import derive
from benchmarks.conv import Call, mean
from benchmarks.layers import Case, cases, quartile
from numeric import choice, rates
from numeric.choice import COMPILED, PLAIN, WORTH, counted, values
from numeric.kernel import Kernel

Rates = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Sample:
    """A function of a layer at some sizes: what there is to do, and the seconds of both targets."""

    name: str
    counts: Counter[str]
    plain: float
    compiled: float

    def estimate(self, found: Rates) -> tuple[float, float]:
        plain, compiled = (sum(n * found[k][i] for k, n in self.counts.items()) for i in (0, 1))
        return plain, compiled


def measured(case: Case, part: int, seconds: float) -> Iterator[Sample]:
    """Forward and every gradient of a case, with a part of the first axis of its input."""
    layer = derive.layer(case.layer, **case.options)
    plain, compiled = (Kernel(layer, target, None, 1) for target in (PLAIN, COMPILED))
    given = dict(arrays(case, part))
    shapes = tuple((name, array.shape) for name, array in given.items())
    at = values(layer, shapes, ())
    functions = plain._generated
    programs = {"forward": functions.forward.program}
    programs |= {wrt: found.program for wrt, found in functions.gradients.items()}
    g = np.random.default_rng(1).standard_normal(np.shape(plain.forward(**given)))
    g = np.asarray(g, np.float32)
    for name, program in programs.items():
        assert program is not None

        def call(kernel: Kernel, name: str = name) -> Any:
            forward = name == "forward"
            return kernel.forward(**given) if forward else kernel.backward(g, wrt=name, **given)

        times = in_turns(partial(call, plain), partial(call, compiled), seconds)
        yield Sample(f"{case.name} {name} /{part}", counted(program, at), *map(quartile, times))


def in_turns(first: Call, second: Call, seconds: float) -> tuple[list[float], list[float]]:
    """Processor times of both, in turns of a tenth of the seconds."""
    times: tuple[list[float], list[float]] = ([], [])
    clock = time.process_time
    for call in (first, second):
        call()
    for _ in range(5):
        for call, spent in zip((first, second), times, strict=True):
            begin = clock()
            while not spent or clock() < begin + seconds / 10:
                start = clock()
                call()
                spent.append(clock() - start)
    return times


def arrays(case: Case, part: int) -> Iterator[tuple[str, Any]]:
    """Tensors of a case's shapes, the first axis of what is no parameter shorter."""
    rng = np.random.default_rng(0)
    for name, shape in case.shapes.items():
        first = max(1, shape[0] // part) if name in ("x", "t") else shape[0]
        below = case.tables.get(name)
        size = (first, *shape[1:])
        real = rng.standard_normal(size).astype(np.float32)
        yield name, real if below is None else rng.integers(0, below, size)


def fitted(samples: Sequence[Sample]) -> Rates:
    """The rates of both targets; those that no sample says anything of as they are."""
    kinds = [k for k in rates.RATES if any(s.counts[k] for s in samples)]
    rows = np.array([[float(s.counts[k]) for k in kinds] for s in samples])
    plain, compiled = (
        nearest(rows, np.array(times))
        for times in ([s.plain for s in samples], [s.compiled for s in samples])
    )
    found = {k: (float(a), float(b)) for k, a, b in zip(kinds, plain, compiled, strict=True)}
    return {**rates.RATES, **found}


def nearest(rows: Any, times: Any) -> Any:
    """The rates whose estimates are as many times too long as too short.

    Differences are weighed by time and estimate, as often as it takes.
    """
    estimates = times
    for _ in range(8):
        weights = 1 / np.sqrt(times * estimates)
        found = nonnegative(rows * weights[:, None], times * weights)
        estimates = np.maximum(rows @ found, 1e-3 * times)
    return found


def nonnegative(rows: Any, wanted: Any, rounds: int = 4000) -> Any:
    """The x ≥ 0 that makes |rows·x − wanted| smallest: one coordinate after the other."""
    scale = np.linalg.norm(rows, axis=0)
    scaled = rows / scale
    square, right = scaled.T @ scaled, scaled.T @ wanted
    x = np.zeros(len(scale))
    for step in range(rounds):
        k = step % len(x)
        x[k] = max(0.0, x[k] + (right[k] - square[k] @ x) / square[k, k])
    return x / scale


def report(samples: Sequence[Sample], found: Rates) -> None:
    """Estimates beside measurements, and how often the target that is chosen is the faster one."""
    layers: dict[str, list[Sample]] = {}
    for sample in samples:
        name, _, part = sample.name.rsplit(" ", 2)
        layers.setdefault(f"{name} {part}", []).append(sample)
    right, lost, asked = 0, [], 0
    print(f"  {'forward and all gradients':<26}{PLAIN:>18}{COMPILED:>20}")
    print(f"  {'':<26}  ms  (estimate)      ms  (estimate)   chosen")
    for name, parts in layers.items():
        plain, compiled = sum(s.plain for s in parts), sum(s.compiled for s in parts)
        pairs = [s.estimate(found) for s in parts]
        guess = tuple(sum(pair[k] for pair in pairs) for k in (0, 1))
        taken = COMPILED if choice.is_worth(guess) else PLAIN
        spent = compiled if taken == COMPILED else plain
        print(
            f"  {name:<26}{plain * 1e3:8.2f} ({guess[0] * 1e3:8.2f})"
            f"{compiled * 1e3:8.2f} ({guess[1] * 1e3:8.2f})   {taken}"
        )
        if plain >= WORTH:
            asked += 1
            right += spent <= min(plain, compiled)
            lost.append(spent / min(plain, compiled))
    print(
        f"  of {asked} that take {WORTH * 1e3:.0f} ms or more the faster one is chosen {right}"
        f" times; time over that of the faster one, geometric mean {mean(lost):.3f}"
    )


def written(found: Rates) -> None:
    """The rates in their module, at once."""
    path = Path(rates.__file__)
    lines = "".join(f'    "{k}": ({a:.2g}, {b:.2g}),\n' for k, (a, b) in found.items())
    head = path.read_text("utf-8").partition("RATES = {")[0]
    text = f"{head}RATES = {{\n{lines}}}\n"
    number, made = tempfile.mkstemp(dir=path.parent, suffix=".new")
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(made, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.2, help="time for each function")
    parser.add_argument("--only", default="", help="layers whose name contains this")
    parser.add_argument("--write", action="store_true", help="put the rates into numeric/rates.py")
    chosen = parser.parse_args()
    samples = []
    for case in cases():
        for part in (1, 8) if chosen.only in case.name else ():
            samples += measured(case, part, chosen.seconds)
            print(f"  {case.name} /{part}", flush=True)
    print("\nwith the rates as they are")
    report(samples, rates.RATES)
    found = fitted(samples)
    print("\nwith the rates that were found")
    for kind, (plain, compiled) in found.items():
        print(f"  {kind:<14}{plain:10.2g}{compiled:10.2g}")
    report(samples, found)
    if chosen.write:
        written(found)


if __name__ == "__main__":
    main()
