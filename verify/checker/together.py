"""The gradients of a layer in parts, judged together: every adjoint once, where it was derived.

A record in parts derives each adjoint in a layer of its own, a *view*: some equations of the whole.
What is shown in a view is shown of the whole if the view has every equation that reads the tensor,
each as it stands there, and assumes nothing that the whole does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter

from derive.engine.parted import InParts
from derive.engine.record import Derivation
from derive.language.definition import Layer, Tensor
from derive.language.printing import plain
from derive.language.terms import ZERO, Greatest, Same, entries
from verify.checker.derivations import adjoint_replayed, closed_replayed, settled, verdict
from verify.checker.named import check_forms
from verify.checker.ranks import in_every_rank
from verify.checker.sampling import Sampling, sampled, smallest
from verify.checker.spelling import check_spelling
from verify.checker.steps import REPLAY, Refusal
from verify.checker.structure import check_layer
from verify.verdict import Obligation, Verdict


def judge_together(derivations: Sequence[Derivation]) -> Verdict:
    """One verdict on several gradients of one layer, which share adjoints."""
    try:
        return _Judging(derivations).verdict()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return Verdict("undecided", f"not replayed: this is no record of a derivation: {error!r}")


def judge_alone(derivation: Derivation) -> Verdict:
    """The verdict on one gradient, and on the layer that it is."""
    found = judge_together([derivation])
    if found.word == "checked":
        try:
            check_layer(derivation)
        except Refusal as error:
            return Verdict("undecided", str(error), obligations=found.obligations)
    return found


class _Judging:
    """What has been shown so far: ``gradients`` names the adjoint of each tensor done."""

    def __init__(self, derivations: Sequence[Derivation]) -> None:
        self.derivations = derivations
        self.source = derivations[0].source
        self.gradients: dict[str, str] = {}
        self.evidence = Sampling()
        self._whole = _Whole(self.source)
        self._names = set(self._whole.names)

    def verdict(self) -> Verdict:
        obligations: list[Obligation] = []
        refusal = ""
        try:
            for obligation in self._shown():
                obligations.append(obligation)
        except Refusal as error:
            refusal = str(error)
        return in_every_rank(verdict(obligations, refusal, self.evidence), self.derivations)

    def _shown(self) -> Iterator[Obligation]:
        start = perf_counter()
        check_spelling(self.source)
        upstream = self.derivations[0].upstream
        if [y for y, _ in upstream] != self._whole.outputs:
            listed = ", ".join(self._whole.outputs)
            raise Refusal(f"there must be one upstream gradient for each output: {listed}")
        self.gradients = dict(upstream)
        self._names |= set(self.gradients.values())
        seconds = perf_counter() - start
        yield Obligation("the frame", "reverse mode", "as it must be", REPLAY, True, seconds)
        for derivation in self.derivations:
            if derivation.source is not self.source or derivation.upstream != upstream:
                raise Refusal("these are gradients of different layers")
            if not isinstance(derivation, InParts):
                raise Refusal("this is no derivation in parts")
            locals_here = derivation.locals()
            for local in locals_here:
                if local.wrt not in self.gradients:
                    yield from self._local(local)
            self._check_record(derivation, locals_here)

    def _local(self, local: Derivation) -> Iterator[Obligation]:
        """The adjoint of one tensor, in its view, with those of what only the view knows."""
        view = local.source
        self._whole.check_view(view)
        names = dict(local.upstream)
        for adjoint in local.adjoints:
            tensor = adjoint.target.tensor
            readers = self._whole.readers.get(tensor, [])
            missing = [y for y in readers if view.equation(y) is None]
            if missing:
                raise Refusal(f"the adjoint of {tensor} leaves out {missing[0]}, which reads it")
            if tensor not in self.gradients:
                late = [y for y in readers if y not in self.gradients]
                if late:
                    raise Refusal(f"the adjoint of {tensor} needs that of {late[0]} before it")
                if adjoint.name in self._names:
                    raise Refusal(f"two tensors are called {adjoint.name}")
                self._names.add(adjoint.name)
                near = {y: self.gradients[y] for y in readers}
                yield from adjoint_replayed(local, adjoint, near, f"{adjoint.name}: ")
                self.gradients[tensor] = adjoint.name
            names[tensor] = self.gradients[tensor]
        if names != {y: self.gradients.get(y) for y in names}:
            raise Refusal(f"an adjoint in the derivation for {local.wrt} has another name")
        done = self.gradients
        own = {e.name: done[e.name] for e in view.equations if e.name in done}
        last = local.adjoints[-1]
        for obligation in check_forms(local, settled(local, last, own)):
            yield replace(obligation, place=f"{last.name}: {obligation.place}")
        for obligation in closed_replayed(local, own):
            yield replace(obligation, place=f"{last.name}: {obligation.place}")
        self._sample(local)

    def _sample(self, local: Derivation) -> None:
        """Values at small sizes, where all that reads anything of the view is in it."""
        view = local.source
        inside = {e.name for e in view.equations}
        outputs = {y for y, _ in local.upstream}
        read = {y for y in inside - outputs if not inside.issuperset(self._whole.readers[y])}
        if read or self.evidence.counterexample is not None:
            return
        found = sampled(local)
        if found.counterexample is not None:
            found = smallest(local, found)
        found.examples += self.evidence.examples
        found.exact = found.exact and self.evidence.exact
        self.evidence = found

    def _check_record(self, derivation: Derivation, shown: Sequence[Derivation]) -> None:
        """The derivation holds what was shown, and all that the gradient depends on."""
        wanted, seen = derivation.wrt, {derivation.wrt}
        pending = [wanted]
        while pending:
            following = self._whole.readers.get(pending.pop(), [])
            pending += [y for y in following if y not in seen]
            seen.update(following)
        adjoints = {a.target.tensor: a for a in derivation.adjoints}
        if adjoints.keys() != seen - set(self._whole.outputs):
            raise Refusal(f"the gradient by {wanted} needs the adjoints of what depends on it")
        done = set(self._whole.outputs)
        for name in (a.target.tensor for a in derivation.adjoints):
            if name in done or not done.issuperset(self._whole.readers.get(name, [])):
                raise Refusal(f"the adjoint of {name} must stand once, after those that it needs")
            done.add(name)
        tensor = self.source.tensor(wanted)
        if tensor is None or tensor.integer:
            raise Refusal(f"{self.source.name} has no input {wanted} of real numbers")
        for local in shown:
            for adjoint in local.adjoints:
                held = adjoints.get(adjoint.target.tensor, adjoint)
                if held is not adjoint and held != adjoint:
                    raise Refusal(f"the adjoint of {adjoint.target.tensor} is not what was shown")


class _Whole:
    """What reads what in a layer, and what it says of sizes."""

    def __init__(self, source: Layer) -> None:
        self.source = source
        self.readers: dict[str, list[str]] = {e.name: [] for e in source.equations}
        for equation in source.equations:
            for name in dict.fromkeys(e.tensor for e in entries(equation.explicit)):
                self.readers.setdefault(name, []).append(equation.name)
        self.outputs = [e.name for e in source.equations if not self.readers[e.name]]
        self.names = {t.name for t in source.tensors} | {e.name for e in source.equations}
        self._stated = set(source.requirements)
        self._meanings = set(source.definitions)
        self._symbols = {h.symbol: h for h in source.hyperparameters}
        self._seen: set[int] = set()

    def check_view(self, view: Layer) -> None:
        """``Refusal`` unless a view is some equations of the whole, and assumes no more."""
        if id(view) in self._seen:
            return
        for equation in view.equations:
            if self.source.equation(equation.name) != equation:
                raise Refusal(f"{plain(equation.entry)} stands otherwise in the layer")
        for tensor in view.tensors:
            self._check_tensor(tensor)
        if not self._stated.issuperset(view.requirements):
            raise Refusal(f"{view.name} requires what the layer does not require")
        for size, meaning in view.definitions:
            ways = (Same(size, meaning), Same(size, Greatest(ZERO, meaning)))
            if (size, meaning) in self._meanings or not self._stated.isdisjoint(ways):
                continue
            raise Refusal(f"{view.name} defines a size otherwise than the layer")
        if any(self._symbols.get(h.symbol) != h for h in view.hyperparameters):
            raise Refusal(f"{view.name} has other hyperparameters than the layer")
        if view.derived_by != self.source.derived_by:
            raise Refusal(f"{view.name} is about another loss")
        self._seen.add(id(view))

    def _check_tensor(self, tensor: Tensor) -> None:
        own = self.source.tensor(tensor.name)
        if own is not None:
            if own != tensor:
                raise Refusal(f"{tensor.name} is another tensor in the layer")
            return
        shape = tuple(axis.size for axis in tensor.axes)
        padded = any(axis.padded for axis in tensor.axes)
        if tensor.integer or padded or self.source.shape(tensor.name) != shape:
            raise Refusal(f"{tensor.name} has another shape in the layer")
