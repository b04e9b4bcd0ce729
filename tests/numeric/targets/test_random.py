"""Generated code for random layers equals the equations, exactly, forward and backward.

The equations are evaluated over rationals by ``verify.evaluation.exact``, which shares nothing with
the code generator; both targets run on object arrays of fractions, so that nothing is rounded.
``HYPOTHESIS_PROFILE=thousands`` runs hundreds of layers.
"""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import derive
from numeric.program.equivalence import judged
from tests.numeric.cases import compare, programs
from tests.strategies import from_layer, from_layer_with_ties, layers

some = settings(max_examples=settings.default.max_examples // 10)
few = settings(max_examples=settings.default.max_examples // 40)


@some
@given(layers(), st.data())
def test_code_computes_what_the_equations_say(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    inputs = data.draw(st.one_of(from_layer(layer), from_layer_with_ties(layer)))
    try:
        compare(layer, inputs)
    except ZeroDivisionError:
        assume(False)  # a mean over nothing has no value


@few
@given(layers())
def test_no_program_is_refuted(text: str) -> None:
    """What the comparison of products says of a program agrees with running it."""
    for output, program in programs(derive.parse(text)).items():
        verdict = judged(program)
        assert verdict.word != "refuted", (output, str(verdict.counterexample))
