"""A gradient that is wrong for some values only: where x < 0, or beyond a bound of the layer."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Integer, Number

from derive.language.definition import Layer
from derive.language.terms import AtMost, Less, subterms
from verify.trying.numbers import numpy_array
from verify.trying.reasons import Explanation, Observation, Observed

PRIORITY = 55

#: by their signs; the condition that holds for fewer entries comes first
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    ">": operator.gt,
    "≤": operator.le,
    "≥": operator.ge,
}
#: so many entries must be wrong where the condition holds, so many right where it does not, and
#: wrong must be this share of those where it holds and something is asked for
_WRONG, _RIGHT, _SHARE = 6, 6, 0.9


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """One condition on the entries of one tensor of the gradient's shape."""
    layer = evidence.subject.layer
    shape = layer.shape(evidence.tensor)
    alike = [t.name for t in layer.tensors if layer.shape(t.name) == shape]
    own = [evidence.tensor] if evidence.tensor in alike else []
    for name in [*own, *(n for n in alike if n != evidence.tensor)]:
        for bound in _bounds(layer):
            for sign, holds in _COMPARED.items():
                condition = partial(_where, name, holds, float(bound))
                if _tells(evidence, condition):
                    words = f"only where {name} {sign} {bound}"
                    yield Explanation(words, partial(_only_there, condition))


def _bounds(layer: Layer) -> list[Number]:
    """Zero, and the numbers that the definition compares with."""
    found: dict[Number, None] = {Integer(0): None}
    for equation in layer.equations:
        for node in subterms(equation.explicit):
            if isinstance(node, AtMost | Less):
                found.update((n, None) for n in node.args if isinstance(n, Number))
    return [n for n in found if n.is_finite]


def _where(name: str, holds: Callable[[Any, Any], Any], bound: float, o: Observation) -> Any:
    return holds(numpy_array(o.case.tensors[name], "float64"), bound)


def _wrong(o: Observation) -> NDArray[np.bool_]:
    scale = 1 + np.abs(o.truth).max(initial=0.0)
    return np.asarray(~(np.abs(o.found - o.truth) <= 1e-9 * scale))


def _only_there(condition: Callable[[Observation], Any], o: Observation) -> bool:
    return o.in_shape and not np.any(_wrong(o) & ~condition(o))


def _tells(evidence: Observed, condition: Callable[[Observation], Any]) -> bool:
    """Whether the condition tells wrong entries from right ones, in enough of both."""
    there = elsewhere = asked = 0
    for o in evidence.observations:
        if not _only_there(condition, o):
            return False
        inside, wrong = condition(o), _wrong(o)
        there += int(np.sum(wrong))
        asked += int(np.sum(inside & ((o.truth != 0) | (o.found != 0))))
        elsewhere += int(np.sum(~inside & (o.truth != 0)))
    return there >= _WRONG and elsewhere >= _RIGHT and there >= _SHARE * asked
