"""Windows gathered into columns, a cache-sized block at a time, and multiplied (im2col + matmul).

Source: Chellapilla, Puri & Simard, High performance convolutional neural networks for document
processing (2006), here in blocks.
"""

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
    flat_matrix,
    lengths,
    placed,
)
from numeric.templates.sharing import Held, Task, in_blocks, memory
from numeric.templates.windows import (
    at_places,
    axes_of,
    padded,
    place_axes,
    refilled,
    tap_axes,
    window_view,
)

#: outputs up to which whole rows are taken as one run: longer copies for superfluous columns
FEW = 16


def columns(problem: CorrelationProblem) -> None:
    """out = kernel[o, (c t)] @ columns[(c t), (b i)], for blocks of groups, images and places."""
    in_blocks(problem, column_blocks, column_task, flat_matrix(problem.kernel))


def columns_cost(problem: CorrelationProblem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    run = problem.out.shape[-1]
    copies = n.groups * n.images * n.channels
    seconds = copying(copies * n.entries, problem.signal.shape[-1], dtype)
    seconds += copying(copies * n.taps * n.places, run, dtype)
    seconds += copying(n.groups * n.images * n.outputs * n.places, run, dtype)
    product = multiplying(n.outputs, n.channels * n.taps, n.places, dtype)
    return seconds + n.groups * n.images * product, plain(problem)


def column_blocks(problem: CorrelationProblem) -> list[Block]:
    """The groups, images and places of each block."""
    groups, images, _, *places = problem.out.shape
    depth = math.prod(problem.kernel.shape[2:])
    sizes = (groups, images, *places)
    taken = lengths(sizes, max(BLOCK // (depth * problem.out.itemsize), 1))
    return blocks(sizes, taken, 2 * problem.threads if problem.threads > 1 else 1)


def column_task(
    problem: CorrelationProblem, held: Held, group: slice, image: slice, *at: slice
) -> Task:
    axes = at_places(axes_of(problem), at)
    outputs, channels = problem.kernel.shape[1:3]
    groups, images = group.stop - group.start, image.stop - image.start
    dtype = problem.out.dtype
    place = padded(held, (groups, channels, images), axes, (), dtype)
    inner = place.inner.swapaxes(1, 2)
    width = axes[-1].places
    if outputs <= FEW and all(a.step == 1 for a in axes):
        axes[-1] = axes[-1]._replace(places=place.array.shape[-1])
    (g, c, b), slides = place.array.strides[:3], place.array.strides[3:]
    view = window_view(
        place.array,
        *((groups, g), (channels, c), *tap_axes(axes, slides)),
        *((images, b), *place_axes(axes, slides)),
    )
    gathered = memory(held, "columns", view.shape, dtype)
    matrix = gathered.reshape(groups, math.prod(problem.kernel.shape[2:]), -1)
    product = memory(held, "product", (groups, outputs, matrix.shape[2]), dtype)
    made = product.reshape(groups, outputs, images, *(a.places for a in axes))
    made = made[..., :width].swapaxes(1, 2)
    source, target = (group, image, slice(None), *place.read), (group, image, slice(None), *at)

    def task(problem: CorrelationProblem, weights: Array) -> None:
        refilled(place, inner, problem.signal[source])
        np.copyto(gathered, view)
        np.matmul(weights[group], matrix, out=product)
        placed(made, problem, target)

    return task
