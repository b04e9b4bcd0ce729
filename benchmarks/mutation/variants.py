"""Modules in which one function is another: only that one is compiled."""

from __future__ import annotations

from types import FunctionType, ModuleType


def variant(right: ModuleType, function: str) -> ModuleType:
    """The module with a function, given by its text, in the place of the one of its name.

    All functions of the module call that one, also those that are as they were.
    """
    made = ModuleType("mutant")
    names = vars(made)
    for name, value in vars(right).items():
        own = isinstance(value, FunctionType) and value.__globals__ is vars(right)
        names[name] = _calling(value, names) if own else value
    exec(compile(function, "mutant.py", "exec"), names)
    return made


def _calling(function: FunctionType, names: dict[str, object]) -> FunctionType:
    """The function with other meanings of the names that it uses."""
    made = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made
