"""Cases drawn one after the other, and the smallest that fails: hypothesis searches and shrinks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, assume, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from verify.trying.case import Case
from verify.trying.drawing import drawn_case
from verify.trying.subject import LayerUnderTest


@st.composite
def _cases(draw: DrawFn, subject: LayerUnderTest) -> Case:
    """Cases that are valid by construction."""

    def choose(options: Sequence[Any]) -> Any:
        return draw(st.sampled_from(options))

    case = drawn_case(choose, subject)
    assume(case is not None)
    assert case is not None
    return case


class _Fails(Exception):
    """The case that was drawn fails."""


def smallest_failing(
    subject: LayerUnderTest, fails: Callable[[Case], bool], count: int, chosen: int
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
    @given(_cases(subject))
    def run(case: Case) -> None:
        if fails(case):
            failing.append(case)
            raise _Fails

    try:
        run()
    except _Fails:
        return failing[-1]
    return None
