"""Convolutions beside PyTorch's on the same arrays, at the same number of threads.

Run: python -m benchmarks.conv [--threads 1,2] [--targets fast] [--seconds 1.5] [--only TEXT]

Each direction is timed by itself, ours and PyTorch's in short turns: threads go on spinning for a
while after parallel work, and would slow down the other's next call.  What is printed are the
smallest times of both, their ratio, and the ratio of the medians.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import derive
import numeric
from numeric.kernel import Kernel

Call = Callable[[], Any]
#: seconds in which one of the two is called again and again, before it is the other's turn
TURN = 0.08
#: seconds at the beginning of a turn in which the other's threads stop waiting busily
SETTLING = 0.02


@dataclass(frozen=True)
class Case:
    """x[N, C, *image], k[O, C/groups, *kernel]; the other options are those of the layer."""

    N: int
    C: int
    image: tuple[int, ...]
    O: int  # noqa: E741
    kernel: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        sizes = f"{self.N},{self.C},{'×'.join(map(str, self.image))}→{self.O}"
        words = [f"{name[0]}{value}" for name, value in self.options.items()]
        return " ".join([sizes, "×".join(map(str, self.kernel)), *words])


def square(N: int, C: int, H: int, O: int, K: int, s: int, p: int, **more: int) -> Case:  # noqa: E741
    """Square images and kernels."""
    options = {"stride": s, "padding": p} if (s, p) != (1, 0) else {}
    return Case(N, C, (H, H), O, (K, K), {**options, **more})


CASES = (
    square(64, 1, 28, 8, 5, 1, 0),
    square(64, 8, 12, 16, 5, 1, 0),
    square(32, 64, 32, 64, 3, 1, 1),
    square(32, 128, 16, 128, 3, 1, 1),
    square(8, 64, 56, 64, 3, 1, 1),
    square(8, 3, 227, 96, 11, 4, 0),
    square(16, 256, 28, 64, 1, 1, 0),
    square(16, 64, 28, 128, 3, 2, 1),
    square(16, 64, 28, 64, 3, 1, 2, dilation=2),
    square(4, 128, 28, 256, 1, 2, 0),
    Case(16, 32, (400,), 64, (7,), {"padding": 3}),
    Case(2, 16, (12, 28, 28), 32, (3, 3, 3), {"padding": 1}),
)
DEPTHWISE = (
    square(16, 64, 32, 64, 3, 1, 1, groups=64),
    square(8, 128, 28, 128, 3, 2, 1, groups=128),
)


@dataclass(frozen=True)
class Timed:
    """Seconds of the same work by us and by PyTorch, and the peak of our memory beside results."""

    name: str
    ours: list[float]
    theirs: list[float]
    flops: float
    scratch: float

    @property
    def ratio(self) -> float:
        return min(self.ours) / min(self.theirs)

    @property
    def median(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.theirs)


def calls(case: Case, target: str, threads: int) -> dict[str, tuple[Call, Call]]:
    """For each direction our call and PyTorch's."""
    import torch

    dims = len(case.image)
    groups = case.options.get("groups", 1)
    layer = derive.layer("conv", dims=dims, channels=True, bias=False, **case.options)
    made: Kernel = numeric.compile(layer, target=target)
    rng = np.random.default_rng(0)
    shapes = (case.N, case.C, *case.image), (case.O, case.C // groups, *case.kernel)
    x, k = (rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    y = made.forward(x=x, k=k, threads=threads)
    g = rng.standard_normal(y.shape).astype(np.float32)
    tx, tk, tg = (torch.from_numpy(a) for a in (x, k, g))
    s, p, d = (
        [case.options.get(name, default)] * dims
        for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    forward = getattr(torch.nn.functional, f"conv{dims}d")
    backward = torch.ops.aten.convolution_backward

    def gradient(*mask: bool) -> Any:
        return backward(tg, tx, tk, None, s, p, d, False, [0] * dims, groups, [*mask, False])

    pairs = {
        "y": (
            lambda: made.forward(x=x, k=k, threads=threads),
            lambda: forward(tx, tk, None, s, p, d, groups),
        ),
        "dx": (
            lambda: made.backward(g, wrt="x", x=x, k=k, threads=threads)["x"],
            lambda: gradient(True, False)[0],
        ),
        "dk": (
            lambda: made.backward(g, wrt="k", x=x, k=k, threads=threads)["k"],
            lambda: gradient(False, True)[1],
        ),
    }
    for name, (ours, theirs) in pairs.items():
        expected = theirs().numpy()
        error = abs(ours() - expected).max() / abs(expected).max()
        if not error < 1e-4:
            raise ArithmeticError(f"{case} {name}: differs from PyTorch's by {error:.1e}")
    return pairs


def operations(case: Case) -> float:
    """Floating-point operations of the definition."""
    import torch

    s, p, d = (case.options.get(n, v) for n, v in (("stride", 1), ("padding", 0), ("dilation", 1)))
    rows = zip(case.image, case.kernel, strict=True)
    places = math.prod((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k in rows)
    channels = case.C // case.options.get("groups", 1)
    del torch
    return 2.0 * case.N * case.O * places * channels * math.prod(case.kernel)


def alternately(ours: Call, theirs: Call, seconds: float) -> tuple[list[float], list[float]]:
    """Times of both in turns of ``TURN`` seconds, for about that long altogether.

    What is called in the first part of a turn is not counted: the other's threads may still be
    waiting busily then.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for call in (ours, theirs):
        call()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 5:
        for call, spent in zip((ours, theirs), times, strict=True):
            begin = time.perf_counter()
            counted = 0
            while time.perf_counter() < begin + TURN or not counted:
                start = time.perf_counter()
                call()
                if start > begin + SETTLING:
                    spent.append(time.perf_counter() - start)
                    counted += 1
    return times


def scratch(call: Call) -> float:
    """Bytes that a call has allocated at its peak, its result left out."""
    tracemalloc.start()
    result = call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(peak - result.nbytes)


def measured(case: Case, target: str, threads: int, seconds: float) -> list[Timed]:
    """All directions of a case."""
    made = []
    for name, (ours, theirs) in calls(case, target, threads).items():
        peak = scratch(ours)
        times = alternately(ours, theirs, seconds)
        made.append(Timed(name, *times, operations(case), peak))
    return made


def peak(threads: int) -> float:
    """What NumPy's own matrix product reaches, in operations a second."""
    a = np.ones((1536, 1536), np.float32)
    with threadpool_limits(threads):
        times = []
        for _ in range(8):
            start = time.perf_counter()
            a @ a
            times.append(time.perf_counter() - start)
    return 2.0 * len(a) ** 3 / min(times)


def table(
    cases: Iterable[Case], target: str, threads: int, seconds: float, best: float
) -> list[Timed]:
    """Measure and print."""
    print(f"  {'N,C,image→O kernel':<34}     ours   torch  ratio (medians)  of peak  scratch")
    rows = []
    for case in cases:
        for row in measured(case, target, threads, seconds):
            rows.append(row)
            ours, theirs = min(row.ours), min(row.theirs)
            print(
                f"  {f'{case} {row.name}':<34} {ours * 1e3:8.2f}{theirs * 1e3:8.2f}"
                f"  {row.ratio:5.2f}   ({row.median:5.2f})   {row.flops / ours / best:6.0%}"
                f"  {row.scratch / 2**20:5.1f} MB",
                flush=True,
            )
    return rows


def mean(values: Iterable[float]) -> float:
    """The geometric mean."""
    return math.exp(statistics.fmean(map(math.log, values)))


def beside_mygrad() -> None:
    """A step, forward and both gradients, beside MyGrad's."""
    try:
        import mygrad
        from mygrad.nnet.layers import conv_nd
    except ImportError:
        print("MyGrad is not installed (pip install mygrad): no comparison with it")
        return
    layer = derive.layer("conv", channels=True, bias=False)
    made = numeric.compile(layer, target="fast")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((32, 16, 28, 28)).astype(np.float32)
    k = rng.standard_normal((32, 16, 3, 3)).astype(np.float32)
    g = rng.standard_normal((32, 32, 26, 26)).astype(np.float32)

    def theirs() -> None:
        tx, tk = mygrad.tensor(x), mygrad.tensor(k)
        conv_nd(tx, tk, stride=1).backward(g)

    def ours() -> None:
        made.forward(x=x, k=k)
        made.backward(g, x=x, k=k)

    mine, other = alternately(ours, theirs, 1.5)
    print(f"a step of 32,16,28×28→32 3×3: MyGrad takes {min(other) / min(mine):.1f} times as long")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", default="1,2", help="thread counts, comma-separated")
    parser.add_argument("--targets", default="fast", help="targets, comma-separated")
    parser.add_argument("--seconds", type=float, default=1.2, help="time for each direction")
    parser.add_argument("--only", default="", help="cases whose line contains this")
    chosen = parser.parse_args()
    try:
        import torch
    except ImportError:
        message = "PyTorch is not installed (pip install torch): nothing to compare with"
        raise SystemExit(message) from None
    start = time.perf_counter()
    layer = derive.layer("conv", channels=True, stride=2, padding=1)
    length = len(numeric.compile(layer, target="fast").source)
    print(f"a first layer derived, {length} characters: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    assert len(numeric.compile(layer, target="fast").source) == length
    print(f"again: {(time.perf_counter() - start) * 1e6:.0f} µs")
    asked = itertools.product(map(int, chosen.threads.split(",")), chosen.targets.split(","))
    for threads, target in asked:
        torch.set_num_threads(threads)
        best = peak(threads)
        counted = f"{threads} thread{'s' * (threads > 1)}"
        print(f"\n{target}, {counted}; NumPy's matmul: {best / 1e9:.0f} GFLOP/s")
        how = (target, threads, chosen.seconds, best)
        rows = table([c for c in CASES if chosen.only in str(c)], *how)
        if rows:
            print(
                f"  geometric mean {mean(r.ratio for r in rows):.2f}, "
                f"of medians {mean(r.median for r in rows):.2f}, "
                f"largest {max(r.ratio for r in rows):.2f}"
            )
        print("  depthwise")
        table([c for c in DEPTHWISE if chosen.only in str(c)], *how)
    print()
    beside_mygrad()


if __name__ == "__main__":
    main()
