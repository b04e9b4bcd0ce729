"""Cases drawn one after the other, and the smallest that fails."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from verify.candidates.cases import Case
from verify.strategies.cases import cases
from verify.testing.subject import Subject


class _Fails(Exception):
    """The case that was drawn fails."""


def smallest_failing(
    subject: Subject, fails: Callable[[Case], bool], count: int, chosen: int
) -> Case | None:
    """Draw up to ``count`` cases; where one fails, the smallest that was found to fail."""
    failing: list[Case] = []

    @seed(chosen)
    @settings(
        max_examples=count,
        phases=(Phase.generate, Phase.shrink),
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(subject.layer, subject.upstream))
    def run(case: Case) -> None:
        if fails(case):
            failing.append(case)
            raise _Fails

    try:
        run()
    except _Fails:
        return failing[-1]
    return None
