"""How a library of arrays is spoken: its imports, its helpers, and a word for every operation.

The words here are NumPy's.  A target in another library has a subclass that overrides those that
differ; what the lines of a program are made of, and in which order, is the same for all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS
from numeric.emission.identifiers import Identifiers, quoted
from numeric.program.statements import Program

#: the elementwise functions by name
NAMED = (*FUNCTIONS, "sqrt")
#: a helper called with these arguments
Call = Callable[..., str]
#: the derivation's step behind a read, a guard or a sum of an equation, as a comment; or nothing
Comment = Callable[[str, str], str]


@dataclass(frozen=True)
class Body:
    """The lines of a function, the helpers that they call, and how they came about.

    ``explanation`` is what there is to say beyond the array program, if the lines come from one;
    ``definitions`` are functions of their own that the lines call, as those that are compiled.
    """

    lines: tuple[str, ...]
    helpers: tuple[str, ...]
    explanation: str = ""
    program: Program | None = None
    definitions: tuple[str, ...] = ()


class Target(Protocol):
    """A module of ``numeric.targets``.

    ``gradient`` is the layer that computes a derivation's result: as derived, or in closed form.
    """

    SUMMARY: str
    DIALECT: Dialect
    gradient: Callable[[Derivation], Layer]

    def body(
        self, layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment
    ) -> Body: ...


class Dialect:
    """NumPy's words.

    ``helpers`` are the modules whose functions a generated module may contain: the first that has
    a function of a name gives it.  ``options`` are what every function takes beside the layer's
    own.  ``functions`` says how the elementwise functions that the library has are called; each of
    the others is a helper of its name, which a library that is not NumPy writes in its own file.
    """

    library = "NumPy"
    imports: tuple[str, ...] = ("import numpy as np",)
    helpers: tuple[str, ...] = (
        "numeric.templates.support",
        "numeric.templates.choosing",
        "numeric.templates.errors",
        "numeric.templates.sliding",
    )
    #: the helpers that do several operations at once
    compounds: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    #: names that generated functions use themselves
    names: tuple[str, ...] = ("np", "as_strided")
    functions: ClassVar[Mapping[str, str]] = {n: f"np.{n}" for n in NAMED if hasattr(np, n)}
    #: those that are called from ``math`` where the argument is a fixed number
    of_numbers: frozenset[str] = frozenset(n for n in NAMED if hasattr(math, n))

    # --- before anything is computed -------------------------------------------------------------

    def arrays(
        self, reals: Sequence[str], tables: Mapping[str, str], whole: bool, call: Call
    ) -> Iterator[str]:
        """Lines after which the tensors are arrays, all but tables of one type called ``dtype``.

        ``reals`` and ``tables`` (by the notation's names) are Python names; ``whole``: integers are
        good enough for the layer.
        """
        yield f"dtype = {call('common_dtype', *reals, f'integers={whole}')}"
        if len(reals) == 1:
            yield f"{reals[0]} = np.asarray({reals[0]}, dtype)"
        elif reals:
            listed = ", ".join(reals)
            yield f"{listed} = (np.asarray(array, dtype) for array in ({listed}))"
        for tensor, name in tables.items():
            yield f"{name} = {call('table', quoted(tensor), name)}"

    def real_option(self, name: str, call: Call) -> Iterator[str]:
        """Lines after which a real hyperparameter's type gives way to that of arrays."""
        yield f"{name} = {call('of_python', name)}"

    # --- arrays from nothing ---------------------------------------------------------------------

    def zeros(self, shape: str) -> str:
        return f"np.zeros({shape}, dtype)"

    def allocated(self, name: str, shape: str, dtype: str, call: Call) -> str:
        """An array of that name, whose entries are anything: all of them are written afterwards."""
        return f"np.empty({shape}, {dtype})"

    def full(self, shape: str, value: str) -> str:
        return f"np.full({shape}, {value}, dtype)"

    def counting(self, length: str) -> str:
        """0, 1, …, length − 1."""
        return f"np.arange({length})"

    def scalar(self, value: str) -> str:
        """A number, or an array without axes, as an array."""
        return f"np.asarray({value}, dtype)"

    def number(self, value: str) -> str:
        """A number of Python's or the library's as what elementwise functions take."""
        return value

    def hollow(self, array: str) -> str:
        """Zeros of an array's shape and type that take no memory: where only the shape counts."""
        return f"np.broadcast_to(np.zeros((), {array}.dtype), {array}.shape)"

    # --- arrays from arrays ----------------------------------------------------------------------

    def copied(self, array: str) -> str:
        return f"np.array({array})"

    def spread(self, array: str, shape: str) -> str:
        """Broadcast to a shape."""
        return f"np.broadcast_to({array}, {shape})"

    def permuted(self, array: str, order: Sequence[int]) -> str:
        """The axes in another order."""
        if list(order) == list(range(len(order))):
            return array
        if list(order) == [1, 0]:
            return f"{array}.T"
        return f"{array}.transpose({', '.join(map(str, order))})"

    def padded(self, array: str, widths: Sequence[tuple[str, str]], fill: str, call: Call) -> str:
        """With more entries on both sides of each axis."""
        amounts = tuple_of([tuple_of(pair) for pair in widths])
        filled = "" if fill == "0" else f", constant_values={fill}"
        return f"np.pad({array}, {amounts}{filled})"

    def added(self, target: str, place: str, value: str, call: Call) -> str:
        """The line that adds to the entries at a place, which are slices and numbers."""
        return f"{target}[{place}] += {value}"

    def scattered(self, target: str, index: Sequence[str], value: str, call: Call) -> str:
        """The line that adds each value to the entry at its index, if there is one."""
        return call("scatter_add", target, tuple_of(index), value)

    def places(self, counts: Sequence[str]) -> str:
        """All places of a box, to loop over."""
        return f"np.ndindex({', '.join(counts)})"

    # --- computing -------------------------------------------------------------------------------

    def cast(self, array: str) -> str:
        """Integers or truth values as numbers of the type that is computed in."""
        return f"{array}.astype(dtype)"

    def constant(self, name: str) -> str:
        """``inf``, ``pi`` or ``e``."""
        return f"np.{name}"

    def function(self, name: str, argument: str, call: Call) -> str:
        """An elementwise function of an array."""
        word = self.functions.get(name)
        return call(name, argument) if word is None else f"{word}({argument})"

    def of_number(self, name: str, argument: str, call: Call) -> str:
        """The same of a fixed number: from ``math``, whose type gives way to that of an array."""
        if name in self.of_numbers:
            return f"math.{name}({argument})"
        return f"float({self.function(name, argument, call)})"

    def summed(self, array: str, axes: Sequence[int], call: Call) -> str:
        return f"np.sum({array}, {axis_of(axes)}, dtype=dtype)"

    def squares_summed(self, array: str, axes: Sequence[int], call: Call) -> str:
        base = array if array.isidentifier() else f"({array})"
        return self.summed(f"{base} ** 2", axes, call)

    def product(self, left: str, right: str, simple: bool, call: Call) -> str:
        """A matrix product; ``simple``: of matrices or vectors, else batched."""
        return f"{left} @ {right}" if simple else f"np.matmul({left}, {right})"

    def products_summed(self, letters: str, left: str, right: str, call: Call) -> str | None:
        """Sums of products of entries, axes by letters; None: only by way of matrix products."""
        return f'np.einsum("{letters}", {left}, {right})'

    def extreme(self, word: str, first: str, second: str, call: Call) -> str:
        """The elementwise ``minimum`` or ``maximum``."""
        return f"np.{word}({first}, {second})"

    def raised(self, base: str, exponent: str, call: Call) -> str | None:
        """A power that is not whole; None: as ``**`` does it."""
        return None

    def where(self, call: Call, test: str, yes: str, no: str) -> str:
        """One of two values, entry by entry."""
        return call("only_where", test, yes) if no == "0" else call("either", test, yes, no)

    def negated(self, mask: str) -> str:
        return f"np.logical_not({mask})"

    def width(self, values: str, call: Call) -> str:
        """The largest of some integers, at least zero, as a number."""
        return f"int(np.max({values}, initial=0))"

    # --- what a kernel does with arrays ----------------------------------------------------------

    def available(self) -> None:
        """``ValueError``, which says what to install, where the library is missing."""

    def dtype(self, wanted: Any) -> str:
        """The name of a number type."""
        return str(np.dtype(wanted))

    def dtype_of(self, array: Any) -> str:
        """The name of an array's number type."""
        return str(np.asarray(array).dtype)

    def shape(self, array: Any) -> tuple[int, ...] | None:
        """An array's shape; None where the code takes no such thing, and says so."""
        found: tuple[int, ...] = np.shape(array)
        return found

    def strides(self, array: Any) -> Sequence[int]:
        """How far apart entries lie in memory, by axis."""
        return np.asarray(array).strides

    def rearranged(self, array: Any, order: Sequence[int], shape: Sequence[int]) -> Any:
        """The axes in another order, then in another shape: a view where memory allows."""
        return np.asarray(array).transpose(order).reshape(shape)

    def given(self, array: Any) -> Any:
        """A NumPy array as one of the library's, for properties that are tried on arrays."""
        return array

    def taken(self, array: Any) -> Any:
        """A result as a NumPy array."""
        return array


class Numpy(Dialect):
    """NumPy itself, with operations that it does faster together."""

    compounds: tuple[str, ...] = (
        "sigmoid_slope",
        "window_sums",
        "window_maxima",
        "window_places",
        "add_at_places",
        "sums_from_places",
        "taken",
        "add_rows",
    )


#: what targets speak unless they say otherwise
NUMPY = Numpy()


def tuple_of(texts: Sequence[str]) -> str:
    """A tuple as Python text."""
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def axis_of(places: Sequence[int]) -> str:
    """The ``axis`` argument of a reduction."""
    return f"axis={places[0]}" if len(places) == 1 else f"axis=({', '.join(map(str, places))})"
