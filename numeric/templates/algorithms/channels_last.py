"""Windows gathered along all axes but the first, with channels next to each other: long runs.

The windows of consecutive places along the first axis are then overlapping slices of the same
memory, and nothing is copied for its taps.  Source of the idea: Cho & Brand, MEC: memory-efficient
convolution for deep neural network (2017).
"""

from __future__ import annotations

import math

import numpy as np

from numeric.templates.costs import Cost, copying, counts, multiplying, narrow, plain
from numeric.templates.geometry import (
    BLOCK,
    Array,
    Block,
    CorrelationProblem,
    blocks,
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

#: matrix products of so few columns take twice as long: each row is read for a few only
SLIM = 3


def channels_last(problem: CorrelationProblem) -> None:
    """For every place i of the first axis out = windows[(b j), (t u c)] @ kernel[(t u c), o].

    t are the taps along the first axis, u those along the others, j the places there.
    """
    groups, _, outputs, *_ = problem.out.shape
    order = (0, *range(3, problem.kernel.ndim), 2, 1)
    weights = np.ascontiguousarray(problem.kernel.transpose(order)).reshape(groups, -1, outputs)
    in_blocks(problem, channel_blocks, channel_task, weights)


def channels_last_cost(problem: CorrelationProblem) -> Cost:
    n, dtype = counts(problem), problem.out.dtype
    others = n.taps // problem.kernel.shape[3]
    copies = n.groups * n.images * n.channels * problem.signal.shape[3]
    run = n.channels * (problem.kernel.shape[-1] if problem.spread[-1] == 1 else 1)
    seconds = copying(copies * others * n.places // problem.out.shape[3], run, dtype)
    seconds += n.groups * n.images * n.channels * n.entries * 1.2e-9
    seconds += n.groups * n.images * n.outputs * n.places * 1.2e-9
    product = multiplying(n.outputs, n.channels * n.taps, n.places, dtype)
    product *= narrow(n.images * n.places // problem.out.shape[3]) * (1 + SLIM / n.outputs)
    apart = problem.spread[0] != 1 or problem.out.ndim < 5
    why = "the first axis has taps apart, or is the only one" if apart else ""
    return seconds + n.groups * n.images * product, plain(problem) or why


def channel_blocks(problem: CorrelationProblem) -> list[Block]:
    """The group, images and places of each block, whose overlapping windows fit."""
    groups, images, _, *places = problem.out.shape
    channels, *taps = problem.kernel.shape[2:]
    depth = channels * math.prod(taps[1:]) * problem.step[0] * problem.out.itemsize
    sizes = (images, *places)
    taken = [1, *lengths(sizes, max(1, BLOCK // depth))]
    return blocks((groups, *sizes), taken, 2 * problem.threads if problem.threads > 1 else 1)


def channel_task(
    problem: CorrelationProblem, held: Held, group: slice, image: slice, *at: slice
) -> Task:
    axes = at_places(axes_of(problem), at)
    outputs, channels = problem.kernel.shape[1:3]
    images, dtype = image.stop - image.start, problem.out.dtype
    place = padded(held, (images,), axes, (channels,), dtype)
    inner = np.moveaxis(place.inner, -1, 1)
    b, first, *slides, c = place.array.strides
    reach = place.array.shape[1]
    view = window_view(
        place.array,
        *((images, b), *place_axes(axes[1:], slides), (reach, first)),
        *(*tap_axes(axes[1:], slides), (channels, c)),
    )
    gathered = memory(held, "columns", view.shape, dtype)
    width = math.prod(view.shape[len(axes) + 1 :])
    count = math.prod(view.shape[: len(axes)])
    size = dtype.itemsize
    overlapping = window_view(
        gathered,
        (axes[0].places, axes[0].step * width * size),
        (count, reach * width * size),
        (axes[0].taps * width, size),
    )
    product = memory(held, "product", (axes[0].places, count, outputs), dtype)
    made = product.reshape(axes[0].places, images, *(a.places for a in axes[1:]), outputs)
    made = np.moveaxis(made, (1, -1, 0), (0, 1, 2))[None]
    source = (group.start, image, slice(None), *place.read)
    target = (group, image, slice(None), *at)

    def task(problem: CorrelationProblem, weights: Array) -> None:
        refilled(place, inner, problem.signal[source])
        np.copyto(gathered, view)
        np.matmul(overlapping, weights[group.start], out=product)
        placed(made, problem, target)

    return task
