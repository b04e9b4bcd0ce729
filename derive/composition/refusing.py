"""What is said of layers that do not fit each other, and where in the text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sympy import Expr

from derive.composition.applying import Application, Source
from derive.composition.renaming import Renaming
from derive.composition.sizes import Mismatch
from derive.language.definition import Tensor
from derive.language.notation.errors import NotationError, Span
from derive.language.printing import expression_text
from derive.language.terms import Condition


class Refusing:
    """The errors of one composition; ``shapes`` are those of the outputs, as they become known."""

    def __init__(self, text: str, made: Sequence[Application]) -> None:
        self.text = text
        self.made = made
        self.shapes: dict[int, tuple[Expr, ...]] = {}

    def check_names(self, given: Sequence[str], chosen: Collection[str]) -> None:
        """No tensor is called like a hyperparameter."""
        for name in given:
            if name in chosen:
                span = next(s.span for o in self.made for s in o.sources if s.name == name)
                raise NotationError(
                    f"{name} is a tensor and the value of an option",
                    self.text,
                    span,
                    "what is called by name needs a name of its own",
                )

    def ranks(self, place: int, tensor: Tensor, shape: tuple[Expr, ...]) -> NotationError:
        """A tensor of another number of axes."""
        one, source = self._at(place, tensor)
        wanted = _shape(tensor.name, [a.size for a in tensor.axes])
        found = self._found(source, shape)
        message = f"{one.kind} takes {wanted}, of {_axes(len(tensor.axes))}, and is given {found}"
        message += f", of {_axes(len(shape))}"
        hint = self._with_rank(source, len(tensor.axes) - len(shape)) or self._advice(one)
        return NotationError(message, self.text, self._span(one, source), hint)

    def shape(
        self,
        place: int,
        tensor: Tensor,
        shape: tuple[Expr, ...],
        error: Mismatch,
        own: Renaming,
    ) -> NotationError:
        """A tensor whose axes are not as long as they must be."""
        one, source = self._at(place, tensor)
        wanted = _shape(tensor.name, [_known(a.size, own) for a in tensor.axes])
        found = self._found(source, shape)
        a, b = expression_text(error.wanted), expression_text(error.found)
        message = f"{one.kind} takes {wanted} here, and is given {found}: {a} is not {b}"
        decision = error.decision
        if decision is not None and decision.counterexample:
            values = (f"{expression_text(s)} = {n}" for s, n in decision.counterexample)
            message += f", as for {', '.join(values)}"
        elif decision is not None and decision.holds is None:
            message += " for all sizes, as far as can be shown"
        return NotationError(message, self.text, self._span(one, source))

    def kinds(self, place: int, name: str) -> NotationError:
        """A name for numbers of two kinds."""
        message = f"{name} cannot be both an integer and a real number"
        hint = "choose another name for one of them"
        return NotationError(message, self.text, self.made[place].span, hint)

    def requirement(self, place: int, stated: Condition) -> NotationError:
        """A requirement of a layer that its sizes do not meet."""
        one = self.made[place]
        message = f"{one.kind} needs {expression_text(stated)}"
        given = [self._found(s, self.shapes[s.made]) for s in one.sources if s.made is not None]
        message += f", and is given {', '.join(given)}" if given else ""
        return NotationError(message, self.text, one.span)

    def _at(self, place: int, tensor: Tensor) -> tuple[Application, Source]:
        one = self.made[place]
        pairs = zip(one.layer.tensors, one.sources, strict=True)
        return one, next(s for t, s in pairs if t.name == tensor.name)

    def _found(self, source: Source, shape: Sequence[Expr]) -> str:
        """What a layer is given: an output, or an input that another layer has read."""
        if source.made is None:
            return _shape(source.name, shape)
        return f"{_shape('', shape)} by {self.made[source.made].kind}"

    def _span(self, one: Application, source: Source) -> Span:
        return source.span if source.span[0] < source.span[1] else one.span

    def _with_rank(self, source: Source, more: int) -> str:
        """The layer inside with so many more axes, where nothing tells it its rank."""
        from derive import catalog  # local: only what is wrong needs to be explained

        inner = None if source.made is None else self.made[source.made]
        if inner is None or inner.kind not in catalog.names() or not inner.sources:
            return ""
        stated = catalog.options(inner.kind).get("dims")
        written = any(option.startswith(("dims", "channels")) for option in inner.options)
        if stated is None or written or inner.sources[0].made is not None:
            return ""
        names = ", ".join(s.name or "…" for s in inner.sources)
        options = ", ".join([*inner.options, f"dims={stated.default + more}"])
        return f"write {inner.kind}({names}; {options})"

    def _advice(self, one: Application) -> str:
        from derive import catalog  # local: only what is wrong needs to be explained

        if one.kind not in catalog.names():
            return ""
        ranks = [o for o in ("dims", "channels") if o in catalog.options(one.kind)]
        return f"the rank of {one.kind} is set by {' and '.join(ranks)}" if ranks else ""


def _known(size: Expr, own: Renaming) -> Expr:
    found: Expr = own.of(size)
    return found


def _shape(name: str, sizes: Sequence[Expr]) -> str:
    return f"{name}[{', '.join(map(expression_text, sizes))}]"


def _axes(number: int) -> str:
    return f"{number} {'axis' if number == 1 else 'axes'}"
