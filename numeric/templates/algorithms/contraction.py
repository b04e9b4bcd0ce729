"""Few places and many taps, as in a kernel's gradient: summed a block of taps at a time."""

from __future__ import annotations

import math

import numpy as np

from numeric.templates.costs import Cost, copying, counts, multiplying, plain
from numeric.templates.geometry import (
    BLOCK,
    Array,
    Block,
    CorrelationProblem,
    blocks,
    lengths,
    placed,
)
from numeric.templates.sharing import Held, Task, memory, summed_in_blocks
from numeric.templates.windows import (
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


def contraction(problem: CorrelationProblem) -> None:
    """out = Σ over blocks of columns[(b i), (c t)] @ kernel[o, (c t)]ᵀ."""
    groups, images, outputs, *places = problem.out.shape
    shape = (groups, images, math.prod(places), outputs)
    made = summed_in_blocks(problem, contraction_blocks, contraction_task, shape).swapaxes(2, 3)
    placed(made.reshape(problem.out.shape), problem, ())


def contraction_cost(problem: CorrelationProblem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    run = problem.kernel.shape[-1]
    copies = n.groups * n.images * n.channels
    seconds = copying(copies * n.entries, problem.signal.shape[-1], dtype)
    seconds += copying(copies * n.taps * n.places, run, dtype)
    seconds += copying(n.groups * n.outputs * n.channels * n.taps, run, dtype)
    product = multiplying(n.outputs, n.channels * n.taps, n.images * n.places, dtype)
    return seconds + n.groups * product, plain(problem)


def contraction_blocks(problem: CorrelationProblem) -> list[Block]:
    """The channels, taps, groups and images of each block."""
    groups, images, _, *places = problem.out.shape
    sizes = problem.kernel.shape[2:]
    width, budget = math.prod(places), BLOCK // problem.out.itemsize
    depths = lengths(sizes, max(DEPTH, budget // (images * width)))
    wide = lengths((groups, images), max(1, budget // (math.prod(depths) * width)))
    made = blocks((*sizes, groups, images), (*depths, *wide))
    if len(made) >= problem.threads:
        return made
    return blocks((*sizes, groups, images), (*depths, *wide), problem.threads)


def contraction_task(
    problem: CorrelationProblem, held: Held, channel: slice, *block: slice
) -> Task:
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

    def task(problem: CorrelationProblem, total: Array) -> None:
        refilled(place, place.inner, problem.signal[source])
        np.copyto(gathered, view)
        np.copyto(factor, problem.kernel[taps])
        np.matmul(left, right, out=product)
        piece = total[group, image]
        np.add(piece, made, out=piece)

    return task
