"""Which operations may lack a value, or overflow, where nobody wants one."""

from __future__ import annotations

from sympy import Basic, Pow

from derive.language.functions import UNBOUNDED
from derive.language.substitution import integral
from derive.language.terms import Differ, FloorDiv, Greatest, Modulo, subterms
from numeric.lowering.ground import Ground
from numeric.program.reads import ONE, ZERO


def is_partial(expr: Basic, ground: Ground) -> bool:
    """Whether an expression may lack a value, or overflow, at a point of the ground's axes."""
    return any(_may_fail(node, ground.alone(node)) for node in subterms(expr))


def _may_fail(node: Basic, ground: Ground) -> bool:
    if isinstance(node, Pow):
        base, power = node.args
        if power.is_Integer or integral(power):
            return not (ground.at_least(0, power) or is_nonzero(base, ground))
        return True
    if isinstance(node, FloorDiv | Modulo):
        return not is_nonzero(node.args[1], ground)
    return isinstance(node, UNBOUNDED)


def is_nonzero(number: Basic, ground: Ground) -> bool:
    """Whether an integer expression is shown to differ from zero at all points of the axes."""
    if isinstance(number, Greatest) and ONE in number.args:
        return True
    return integral(number) and ground.shows(Differ(number, ZERO))
