"""Witnesses: that all premises of the main theorem can be met at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from sympy import Symbol

from verify.coq.adjoint import NAME, MainTheorem, direction
from verify.coq.frame import RING, Preliminaries, TensorVariable
from verify.coq.instance import Instance, instance_of
from verify.coq.integers import Uncertified, integer
from verify.coq.trials import Trials, Values


class Witnesses:
    """Numbers, tensors and functions for which everything that is assumed holds."""

    def __init__(self, frame: Preliminaries, trials: Trials, main: MainTheorem) -> None:
        self.frame = frame
        self.trials = trials
        self.main = main

    @cached_property
    def sizes(self) -> Values:
        """The first sample: all sizes at least 1 if there are such."""
        if not self.trials.samples:
            raise Uncertified("no small sizes were found for which the layer is defined")
        return self.trials.samples[0]

    @cached_property
    def _found(self) -> Instance:
        return instance_of(self.frame, self.trials, self.main.rates, self.sizes)

    @property
    def instance(self) -> str:
        """The rational numbers with a polynomial for each function."""
        cases = [
            f"{name} => [{'; '.join(f'Q2Qc ({c.numerator} # {c.denominator})' for c in numbers)}]"
            for name, numbers in self._found.coefficients.items()
        ]
        return (
            "Definition instance : commutative_ring :=\n"
            f"  rationals (fun f => match f with {' | '.join([*cases, '_ => []'])} end)."
        )

    def examples(self) -> Iterator[tuple[str, str]]:
        """Name and text: the domain, with outputs that have entries; tables; what is assumed of
        numbers and functions; and all of it put into the theorem."""
        numbers = [str(self.sizes[s]) for s in self.frame.layer.symbols]
        applied = " ".join([self.frame.domain, *numbers])
        yield (
            "domain_is_satisfiable",
            f"Example domain_is_satisfiable : {applied}.\n"
            f"Proof. unfold {self.frame.domain}; repeat split; (reflexivity || discriminate). Qed.",
        )
        yield from self._tables()
        if self.main.premises:
            yield "premises_are_satisfiable", self._premises()
        tensors = [*self.frame.gradient_tensors, direction(self.frame)]
        given = " ".join([*numbers, "domain_is_satisfiable", *map(self._tensor, tensors)])
        yield (
            "theorem_applies",
            "(* Nothing but an equation is left of the theorem when its premises are met. *)\n"
            "Example theorem_applies : True.\n"
            f"Proof. pose proof ({NAME} instance {given}) as applied. nothing_left. Qed.",
        )

    def _premises(self) -> str:
        lets = [(self.frame.fixed[s], str(self.sizes[s])) for s in self.frame.layer.symbols]
        lets += [(t.name, self._tensor(t)) for t in self.frame.layer_tensors]
        bindings = "\n".join(f"  let {name} := {value} in" for name, value in lets)
        premises = " /\\\n  ".join(p.text for p in self.main.premises)
        return (
            f"Example premises_are_satisfiable :\n  let scalars := instance in\n{bindings}\n"
            f"  {premises}.\n"
            "Proof. cbv zeta; repeat split; premise_computed. Qed."
        )

    def _tensor(self, tensor: TensorVariable) -> str:
        """The tensor of the instance."""
        scalar = 1 if tensor.parameter else self._found.fill
        number = "0" if tensor.integer else f"Q2Qc {scalar}"
        head = f"fun {' '.join(['_'] * tensor.rank)} => " if tensor.rank else ""
        kind = tensor.type(RING).replace("scalars", "instance")
        return f"(({head}{number}) : {kind})"

    def _tables(self) -> Iterator[tuple[str, str]]:
        for table in self.frame.tables:
            below = table.below
            assert below is not None

            def name(key: Symbol | str) -> str:
                assert isinstance(key, Symbol)
                return str(self.sizes[key])

            names = [f"i{n}" for n in range(1, len(table.axes) + 1)]
            ranges = "".join(
                f"0 <= {i} < {integer(a.size, name)} -> "
                for i, a in zip(names, table.axes, strict=True)
            )
            label = f"{self.frame.fixed[table.name]}_is_satisfiable"
            quantified = f"forall {' '.join(names)} : Z, " if names else ""
            yield (
                label,
                f"Example {label} : {quantified}{ranges}0 <= 0 < {integer(below, name)}.\n"
                "Proof. intros; split; (reflexivity || discriminate). Qed.",
            )
