"""Random layers, forward and backward, exactly: compiled loops as Python runs them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import derive
from tests.numeric import cases
from tests.strategies import from_layer, from_layer_with_ties, layers

pytest.importorskip("numba")


@settings(max_examples=settings.default.max_examples // 20)
@pytest.mark.complete
@given(layers(), st.data())
def test_loops_compute_what_the_equations_say(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    inputs = data.draw(st.one_of(from_layer(layer), from_layer_with_ties(layer)))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cases, "TARGETS", ("compiled",))
            cases.compare(layer, inputs)
    except ZeroDivisionError:
        assume(False)  # a mean over nothing has no value
