"""What a certificate calls things: sizes, tensors, equations, and how they are declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from sympy import Expr, Symbol

from derive.engine.record import Derivation
from derive.language.definition import Equation, Layer
from derive.language.definition import Tensor as Input
from derive.language.terms import Condition, Index, RealParameter, Same
from verify.coq.atoms import OPAQUE, Atoms, View
from verify.coq.integers import Uncertified, integer
from verify.coq.names import fresh
from verify.coq.reader import tree_of
from verify.coq.scalars import CoqDefinition, Prose
from verify.coq.trees import (
    Plus,
    Summed,
    TensorRead,
    Times,
    Tree,
    children,
    renamed,
    subtrees,
)

#: the key of the direction in ``Frame.fixed``; no tensor is called that
DIRECTION = "the direction"
RING = "carrier (plain scalars)"

#: the equations, and the shapes of sums, that are atoms
Choice: TypeAlias = tuple[frozenset[str], frozenset[Tree]]
Proved = TypeVar("Proved")


@dataclass(frozen=True)
class TensorVariable:
    """A tensor as a Coq variable; a real hyperparameter is one without axes."""

    name: str
    rank: int
    integer: bool = False
    parameter: bool = False

    def type(self, carrier: str) -> str:
        return " -> ".join(["Z"] * self.rank + ["Z" if self.integer else carrier])


class Preliminaries:
    """The names of one certificate, for a derivation's layer and its gradient."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.layer, self.gradient = derivation.source, derivation.layer
        self.fixed: dict[Symbol | str, str] = {}
        self._taken: set[str] = set()
        self.symbols = [self._name(s, s.name) for s in self.layer.symbols]
        self.layer_tensors = self._tensors(self.layer)
        self.gradient_tensors = self._tensors(self.gradient)
        self.direction = self._name(DIRECTION, "v")
        self.domain = self.fresh(f"{self.layer.name}_domain")
        self.equations = self._definitions(self.layer)
        self.claims = self._definitions(self.gradient)
        self.atoms = Atoms(self.fixed)

    def fresh(self, name: str) -> str:
        """A name that nothing in the certificate has yet."""
        found = fresh(name, self._taken)
        self._taken.add(found)
        return found

    def _name(self, key: Symbol | str, name: str) -> str:
        if key not in self.fixed:
            self.fixed[key] = self.fresh(name)
        return self.fixed[key]

    def _tensors(self, layer: Layer) -> list[TensorVariable]:
        real = [h for h in layer.hyperparameters if isinstance(h.symbol, RealParameter)]
        found = [TensorVariable(self._name(h.name, h.name), 0, parameter=True) for h in real]
        return found + [
            TensorVariable(self._name(t.name, t.name), len(t.axes), t.integer)
            for t in layer.tensors
        ]

    def _definitions(self, layer: Layer) -> dict[str, CoqDefinition]:
        """Each equation under a name of its own, in an order in which none reads a later one."""
        return {
            e.name: CoqDefinition(
                self.fresh(f"{layer.name}_{e.name}"), e.indices, e.ranges, tree_of(e, layer)
            )
            for e in layer.ordered
        }

    @property
    def intermediates(self) -> frozenset[str]:
        """The layer's equations that the gradient has too and that sum anything."""
        outputs = {e.name for e in self.layer.outputs}
        return frozenset(
            name
            for name, own in self.equations.items()
            if name not in outputs
            and name in self.claims
            and _canonical(own) == _canonical(self.claims[name])
            and _sums(own.body)
        )

    def attempted(self, prove: Callable[[Choice, bool], Proved]) -> Proved:
        """The first proof that is found: with as much as possible in atoms, then with more
        multiplied out, and only then with n·(1/n) = 1; else ``Uncertified``."""
        nothing: Choice = (frozenset(), frozenset())
        opaque = self.intermediates
        choices = dict.fromkeys([(opaque, self.sums(opaque)), (opaque, nothing[1]), nothing])
        reason = None
        for cancels in (False, True):
            for choice in choices:
                self.atoms.found.clear()
                try:
                    return prove(choice, cancels)
                except Uncertified as error:
                    reason = reason or error
        assert reason is not None
        raise reason

    def sums(self, opaque: frozenset[str]) -> frozenset[Tree]:
        """The shapes of sums of inputs and opaque equations that are factors on both sides."""
        found = []
        for gradient in (False, True):
            view = self.view(gradient, opaque, frozenset())
            known = {t.name for t in self.layer.tensors} | opaque
            known |= {h.name for h in self.layer.hyperparameters}
            found.append(
                {
                    view.shape(factor)
                    for equation in view.equations.values()
                    for product in subtrees(equation.body)
                    if isinstance(product, Times)
                    for factor in (product.left, product.right)
                    if isinstance(factor, Plus) and _reads(factor) <= known and not _sums(factor)
                }
            )
        return frozenset(found[0] & found[1])

    def view(self, gradient: bool, opaque: frozenset[str], sums: frozenset[Tree]) -> View:
        """The equations, of which the opaque ones are not put in where their values are read."""
        return View(self.claims if gradient else self.equations, opaque, sums, self.atoms)

    def atom_definitions(self) -> Iterator[str]:
        """``pose (atom0 := …)``: what an entry of each atom is."""
        prose = self.prose(gradient=False)
        for tree, (name, holes) in self.atoms.found.items():
            bound = prose.bind_all(holes)
            head = f"fun {' '.join(bound.values())} : Z => " if bound else ""
            text = f"({head}({prose.text(tree, bound)} : {RING}))%scalar"
            yield f"  pose ({name} := {text})."

    @property
    def sizes(self) -> str:
        """``(N C H : Z)``, or nothing where there are none."""
        return f"({' '.join(self.symbols)} : Z)" if self.symbols else ""

    @property
    def assumed(self) -> str:
        """The domain, applied to the sizes."""
        return " ".join([self.domain, *self.symbols])

    @property
    def definitions(self) -> list[Condition]:
        """The premises that say what an output size is."""
        sizes = {size for size, _ in self.layer.definitions}
        return [c for c in self.layer.domain if isinstance(c, Same) and c.args[0] in sizes]

    def assume(self, unused: Sequence[Condition] = ()) -> str:
        """Take the domain apart and drop what a proof does not use."""
        parts = self.layer.domain
        names = [f"premise{n}" for n in range(len(parts))]
        dropped = [n for n, c in zip(names, parts, strict=True) if c in unused]
        take = f" destruct domain as ({' & '.join(names)})." if len(parts) > 1 else ""
        drop = f" clear {' '.join(dropped)}." if dropped and take else ""
        return f"  unfold {self.domain} in domain.{take}{drop}"

    @property
    def claim(self) -> CoqDefinition:
        """The claimed gradient's own equation, the last one."""
        return self.claims[self.gradient.outputs[-1].name]

    def prose(self, gradient: bool) -> Prose:
        """A writer for the layer's equations or the gradient's."""
        equations = self.claims if gradient else self.equations
        arguments = " ".join([*self.symbols, *(t.name for t in self.tensors(gradient))])
        names = dict(self.fixed)
        names.update((name, f"{d.name} {arguments}") for name, d in equations.items())
        return Prose(names)

    def tensors(self, gradient: bool) -> list[TensorVariable]:
        """The tensors that the layer's equations or the gradient's are applied to."""
        return self.gradient_tensors if gradient else self.layer_tensors

    def outputs(self) -> Iterator[tuple[Equation, str]]:
        """Each output of the layer with its upstream gradient."""
        for output, upstream in self.derivation.upstream:
            equation = self.layer.equation(output)
            assert equation is not None
            yield equation, upstream

    @property
    def tables(self) -> list[Input]:
        """The inputs that hold integers with a bound."""
        return [t for t in self.layer.tensors if t.integer and t.below is not None]

    def table_premise(self, table: Input) -> str:
        """``forall i1, 0 <= i1 < N -> 0 <= t i1 < C``."""
        names = [f"i{n}" for n in range(1, len(table.axes) + 1)]
        naming = self.prose(gradient=False).naming({})
        premises = [
            f"0 <= {i} < {integer(a.size, naming)} -> "
            for i, a in zip(names, table.axes, strict=True)
        ]
        quantified = f"forall {' '.join(names)}, " if names else ""
        read = " ".join([self.fixed[table.name], *names])
        assert table.below is not None
        return f"({quantified}{''.join(premises)}0 <= {read} < {integer(table.below, naming)})"


def declared(tensors: Sequence[TensorVariable], carrier: str) -> str:
    """``(x v : Z -> Z -> carrier) (k : …)``: neighbours of one type together."""
    groups: list[tuple[str, list[str]]] = []
    for tensor in tensors:
        kind = tensor.type(carrier)
        if groups and groups[-1][0] == kind:
            groups[-1][1].append(tensor.name)
        else:
            groups.append((kind, [tensor.name]))
    return " ".join(f"({' '.join(names)} : {kind})" for kind, names in groups)


def _canonical(definition: CoqDefinition) -> tuple[Tree, int]:
    own: dict[Symbol, Expr] = {i: Index(f"i{n}") for n, i in enumerate(definition.indices)}
    return renamed(definition.body, own), len(own)


def _reads(tree: Tree) -> set[str]:
    return {t.tensor for t in subtrees(tree) if isinstance(t, TensorRead)}


def _sums(tree: Tree) -> bool:
    """Whether there is a sum that multiplying out would open."""
    if isinstance(tree, OPAQUE):
        return False
    return isinstance(tree, Summed) or any(map(_sums, children(tree)))
