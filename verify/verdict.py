"""What a check came to, in the words of the project: a weaker verdict never uses a stronger word.

- **checked**: every step was replayed and every side condition decided for all sizes
- **certified**: Coq accepted the exported theorem
- **tested**: agreed on sampled sizes and values; nothing more
- **refuted**: a counterexample is shown
- **undecided**: none of these; the reason says why
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

#: the exit code of a word, by what was judged: a formula, generated code, a user's function, and
#: what became of a certificate; code is done when it is *tested*
EXIT_CODES: Mapping[str, Mapping[str, int]] = {
    "formula": {"checked": 0, "certified": 0, "refuted": 1, "tested": 3, "undecided": 3},
    "generated": {"tested": 0, "refuted": 1, "undecided": 3},
    "function": {"tested": 0, "refuted": 1, "undecided": 3},
    "certificate": {"certified": 0, "written": 3, "not certified": 3, "undecided": 3},
}
#: a text that cannot be read, code that cannot be run; a mistake of this program's own
WRONG_USE, CRASHED = 2, 3
#: what a shell reports of programs that a signal ended: 128 and the signal's number
INTERRUPTED, NO_READER = 130, 141
#: of several, what is told by one code: the first of these that occurs
ORDER = (INTERRUPTED, 1, 3, 2, 0)


def together(codes: Iterable[int]) -> int:
    """The exit code of several: 1 where any is refuted, else 3, else 2, else 0.

    One that was interrupted decides for all.
    """
    return min(codes, key=ORDER.index, default=0)


WORDS = ("checked", "certified", "tested", "refuted", "undecided")


@dataclass(frozen=True)
class Obligation:
    """One thing that had to be shown, who showed it, and how long that took.

    ``place`` says where it arose ("step 7", "the layer of the gradient"), ``rule`` by which rule;
    ``holds`` is None where the question stayed open.
    """

    place: str
    rule: str
    text: str
    decider: str
    holds: bool | None
    seconds: float = 0.0


@dataclass(frozen=True)
class Counterexample:
    """A point at which two things that should be equal are not.

    ``sizes`` are sizes and hyperparameters by name, ``indices`` the entry that differs;
    ``expected`` is the right value, ``found`` the one that was claimed; None: it has no value.
    """

    sizes: tuple[tuple[str, Any], ...]
    indices: tuple[tuple[str, int], ...]
    expected: Any
    found: Any

    def data(self) -> dict[str, Any]:
        """The point and both values, of which JSON can be made."""
        return {
            "sizes": {name: number_data(value) for name, value in self.sizes},
            "indices": dict(self.indices),
            "expected": number_data(self.expected),
            "found": number_data(self.found),
        }

    @property
    def text(self) -> str:
        """``H = 2, K1 = 1; p' = 0: 3 expected, found −3``."""
        sizes = ", ".join(f"{name} = {value}" for name, value in self.sizes)
        indices = ", ".join(f"{name} = {value}" for name, value in self.indices)
        place = "; ".join(part for part in (sizes, indices) if part)
        found = "no value" if self.found is None else f"{self.found}"
        return f"{place}: {self.expected} expected, found {found}".removeprefix(": ")


@dataclass(frozen=True)
class Sample:
    """How much was tried: the number of compared entries, the seed, the relative tolerance."""

    examples: int
    seed: int
    tolerance: float

    @property
    def text(self) -> str:
        """``28 entries, seed 0, exactly``."""
        how = f"relative tolerance {self.tolerance:g}" if self.tolerance else "exactly"
        return f"{self.examples} entries, seed {self.seed}, {how}"


@dataclass(frozen=True)
class Verdict:
    """A word, the reason for it, and everything that was looked at on the way.

    ``conditions`` are the side conditions that deciders were asked about; ``obligations`` is all
    that had to be shown, in order: these, and what was compared structurally.
    """

    word: str
    reason: str
    conditions: tuple[Obligation, ...] = ()
    counterexample: Counterexample | None = None
    obligations: tuple[Obligation, ...] = ()
    sample: Sample | None = None

    def __post_init__(self) -> None:
        if self.word not in WORDS:
            raise ValueError(f"{self.word!r} is no verdict; the words are: {', '.join(WORDS)}")
        if (self.word == "refuted") != (self.counterexample is not None):
            raise ValueError("a counterexample belongs to the word 'refuted', and to no other")

    def __bool__(self) -> bool:
        raise TypeError(
            f"a verdict is neither true nor false: ask for its word, here {self.word!r}"
        )

    @property
    def seconds(self) -> float:
        """Time spent on all obligations, in seconds."""
        return sum(o.seconds for o in self.obligations)

    def data(self) -> dict[str, Any]:
        """Everything that was found, of which JSON can be made."""
        return {
            "word": self.word,
            "reason": self.reason,
            "conditions": [asdict(c) for c in self.conditions],
            "counterexample": None if self.counterexample is None else self.counterexample.data(),
            "sample": None if self.sample is None else asdict(self.sample),
            "obligations": [asdict(o) for o in self.obligations],
        }

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"


def number_data(value: Any) -> Any:
    """A number of which JSON can be made: a fraction as text, ``3/4``."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    plain = isinstance(value, int) or (isinstance(value, float) and isfinite(value))
    return value if plain or value is None else str(value)
