"""What every generated function begins with: arrays, sizes, and checks of all that may be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Basic, Expr, NumberSymbol, Pow, Rational

from derive.language.definition import Equation, Hyperparameter, Layer, Tensor
from derive.language.integers import affine
from derive.language.printing import expression_text
from derive.language.terms import (
    MINUS_INFINITY,
    ONE,
    ZERO,
    Divides,
    Entry,
    FloorDiv,
    Greatest,
    RealParameter,
    Same,
    Size,
    entries,
    indices_in,
    subterms,
    symbols_of,
)
from numeric.emission.dialect import Dialect, tuple_of
from numeric.emission.identifiers import Identifiers, quoted
from numeric.emission.writer import Binding, PythonWriter
from verify.evaluation.windows import emptiable, misfit_words, natural, windows


def exact_on_integers(layer: Layer) -> bool:
    """Whether integer tensors give integers: only sums, products, powers, choices and maxima."""
    return not any(_leaves_integers(node) for e in layer.equations for node in subterms(e.explicit))


def _leaves_integers(node: Basic) -> bool:
    if isinstance(node, Rational):
        return not node.is_Integer
    if isinstance(node, Pow):
        return not (node.exp.is_Integer and node.exp >= 0)
    return (
        isinstance(node, RealParameter | NumberSymbol)
        or node == MINUS_INFINITY
        or (bool(getattr(node, "is_Function", False)) and not isinstance(node, Entry))
    )


def only_compared(layer: Layer, name: str) -> bool:
    """Whether entries of a table only stand beside indices of sums: nothing comes from them."""
    found = [_uses(equation, name) for equation in layer.equations]
    return any(found) and all(
        isinstance(use, Same)
        and not any(set(equation.indices) & set(indices_in(a)) for a in use.args if not entries(a))
        for equation, uses in zip(layer.equations, found, strict=True)
        for use in uses
    )


def _uses(equation: Equation, name: str) -> list[Basic]:
    """The nodes of an equation that a table's entries stand in."""
    nodes = list(subterms(equation.explicit))
    return [n for n in nodes if any(isinstance(a, Entry) and a.tensor == name for a in n.args)]


class Preamble:
    """Writes the beginning of a function of the layer."""

    def __init__(self, layer: Layer, names: Identifiers, dialect: Dialect) -> None:
        self.layer = layer
        self.names = names
        self.dialect = dialect
        self._writer = PythonWriter(names, layer, dialect)
        self.given = given_sizes(layer)
        self._told: set[str] = set()

    @property
    def helpers(self) -> dict[str, None]:
        """The helpers that the lines call."""
        return self._writer.helpers

    def options(self) -> list[str]:
        """The keyword parameters: hyperparameters with their defaults, then sizes to be given."""
        made = []
        for h in self.layer.hyperparameters:
            name = self.names.symbol(h.symbol)
            made.append(name if h.default is None else f"{name}={_default(h)}")
        return [*made, *(self.names.symbol(s) for s in self.given)]

    def shape(self, extents: Sequence[Expr]) -> str:
        """A tuple of lengths."""
        return tuple_of([self._writer.write(n) for n in extents])

    def lines(self) -> list[str]:
        """The lines, in an order in which everything is known when it is used."""
        return [
            *self._arrays(),
            *self._options(),
            *self._sizes(),
            *self._requirements(),
            *self._fits(),
            *self._expectations(),
        ]

    # --- arrays and hyperparameters --------------------------------------------------------------

    def _arrays(self) -> Iterator[str]:
        named = {t.name: self.names.array(t.name) for t in self.layer.tensors}
        integer = {t.name for t in self.layer.tensors if t.integer}
        compared = {name for name in integer if only_compared(self.layer, name)}
        reals = [text for name, text in named.items() if name not in integer]
        tables = {name: named[name] for name in named if name in integer - compared}
        whole = exact_on_integers(self.layer)
        yield from self.dialect.arrays(reals, tables, whole, self._writer.call)
        for name, text in named.items():
            if name in compared:
                yield f"{text} = {self._writer.call('compared_table', quoted(name), text)}"

    def _options(self) -> Iterator[str]:
        kinds: dict[int | None, list[str]] = {}
        for h in self.layer.hyperparameters:
            if not isinstance(h.symbol, RealParameter):
                kinds.setdefault(h.minimum, []).append(self.names.symbol(h.symbol))
        for size in self.given:
            kinds.setdefault(0, []).append(self.names.symbol(size))
        for h in self.layer.hyperparameters:
            if isinstance(h.symbol, RealParameter):
                yield from self.dialect.real_option(self.names.symbol(h.symbol), self._writer.call)
        for least, found in kinds.items():
            left = ", ".join(found) if len(found) > 1 else f"({found[0]},)"
            call = self._writer.call("integers", str(least), *(f"{n}={n}" for n in found))
            yield f"{left} = {call}"

    # --- sizes -----------------------------------------------------------------------------------

    def _sizes(self) -> Iterator[str]:
        """Each size from the first tensors that tell it; those after them are held against it."""
        known = {*self.given}
        outputs = promised(self.layer)
        for number, tensor in enumerate(self.layer.tensors):
            yield from self._solved(known, number)
            targets = []
            for axis in tensor.axes:
                if isinstance(axis.size, Size) and axis.size not in {*known, *outputs}:
                    targets.append(self.names.symbol(axis.size))
                    known.add(axis.size)
                else:
                    targets.append("_")
            if "_" not in targets:
                self._told.add(tensor.name)
            unknown = sizes_in(a.size for a in tensor.axes) - known - set(outputs)
            array = self.names.array(tensor.name)
            call = self._writer.call("shape_of", quoted(tensor.name), array, quoted(_axes(tensor)))
            if any(t != "_" for t in targets):
                left = ", ".join(targets) if len(targets) > 1 else f"({targets[0]},)"
                yield f"{left} = {call}"
            elif unknown or not targets:
                yield call
        yield from self._solved(known, len(self.layer.tensors))
        for size, meaning in _in_order([*outputs.items(), *self.layer.definitions]):
            value = self._writer.write(meaning)
            value = value if size in outputs or natural(meaning) else f"max(0, {value})"
            yield f"{self.names.symbol(size)} = {value}"

    def _solved(self, known: set[Size], count: int) -> Iterator[str]:
        """Sizes that the first tensors tell within an expression such as H + 2."""
        while True:
            found = list(solvable(self.layer, known, count))
            if not found:
                return
            tensor, axis, size, (slope, rest, factor) = found[0]
            known.add(size)
            text = f"{self.names.array(tensor.name)}.shape[{axis}]"
            if rest != 0:
                text = f"{text} - {self._writer.write(rest, Binding.TERM)}"
            if slope != 1:
                divisor = self._writer.write(slope, Binding.SIGN)
                text = f"({text}) // {divisor}" if rest != 0 else f"{text} // {divisor}"
            if factor != 1:
                text += f" * {self._writer.write(factor, Binding.SIGN)}"
            name = self.names.symbol(size)
            yield f"{name} = {text}"
            if rest != 0:
                yield self._required(
                    f"{name} >= 0", f"the size {size.name} cannot be negative", size
                )

    # --- checks ----------------------------------------------------------------------------------

    def _required(self, holds: str, stated: str, about: Basic) -> str:
        """A check, whose message gives the values of the symbols that it is about."""
        names = map(self.names.symbol, symbols_of(about))
        return self._writer.call("require", holds, quoted(stated), *(f"{n}={n}" for n in names))

    def _requirements(self) -> Iterator[str]:
        outputs = promised(self.layer)
        for condition in self.layer.requirements:
            if isinstance(condition, Same) and condition.args[0] in outputs:
                continue
            stated = f"{self.layer.name} requires {expression_text(condition)}"
            yield self._required(self._writer.write(condition), stated, condition)

    def _fits(self) -> Iterator[str]:
        """That no window is larger than what it slides over, where there is something."""
        for size, meaning in windows(self.layer):
            name = self.names.symbol(size)
            sizes = [self.names.symbol(s) for s in emptiable(self.layer, meaning)]
            stated = f"{self.layer.name} requires {misfit_words(self.layer, size)}"
            holds = f"{name} >= 1"
            if len(sizes) == 1:
                holds += f" or {sizes[0]} == 0"
            elif sizes:
                holds += f" or 0 in ({', '.join(sizes)})"
            yield self._required(holds, stated, meaning)

    def _expectations(self) -> Iterator[str]:
        """Shapes that did not only tell sizes; those of single numbers are settled."""
        for tensor in self.layer.tensors:
            if tensor.axes and tensor.name not in self._told:
                text = self.shape([a.size for a in tensor.axes])
                name = self.names.array(tensor.name)
                axes = quoted(_axes(tensor))
                yield self._writer.call("expect", quoted(tensor.name), name, axes, text)
        for tensor in self.layer.tensors:
            if tensor.integer and tensor.below is not None:
                name = self.names.array(tensor.name)
                limit = self._writer.write(tensor.below)
                yield self._writer.call("below", quoted(tensor.name), name, limit)


def _in_order(made: Sequence[tuple[Size, Expr]]) -> Iterator[tuple[Size, Expr]]:
    """Sizes that are made from others, each after those, otherwise in order."""
    pending = dict(made)
    while pending:
        ready = [s for s, n in pending.items() if pending.keys().isdisjoint(symbols_of(n))]
        if not ready:
            raise ValueError(f"sizes are made from each other: {', '.join(map(str, pending))}")
        for size in ready:
            yield size, pending.pop(size)


def _axes(tensor: Tensor) -> str:
    return ", ".join(expression_text(axis.size) for axis in tensor.axes)


def _default(h: Hyperparameter) -> str:
    assert h.default is not None
    return str(h.default) if h.default.denominator == 1 else repr(float(h.default))


# --- sizes ---------------------------------------------------------------------------------------


def given_sizes(layer: Layer) -> tuple[Size, ...]:
    """The sizes that a caller has to give, since no tensor's shape determines them."""
    known = {*standing_alone(layer), *promised(layer)}
    while True:
        solved = {s for _, _, s, _ in solvable(layer, known, len(layer.tensors))}
        if solved <= known:
            break
        known |= solved
    return tuple(s for s in layer.sizes if s not in known)


def standing_alone(layer: Layer) -> list[Size]:
    """The sizes that are the length of an axis."""
    return [a.size for t in layer.tensors for a in t.axes if isinstance(a.size, Size)]


def promised(layer: Layer) -> dict[Size, Expr]:
    """Sizes that a requirement defines, R = max(0, …): an output's, now on an input's axis."""
    return {
        c.args[0]: c.args[1]
        for c in layer.requirements
        if isinstance(c, Same) and isinstance(c.args[0], Size) and isinstance(c.args[1], Greatest)
    }


def sizes_in(lengths: Iterable[Expr]) -> set[Size]:
    """The sizes that occur in the lengths of axes."""
    return {s for n in lengths for s in symbols_of(n) if isinstance(s, Size)}


def solvable(
    layer: Layer, known: set[Size], count: int
) -> Iterator[tuple[Tensor, int, Size, tuple[Expr, Expr, Expr]]]:
    """Axes of the first tensors whose length tells an unknown size: (length − rest)/slope·factor.

    It must be the only unknown one, and stand in an expression.
    """
    for tensor in layer.tensors[:count]:
        for place, axis in enumerate(tensor.axes):
            unknown = sizes_in([axis.size]) - known
            if len(unknown) == 1 and not isinstance(axis.size, Size):
                (size,) = unknown
                parts = _inverse(axis.size, size, layer)
                if parts is not None:
                    yield tensor, place, size, parts


def _inverse(length: Expr, size: Size, layer: Layer) -> tuple[Expr, Expr, Expr] | None:
    """Slope, rest and factor for slope·size + rest, or for size//m where m divides the size."""
    if isinstance(length, FloorDiv) and length.args[0] == size:
        divides = Divides(length.args[1], size)
        return (ONE, ZERO, length.args[1]) if divides in layer.requirements else None
    parts = affine(length, size)
    return None if parts is None or parts[0] == 0 else (*parts, ONE)
