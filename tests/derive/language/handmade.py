"""Layers built by hand from the nodes of ``derive.language.terms``, without parser and engine."""

from __future__ import annotations

from fractions import Fraction

from sympy import Expr, Integer

from derive.engine.record import Adjoint, Derivation
from derive.language.definition import Axis, Equation, Hyperparameter, Layer, Tensor
from derive.language.terms import (
    Between,
    Condition,
    Entry,
    FloorDiv,
    Greatest,
    Index,
    Iverson,
    Parameter,
    Same,
    Size,
    total,
)

Z = Integer(0)
H, K, M, N, R, C, W = (Size(n) for n in "HKMNRCW")
a, b, c, i, j, n, q, r = (Index(name) for name in "abcijnqr")
s, p = Parameter("s"), Parameter("p")
STRIDE = Hyperparameter(s, Fraction(1), 1)
PADDING = Hyperparameter(p, Fraction(0), 0)


def equation(
    name: str,
    indices: tuple[Index, ...],
    extents: tuple[Expr, ...],
    written: Expr,
    explicit: Expr | None = None,
) -> Equation:
    given = (True,) * len(indices)
    return Equation(name, indices, extents, extents, given, written, explicit or written)


def layer(
    tensors: dict[str, tuple[Axis | Size | Expr, ...]],
    *equations: Equation,
    hyper: tuple[Hyperparameter, ...] = (),
    requirements: tuple[Condition, ...] = (),
    definitions: tuple[tuple[Size, Expr], ...] = (),
) -> Layer:
    declared = tuple(
        Tensor(name, tuple(x if isinstance(x, Axis) else Axis(x) for x in axes))
        for name, axes in tensors.items()
    )
    return Layer("layer", declared, hyper, requirements, equations, definitions)


def conv() -> Layer:
    """y[r] = Σ_{a<K} x[s·r+a−p]·k[a] with H padded by p."""
    at = s * r + a - p
    written = total(Entry("x", at) * Entry("k", a), [(a, Z, K)])
    guard = Iverson(Between(Z, at, H))
    explicit = total(guard * Entry("x", at) * Entry("k", a), [(a, Z, K)])
    return layer(
        {"x": (Axis(H, p, p),), "k": (K,)},
        equation("y", (r,), (R,), written, explicit),
        hyper=(STRIDE, PADDING),
        definitions=((R, FloorDiv(H + 2 * p - K, s) + 1),),
    )


def lecture_conv() -> tuple[Derivation, Derivation]:
    """The lecture's convolution and its gradients with respect to x and k, results only."""
    at = r + a, c + b
    written = total(Entry("x", *at) * Entry("k", a, b), [(a, Z, K), (b, Z, M)])
    axes = {"x": (H, W), "k": (K, M)}
    extents = {R: H - K + 1, C: W - M + 1}
    forward = layer(
        axes, equation("y", (r, c), (R, C), written), definitions=tuple(extents.items())
    )
    r_, c_, a_, b_ = (Index(f"{name}'") for name in "rcab")
    guards = Iverson(Between(Z, r_ - a, R)) * Iverson(Between(Z, c_ - b, C))
    upstream = guards * Entry("g", r_ - a, c_ - b)
    dx = total(upstream * Entry("k", a, b), [(a, Z, K), (b, Z, M)])
    dk = total(Entry("g", r, c) * Entry("x", r + a_, c + b_), [(r, Z, R), (c, Z, C)])
    promises = tuple(Same(size, Greatest(Z, meaning)) for size, meaning in extents.items())

    def derivation(wrt: str, indices: tuple[Index, ...], result: Expr) -> Derivation:
        gradient = layer(
            {**axes, "g": (R, C)},
            equation(f"d{wrt}", indices, axes[wrt], result),
            requirements=promises,
        )
        adjoint = Adjoint(Entry(wrt, *indices), f"d{wrt}", (), result)
        return Derivation(forward, wrt, (("y", "g"),), (adjoint,), (), gradient)

    return derivation("x", (r_, c_), dx), derivation("k", (a_, b_), dk)
