"""What happens to the arrays that are given."""

from __future__ import annotations

from verify.trying.memory import LAYOUTS
from verify.trying.subject import Failure, every_layer
from verify.trying.trial import Trial

PRIORITY = 80
NAME = "memory"
applies = every_layer


def examine(trial: Trial) -> Failure | None:
    """Arrays may lie in memory in any order, with gaps, and be read-only; the results are the same.

    No array that was given is changed, and no result shares memory with one of them.
    """
    forward, backward = trial.forward(), trial.backward()
    for name, layout in LAYOUTS.items():
        words = f"for arrays made by {layout.text}, {{}}"
        for run, expected in ((trial.forward, forward), (trial.backward, backward)):
            if wrong := trial.compared(run(layout=name), expected, words) or _touched(trial):
                return wrong
    return None


def _touched(trial: Trial) -> Failure | None:
    touched, last = trial.result.touched, trial.last
    for name in touched.modified:
        return Failure(f"{name} was changed", last, name, "unchanged", "changed", kind="modified")
    for name in touched.shared:
        words = f"a result shares memory with {name}"
        return Failure(words, last, name, "memory of its own", f"that of {name}")
    return None
