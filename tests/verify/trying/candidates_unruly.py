"""Functions that misbehave, each in its own way; run in a process of their own only."""

from __future__ import annotations

import os
import random
import sys
import time

import numpy as np

buffers = {}


def square(g, x):
    return 2 * g * x


def raises(g, x):
    if len(x) != 1:
        raise ValueError("one row only")
    return square(g, x)


def exits(g, x):
    sys.exit(3)


def aborts(g, x):
    if len(x) > 1:
        os.abort()
    return square(g, x)


def leaves(g, x):
    os._exit(0)


def recurses(g, x):
    return recurses(g, x)


def never_ends(g, x):
    while len(x) > 1:
        time.sleep(0.01)
    return square(g, x)


def takes_all_memory(g, x):
    return np.ones(1 << 33)


def returns_nothing(g, x):
    square(g, x)


def returns_words(g, x):
    return "2*g*x"


def returns_ragged(g, x):
    return [[1.0], [1.0, 2.0]]


def wrong_shape(g, x):
    return square(g, x).ravel()


def downcast(g, x):
    return square(g, x).astype(np.float32)


def complex_result(g, x):
    return square(g, x) * (1 + 0j)


def not_a_number(g, x):
    with np.errstate(invalid="ignore"):
        return square(g, x) * (x.sum() / x.sum())


def changes_g(g, x):
    g *= 2
    g *= x
    return g


def changes_x(g, x):
    dx = square(g, x)
    x += 1
    return dx


def keeps_an_axis(g, x):
    return square(g, x)[np.newaxis]


def no_empty_reshape(g, x):
    return square(g, x.reshape(len(x), -1))


def no_empty_maximum(g, x):
    return square(g, x) if x.max() > 0 else square(x, g)


def refuses_odd(g, x):
    if x.shape[1] % 2 and len(x) > 2:
        raise ValueError("odd")
    return square(g, x)


def asserts_square(g, x):
    assert len(x) != 2 or x.shape[1] == 2
    return square(g, x)


def by_chance(g, x):
    return square(g, x) + random.random()


def remembers(g, x):
    total = buffers.setdefault(x.shape, np.zeros_like(x))
    total += square(g, x)
    return total.copy()


def same_buffer(g, x):
    result = buffers.setdefault(x.shape, np.zeros_like(x))
    result[...] = square(g, x)
    return result


def memory_order(g, x):
    return (2 * g.ravel("K") * x.ravel("K")).reshape(x.shape)


def contiguous_only(g, x):
    return 2 * g * np.frombuffer(memoryview(x).cast("B"), x.dtype).reshape(x.shape)


def writes_back(g, x):
    x[...] = x
    return square(g, x)


def float64_only(g, x):
    if x.dtype == np.float32:
        return g * x
    return square(g, x)


def no_empty_batch(g, x):
    assert len(x), "no examples"
    return square(g, x)


def prints(g, x):
    print("g is", g.shape)
    os.write(1, b"past Python\n")
    return square(g, x)


def returns_view(g, x):
    x = x.view()
    return g


def shares(g, x):
    return g


def wrong_keys(g, x):
    return {"dz": square(g, x)}


def cached(dout, cache, config):
    return dout
