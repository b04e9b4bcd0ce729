"""Few places and many taps, as in a kernel's gradient: summed a block of taps at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from numeric.fast.columns import placed
from numeric.fast.geometry import BLOCK, Array, blocks, lengths, memory, signature, stand_in
from numeric.fast.sharing import planned, shared
from numeric.fast.windows import (
    at_taps,
    axes_of,
    padded,
    place_axes,
    refilled,
    tap_axes,
    window_view,
)

#: taps of a block for which a matrix product is worth its result
DEPTH = 256


def contraction(problem: Any) -> None:
    """out = Σ over blocks of columns[(b i), (c t)] @ kernel[o, (c t)]ᵀ.

    Each thread sums the blocks of its share in order, and the shares are summed in order.
    """
    groups, images, outputs, *places = problem.out.shape
    key = ("contraction", signature(problem))

    def work(share: range, held: Any) -> Array:
        total = np.zeros((groups, images, math.prod(places), outputs), problem.out.dtype)
        tasks = planned(held, key, contraction_plan, problem)
        for number in share:
            tasks[number](problem, total)
        return total

    totals = shared(work, len(contraction_blocks(*signature(problem))), problem.threads)
    made = sum(totals[1:], totals[0]).swapaxes(2, 3)
    placed(made.reshape(problem.out.shape), problem, ())


@lru_cache(maxsize=1024)
def contraction_blocks(*known: Any) -> list[tuple[slice, ...]]:
    """The channels, taps, groups and images of each block."""
    problem = stand_in(*known)
    groups, images, _, *places = problem.out.shape
    sizes = problem.kernel.shape[2:]
    width, budget = math.prod(places), BLOCK // problem.out.itemsize
    depths = lengths(sizes, max(DEPTH, budget // (images * width)))
    wide = lengths((groups, images), max(1, budget // (math.prod(depths) * width)))
    made = blocks((*sizes, groups, images), (*depths, *wide))
    if len(made) >= problem.threads:
        return made
    return blocks((*sizes, groups, images), (*depths, *wide), problem.threads)


def contraction_plan(problem: Any, held: Any) -> list[Callable[..., None]]:
    """What adds each block to a total, with its views of memory."""
    return [
        contraction_task(problem, held, *block) for block in contraction_blocks(*signature(problem))
    ]


def contraction_task(problem: Any, held: Any, channel: slice, *block: slice) -> Callable[..., None]:
    at, (group, image) = block[:-2], block[-2:]
    axes = at_taps(axes_of(problem), at)
    outputs, dtype = problem.kernel.shape[1], problem.out.dtype
    lead = tuple(s.stop - s.start for s in (group, image, channel))
    groups, images, channels = lead
    place = padded(held, lead, axes, (), dtype)
    (g, b, c), slides = place.array.strides[:3], place.array.strides[3:]
    view = window_view(
        place.array,
        *((groups, g), (images, b), *place_axes(axes, slides)),
        *((channels, c), *tap_axes(axes, slides)),
    )
    gathered = memory(held, "columns", view.shape, dtype)
    depth = channels * math.prod(a.taps for a in axes)
    left = gathered.reshape(groups, -1, depth)
    factor = memory(held, "factor", (groups, outputs, channels, *(a.taps for a in axes)), dtype)
    right = factor.reshape(groups, outputs, depth).swapaxes(1, 2)
    product = memory(held, "product", (groups, left.shape[1], outputs), dtype)
    made = product.reshape(groups, images, -1, outputs)
    source = (group, image, channel, *place.read)
    taps = (group, slice(None), channel, *at)

    def task(problem: Any, total: Any) -> None:
        refilled(place, place.inner, problem.signal[source])
        np.copyto(gathered, view)
        np.copyto(factor, problem.kernel[taps])
        np.matmul(left, right, out=product)
        piece = total[group, image]
        np.add(piece, made, out=piece)

    return task
