"""What the tests of fast templates share: small problems of every kind, and the plain sum."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from numeric.templates.geometry import CorrelationProblem, settled
from numeric.templates.sharing import Held
from tests.numeric.templates.bounds import OWN, bound

#: entries before and behind memory that is watched
ROOM = 64


def allowed(name: str, problem: CorrelationProblem) -> float:
    """How far an algorithm may be from a sum of integers: its bound, and much less than one."""
    return min(bound(name, problem), 0.05) if name in OWN else 0.0


def plain(problem: CorrelationProblem) -> np.ndarray:
    """The sum as it is defined, term by term."""
    out, signal, kernel = problem.out, problem.signal, problem.kernel
    made = np.zeros(out.shape, out.dtype)
    for i in np.ndindex(out.shape[3:]):
        for t in np.ndindex(kernel.shape[3:]):
            rows = zip(problem.step, i, problem.spread, t, problem.lower, strict=True)
            e = [a * p + s * q - low for a, p, s, q, low in rows]
            if any(n % z for n, z in zip(e, problem.stuffing, strict=True)):
                continue
            e = [n // z for n, z in zip(e, problem.stuffing, strict=True)]
            if all(0 <= n < size for n, size in zip(e, signal.shape[3:], strict=True)):
                values = signal[(..., *e)], kernel[(..., *t)]
                made[(..., *i)] += np.einsum("dbc,doc->dbo", *values)
    return made if problem.addend is None else made + problem.addend


def drawn(case: int) -> CorrelationProblem:
    """Sizes from 0 on, rectangular, strides beyond the kernel, gaps, stuffing, crops: by number."""
    pick = random.Random(case)
    dims = pick.choice([1, 2, 2, 3])
    groups, images, channels, outputs = (_size(pick, 3) for _ in range(4))
    stuffed, minimal = pick.random() < 0.4, pick.random() < 0.3
    entries = [_size(pick, 7) for _ in range(dims)]
    taps = [pick.randint(1, 4) for _ in range(dims)]
    places = [pick.randint(1, 6) for _ in range(dims)]
    step = [1 if stuffed else pick.randint(1, 3) for _ in range(dims)]
    spread = [pick.randint(1, 3) for _ in range(dims)]
    stuffing = [pick.randint(1, 3) if stuffed else 1 for _ in range(dims)]
    lower = [pick.randint(-4, 5) for _ in range(dims)]
    if minimal:
        r, big = pick.choice([3, 3, 5]), [pick.randint(1, 11), pick.randint(1, 37)]
        step, spread, stuffing = [1, 1], [1, 1], [1, 1]
        lower = [pick.randint(-2, 5) for _ in range(2)]
        entries = [pick.randint(1, 12), pick.randint(1, 38)]
        taps, places = ([r, r], big) if pick.random() < 0.5 else (big, [r, r])
        if pick.random() < 0.4:
            step, spread = [pick.randint(1, 2), 1, 1], [pick.randint(1, 2), 1, 1]
            stuffing, lower = [1, 1, 1], [pick.randint(-2, 3), *lower]
            entries, taps, places = ([pick.randint(1, 4), *a] for a in (entries, taps, places))
            dims = 3
    elif pick.random() < 0.2:
        step, spread, stuffing, lower = ([n] * dims for n in (1, 1, 1, 0))
        taps, places = ([1] * dims, entries) if pick.random() < 0.5 else (entries, [1] * dims)
    rng = np.random.default_rng(case)
    dtype = np.float32 if minimal else pick.choice([np.float32, np.float64, np.int64])
    shapes = ((groups, images, channels, *entries), (groups, outputs, channels, *taps))
    signal, kernel = (rng.integers(-4, 5, shape).astype(dtype) for shape in shapes)
    out = np.empty((groups, images, outputs, *places), dtype)
    addend = None
    if pick.random() < 0.5:
        addend = rng.integers(-9, 9, (groups, 1, outputs, *(1 for _ in places))).astype(dtype)
        addend = np.broadcast_to(addend, out.shape)
    axes = (tuple(a) for a in (step, spread, lower, stuffing))
    threads = pick.choice([1, 2, 3])
    out, signal, kernel = (laid(array, pick) for array in (out, signal, kernel))
    return settled(CorrelationProblem(out, signal, kernel, addend, *axes, threads))


def laid(array: np.ndarray, pick: random.Random) -> np.ndarray:
    """The same entries as they may lie in memory: mostly one after the other."""
    order = pick.choice(["usual", "usual", "usual", "axes", "turned", "apart", "backwards"])
    if order == "axes":
        return np.asfortranarray(array)
    if order == "turned":
        return np.ascontiguousarray(array.swapaxes(-1, -2)).swapaxes(-1, -2)
    if order == "apart":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if order == "backwards":
        return array[..., ::-1].copy()[..., ::-1]
    return array


def poisoned(held: Held, name: str, shape: Sequence[int], dtype: Any) -> np.ndarray:
    """What ``memory`` gives, between entries that no result may depend on."""
    size = math.prod(shape)
    bad = np.nan if np.dtype(dtype).kind in "fc" else 10**6 + 3
    whole = np.full(size + 2 * ROOM, bad, dtype)
    return whole[ROOM : ROOM + size].reshape(shape)


def _size(pick: random.Random, most: int) -> int:
    return 0 if pick.random() < 0.04 else pick.randint(1, most)
