"""The smallest sizes at which a derivation goes wrong."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random

from derive.engine.record import Derivation
from verify.checker.sampling import SEED, Sampling, compare
from verify.checker.trials import drawn, in_order

#: how many trials are made, in the order of their sizes
_TRIALS = 200
#: how many random ones follow where these show nothing
_DRAWS = 30
#: up to how many entries are looked at for each
_ENTRIES = 6


def smallest(derivation: Derivation, evidence: Sampling) -> Sampling:
    """The evidence with the first difference in the order of sizes, where there is one.

    Sizes go by their sum, then lexicographically; larger ones are tried at random.
    """
    random = Random(SEED)
    more = replace(evidence, place="", counterexample=None)
    trials = in_order(derivation.source, dict(derivation.upstream), random)
    for trial in islice(trials, _TRIALS):
        compare(derivation, trial, more, _ENTRIES, random)
        if more.counterexample is not None:
            return more
    for _ in range(_DRAWS if evidence.counterexample is None else 0):
        large = drawn(derivation.source, dict(derivation.upstream), random, lambda trial: True)
        if large is not None and more.counterexample is None:
            compare(derivation, large, more, _ENTRIES, random)
    found = evidence if more.counterexample is None else more
    return replace(found, examples=more.examples)
