"""What is known at a place: its conditions, and what a layer declares of the tables in question."""

from __future__ import annotations

import derive
from derive.domains.known import Known
from derive.language.terms import ZERO, AtMost, Between, Entry, Index, Less, Size

LAYER = derive.parse("gather(x[C], t[N] int < C): y[n] = x[t[n]]")
C, N = Size("C"), Size("N")
READ = Entry("t", Index("n"))
PLACE = Known(LAYER.facts, LAYER.domain)


def test_tables_are_known_where_the_goal_speaks_of_them() -> None:
    assert PLACE.holds(Between(ZERO, READ, C))
    assert not Known(lambda condition: (), LAYER.domain).holds(Between(ZERO, READ, C))


def test_tables_are_known_where_a_condition_speaks_of_them() -> None:
    there = PLACE.under(AtMost(N, READ))
    assert there.holds(Less(N, C))
    assert not PLACE.holds(Less(N, C))


def test_further_conditions_leave_the_place_as_it_is() -> None:
    assert PLACE.under() is PLACE
    assert PLACE.under(Less(ZERO, N)).positive(N)
    assert not PLACE.positive(N)
    assert PLACE.positive(ZERO + 1)
    assert not PLACE.positive(ZERO)


def test_the_smallest_failure_is_shown() -> None:
    found = PLACE.under(Less(N, C)).decide(Less(C, N + 2), (C, N))
    assert found.holds is False
    assert dict(found.counterexample or ()) == {C: 2, N: 0}
