"""Where generated code loses a value that its type could hold, family by family.

Run: python -m benchmarks.stability [--target arrays] [--only TEXT]

A layer's inputs are drawn at a magnitude, results are held against the equations at 700 digits.  A
result may be wrong by 32·n·u times its condition number: n the number of input entries, u the unit
roundoff, and the condition number Σ|x·∂y/∂x|/|y| over the entries of the inputs, for gradients in
relation to the largest entry.  What no number of the type comes near, because it is too large or
too small, is left out.  Printed is the smallest magnitude at which something is lost, in float32
and float64, forward and in the gradients: it is infinite, NaN or 0; with ~, it has fewer digits
than it could.
Source of the bound: Higham, Accuracy and Stability of Numerical Algorithms, §1.6.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import isfinite
from typing import Any

import numpy as np

import derive
import numeric
from derive.language.definition import Layer
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate
from verify.evaluation.precise import precise_arithmetic

#: exponentials: magnitudes of what they are taken of
LOGITS = (1e-6, 1e-2, 1.0, 20.0, 40.0, 60.0, 90.0, 105.0, 360.0, 720.0, 1e3, 3e4)
#: powers, quotients and norms: magnitudes up to what the types hold
POWERS = (1.0, 1e6, 1e12, 1e18, 1e25, 1e30, 1e37, 1e60, 1e100, 1e150, 1e200, 1e300)
POWERS = (*(1 / m for m in reversed(POWERS[1:])), *POWERS)
ROUNDING_ERRORS = 32
#: as many digits as log(1 + u) takes for the smallest u of float64
PRECISE, precise = precise_arithmetic(700)
#: how much inputs are moved by to see how far results move
_NUDGE = Fraction(1, 10**25)
#: in how many directions; 32·n makes up for those that are not tried
_DIRECTIONS = 5
DTYPES: tuple[Any, ...] = (np.float32, np.float64)


@dataclass(frozen=True)
class Family:
    """A layer, the magnitudes it is tried at, and the tensors that are not scaled with them."""

    text: str
    magnitudes: tuple[float, ...] = LOGITS
    unscaled: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()

    @property
    def layer(self) -> Layer:
        return derive.parse(self.text)


@dataclass(frozen=True)
class Lost:
    """A result beyond what rounding explains: how many times the bound."""

    what: str
    times: float


FAMILIES = {
    "softmax": Family("y[n, c] = exp(x[n, c])/sum[k < C] exp(x[n, k])"),
    "softmax as three equations": Family(
        "f(x[N, C]): e[n, c] = exp(x[n, c]); s[n] = sum[c] e[n, c]; y[n, c] = e[n, c]/s[n]"
    ),
    "Σexp by itself": Family("f(x[N, C]): s[n] = sum[c] exp(x[n, c]); y[n, c] = exp(x[n, c])/s[n]"),
    "causal softmax": Family(
        "f(x[T, T]): y[i, j] = (if j <= i then exp(x[i, j]) else 0)"
        "/sum[k < T] (if k <= i then exp(x[i, k]) else 0)"
    ),
    "masked by a guard": Family(
        "f(x[T, T]): y[i, j] = [j <= i]*exp(x[i, j])/sum[k < T] [k <= i]*exp(x[i, k])"
    ),
    "masked by a factor": Family(
        "f(x[N, C], m[N, C]): y[n, c] = m[n, c]*exp(x[n, c])/sum[k < C] m[n, k]*exp(x[n, k])",
        masks=("m",),
    ),
    "attention": Family(
        "f(q[T, D], k[S, D], v[S, E]): y[t, e] = sum[s < S] exp(sum[d] q[t, d]*k[s, d])*v[s, e]"
        "/sum[r < S] exp(sum[d] q[t, d]*k[r, d])",
        unscaled=("k", "v"),
    ),
    "attention in equations": Family(
        "f(q[T, D], k[S, D], v[S, E]): a[t, s] = exp(sum[d] q[t, d]*k[s, d]); "
        "z[t] = sum[s] a[t, s]; y[t, e] = sum[s] a[t, s]*v[s, e]/z[t]",
        unscaled=("k", "v"),
    ),
    "softplus": Family("y[i] = log(1 + exp(x[i]))"),
    "softplus, shifted by hand": Family("y[i] = max(x[i], 0) + log(1 + exp(-abs(x[i])))"),
    "log(1+Σexp)": Family("f(x[N, C]): y[n] = log(1 + sum[c] exp(x[n, c]))"),
    "log(exp+exp)": Family("y[i] = log(exp(a[i]) + exp(b[i]))"),
    "log-sum-exp": Family("f(x[N, C]): y[n] = log(sum[c] exp(x[n, c]))"),
    "log-sum-exp up to each place": Family(
        "f(x[N, C]): y[n, c < C] = log(sum[k < c + 1] exp(x[n, k]))"
    ),
    "sigmoid by exponentials": Family("y[i] = 1/(1 + exp(-x[i]))"),
    "sigmoid": Family("y[i] = sigmoid(x[i])"),
    "swish": Family("y[i] = x[i]/(1 + exp(-x[i]))"),
    "tanh": Family("y[i] = tanh(x[i])"),
    "tanh by exponentials": Family("y[i] = (exp(x[i]) - exp(-x[i]))/(exp(x[i]) + exp(-x[i]))"),
    "tanh by exp(2x)": Family("y[i] = (exp(2*x[i]) - 1)/(exp(2*x[i]) + 1)"),
    "ELU": Family("y[i] = if x[i] > 0 then x[i] else exp(x[i]) - 1"),
    "log softmax": Family("y[n, c] = log(exp(x[n, c])/sum[k < C] exp(x[n, k]))"),
    "log softmax in two": Family(
        "f(x[N, C]): p[n, c] = exp(x[n, c])/sum[k < C] exp(x[n, k]); y[n, c] = log(p[n, c])"
    ),
    "cross-entropy": Family(
        "f(x[N, C], t[N] int < C) where 1 <= N: p[n, c] = exp(x[n, c])/sum[k < C] exp(x[n, k]); "
        "y = -(sum[n] log(p[n, t[n]]))/N"
    ),
    "log(sigmoid)": Family("y[i] = log(sigmoid(x[i]))"),
    "log(1−sigmoid)": Family("y[i] = log(1 - sigmoid(x[i]))"),
    "log(1/(1+exp(−x)))": Family("y[i] = log(1/(1 + exp(-x[i])))"),
    "log(1−1/(1+exp(−x)))": Family("y[i] = log(1 - 1/(1 + exp(-x[i])))"),
    "binary cross-entropy": Family(
        "f(x[I], t[I]): y[i] = -t[i]*log(sigmoid(x[i])) - (1 - t[i])*log(1 - sigmoid(x[i]))",
        masks=("t",),
    ),
    "norm": Family("f(x[N, C]): y[n] = sqrt(sum[c] x[n, c]^2)", POWERS),
    "divided by the norm": Family(
        "f(x[N, C]): y[n, c] = x[n, c]/sqrt(sum[k < C] x[n, k]^2)", POWERS
    ),
    "norm as an equation": Family(
        "f(x[N, C]): s[n] = sum[c] x[n, c]^2; r[n] = sqrt(s[n]); y[n, c] = x[n, c]/r[n]", POWERS
    ),
    "norm of order 3": Family("f(x[N, C]): y[n] = (sum[c] abs(x[n, c])^3)^(1/3)", POWERS),
    "cosine": Family(
        "f(a[N, C], b[N, C]): y[n] = (sum[c] a[n, c]*b[n, c])"
        "/(sqrt(sum[c] a[n, c]^2)*sqrt(sum[c] b[n, c]^2))",
        POWERS,
    ),
    "a/(a+b)": Family("y[i] = abs(a[i])/(abs(a[i]) + abs(b[i]))", POWERS),
    "a²/(a²+b²)": Family("y[i] = a[i]^2/(a[i]^2 + b[i]^2)", POWERS),
    "a·b/c": Family("y[i] = a[i]*b[i]/c[i]", POWERS),
    "1/(1+x²)": Family("y[i] = 1/(1 + x[i]^2)", POWERS),
    "x²/(1+x²)": Family("y[i] = x[i]^2/(1 + x[i]^2)", POWERS),
    "log of a sum of squares": Family("f(x[N, C]): y[n] = log(sum[c] x[n, c]^2)", POWERS),
    "root mean square": Family(
        "f(x[N, C]): y[n, c] = x[n, c]/sqrt(sum[k < C] x[n, k]^2/C)", POWERS
    ),
}


def drawn(family: Family, magnitude: float, dtype: Any, seed: int) -> dict[str, np.ndarray]:
    """Inputs at a magnitude, of two or three entries an axis, as numbers of the type."""
    rng = np.random.default_rng(seed)
    made: dict[str, np.ndarray] = {}
    tensors = family.layer.tensors
    for tensor in tensors:
        shape = (3 if len(tensors) < 3 else 2,) * len(tensor.axes)
        if tensor.integer:
            made[tensor.name] = rng.integers(0, 2, shape)
            continue
        values = rng.uniform(0.2, 1, shape) * rng.choice([-1, 1], shape)
        if tensor.name not in family.unscaled:
            values = values * magnitude
        if tensor.name in family.masks:
            values = np.where(np.arange(values.size).reshape(shape) % 3 == 1, 0.0, 1.0)
        made[tensor.name] = values.astype(dtype)
    for name in family.masks:
        # what is masked is the largest
        x = made["x"]
        made["x"] = np.where(made[name] == 0, np.abs(x) * dtype(1.0), x).astype(dtype)
    return made


def lost(family: Family, dtype: Any, target: str, magnitude: float, seed: int = 0) -> list[Lost]:
    """The results at one magnitude that rounding does not explain."""
    given = drawn(family, magnitude, dtype, seed)
    kernel = numeric.compile(family.layer, target=target)
    found = []
    with np.errstate(all="ignore"):
        y = kernel.forward(**given)
        rng = np.random.default_rng(seed + 1)
        g = rng.uniform(0.5, 1, np.shape(y)).astype(dtype)
        gradients = kernel.backward(g, **given)
    name = family.layer.outputs[0].name
    found.append(_worst("forward", family.layer, name, y, given, dtype))
    for wrt, array in gradients.items():
        derivation = derive.gradient(family.layer, wrt)
        output = derivation.adjoints[-1].name
        told = {**given, derivation.upstream[0][1]: g}
        found.append(_worst(f"∂L/∂{wrt}", derivation.layer, output, array, told, dtype))
    return [Lost(what, times) for what, times in found if times > 1]


def _worst(
    what: str, layer: Layer, output: str, got: Any, given: Mapping[str, Any], dtype: Any
) -> tuple[str, float]:
    """How many times the bound the worst entry is off by."""
    exact = {n: _exactly(a) for n, a in given.items()}
    real = [n for n in exact if np.asarray(given[n]).dtype.kind == "f"]
    found = evaluate(layer, exact, {}, {}, PRECISE)[output].entries
    moved = [abs(precise(0)) for _ in found]
    for nudged in _nudged(exact, real):
        other = evaluate(layer, nudged, {}, {}, PRECISE)[output].entries
        shifts = (abs(a - b) / precise(_NUDGE) for a, b in zip(found, other, strict=True))
        moved = [max(m, s) for m, s in zip(moved, shifts, strict=True)]
    if what != "forward":
        moved = [max([*moved, *map(abs, found)])] * len(moved)
    limits = np.finfo(dtype)
    count = sum(np.size(a) for a in given.values())
    unit = precise(float(limits.eps)) / 2
    worst = 0.0
    for want, by, made in zip(found, moved, np.ravel(got).tolist(), strict=True):
        if abs(want) >= float(limits.max):
            continue
        if abs(want) < float(limits.tiny) and abs(made) <= 2 * float(limits.tiny):
            continue
        bound = ROUNDING_ERRORS * count * unit * max(by, abs(want)) + precise(float(limits.tiny))
        there = np.isfinite(made) and (made != 0 or what != "forward")
        off = abs(precise(made) - want) / bound if there else float("inf")
        worst = max(worst, float(off))
    return what, worst


def _exactly(array: Any) -> Array:
    array = np.asarray(array)
    kind = int if array.dtype.kind == "i" else lambda v: precise(Fraction(float(v)))
    return Array(array.shape, tuple(kind(v) for v in array.ravel().tolist()))


def _nudged(exact: Mapping[str, Array], real: list[str]) -> Iterator[dict[str, Array]]:
    """The inputs with every entry moved by a tiny share of itself, up or down at random."""
    up, down = 1 + precise(_NUDGE), 1 - precise(_NUDGE)
    rng = np.random.default_rng(7)
    for _ in range(_DIRECTIONS):
        moved = {
            name: [v * (up if rng.integers(2) else down) for v in exact[name].entries]
            for name in real
        }
        yield {**exact, **{n: Array(exact[n].shape, tuple(e)) for n, e in moved.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="arrays")
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    print(f"{'':34}{'forward':^22}{'gradients':^22}")
    print(f"{'lost from this magnitude on':34}" + f"{'float32':>10} {'float64':>10} " * 2)
    for name, family in FAMILIES.items():
        if options.only not in name:
            continue
        first: dict[tuple[bool, Any], tuple[float, bool]] = {}
        for dtype, magnitude in product(DTYPES, sorted(family.magnitudes, key=_size)):
            top = float(np.finfo(dtype).max)
            if not 1 / top < magnitude < top / 10:
                continue
            for one in lost(family, dtype, options.target, magnitude):
                if options.verbose:
                    print(name, one, magnitude, dtype.__name__)
                first.setdefault((one.what == "forward", dtype), (magnitude, isfinite(one.times)))
        cells = [first.get((forward, d)) for forward in (True, False) for d in DTYPES]
        print(f"{name:34}" + "".join(f"{_cell(c):>10} " for c in cells))


def _cell(found: tuple[float, bool] | None) -> str:
    """The magnitude; ~ where the number is there and digits are missing."""
    return "–" if found is None else f"{'~' if found[1] else ''}{found[0]:g}"


def _size(magnitude: float) -> float:
    return max(magnitude, 1 / magnitude)


if __name__ == "__main__":
    main()
