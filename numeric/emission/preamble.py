"""What every generated function begins with: arrays, sizes, and checks of all that may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Add, Basic, Expr, Mul, NumberSymbol, Pow, Rational

from derive.definition import Hyperparameter, Layer, Tensor
from derive.notation import expression_text
from derive.terms import (
    MINUS_INFINITY,
    Entry,
    Greatest,
    RealParameter,
    Same,
    Size,
    subterms,
    symbols_of,
)
from numeric.emission.identifiers import Identifiers, quoted
from numeric.emission.writer import Level, Writer


def given_sizes(layer: Layer) -> tuple[Size, ...]:
    """The sizes that a caller has to give, since no tensor's shape determines them."""
    known = {*_standing_alone(layer), *_promised(layer)}
    while True:
        solved = {s for _, _, s, _ in _solvable(layer, known)}
        if solved <= known:
            break
        known |= solved
    return tuple(s for s in layer.sizes if s not in known)


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


class Preamble:
    """Writes the beginning of a function of the layer."""

    def __init__(self, layer: Layer, names: Identifiers) -> None:
        self.layer = layer
        self.names = names
        self._writer = Writer(names, layer)
        self.given = given_sizes(layer)

    @property
    def helpers(self) -> dict[str, None]:
        """The functions of ``numeric.support`` that the lines call."""
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
        made = [self._writer.write(n) for n in extents]
        return f"({made[0]},)" if len(made) == 1 else f"({', '.join(made)})"

    def lines(self) -> list[str]:
        """The lines, in an order in which everything is known when it is used."""
        return [
            *self._arrays(),
            *self._options(),
            *self._sizes(),
            *self._requirements(),
            *self._expectations(),
        ]

    # --- arrays and hyperparameters --------------------------------------------------------------

    def _arrays(self) -> Iterator[str]:
        reals = [self.names.array(t.name) for t in self.layer.tensors if not t.integer]
        whole = exact_on_integers(self.layer)
        arguments = [*reals, f"integers={whole}"]
        yield f"dtype = {self._writer.call('common_dtype', *arguments)}"
        for name in reals:
            yield f"{name} = np.asarray({name}, dtype)"
        for tensor in self.layer.tensors:
            if tensor.integer:
                name = self.names.array(tensor.name)
                yield f"{name} = {self._writer.call('table', quoted(tensor.name), name)}"

    def _options(self) -> Iterator[str]:
        for h in self.layer.hyperparameters:
            if isinstance(h.symbol, RealParameter):
                continue
            name = self.names.symbol(h.symbol)
            least = [] if h.minimum is None else [str(h.minimum)]
            yield f"{name} = {self._writer.call('integer', quoted(h.name), name, *least)}"
        for size in self.given:
            name = self.names.symbol(size)
            yield f"{name} = {self._writer.call('integer', quoted(size.name), name, '0')}"

    # --- sizes -----------------------------------------------------------------------------------

    def _sizes(self) -> Iterator[str]:
        known = {*self.given}
        promised = _promised(self.layer)
        for tensor in self.layer.tensors:
            targets = []
            for axis in tensor.axes:
                new = isinstance(axis.size, Size) and axis.size not in {*known, *promised}
                targets.append(self.names.symbol(axis.size) if new else "_")
                known |= {axis.size} if new else set()
            array = self.names.array(tensor.name)
            call = self._writer.call("shape_of", quoted(tensor.name), array, quoted(_axes(tensor)))
            if any(t != "_" for t in targets):
                left = ", ".join(targets) if len(targets) > 1 else f"({targets[0]},)"
                yield f"{left} = {call}"
            else:
                yield call
        yield from self._solved(known)
        for size, meaning in promised.items():
            yield f"{self.names.symbol(size)} = {self._writer.write(meaning)}"
        for size, meaning in self.layer.definitions:
            value = self._writer.write(meaning)
            value = value if _natural(meaning) else f"max(0, {value})"
            yield f"{self.names.symbol(size)} = {value}"

    def _solved(self, known: set[Size]) -> Iterator[str]:
        """Sizes that occur only within an expression such as H + 2."""
        while True:
            found = [f for f in _solvable(self.layer, known) if f[2] not in known]
            if not found:
                return
            tensor, axis, size, (slope, rest) = found[0]
            known.add(size)
            text = f"{self.names.array(tensor.name)}.shape[{axis}]"
            if rest != 0:
                text = f"{text} - {self._writer.write(rest, Level.TERM)}"
            if slope != 1:
                divisor = self._writer.write(slope, Level.SIGN)
                text = f"({text}) // {divisor}" if rest != 0 else f"{text} // {divisor}"
            yield f"{self.names.symbol(size)} = {text}"
            yield self._writer.call(
                "require",
                f"{self.names.symbol(size)} >= 0",
                quoted(f"the size {size.name} cannot be negative"),
                f"{self.names.symbol(size)}={self.names.symbol(size)}",
            )

    # --- checks ----------------------------------------------------------------------------------

    def _requirements(self) -> Iterator[str]:
        promised = _promised(self.layer)
        for condition in self.layer.requirements:
            if isinstance(condition, Same) and condition.args[0] in promised:
                continue
            stated = f"{self.layer.name} requires {expression_text(condition)}"
            values = [
                f"{self.names.symbol(s)}={self.names.symbol(s)}" for s in symbols_of(condition)
            ]
            yield self._writer.call(
                "require", self._writer.write(condition), quoted(stated), *values
            )

    def _expectations(self) -> Iterator[str]:
        bound: set[Basic] = set(_promised(self.layer))
        for tensor in self.layer.tensors:
            new = [a.size for a in tensor.axes if isinstance(a.size, Size) and a.size not in bound]
            if len(dict.fromkeys(new)) < len(tensor.axes):
                text = self.shape([a.size for a in tensor.axes])
                name = self.names.array(tensor.name)
                axes = quoted(_axes(tensor))
                yield self._writer.call("expect", quoted(tensor.name), name, axes, text)
            bound |= set(new)
        for tensor in self.layer.tensors:
            if tensor.integer and tensor.below is not None:
                name = self.names.array(tensor.name)
                limit = self._writer.write(tensor.below)
                yield self._writer.call("below", quoted(tensor.name), name, limit)


def _axes(tensor: Tensor) -> str:
    return ", ".join(expression_text(axis.size) for axis in tensor.axes)


def _default(h: Hyperparameter) -> str:
    assert h.default is not None
    return str(h.default) if h.default.denominator == 1 else repr(float(h.default))


def _natural(meaning: Expr) -> bool:
    """Whether a size is at least zero by the way it is made."""
    if isinstance(meaning, Add | Mul):
        return all(_natural(a) for a in meaning.args)
    return isinstance(meaning, Size) or (meaning.is_Integer and meaning >= 0)


def _standing_alone(layer: Layer) -> list[Size]:
    return [a.size for t in layer.tensors for a in t.axes if isinstance(a.size, Size)]


def _promised(layer: Layer) -> dict[Size, Expr]:
    """Sizes that a requirement defines, R = max(0, …): an output's, now on an input's axis."""
    return {
        c.args[0]: c.args[1]
        for c in layer.requirements
        if isinstance(c, Same) and isinstance(c.args[0], Size) and isinstance(c.args[1], Greatest)
    }


def _solvable(
    layer: Layer, known: set[Size]
) -> Iterator[tuple[Tensor, int, Size, tuple[Expr, Expr]]]:
    """Axes whose size is slope·unknown + rest with a single unknown size."""
    for tensor in layer.tensors:
        for place, axis in enumerate(tensor.axes):
            sizes = [s for s in symbols_of(axis.size) if isinstance(s, Size)]
            unknown = [s for s in dict.fromkeys(sizes) if s not in known]
            if len(unknown) == 1 and not isinstance(axis.size, Size):
                parts = _linear(axis.size, unknown[0])
                if parts is not None:
                    yield tensor, place, unknown[0], parts


def _linear(expr: Expr, size: Size) -> tuple[Expr, Expr] | None:
    from derive.integers import affine

    parts = affine(expr, size)
    return None if parts is None or parts[0] == 0 else parts
