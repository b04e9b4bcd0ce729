"""Matrix product."""

from __future__ import annotations

from derive.catalog.options import Definition, OptionError

SUMMARY = "y[i, j] = sum[k] A[i, k]*B[k, j]"


def notation(dims: int = 2) -> Definition:
    """Shapes: A[I, K], B[K, J] → y[I, J]; with ``dims`` axes A[N, I, K], B[N, K, J] → y[N, I, J].

    Source: Golub & Van Loan, Matrix Computations (2013), section 1.1.
    """
    if isinstance(dims, bool) or not isinstance(dims, int) or not 2 <= dims <= 8:
        raise OptionError(f"dims must be between 2 and 8, not {dims!r}")
    sizes = ["N"] if dims == 3 else [f"N{axis}" for axis in range(1, dims - 1)]
    first = "".join(f"{size}, " for size in sizes)
    places = first.lower()
    return Definition(
        f"matmul(A[{first}I, K], B[{first}K, J]):\n"
        f"    y[{places}i, j] = sum[k] A[{places}i, k]*B[{places}k, j]"
    )
