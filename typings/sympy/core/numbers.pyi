from typing import Self

from sympy import Number
from sympy import NumberSymbol as NumberSymbol

class Infinity(Number):
    def __new__(cls) -> Self: ...

class NegativeInfinity(Number):
    def __new__(cls) -> Self: ...
