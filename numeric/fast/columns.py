"""Windows gathered into columns, a cache-sized block at a time, and multiplied (im2col + matmul).

Source: Chellapilla, Puri & Simard, High performance convolutional neural networks for document
processing (2006), here in blocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from numeric.fast.geometry import BLOCK, blocks, flat_matrix, lengths, memory, signature, stand_in
from numeric.fast.sharing import drained, planned
from numeric.fast.windows import (
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


def columns(problem: Any) -> None:
    """out = kernel[o, (c t)] @ columns[(c t), (b i)], for blocks of groups, images and places."""
    count, act = column_tasks(problem)
    drained(act, count, problem.threads)


def column_tasks(problem: Any) -> tuple[int, Callable[[int, Any], None]]:
    """How many blocks there are, and what does one of them."""
    key = ("columns", signature(problem))
    weights = flat_matrix(problem.kernel)

    def act(number: int, held: Any) -> None:
        planned(held, key, column_plan, problem)[number](problem, weights)

    return len(column_blocks(*signature(problem))), act


@lru_cache(maxsize=1024)
def column_blocks(*known: Any) -> list[tuple[slice, ...]]:
    """The groups, images and places of each block."""
    problem = stand_in(*known)
    groups, images, _, *places = problem.out.shape
    depth = math.prod(problem.kernel.shape[2:])
    sizes = (groups, images, *places)
    taken = lengths(sizes, max(BLOCK // (depth * problem.out.itemsize), 1))
    return blocks(sizes, taken, 2 * problem.threads if problem.threads > 1 else 1)


def column_plan(problem: Any, held: Any) -> list[Callable[..., None]]:
    """What does each block, with its views of memory."""
    return [column_task(problem, held, *block) for block in column_blocks(*signature(problem))]


def column_task(
    problem: Any, held: Any, group: slice, image: slice, *at: slice
) -> Callable[..., None]:
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

    def task(problem: Any, weights: Any) -> None:
        refilled(place, inner, problem.signal[source])
        np.copyto(gathered, view)
        np.matmul(weights[group], matrix, out=product)
        placed(made, problem, target)

    return task


def placed(made: Any, problem: Any, target: Sequence[slice]) -> None:
    """Write a block's results, with the addend."""
    if problem.addend is None:
        np.copyto(problem.out[target], made)
    else:
        np.add(made, problem.addend[target], out=problem.out[target])
