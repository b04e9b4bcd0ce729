"""Cases for testing the code of a layer as a strategy, so that hypothesis can make them smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from derive.language.definition import Layer
from verify.candidates.cases import Case
from verify.testing.drawing import drawn_case


@st.composite
def cases(draw: DrawFn, layer: Layer, upstream: Mapping[str, str]) -> Case:
    """Cases that are valid by construction; ``upstream`` names g for each output."""

    def choose(options: Sequence[Any]) -> Any:
        return draw(st.sampled_from(options))

    case = drawn_case(choose, layer, upstream)
    assume(case is not None)
    assert case is not None
    return case
