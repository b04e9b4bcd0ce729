"""Whole arrays in PyTorch: tensors in, tensors out, of the dtype and on the device they come with.

The functions below ``body`` are helpers that generated modules contain; they are not called here,
where PyTorch may be missing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from derive.language.definition import Layer
from numeric.closed import in_closed_form
from numeric.emission.dialect import NUMPY, Body, Call, Comment, Dialect, axis_of
from numeric.emission.identifiers import Identifiers, quoted
from numeric.emission.statements import body_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

SUMMARY = "PyTorch on whole arrays: tensors in, tensors out, no autograd (extra torch)"
#: the elementwise functions that PyTorch has, under these names
HAS = ["cos", "erf", "erfc", "exp", "expm1", "log", "log1p", "sigmoid", "sin", "sqrt", "tanh"]


class Torch(Dialect):
    """PyTorch's words, where they are not NumPy's."""

    library = "PyTorch"
    imports = ("import torch",)
    helpers = (__name__, *NUMPY.helpers)
    names = ("torch", "device")
    functions: ClassVar[Mapping[str, str]] = {n: f"torch.{n}" for n in HAS}

    def arrays(
        self, reals: Sequence[str], tables: Mapping[str, str], whole: bool, call: Call
    ) -> Iterator[str]:
        listed = [f"[{', '.join(names)}]" for names in (reals, tables.values())]
        yield f"dtype, device = {call('common', *listed, f'integers={whole}')}"
        for name in reals:
            yield f"{name} = {call('tensor', name, 'dtype', 'device')}"
        for tensor, name in tables.items():
            yield f"{name} = {call('table', quoted(tensor), name)}"

    def zeros(self, shape: str) -> str:
        return f"torch.zeros({shape}, dtype=dtype, device=device)"

    def full(self, shape: str, value: str) -> str:
        return f"torch.full({shape}, {value}, dtype=dtype, device=device)"

    def counting(self, length: str) -> str:
        return f"torch.arange({length}, device=device)"

    def hollow(self, array: str) -> str:
        return f"{array}.new_zeros(()).expand({array}.shape)"

    def scalar(self, value: str) -> str:
        return f"torch.as_tensor({value}, dtype=dtype, device=device)"

    def number(self, value: str) -> str:
        return self.scalar(value)

    def copied(self, array: str) -> str:
        return f"{array}.clone()"

    def spread(self, array: str, shape: str) -> str:
        return f"{self.scalar(array)}.broadcast_to({shape})"

    def permuted(self, array: str, order: Sequence[int]) -> str:
        return super().permuted(array, order).replace(".transpose(", ".permute(")

    def padded(self, array: str, widths: Sequence[tuple[str, str]], fill: str, call: Call) -> str:
        amounts = ", ".join(text for pair in reversed(widths) for text in pair)
        filled = "" if fill == "0" else f", value={fill}"
        return f"torch.nn.functional.pad({array}, ({amounts}){filled})"

    def places(self, counts: Sequence[str]) -> str:
        return f"itertools.product({', '.join(f'range({n})' for n in counts)})"

    def cast(self, array: str) -> str:
        return f"{array}.to(dtype)"

    def constant(self, name: str) -> str:
        return f"math.{name}"

    def of_number(self, name: str, argument: str, call: Call) -> str:
        known = name in self.of_numbers
        number = argument if known else f"torch.tensor({argument}, dtype=torch.float64)"
        return super().of_number(name, number, call)

    def summed(self, array: str, axes: Sequence[int], call: Call) -> str:
        return f"torch.sum({array}, {axis_of(axes)}, dtype=dtype)"

    def product(self, left: str, right: str, simple: bool, call: Call) -> str:
        return call("product", left, right)

    def products_summed(self, letters: str, left: str, right: str, call: Call) -> str | None:
        return None

    def extreme(self, word: str, first: str, second: str, call: Call) -> str:
        side = {"minimum": "max", "maximum": "min"}[word]
        return f"torch.as_tensor({first}, device=device).clamp({side}={second})"

    def where(self, call: Call, test: str, yes: str, no: str) -> str:
        return call("where", test, yes, no, "device")

    def negated(self, mask: str) -> str:
        return f"torch.logical_not(torch.as_tensor({mask}))"

    def width(self, values: str, call: Call) -> str:
        return call("width", values)

    def real_option(self, name: str, call: Call) -> Iterator[str]:
        yield from ()

    # --- what a kernel does with tensors ---------------------------------------------------------

    def available(self) -> None:
        if find_spec("torch") is None:
            raise ValueError(
                "the target torch computes with PyTorch, which is not installed:"
                " pip install 'derive[torch]'"
            )

    def dtype(self, wanted: Any) -> str:
        import torch  # local: optional

        found = getattr(torch, wanted, None) if isinstance(wanted, str) else wanted
        if not isinstance(found, torch.dtype):
            raise ValueError(f"PyTorch has no dtype {wanted!r}")
        return str(found).removeprefix("torch.")

    def dtype_of(self, array: Any) -> str:
        import torch  # local: optional

        return str(torch.as_tensor(array).dtype).removeprefix("torch.")

    def shape(self, array: Any) -> tuple[int, ...] | None:
        import torch  # local: optional

        if isinstance(array, int | float):
            return ()
        return tuple(array.shape) if isinstance(array, torch.Tensor) else None

    def strides(self, array: Any) -> Sequence[int]:
        found: Sequence[int] = array.stride()
        return found

    def rearranged(self, array: Any, order: Sequence[int], shape: Sequence[int]) -> Any:
        return array.permute(*order).reshape(*shape)

    def given(self, array: Any) -> Any:
        import torch  # local: optional

        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufcO":
            return array
        dtype = float if array.dtype == object else None
        return torch.from_numpy(np.array(array, dtype, order="C"))

    def taken(self, array: Any) -> Any:
        return array.cpu().numpy()


DIALECT = Torch()
gradient = in_closed_form


def body(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    return body_of(layer, outputs, names, comment, DIALECT)


# --- helpers: tensors and their shapes ----------------------------------------------------------


def common(
    arrays: Sequence[Any], tables: Sequence[Any], *, integers: bool
) -> tuple[torch.dtype, torch.device]:
    """The tensors' common dtype, or floats where ``integers`` do not do, and their device."""
    for array in (*arrays, *tables):
        if not isinstance(array, torch.Tensor | int | float):
            raise ValueError(f"tensors must be PyTorch's, not of type {type(array).__name__}")
    devices = {a.device for a in (*arrays, *tables) if isinstance(a, torch.Tensor)}
    if len(devices) > 1:
        listed = ", ".join(sorted(map(str, devices)))
        raise ValueError(f"tensors must be on one device, not on {listed}")
    device = next(iter(devices), torch.get_default_device())
    kinds = [a.dtype for a in arrays if isinstance(a, torch.Tensor)]
    dtype = reduce(torch.promote_types, kinds) if kinds else torch.int64
    if dtype == torch.bool:
        dtype = torch.int64
    if dtype.is_floating_point or dtype.is_complex:
        return dtype, device
    whole = integers and not any(isinstance(a, float) for a in arrays)
    return dtype if whole else torch.float64, device


def tensor(array: Any, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A tensor or number as a tensor that no gradient is recorded for."""
    return torch.as_tensor(array, dtype=dtype, device=device).detach()


def table(name: str, array: Any) -> Tensor:
    """A table of integers as a tensor."""
    made = torch.as_tensor(array)
    if (made.dtype == torch.bool or made.is_floating_point() or made.is_complex()) and made.numel():
        dtype = str(made.dtype).removeprefix("torch.")
        raise ValueError(f"{name} is a table of integers, but its dtype is {dtype}")
    return made.to(torch.int64)


def compared_table(name: str, array: Any) -> Tensor:
    """A table of integers that nothing is computed from: as any other."""
    return table(name, array)


def below(name: str, array: Tensor, bound: int) -> None:
    """Refuse a table with entries outside 0 … bound − 1."""
    wrong = array[(array < 0) | (array >= bound)]
    if wrong.numel():
        raise ValueError(f"{name} holds {int(wrong[0])}; its entries must be in 0 … {bound - 1}")


def shape_of(name: str, array: Tensor, axes: str) -> tuple[int, ...]:
    """The tensor's shape, which must have as many axes as it is said to have."""
    rank = len(axes.split(", ")) if axes else 0
    if array.ndim != rank:
        raise ValueError(f"{name}: expected shape ({axes}), given {tuple(array.shape)}")
    return tuple(array.shape)


def expect(name: str, array: Tensor, axes: str, shape: tuple[int, ...]) -> None:
    """Refuse a tensor of another shape."""
    given = tuple(array.shape)
    if given != shape:
        raise ValueError(f"{name}: expected shape ({axes}) = {shape}, given {given}")


# --- helpers: reading and adding ----------------------------------------------------------------


def view(
    array: Tensor, shape: Sequence[int], start: Sequence[int], steps: Sequence[Sequence[int]]
) -> Tensor:
    """The tensor read at ``start + Σ step·index`` along each axis, never outside it.

    ``steps[j][k]`` is how far the j-th index moves along axis k; PyTorch has no negative strides,
    so what runs backwards is flipped.
    """
    if 0 in shape:
        return array.new_zeros(shape)
    for axis, size in enumerate(array.shape):
        reach = [step[axis] * (n - 1) for step, n in zip(steps, shape, strict=True)]
        low = start[axis] + sum(r for r in reach if r < 0)
        high = start[axis] + sum(r for r in reach if r > 0)
        if low < 0 or high >= size:
            raise IndexError(f"axis {axis} of length {size} would be read from {low} to {high}")
    strides = [sum(map(operator.mul, step, array.stride())) for step in steps]
    corner = array.storage_offset() + sum(map(operator.mul, start, array.stride()))
    turned = [k for k, stride in enumerate(strides) if stride < 0]
    corner += sum(strides[k] * (shape[k] - 1) for k in turned)
    return array.as_strided(shape, [abs(s) for s in strides], corner).flip(turned)


def gather(array: Tensor, *index: Any) -> Tensor:
    """The entries at broadcast index tensors, none of which may be outside."""
    index = torch.broadcast_tensors(*(torch.as_tensor(i, device=array.device) for i in index))
    if not index[0].numel():
        return array.new_zeros(index[0].shape)
    for axis, (i, size) in enumerate(zip(index, array.shape, strict=True)):
        if not (i.min() >= 0 and i.max() < size):
            raise IndexError(f"axis {axis} of length {size} would be read outside")
    return array[index]


def gather_or_zero(array: Tensor, *index: Any) -> Tensor:
    """The entries at broadcast index tensors, and zero where one of them is outside."""
    index = torch.broadcast_tensors(*(torch.as_tensor(i, device=array.device) for i in index))
    inside = torch.ones(index[0].shape, dtype=torch.bool, device=array.device)
    for i, size in zip(index, array.shape, strict=True):
        inside &= (i >= 0) & (i < size)
    if not array.numel():
        return array.new_zeros(inside.shape)
    return torch.where(inside, array[tuple(i * inside for i in index)], 0)


def scatter_add(target: Tensor, index: Sequence[Any], values: Tensor) -> None:
    """Add each value to the entry at its index; values whose index is outside are dropped."""
    index = [torch.as_tensor(i, device=target.device) for i in index]
    *index, values = torch.broadcast_tensors(*index, values)
    inside = torch.ones(values.shape, dtype=torch.bool, device=target.device)
    for i, size in zip(index, target.shape, strict=True):
        inside &= (i >= 0) & (i < size)
    target.index_put_(tuple(i[inside] for i in index), values[inside], accumulate=True)


# --- helpers: computing -------------------------------------------------------------------------


def product(left: Tensor, right: Tensor) -> Tensor:
    """The (batched) matrix product; of integers by sums where a GPU has no other."""
    if left.is_floating_point() or left.is_complex() or not left.is_cuda:
        return torch.matmul(left, right)
    if right.ndim == 1:
        return (left * right).sum(-1, dtype=left.dtype)
    return (left.unsqueeze(-1) * right.unsqueeze(-3)).sum(-2, dtype=left.dtype)


def where(test: Any, yes: Any, no: Any, device: torch.device) -> Tensor:
    """One of two values, entry by entry; numbers take on the dtype of what they stand beside."""
    whole = isinstance(yes, int) and isinstance(no, int)
    kinds = [v.dtype for v in (yes, no) if isinstance(v, torch.Tensor)]
    dtype = kinds[0] if kinds else torch.int64 if whole else torch.float64
    yes, no = (torch.as_tensor(v, dtype=dtype, device=device) for v in (yes, no))
    return torch.where(torch.as_tensor(test, device=device), yes, no)


def divides(divisor: Any, number: Any) -> Tensor:
    """Whether the divisor divides the number; zero divides only zero."""
    divisor, number = torch.as_tensor(divisor), torch.as_tensor(number)
    zero = divisor == 0
    return torch.where(zero, number == 0, number % (divisor + zero) == 0)


def width(values: Any) -> int:
    """The largest of some integers, and at least zero."""
    made = torch.as_tensor(values)
    return max(0, int(made.max())) if made.numel() else 0


def lowest(dtype: torch.dtype) -> Any:
    """A number that no number of that dtype is below."""
    return -math.inf if dtype.is_floating_point else torch.iinfo(dtype).min


def largest(values: Tensor, count: int) -> Tensor:
    """The largest value over the last ``count`` axes, of which there must be one."""
    kept = values.shape[: values.ndim - count]
    if 0 in values.shape[values.ndim - count :] and 0 not in kept:
        raise ValueError("the maximum over an empty range")
    return values.flatten(len(kept)).amax(-1) if values.numel() else values.new_zeros(kept)


def largest_where(values: Tensor, count: int, only: Any, needed: Any) -> Tensor:
    """The largest value over the last ``count`` axes, of those where ``only`` holds.

    Where ``needed`` holds there must be such a value.
    """
    only = torch.as_tensor(only, device=values.device)
    both = torch.broadcast_tensors(values, only)
    values, only = (a.flatten(a.ndim - count) for a in both)
    if (~only.any(-1) & needed).any():
        raise ValueError("the maximum over an empty range")
    least = lowest(values.dtype)
    if not values.shape[-1]:
        return values.new_full(values.shape[:-1], least)
    return torch.where(only, values, least).amax(-1)


def first_place(values: Tensor, count: int) -> Tensor:
    """Where along the last ``count`` axes, flattened, the first largest value is; −1: nowhere."""
    values = values.flatten(values.ndim - count)
    if not values.shape[-1]:
        return values.new_full(values.shape[:-1], -1, dtype=torch.int64)
    return values.argmax(-1)


def first_place_where(values: Tensor, count: int, only: Any) -> Tensor:
    """The same, looking only at values where ``only`` holds."""
    only = torch.as_tensor(only, device=values.device)
    both = torch.broadcast_tensors(values, only)
    values, only = (a.flatten(a.ndim - count) for a in both)
    if not values.shape[-1]:
        return values.new_full(values.shape[:-1], -1, dtype=torch.int64)
    best = torch.where(only, values, lowest(values.dtype)).amax(-1, keepdim=True)
    first = (only & (values == best)).to(torch.uint8).argmax(-1)
    return torch.where(only.any(-1), first, -1)
