"""Values that suit a layer: the gradient exists there and is not at a kink."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verify.evaluation.compiled import Values
from verify.trying.case import Case, Filler, positive
from verify.trying.kinks import near_kink
from verify.trying.numbers import chooses
from verify.trying.subject import Skipped
from verify.trying.user.examinee import Examinee

Make = Callable[[Values, int], Case]

#: how many choices of values are looked at for one that suits the layer
_ATTEMPTS = 4


@dataclass(frozen=True)
class SuitableValues:
    """Chooses values; every ``turn`` gives other ones for the same sizes."""

    examinee: Examinee
    filler: Filler

    def simple(self, values: Values, turn: int = 0) -> Case | None:
        """Whole numbers where the gradient is rational, else multiples of 1/8."""
        case = self._suitable(self.filler.whole, values, turn)
        if case is not None:
            truth = self.examinee.truth(case)
            if all(truth.gradient(t).exact for t in self.examinee.wanted.tensors):
                return case
        return self._suitable(self.filler.eighths, values, turn)

    def floats(self, values: Values, turn: int = 0) -> Case | None:
        """Normally distributed floats."""
        return self._suitable(self.filler.floats, values, turn)

    def special(self, values: Values) -> Iterator[Case]:
        """All entries 0, and all entries 1, where that suits: sums and differences vanish there."""
        for number in (0, 1):
            case = self.filler.constant(values, number)
            if self.suits(case):
                yield case

    def like(self, case: Case, values: Values, turns: int) -> Iterator[Case]:
        """Several choices of the same kind of values at other sizes."""
        entries = (e for array in case.tensors.values() for e in array.entries)
        floats = any(type(e) is float for e in entries)
        for turn in range(turns):
            found = self.floats(values, turn) if floats else self.simple(values, turn)
            if found is not None:
                yield found
        if not floats:
            yield from self.special(values)

    def suits(self, case: Case) -> bool:
        """Whether the gradient exists and does not jump, and what is fixed is as it is."""
        if not self.filler.allows(case):
            return False
        truth, tensors = self.examinee.truth(case), self.examinee.wanted.tensors
        try:
            for tensor in tensors:
                truth.gradient(tensor)
            return not (chooses(truth.layer) and near_kink(truth, tensors))
        except Skipped:
            return False

    def _suitable(self, make: Make, values: Values, turn: int) -> Case | None:
        """The first choice that suits; the later ones are positive, for roots and logarithms."""
        for attempt in range(_ATTEMPTS):
            case = make(values, _ATTEMPTS * turn + attempt)
            if attempt > 1:
                case = positive(case)
            if self.suits(case):
                return case
        return None
