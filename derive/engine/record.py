"""The record of a derivation: every rule application, with what changed and why it was allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Basic, Expr

from derive.domains import Decision
from derive.engine.instances import Instance
from derive.language.definition import Layer
from derive.language.terms import Entry


@dataclass(frozen=True)
class Step:
    """One application of one rule: at ``position`` (a path of argument numbers) of ``before``,
    the subterm ``old`` became ``new``, which made ``before`` into ``after``.

    ``conditions`` are the side conditions the identity needs, each with its decision; ``note`` is
    one sentence for the reader, possibly empty.
    """

    rule: str
    before: Expr
    after: Expr
    position: tuple[int, ...]
    old: Basic
    new: Basic
    conditions: tuple[Decision, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Form:
    """A result recognised as a named form, with the chain of steps from the result to the form.

    ``name`` is the field's term ("cross-correlation"), ``text`` the sentence with the operands
    ("cross-correlation of x with g"), ``instance`` the data that say which instance of the form it
    is, ``definition`` the formula that these data alone stand for; the last step's ``after`` (the
    result itself, where there is no step) equals it up to the names of bound indices.
    """

    name: str
    text: str
    instance: Instance
    definition: Expr
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class ClosedForm:
    """A result in fewer words: intermediates put in or folded back, common factors outside.

    ``adjoint`` names the adjoint whose result the steps start from.  At a point where one of the
    two has no value nothing is said.
    """

    adjoint: str
    steps: tuple[Step, ...]

    @property
    def expression(self) -> Expr:
        return self.steps[-1].after


@dataclass(frozen=True)
class Adjoint:
    """∂L/∂(one tensor): the upstream gradient of an intermediate, or the gradient asked for.

    ``target`` is the entry differentiated by, with fresh indices; ``name`` the tensor that holds
    the gradient in ``Derivation.layer``.
    """

    target: Entry
    name: str
    steps: tuple[Step, ...]
    result: Expr


@dataclass(frozen=True, repr=False)
class Derivation:
    """The gradient of a scalar loss with respect to one tensor of a layer, step by step."""

    source: Layer
    wrt: str
    upstream: tuple[tuple[str, str], ...]
    adjoints: tuple[Adjoint, ...]
    forms: tuple[Form, ...]
    layer: Layer

    def __repr__(self) -> str:
        form = "" if self.form is None else f": {self.form.name}"
        return f"<Derivation ∂L/∂{self.wrt} of {self.source.name}, {len(self.steps)} steps{form}>"

    @property
    def target(self) -> Entry:
        return self.adjoints[-1].target

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order: those of every intermediate's adjoint, then the result's."""
        return tuple(step for adjoint in self.adjoints for step in adjoint.steps)

    @property
    def result(self) -> Expr:
        """The gradient's entry as a SymPy expression in the tensors of the layer and g."""
        return self.adjoints[-1].result

    @property
    def closings(self) -> tuple[ClosedForm, ...]:
        """The adjoints that have a closed form, in order."""
        return ()

    @property
    def closed(self) -> Expr:
        """The gradient's entry in closed form; the result where there is none."""
        last = self.adjoints[-1]
        found = (c.expression for c in self.closings if c.adjoint == last.name)
        return next(found, last.result)

    @property
    def form(self) -> Form | None:
        """The named form of the result, or None where no form fits."""
        return self.forms[0] if self.forms else None

    @property
    def conditions(self) -> tuple[Decision, ...]:
        return tuple(c for step in self.steps for c in step.conditions)
