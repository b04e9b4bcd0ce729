"""Claims about a layer: ``dL/dx[p, q] = …``, ``dy[r]/dx[p] = …`` and ``y[r] = …``.

The right-hand side is an expression of the notation in the layer's tensors and the upstream
gradients.  What differs from an equation: a read outside a tensor counts as zero (or as the value
the layer pads that tensor with), and a bound index without a range runs over all integers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Add, Basic, Expr, KroneckerDelta, Mul, Pow, Sum, Tuple, oo

from derive.language.definition import Axis, Layer, Tensor
from derive.language.functions import FUNCTIONS
from derive.language.notation.errors import NotationError, Span
from derive.language.notation.names import Declarations, Draft, Scope
from derive.language.notation.reader import ALIASES, read
from derive.language.notation.syntax import Bounds, EquationNode
from derive.language.notation.values import value
from derive.language.printing import expression_text
from derive.language.terms import (
    ZERO,
    Choose,
    Delta,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Size,
    subterms,
)


@dataclass(frozen=True)
class Claim:
    """What somebody says an entry is: of ∂L/∂x, of ∂y/∂x, or of an output.

    ``of`` is the entry that is differentiated, None for the loss and for a claim without a
    derivative; ``by`` the entry that it is differentiated by, or the output's own entry.
    ``body`` is the right-hand side; an unwritten range runs from −∞ to ∞.
    """

    text: str
    kind: str
    of: Entry | None
    by: Entry
    body: Expr
    places: Mapping[Basic, Span]
    alone: Mapping[Index, Expr]

    @property
    def free(self) -> tuple[Index, ...]:
        """The indices of the left-hand side, those of the numerator first."""
        return (*(self.of.at if self.of is not None else ()), *self.by.at)

    def error(self, message: str, where: Basic | None = None, hint: str = "") -> NotationError:
        """An error about a part of the right-hand side, or about all of it."""
        whole = (self.text.find("=") + 1, len(self.text.rstrip()))
        span = whole if where is None else self.places.get(where, whole)
        return NotationError(message, self.text, span, hint)

    def endless(self, index: Index) -> NotationError:
        """The error for a sum that does not end."""
        size = str(self.alone.get(index, "size"))
        return self.error(
            f"the sum over {index.name} has infinitely many terms, or cannot be seen to end",
            Tuple(index),
            f"outside a tensor reads are zero, but functions of them need not be; "
            f"write a range: {index.name} < {size}",
        )

    def too_long(self, index: Index) -> NotationError:
        """The error for a range far beyond the sizes of the layer."""
        return self.error(
            f"{index.name} runs over far more values than any tensor has",
            Tuple(index),
            "write a range in the sizes of the layer",
        )


#: what else people call the gradient that comes from above
UPSTREAM = (
    *("dout", "dl", "∂l", "grad", "grad_out", "grad_output", "upstream", "delta", "dy", "dz"),
    *("δ", "d_out", "gy", "gout", "dldy", "g_y", "g_out", "dloss", "upstream_gradient"),
)


@dataclass
class ClaimDraft(Draft):
    """Gives meaning to a claim: ranges that are not written are not inferred.

    ``alone`` remembers the size of an axis along which such an index stands alone.
    """

    alone: dict[Index, Expr] = field(default_factory=dict)
    upstream: Mapping[str, str] = field(default_factory=dict)

    def instead(self, name: str) -> str:
        """The upstream gradient has one name; a gradient that is claimed has none on the right."""
        outputs = {f"{d}{y}".lower(): g for y, g in self.upstream.items() for d in ("d", "grad_")}
        usual = {**outputs, **dict.fromkeys(UPSTREAM, next(iter(self.upstream.values()), "g"))}
        if name.lower() in usual:
            g = usual[name.lower()]
            return f"the upstream gradient is called {g}: write {g}{self._example(g)}"
        return super().instead(name)

    def _example(self, gradient: str) -> str:
        rank = self.rank(gradient) or 0
        return _letters(rank)

    def unwritten_range(
        self, index: Index, sizes: list[Expr], body: Expr, span: Span
    ) -> tuple[Expr, Expr]:
        """All integers; the axis, as in a layer, where the body does not vanish outside it."""
        if len(set(sizes)) == 1 and not vanishes(body, index):
            return ZERO, sizes[0]
        self.places.setdefault(Tuple(index), span)
        for size in sizes:
            self.alone.setdefault(index, size)
        return -oo, oo


def vanishes(body: Basic, index: Index) -> bool:
    """Whether an expression is seen to be 0 where its reads at an index are outside."""
    if isinstance(body, Mul):
        return any(vanishes(a, index) for a in body.args)
    if isinstance(body, Add):
        return all(vanishes(a, index) for a in body.args)
    if isinstance(body, Pow):
        return bool(body.args[1].is_positive) and vanishes(body.args[0], index)
    if isinstance(body, Sum):
        return vanishes(body.function, index)
    if isinstance(body, Choose):
        return all(vanishes(a, index) for a in body.args[1:])
    if isinstance(body, Entry | Iverson | Delta | KroneckerDelta):
        return index in subterms(body)
    known = FUNCTIONS.get(type(body).__name__.lower())
    return known is not None and bool(known.node(ZERO) == 0) and vanishes(body.args[0], index)


def parse_claim(text: str, layer: Layer, upstream: Mapping[str, str]) -> Claim:
    """The claim that a text makes about a layer.

    ``upstream`` names the upstream gradient of each output.  Raises ``NotationError`` for what
    is no claim, names what the layer does not have, or has the wrong number of indices.
    """
    head, rewritten = left_side(text, layer)
    try:
        tree = read(rewritten)
        if tree.name is not None or len(tree.equations) != 1:
            span = tree.equations[-1].head
            raise NotationError("a claim is one equation", rewritten, span, example(layer))
        return _worked_out(text, head, tree.equations[0], layer, upstream)
    except NotationError as error:
        error.text = text
        raise
    except RecursionError:
        raise NotationError("this nests too deeply", text, (0, 1)) from None


def _worked_out(
    text: str, head: Head, node: EquationNode, layer: Layer, upstream: Mapping[str, str]
) -> Claim:
    draft = _draft(text, layer, upstream)
    kind, of, by = _subject(head, node, layer, draft)
    ranks = [_rank(layer, name) for name in (of, by) if name is not None]
    _check_indices(node, of, by, ranks, layer, draft)
    scope: Scope = {}
    for bounds in node.axes:
        scope = draft.bind(bounds.index, scope)
    indices = tuple(scope[b.index.name] for b in node.axes)
    body = value(node.body, draft, scope)
    _check_maxima(body, draft)
    if draft.borrowed:
        name, span = next(iter(draft.borrowed.items()))
        raise draft.error(f"{name} is not known here", span)
    split = ranks[0] if of is not None else 0
    return Claim(
        text,
        kind,
        None if of is None else Entry(of, *indices[:split]),
        Entry(by, *indices[split:]),
        body,
        draft.places,
        draft.alone,
    )


def _draft(text: str, layer: Layer, upstream: Mapping[str, str]) -> ClaimDraft:
    """Everything a claim may mention."""
    sizes: dict[str, Expr] = {s.name: s for s in layer.sizes}
    defined: dict[Size, Expr] = dict(layer.definitions)
    sizes |= {s.name: s for s in defined}
    declared = Declarations(
        text,
        layer.name,
        {t.name: t for t in layer.tensors},
        sizes,
        {h.name: h.symbol for h in layer.hyperparameters},
        layer.hyperparameters,
    )
    equations = {e.name: e for e in layer.equations}
    for output, gradient in upstream.items():
        axes = tuple(Axis(n) for n in layer.shape(output))
        declared.tensors[gradient] = Tensor(gradient, axes)
    ranks = {e.name: len(e.indices) for e in layer.equations}
    draft = ClaimDraft(declared, ranks, frozenset(), frozenset(), equations, defined)
    draft.upstream = upstream
    return draft


def _subject(
    head: Head, node: EquationNode, layer: Layer, draft: ClaimDraft
) -> tuple[str, str | None, str]:
    """What kind of claim it is, and the names in the numerator and the denominator."""
    if head.by is None:
        return "forward", None, _output(node, layer, draft)
    loss = layer.loss.name
    by = _input(head.by, head.by_span, layer, draft)
    if head.of == loss:
        return "gradient", None, by
    if layer.equation(head.of or "") is None:
        hint = f"the loss is {loss}: write {example(layer)}"
        raise draft.error(f"there is no loss {head.of}", head.of_span, hint)
    return "local", head.of, by


def _output(node: EquationNode, layer: Layer, draft: ClaimDraft) -> str:
    if layer.equation(node.name) is not None:
        return node.name
    known = ", ".join(e.name for e in layer.equations)
    hint = f"write {example(layer)}"
    if layer.tensor(node.name) is not None:
        raise draft.error(f"{node.name} is an input of {layer.name}", node.head, hint)
    named = node.name[1:] if node.name[:1] in "d∂" else node.name.removeprefix("grad_")
    if layer.tensor(named) is not None:
        hint = f"write d{layer.loss.name}/d{named}{_letters(_rank(layer, named))} = …"
        raise draft.error(f"{node.name} is no name for a gradient here", node.head, hint)
    hint += f", or what the layer computes: {known}"
    raise draft.error(f"{layer.name} has no output {node.name}", node.head, hint)


def _input(name: str, span: Span, layer: Layer, draft: ClaimDraft) -> str:
    """The input that is differentiated by."""
    found = layer.tensor(name)
    better = draft.instead(name) if found is None else ""
    names = ", ".join(t.name for t in layer.tensors if not t.integer)
    hint = f"the inputs of {layer.name} are: {names}"
    if found is None:
        what = "is computed by the layer" if layer.equation(name) else "is no tensor of the layer"
        raise draft.error(f"{name} {what}", span, better or hint)
    if found.integer:
        message = f"{name} holds integers: there is no gradient with respect to it"
        raise draft.error(message, span, hint)
    return name


def _rank(layer: Layer, name: str) -> int:
    return len(layer.shape(name))


def _check_indices(
    node: EquationNode,
    of: str | None,
    by: str,
    ranks: list[int],
    layer: Layer,
    draft: ClaimDraft,
) -> None:
    """One plain index an axis, each with a name of its own."""
    if len(node.axes) != sum(ranks):
        shapes = [f"{n}{_sizes(layer, n)}" for n in (of, by) if n is not None]
        words = "1 index" if sum(ranks) == 1 else f"{sum(ranks)} indices"
        message = (
            f"the left-hand side has {len(node.axes)}, but {' and '.join(shapes)} need {words}"
        )
        if len(shapes) == 1:
            message = message.replace(" need ", " needs ")
        raise draft.error(message, node.head, f"write {example(layer)}")
    seen: set[str] = set()
    for bounds in node.axes:
        _check_plain(bounds, draft)
        if bounds.index.name in seen:
            message = f"the index {bounds.index.name} stands twice on the left-hand side"
            raise draft.error(message, bounds.span, "use another letter for each axis")
        seen.add(bounds.index.name)


def _check_plain(bounds: Bounds, draft: ClaimDraft) -> None:
    if bounds.low is not None or bounds.high is not None:
        name = bounds.index.name
        hint = f"write {name} alone; a claim is about every entry"
        raise draft.error(f"{name} runs over the whole axis", bounds.span, hint)


def _sizes(layer: Layer, name: str) -> str:
    shape = layer.shape(name)
    return f"[{', '.join(expression_text(n) for n in shape)}]" if shape else ""


def _check_maxima(body: Expr, draft: ClaimDraft) -> None:
    """A maximum over all integers would be one over the zeros outside."""
    for node in subterms(body):
        if isinstance(node, MaxOver):
            for index, _, last in node.limits:
                if last == oo:
                    span = draft.places.get(Tuple(index), (0, 0))
                    hint = f"write {index.name} < size"
                    message = f"the range of {index.name} must be written in a maximum"
                    raise draft.error(message, span, hint)


_NAME = r"[^\W\d][\w'’′]*"
_DERIVATIVE = re.compile(
    rf"(?P<front>\s*(?:∂|d)\s*)(?P<of>{_NAME})\s*(?:(?P<open>\[)[^\]\[]*(?P<close>\]))?"
    rf"(?P<bar>\s*/\s*(?:∂|d)\s*)(?P<by>{_NAME})\s*(?:(?P<start>\[).*)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Head:
    """The names on the left-hand side and their places; both are None where it is no derivative."""

    of: str | None
    of_span: Span
    by: str | None
    by_span: Span


def left_side(text: str, layer: Layer) -> tuple[Head, str]:
    """What is claimed, and the text with a left-hand side that the grammar reads.

    ``dL/dx[p]`` becomes ``x[p]`` and ``dy[r]/dx[p]`` becomes ``y[r, p]``, every character that
    stays where it was.
    """
    text = text.translate(ALIASES)
    end = text.find("=")
    if end < 0 or not text[:end].strip():
        hint = f"write {example(layer)}"
        raise NotationError("a claim has a left-hand side and a =", text, (0, len(text)), hint)
    left = text[:end]
    if "/" not in left:
        return Head(None, (0, 0), None, (0, end)), text
    found = _DERIVATIVE.fullmatch(left)
    if found is None:
        span = (len(left) - len(left.lstrip()), len(left.rstrip()))
        raise NotationError("this is no derivative", text, span, f"write {example(layer)}")
    of, by = found["of"], found["by"]
    if found["open"] is None:
        rewritten = " " * found.start("by") + text[found.start("by") :]
    else:
        rewritten = _merged(text, found)
    return Head(of, found.span("of"), by, found.span("by")), rewritten


def _merged(text: str, found: re.Match[str]) -> str:
    """``dy[r]/dx[p]`` as `` y[r,    p]``; without indices at ``x`` the comma is left out too."""
    start = found.end("by") if found["start"] is None else found.end("start")
    inner = text[found.end("open") : found.start("close")].strip()
    comma = "," if inner and found["start"] is not None else " "
    closing = "]" if found["start"] is None else " "
    gap = comma + " " * (start - found.start("close") - 2) + closing
    front = " " * found.start("of") + text[found.start("of") : found.start("close")]
    return front + gap + text[start:]


def example(layer: Layer) -> str:
    """A left-hand side that would do."""
    tensor = next((t for t in layer.tensors if not t.integer), None)
    name, rank = (tensor.name, len(tensor.axes)) if tensor is not None else ("x", 1)
    return f"d{layer.loss.name}/d{name}{_letters(rank)} = …"


def _letters(rank: int) -> str:
    names = "pqrstuvw"[:rank] if rank <= 8 else "p" * rank
    return f"[{', '.join(names)}]" if rank else ""
