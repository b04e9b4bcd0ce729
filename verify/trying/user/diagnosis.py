"""What is wrong with one gradient: a typical mistake, what it is not, and where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.trying.case import Case
from verify.trying.reasons import Finding, is_wrong, mistake, same
from verify.trying.trial import Outcome
from verify.trying.user.examinee import Examinee
from verify.trying.user.where import where

#: so many wrong and so many right cases are held against every typical mistake
_OBSERVED = 16
#: in so many wrong cases it is tried whether the function is linear in g
_LINEAR = 4


def diagnosis(
    examinee: Examinee,
    tensor: str,
    seen: Sequence[Outcome],
    fresh: Sequence[Outcome],
    shown: Sequence[Outcome],
    varies: bool,
) -> Finding:
    """What the cases ``seen`` say of one gradient, and ``fresh`` ones confirm.

    ``shown`` are the case that is shown, with values like any other and with the simplest ones;
    ``varies``: the function is given an upstream gradient.
    """
    layer, upstream = examinee.subject.layer, examinee.subject.upstream
    returned = [o for o in (*seen, *fresh) if tensor in o.arrays]
    wrong = [o for o in returned if is_wrong(o, tensor)]
    right = [o for o in returned if not is_wrong(o, tensor)]
    cases = [o for o in seen if tensor in o.arrays]
    count = sum(is_wrong(o, tensor) for o in cases)
    if not wrong:
        return Finding(tensor, 0, len(cases), "")
    first = [o for o in shown if tensor in o.arrays and is_wrong(o, tensor)]
    chosen = [*first, *_spread(wrong), *_spread(right)]
    words = mistake(examinee.subject, tensor, chosen)
    if not words and varies:
        words = _not_linear(examinee, tensor, _spread(wrong)[-_LINEAR:])
    place, exact = where(layer, upstream, _labelled(seen, tensor), _labelled(fresh, tensor))
    return Finding(tensor, count, len(cases), words, place, exact)


def _spread(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Some of them, small and large."""
    return list(outcomes[:: max(1, -(-len(outcomes) // _OBSERVED))])


def _labelled(outcomes: Sequence[Outcome], tensor: str) -> list[tuple[Values, bool]]:
    """The cases in which the gradient was returned, and in which it is wrong.

    Where all numbers are alike a mistake may have no effect.
    """
    return [
        (o.case.values, is_wrong(o, tensor))
        for o in outcomes
        if tensor in o.arrays and not _constant(o.case)
    ]


def _constant(case: Case) -> bool:
    entries = {e for array in case.tensors.values() for e in array.entries}
    return len(entries) == 1 and entries <= {0, 1}


def _not_linear(examinee: Examinee, tensor: str, outcomes: Sequence[Outcome]) -> str:
    """What every gradient is, and this one is not."""
    names = set(examinee.subject.upstream.values())

    def returned(o: Outcome, change: str) -> NDArray[np.float64] | None:
        tensors = {n: _changed(a, change) if n in names else a for n, a in o.case.tensors.items()}
        trial = examinee.tried(replace(o.case, tensors=tensors))
        found = None if trial is None else trial.arrays.get(tensor)
        return None if found is None else np.asarray(found, np.float64)

    for o in outcomes:
        if (nothing := returned(o, "zero")) is not None and np.any(nothing):
            return "nonzero where g = 0"
    for o in outcomes:
        once, twice = returned(o, "same"), returned(o, "twice")
        if once is not None and twice is not None and not same(twice, 2 * once):
            return "not linear in g: twice the g does not give twice the gradient"
    for o in outcomes:
        parts = [returned(o, change) for change in ("even", "odd", "same")]
        one, other, both = parts
        if one is None or other is None or both is None or one.shape != other.shape:
            continue
        if not same(both, one + other):
            return "not linear in g: that of a sum is not the sum of those of its terms"
    return ""


def _changed(array: Array, change: str) -> Array:
    factors = {"zero": (0, 0), "same": (1, 1), "twice": (2, 2), "even": (1, 0), "odd": (0, 1)}
    pair = factors[change]
    return Array(array.shape, tuple(e * pair[k % 2] for k, e in enumerate(array.entries)))
