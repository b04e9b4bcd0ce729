"""One function for each kind of node: how its value is computed from the values of its parts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Sum,
    Symbol,
)
from sympy.core.numbers import NegativeInfinity

from derive.language.terms import (
    Choose,
    Entry,
    ExactQuotient,
    FloorDiv,
    Greatest,
    Iverson,
    Least,
    MaxOver,
    Modulo,
    entries,
)
from verify.evaluation.closures import Closure, Compiler, Environment


class EmptyMaximum(ArithmeticError):
    """The maximum over an empty range was asked for."""


class NotDivisible(ArithmeticError):
    """An exact quotient in an index does not come out; the read around it is zero.

    It is met at every other place of a zero-stuffed tensor, and only written out where it is told.
    """

    def __str__(self) -> str:
        return f"{self.args[0]} does not come out"


def _integer(compiler: Compiler, expr: Any) -> Closure:
    number = int(expr)
    return lambda env: number


def _rational(compiler: Compiler, expr: Any) -> Closure:
    number = compiler.arithmetic.number(Fraction(int(expr.p), int(expr.q)))
    return lambda env: number


def _constant(compiler: Compiler, expr: Basic) -> Closure:
    number = compiler.arithmetic.constant(str(expr).lower())
    return lambda env: number


def _minus_infinity(compiler: Compiler, expr: Basic) -> Closure:
    return lambda env: float("-inf")


def _symbol(compiler: Compiler, expr: Symbol) -> Closure:
    slot = compiler.slot(expr)
    return lambda env: env[slot]


def _sum_of_terms(compiler: Compiler, expr: Expr) -> Closure:
    first, *rest = [compiler.value(arg) for arg in expr.args]

    def add(env: Environment) -> Any:
        result = first(env)
        for term in rest:
            result = result + term(env)
        return result

    return add


def _product(compiler: Compiler, expr: Expr) -> Closure:
    """A zero guard makes the product zero before any other factor is looked at."""
    guards = [f for f in expr.args if is_guard(f)]
    first, *rest = [compiler.value(f) for f in expr.args if f not in guards] or [lambda env: 1]

    def multiply(env: Environment) -> Any:
        result = first(env)
        for factor in rest:
            result = result * factor(env)
        return result

    return _guarded(compiler, guards, multiply) if guards else multiply


def is_guard(factor: Basic) -> bool:
    """Whether a factor is an Iverson bracket, or a power that SymPy made of equal ones."""
    if isinstance(factor, Pow):
        return isinstance(factor.base, Iverson) and bool(factor.exp.is_positive)
    return isinstance(factor, Iverson)


def _guarded(compiler: Compiler, guards: list[Any], body: Closure) -> Closure:
    """One guard that fails settles it, even where another is undefined; those with reads last."""
    conditions = [g.base.args[0] if isinstance(g, Pow) else g.args[0] for g in guards]
    conditions.sort(key=lambda condition: bool(entries(condition)))
    closures = [compiler.condition(condition) for condition in conditions]

    def run(env: Environment) -> Any:
        undefined: ArithmeticError | None = None
        for holds in closures:
            try:
                if not holds(env):
                    return 0
            except ArithmeticError as error:
                undefined = error
        if undefined is not None:
            raise undefined
        return body(env)

    return run


def _iverson(compiler: Compiler, expr: Expr) -> Closure:
    return _guarded(compiler, [expr], lambda env: 1)


def _power(compiler: Compiler, expr: Pow) -> Closure:
    base, power = compiler.value(expr.base), compiler.arithmetic.power
    if expr.exp.is_Integer and expr.exp > 0:
        exponent = int(expr.exp)
        return lambda env: base(env) ** exponent
    variable = compiler.value(expr.exp)
    return lambda env: power(base(env), variable(env))


def _summation(compiler: Compiler, expr: Sum) -> Closure:
    points, body, _ = compiler.loop(expr)

    def add(env: Environment) -> Any:
        result: Any = 0
        for _ in points(env):
            result = result + body(env)
        return result

    return add


def _maximum(compiler: Compiler, expr: MaxOver) -> Closure:
    points, body, _ = compiler.loop(expr)
    order = compiler.arithmetic.order

    def largest(env: Environment) -> Any:
        found: list[Any] = []
        for _ in points(env):
            value = body(env)
            if not found or order(value) > order(found[0]):
                found = [value]
        if not found:
            raise EmptyMaximum(f"the maximum over an empty range: {expr}")
        return found[0]

    return largest


def _choice(compiler: Compiler, expr: Choose) -> Closure:
    condition, yes, no = expr.args
    holds = compiler.condition(condition)
    then, otherwise = compiler.value(yes), compiler.value(no)
    return lambda env: then(env) if holds(env) else otherwise(env)


def _delta(compiler: Compiler, expr: KroneckerDelta) -> Closure:
    a, b = (compiler.comparable(arg) for arg in expr.args[:2])
    return lambda env: int(a(env) == b(env))


def _read(compiler: Compiler, expr: Entry) -> Closure:
    return compiler.read(compiler, expr)


def _function(compiler: Compiler, expr: Function) -> Closure:
    argument = compiler.value(expr.args[0])
    function = compiler.arithmetic.function(type(expr).__name__.lower())
    return lambda env: function(argument(env))


def _quotient(compiler: Compiler, expr: FloorDiv | Modulo) -> Closure:
    a, b = (compiler.value(arg) for arg in expr.args)
    if isinstance(expr, Modulo):
        return lambda env: a(env) % b(env)
    return lambda env: a(env) // b(env)


def _exact_quotient(compiler: Compiler, expr: ExactQuotient) -> Closure:
    a, b = (compiler.value(arg) for arg in expr.args)

    def divide(env: Environment) -> Any:
        quotient, rest = divmod(a(env), b(env))
        if rest:
            raise NotDivisible(expr)
        return quotient

    return divide


def _extreme(compiler: Compiler, expr: Least | Greatest) -> Closure:
    parts = [compiler.value(arg) for arg in expr.args]
    chosen = min if isinstance(expr, Least) else max
    return lambda env: chosen(part(env) for part in parts)


#: the first kind that fits counts: a tensor entry is a function to SymPy, an integer a rational
NODES: tuple[tuple[Any, Callable[[Compiler, Any], Closure]], ...] = (
    (Entry, _read),
    (Integer, _integer),
    (Rational, _rational),
    (NegativeInfinity, _minus_infinity),
    (NumberSymbol, _constant),
    (Symbol, _symbol),
    (Add, _sum_of_terms),
    (Mul, _product),
    (Iverson, _iverson),
    (Pow, _power),
    (Sum, _summation),
    (MaxOver, _maximum),
    (Choose, _choice),
    (KroneckerDelta, _delta),
    (FloorDiv | Modulo, _quotient),
    (ExactQuotient, _exact_quotient),
    (Least | Greatest, _extreme),
    (Function, _function),
)
