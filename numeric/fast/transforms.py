"""Winograd's transforms, derived over the rationals and proved.

For m results of a kernel with r taps let n = m + r − 1, a₁ … a₍ₙ₋₁₎ be different numbers and
M(z) = Π (z − aⱼ).  With the matrices

    result[i, j] = aⱼⁱ          kernel[j, t] = aⱼᵗ / M′(aⱼ)         data[j, q] = [z^q] M(z)/(z − aⱼ)

and for the point ∞, the last one, result[m−1], kernel[r−1] = 1 and data[q] = [z^q] M(z), the
identity of Toom and Cook is

    Σⱼ result[i, j]·kernel[j, t]·data[j, q] = δ(q, i + t).

It is trilinear, so it serves a correlation y = result·((kernel·k) ⊙ (data·x)) and, read the other
way, the gradient by the kernel: dk = kernelᵀ·((resultᵀ·g) ⊙ (data·x)).

Sources: Winograd, Arithmetic complexity of computations (1980); Lavin & Gray, Fast algorithms for
convolutional neural networks (2016), which names it F(m, r).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sympy import Matrix, Poly, Rational, Symbol, expand, symbols

from derive.files import write_whole
from numeric.templates import constants as written

#: the points, in the order in which they are taken: small numbers, whose powers stay small
POINTS = (0, 1, -1, 2, -2, Rational(1, 2), Rational(-1, 2), 4, -4)
#: the (m, r) for which constants are written
SIZES = ((4, 3), (2, 5))

Matrices = tuple[Matrix, Matrix, Matrix]


def matrices(m: int, r: int) -> Matrices:
    """The matrices ``result`` [m, n], ``kernel`` [n, r] and ``data`` [n, n], rational."""
    n = m + r - 1
    points = POINTS[: n - 1]
    z = Symbol("z")
    whole = Poly(1, z)
    for a in points:
        whole *= Poly(z - a, z)
    result = Matrix(m, n, lambda i, j: Rational(points[j]) ** i if j < n - 1 else int(i == m - 1))
    slopes = [whole.diff(z).eval(a) for a in points]
    kernel = Matrix(
        n, r, lambda j, t: Rational(points[j]) ** t / slopes[j] if j < n - 1 else int(t == r - 1)
    )
    rows = [whole.quo(Poly(z - a, z)) for a in points] + [whole]
    data = Matrix(n, n, lambda j, q: rows[j].coeff_monomial(z**q))
    return result, kernel, data


def proved(made: Matrices) -> bool:
    """Whether the matrices compute a correlation: yᵢ = Σ_t k_t·x_(i+t), for symbols k and x.

    In two dimensions they are applied to each axis, and so compute the correlation there too: it is
    one sum in each axis, with the other axis's index held fixed.
    """
    result, kernel, data = made
    m, n, r = result.rows, kernel.rows, kernel.cols
    x, k = Matrix(symbols(f"x:{n}")), Matrix(symbols(f"k:{r}"))
    products = (kernel * k).multiply_elementwise(data * x)
    wanted = Matrix(m, 1, lambda i, _: sum(k[t] * x[i + t] for t in range(r)))
    return (result * products - wanted).applyfunc(expand) == Matrix.zeros(m, 1)


HEADER = '''"""Winograd's transforms, derived and proved by numeric.fast.transforms; do not edit.

By (m, r): the matrices for kernels, data and results.
"""

WINOGRAD = {'''


def constants() -> str:
    """The text of ``numeric/templates/constants.py``."""
    lines = [HEADER]
    for m, r in SIZES:
        made = matrices(m, r)
        if not proved(made):
            raise ArithmeticError(f"the transforms of F({m}, {r}) do not compute a correlation")
        result, kernel, data = made
        lines.append(f"    ({m}, {r}): (")
        for matrix in (kernel, data, result):
            rows = (map(_number, matrix.row(i).flat()) for i in range(matrix.rows))
            texts = (f"            ({', '.join(row)})," for row in rows)
            lines += ["        (", *texts, "        ),"]
        lines.append("    ),")
    return "\n".join([*lines, "}", ""])


def _number(value: Any) -> str:
    """An integer, or a quotient, which is evaluated once."""
    number = Rational(value)
    return str(number.p) if number.q == 1 else f"{number.p} / {number.q}"


def main() -> None:
    """Write the constants anew."""
    write_whole(Path(written.__file__), constants())


if __name__ == "__main__":
    main()
