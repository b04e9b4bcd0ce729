"""The readable part of a certificate: domain, layer, gradient, and what is claimed of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sympy import Basic, Expr, Symbol

from derive.language.terms import Entry, Range, subterms
from verify.coq.frame import RING, Preliminaries, TensorVariable, declared
from verify.coq.integers import Naming, atom, integer, statement
from verify.coq.premises import Premise
from verify.coq.scalars import ADDITION, CoqDefinition, Prose, wrapped

DUAL = "(ops := dual scalars)"


def domain(frame: Preliminaries) -> str:
    """The premises on sizes and hyperparameters."""
    prose = frame.prose(gradient=False)
    parts = [statement(c, prose.naming({})) for c in frame.layer.domain] or ["True"]
    lines = " /\\\n  ".join(f"({p})" if "\\/" in p or "/\\" in p else p for p in parts)
    return f"Definition {frame.domain} {frame.sizes} : Prop :=\n  {lines}."


def definitions(frame: Preliminaries, gradient: bool) -> str:
    """Every equation of the layer, or of its gradient, over any kind of scalars."""
    prose = frame.prose(gradient)
    equations = frame.claims if gradient else frame.equations
    head = f"{frame.sizes} {declared(frame.tensors(gradient), 'carrier ops')}".strip()
    return "\n\n".join(_definition(d, head, prose) for d in equations.values())


def _definition(definition: CoqDefinition, head: str, prose: Prose) -> str:
    bound = prose.bind_all(definition.indices)
    indices = f" ({' '.join(bound.values())} : Z)" if bound else ""
    body = f"({prose.text(definition.body, bound, ADDITION)})%scalar."
    lines = [
        f"Definition {definition.name} {{ops : operations}}",
        wrapped(f"{head}{indices} : carrier ops :=", 4),
        wrapped(body, 2),
    ]
    return "\n".join(lines)


def theorem(
    name: str,
    frame: Preliminaries,
    tensors: Sequence[TensorVariable],
    premises: Sequence[Premise],
    claim: str,
) -> str:
    """``Theorem name : forall sizes, domain -> forall tensors, premises -> claim.``"""
    lines = [f"Theorem {name} :"]
    if frame.symbols:
        lines.append(f"  forall {frame.sizes},")
    lines.append(f"  {frame.assumed} ->")
    if tensors:
        lines.append(wrapped(f"forall {declared(tensors, RING)},", 2))
    lines += [f"  {frame.table_premise(t)} ->" for t in frame.tables]
    lines += [f"  {wrapped(p.text, 2)[2:]} ->" for p in premises]
    return "\n".join([*lines, f"  {claim}."])


def introduction(
    frame: Preliminaries, tensors: Sequence[TensorVariable], premises: Sequence[Premise]
) -> str:
    """``intros`` for a theorem of that form."""
    names = [*frame.symbols, "domain", *(t.name for t in tensors)]
    names += [f"inside{n}" for n in range(len(frame.tables))]
    names += [p.name for p in premises]
    return f"  intros {' '.join(names)}."


def law(number: int) -> Premise:
    """That ``fraction number`` is one over it."""
    value, inverse = f"number (plain scalars) {number}", f"fraction (plain scalars) {number}"
    text = f"({value} * {inverse} = one (plain scalars))%scalar"
    return Premise(f"law{number}", text, f"{number}·(1/{number}) = 1")


def size_law(number: Expr, place: int, frame: Preliminaries) -> Premise:
    """The same for a number made of sizes and hyperparameters."""
    text = atom(number, frame.prose(gradient=False).naming({}))
    product = f"number (plain scalars) {text} * fraction (plain scalars) {text}"
    words = f"{text}·(1/{text}) = 1"
    return Premise(f"size{place}", f"({product} = one (plain scalars))%scalar", words)


def adjoint(frame: Preliminaries) -> str:
    """<g, J·v> = <gradient, v>, where J·v is the ε-part of the layer at x + ε·v."""
    prose = frame.prose(gradient=True)
    left = " +\n    ".join(_left_side(frame, prose))
    claim = frame.claim
    bound = prose.bind_all(claim.indices)
    at = "".join(f" {bound[i]}" for i in claim.indices)
    gradient = " ".join([claim.name, *frame.symbols, *(t.name for t in frame.gradient_tensors)])
    right = f"{sums(claim.ranges, prose, bound)}{frame.direction}{at} * {gradient}{at}"
    return f"({left}\n   =\n{wrapped(right, 3)})%scalar"


def _left_side(frame: Preliminaries, prose: Prose) -> list[str]:
    parts = []
    for equation, upstream in frame.outputs():
        bound = prose.bind_all(equation.indices)
        at = "".join(f" {bound[i]}" for i in equation.indices)
        name = frame.equations[equation.name].name
        lines = [
            wrapped(f"{sums(equation.ranges, prose, bound)}{frame.fixed[upstream]}{at} *", 2)[2:],
            wrapped(" ".join([f"epsilon_part ({name} {DUAL}", *frame.symbols]), 6),
            *(f"        {_dual(t, frame)}" for t in frame.layer_tensors),
        ]
        parts.append("(" + "\n".join(lines) + f"{at}))")
    return parts


def _dual(tensor: TensorVariable, frame: Preliminaries) -> str:
    """The tensor as dual numbers: moving along the direction, or constant."""
    if tensor.integer:
        return tensor.name
    names = [f"i{n}" for n in range(1, tensor.rank + 1)]
    head = f"fun {' '.join(names)} => " if names else ""
    read = _applied(tensor.name, names)
    if tensor.name == frame.fixed[frame.derivation.wrt]:
        return f"({head}moving {read} {_applied(frame.direction, names)})"
    return f"({head}constant {read})"


def _applied(tensor: str, names: Sequence[str]) -> str:
    return f"({' '.join([tensor, *names])})" if names else tensor


def sums(ranges: Sequence[Range], prose: Prose, bound: Mapping[Symbol, str]) -> str:
    """``sum [0 <= r < R] sum [0 <= c < C] ``."""
    name = prose.naming(bound)
    return "".join(
        f"sum [{integer(lo, name)} <= {bound[i]} < {integer(hi, name)}] " for i, lo, hi in ranges
    )


def table_facts(frame: Preliminaries, occurring: Iterable[Basic], name: Naming) -> Iterator[str]:
    """Instances of the tables' premises, for the entries that occur."""
    found = dict.fromkeys(e for o in occurring for e in subterms(o) if isinstance(e, Entry))
    for number, table in enumerate(frame.tables):
        for read in (r for r in found if r.tensor == table.name):
            at = "".join(f" {atom(i, name)}" for i in read.indices)
            reasons = " ltac:(lia)" * len(read.indices)
            yield f"try pose proof (inside{number}{at}{reasons})."
