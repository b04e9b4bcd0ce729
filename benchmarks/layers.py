"""Layers beside PyTorch's on the same arrays, forward and backward separately.

Run: python -m benchmarks.layers [--threads 1,2] [--targets fast,compiled] [--only TEXT]

Ours and PyTorch's run in short turns, as in ``benchmarks.conv``; what is printed are the lower
quartiles of both, their ratio, and how near ours is to the memory's bandwidth: the bytes of all
tensors that go in and come out, over the time of a copy of as many.  Backward passes are given what
forward keeps for them (``Kernel.forward_keeping``), as PyTorch's are.  ``first`` is the first call,
in which a module is loaded and, unless it is found on disk (``DERIVE_CACHE`` names the folder),
compiled; ``beside`` is the peak of NumPy's memory beside the results.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

import derive
import numeric
from benchmarks.conv import alternately, mean

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """A layer, the shapes of its tensors, and the same in PyTorch.

    ``tables`` are tensors of integers, with what their entries are below; ``plain`` are left out of
    geometric means of what PyTorch does well.
    """

    name: str
    layer: str
    options: dict[str, Any]
    shapes: dict[str, Shape]
    theirs: Callable[..., Any]
    tables: dict[str, int] = field(default_factory=dict)
    pools: bool = False


def cases() -> Iterator[Case]:
    """The layers of the comparison."""
    import torch.nn.functional as F

    image = {"x": (64, 32, 28, 28)}
    for kernel, stride, padding in ((2, 2, 0), (3, 2, 0), (3, 1, 1)):
        sizes = {"kernel_size": kernel, "stride": stride, "padding": padding}
        name = f"maxpool {kernel}×{kernel} s{stride}"
        yield Case(name, "maxpool", sizes, image, partial(F.max_pool2d, **sizes), pools=True)
    for kernel in (2, 3):
        sizes = {"kernel_size": kernel, "stride": 2}
        name = f"avgpool {kernel}×{kernel} s2"
        yield Case(name, "avgpool", sizes, image, partial(F.avg_pool2d, **sizes), pools=True)
    flat = {"x": (2048, 784)}
    for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu"):
        yield Case(name, name, {}, flat, getattr(F, name))
    channels = {**image, "w": (32,), "b": (32,)}
    normalise = partial(F.batch_norm, running_mean=None, running_var=None, training=True)
    yield Case(
        "batchnorm", "batchnorm", {}, channels, lambda x, w, b: normalise(x, weight=w, bias=b)
    )
    rows = {"x": (3136, 256), "w": (256,), "b": (256,)}
    yield Case(
        "layernorm", "layernorm", {"dims": 2}, rows, lambda x, w, b: F.layer_norm(x, (256,), w, b)
    )
    wide = {"x": (32, 96, 27, 27)}
    yield Case("lrn", "lrn", {}, wide, partial(F.local_response_norm, size=5), pools=True)
    for n, c in ((256, 10), (64, 1000)):
        yield Case(
            f"cross_entropy {n}×{c}", "cross_entropy", {}, {"x": (n, c), "t": (n,)},
            F.cross_entropy, {"t": c},
        )  # fmt: skip
    depthwise = {"x": (16, 64, 32, 32), "k": (64, 1, 3, 3)}
    for stride in (1, 2):
        sizes = {"stride": stride, "padding": 1, "groups": 64}
        yield Case(
            f"depthwise s{stride}", "conv", {"channels": True, "bias": False, **sizes}, depthwise,
            lambda x, k, sizes=sizes: F.conv2d(x, k, None, **sizes),
        )  # fmt: skip
    yield Case("linear", "linear", {}, {"x": (256, 784), "w": (512, 784), "b": (512,)}, F.linear)
    yield Case(
        "embedding", "embedding", {}, {"w": (10000, 64), "t": (4096,)},
        lambda w, t: F.embedding(t, w), {"t": 10000},
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """Seconds of ours and theirs, of our first call, the bytes that have to be moved, and more."""

    name: str
    ours: float
    theirs: float
    moved: int
    first: float
    beside: int

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def quartile(times: list[float]) -> float:
    """The lower quartile."""
    return sorted(times)[len(times) // 4]


def measured(case: Case, target: str, threads: int, seconds: float) -> Iterator[Row]:
    """Forward and backward of a case."""
    import torch

    layer = derive.layer(case.layer, **case.options)
    kernel = numeric.compile(layer, target=target, threads=threads)
    rng = np.random.default_rng(0)
    given: dict[str, Any] = {}
    for name, shape in case.shapes.items():
        below = case.tables.get(name)
        normal = rng.standard_normal(shape).astype(np.float32)
        given[name] = normal if below is None else rng.integers(0, below, shape)
    tensors = {name: torch.from_numpy(a) for name, a in given.items()}
    real = [t.requires_grad_() for name, t in tensors.items() if name not in case.tables]
    with torch.no_grad():
        expected = case.theirs(*tensors.values()).numpy()
    assert kernel.source and kernel.explain  # made now, and not in the first calls
    y, begun = timed(lambda: kernel.forward(**given))
    _same(f"{case.name} forward", y, expected)
    y, kept = kernel.forward_keeping(**given)
    g = rng.standard_normal(np.shape(y)).astype(np.float32)
    graph, upstream = case.theirs(*tensors.values()), torch.from_numpy(np.asarray(g))

    def forward() -> Any:
        with torch.no_grad():
            return case.theirs(*tensors.values())

    def backward() -> Any:
        return torch.autograd.grad(graph, real, upstream, retain_graph=True)

    def gradients() -> dict[str, Any]:
        made: dict[str, Any] = kernel.backward(g, kept=kept, **given)
        return made

    made, begun_backward = timed(gradients)
    for found, wanted in zip(made.values(), backward(), strict=True):
        _same(f"{case.name} backward", found, wanted.numpy())
    size = sum(a.nbytes for a in given.values())
    calls = {
        "forward": (lambda: kernel.forward(**given), forward, size + np.asarray(y).nbytes, begun),
        "backward": (gradients, backward, 2 * size + np.asarray(g).nbytes, begun_backward),
    }
    for direction, (ours, theirs, moved, first) in calls.items():
        beside = peak(ours)
        times = map(quartile, alternately(ours, theirs, seconds))
        yield Row(f"{case.name} {direction}", *times, moved, first, beside)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and its seconds."""
    start = time.perf_counter()
    made = call()
    return made, time.perf_counter() - start


def peak(call: Callable[[], Any]) -> int:
    """The bytes at the peak of a call beside its results."""
    tracemalloc.start()
    made = call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    results = made.values() if isinstance(made, dict) else [made]
    return most - sum(np.asarray(array).nbytes for array in results)


def _same(what: str, found: Any, expected: Any) -> None:
    error = np.max(np.abs(found - expected)) / np.max(np.abs(expected))
    if not error < 1e-4:
        raise ArithmeticError(f"{what}: differs from PyTorch's by {error:.1e}")


def bandwidth() -> float:
    """Bytes a second that a copy reads and writes."""
    array = np.ones(2**24, np.float32)
    other = np.empty_like(array)
    times = []
    for _ in range(8):
        start = time.perf_counter()
        np.copyto(other, array)
        times.append(time.perf_counter() - start)
    return 2 * array.nbytes / min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", default="1", help="thread counts, comma-separated")
    parser.add_argument("--targets", default="fast,compiled", help="targets, comma-separated")
    parser.add_argument("--seconds", type=float, default=0.5, help="time for each direction")
    parser.add_argument("--only", default="", help="layers whose name contains this")
    chosen = parser.parse_args()
    try:
        import torch
    except ImportError:
        message = "PyTorch is not installed (pip install torch): nothing to compare with"
        raise SystemExit(message) from None
    for threads in map(int, chosen.threads.split(",")):
        torch.set_num_threads(threads)
        best = bandwidth()
        for target in chosen.targets.split(","):
            print(f"\n{target}, {threads} thread{'s' * (threads > 1)}; copy {best / 1e9:.1f} GB/s")
            print(f"  {'':<28}    ours   torch   ratio  of bandwidth   first s  beside MB")
            rows: list[tuple[Case, Row]] = []
            for case in cases():
                if chosen.only not in case.name:
                    continue
                for row in measured(case, target, threads, chosen.seconds):
                    rows.append((case, row))
                    print(
                        f"  {row.name:<28}{row.ours * 1e3:8.3f}{row.theirs * 1e3:8.3f}"
                        f"{row.ratio:8.2f}{row.moved / row.ours / best:8.0%}"
                        f"{row.first:14.2f}{row.beside / 2**20:11.1f}",
                        flush=True,
                    )
            plain = [row.ratio for case, row in rows if not case.pools]
            print(
                f"  geometric mean {mean(r.ratio for _, r in rows):.2f}, largest "
                f"{max(r.ratio for _, r in rows):.2f}"
                + (f"; without pools and LRN {mean(plain):.2f}" if plain else "")
                + f"; first calls {sum(r.first for _, r in rows):.1f} s"
            )


if __name__ == "__main__":
    main()
