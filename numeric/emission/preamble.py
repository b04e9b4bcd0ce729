"""What every generated function begins with: arrays, sizes, and checks of all that may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Basic, Expr, NumberSymbol, Pow, Rational

from derive.language.definition import Hyperparameter, Layer, Tensor
from derive.language.notation import expression_text
from derive.language.terms import (
    MINUS_INFINITY,
    Entry,
    RealParameter,
    Same,
    Size,
    subterms,
    symbols_of,
)
from numeric.emission.identifiers import Identifiers, quoted
from numeric.emission.sizes import given_sizes, promised, sizes_in, solvable
from numeric.emission.text import Level
from numeric.emission.writer import Writer
from verify.evaluation.windows import emptiable, natural, windows


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
        self._told: set[str] = set()

    @property
    def helpers(self) -> dict[str, None]:
        """The functions of ``numeric.templates.support`` that the lines call."""
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
            *self._fits(),
            *self._expectations(),
        ]

    # --- arrays and hyperparameters --------------------------------------------------------------

    def _arrays(self) -> Iterator[str]:
        reals = [self.names.array(t.name) for t in self.layer.tensors if not t.integer]
        whole = exact_on_integers(self.layer)
        arguments = [*reals, f"integers={whole}"]
        yield f"dtype = {self._writer.call('common_dtype', *arguments)}"
        if len(reals) == 1:
            yield f"{reals[0]} = np.asarray({reals[0]}, dtype)"
        elif reals:
            listed = ", ".join(reals)
            yield f"{listed} = (np.asarray(array, dtype) for array in ({listed}))"
        for tensor in self.layer.tensors:
            if tensor.integer:
                name = self.names.array(tensor.name)
                yield f"{name} = {self._writer.call('table', quoted(tensor.name), name)}"

    def _options(self) -> Iterator[str]:
        kinds: dict[int | None, list[str]] = {}
        for h in self.layer.hyperparameters:
            if not isinstance(h.symbol, RealParameter):
                kinds.setdefault(h.minimum, []).append(self.names.symbol(h.symbol))
        for size in self.given:
            kinds.setdefault(0, []).append(self.names.symbol(size))
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
                new = isinstance(axis.size, Size) and axis.size not in {*known, *outputs}
                targets.append(self.names.symbol(axis.size) if new else "_")
                known |= {axis.size} if new else set()
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
        for size, meaning in outputs.items():
            yield f"{self.names.symbol(size)} = {self._writer.write(meaning)}"
        for size, meaning in self.layer.definitions:
            value = self._writer.write(meaning)
            value = value if natural(meaning) else f"max(0, {value})"
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
                text = f"{text} - {self._writer.write(rest, Level.TERM)}"
            if slope != 1:
                divisor = self._writer.write(slope, Level.SIGN)
                text = f"({text}) // {divisor}" if rest != 0 else f"{text} // {divisor}"
            if factor != 1:
                text += f" * {self._writer.write(factor, Level.SIGN)}"
            name = self.names.symbol(size)
            yield f"{name} = {text}"
            if rest != 0:
                stated = quoted(f"the size {size.name} cannot be negative")
                yield self._writer.call("require", f"{name} >= 0", stated, f"{name}={name}")

    # --- checks ----------------------------------------------------------------------------------

    def _requirements(self) -> Iterator[str]:
        outputs = promised(self.layer)
        for condition in self.layer.requirements:
            if isinstance(condition, Same) and condition.args[0] in outputs:
                continue
            stated = f"{self.layer.name} requires {expression_text(condition)}"
            values = [
                f"{self.names.symbol(s)}={self.names.symbol(s)}" for s in symbols_of(condition)
            ]
            yield self._writer.call(
                "require", self._writer.write(condition), quoted(stated), *values
            )

    def _fits(self) -> Iterator[str]:
        """That no window is larger than what it slides over, where there is something."""
        for size, meaning in windows(self.layer):
            name = self.names.symbol(size)
            sizes = [self.names.symbol(s) for s in emptiable(self.layer, meaning)]
            stated = quoted(f"{self.layer.name} requires {size.name} >= 1 (the window must fit)")
            values = (f"{self.names.symbol(s)}={self.names.symbol(s)}" for s in symbols_of(meaning))
            holds = f"{name} >= 1"
            if len(sizes) == 1:
                holds += f" or {sizes[0]} == 0"
            elif sizes:
                holds += f" or 0 in ({', '.join(sizes)})"
            yield self._writer.call("require", holds, stated, *values)

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


def _axes(tensor: Tensor) -> str:
    return ", ".join(expression_text(axis.size) for axis in tensor.axes)


def _default(h: Hyperparameter) -> str:
    assert h.default is not None
    return str(h.default) if h.default.denominator == 1 else repr(float(h.default))
