"""Mutants tried: what became of each, and what that comes to."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.mutation.equivalents import argument
from benchmarks.mutation.same_formulas import formula_argument
from benchmarks.mutation.scoring import killer
from benchmarks.mutation.texts import Mutant, mutants
from verify.trying.subject import LayerCode
from verify.trying.truth import Truth

#: so many cases have to agree with a mutant for which there is an argument
_FEW = 12


@dataclass(frozen=True)
class Module:
    """The generated module of a layer, how a text becomes code, and cases.

    ``functions`` are those that mutants are made of.
    """

    name: str
    text: str
    made: Callable[[str], LayerCode]
    cases: Sequence[Truth]
    functions: Sequence[str]


@dataclass(frozen=True)
class Result:
    """A mutant by name, and the property that refuted it; or why it is no mistake; or neither."""

    name: str
    operator: str
    killer: str
    argument: str = ""

    @property
    def word(self) -> str:
        """*refuted*, *equivalent* or *survives*."""
        return "refuted" if self.killer else "equivalent" if self.argument else "survives"


def results(module: Module) -> Iterator[Result]:
    """Every mutant of a module's own functions tried."""
    for mutant in mutants(module.text, module.functions):
        yield tried(f"{module.name}.{mutant.name}", mutant, module)


def formula_results(module: Module, wrong: Iterable[tuple[str, str, str]]) -> Iterator[Result]:
    """Modules made from wrong formulas tried: the kind of mistake, what was changed, the text."""
    code = _code(module.text)
    for mistake, words, text in wrong:
        name = f"{module.name}: {mistake}, {words}"
        if _code(text) == code:
            yield Result(name, mistake, "", "the same code is generated from it")
            continue
        found = killer(module.made(text), module.cases)
        yield Result(name, mistake, found, "" if found else formula_argument(module.name, words))


def _code(text: str) -> list[str]:
    """The functions of a module without what is said about them."""
    tree = ast.parse(text)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return sorted(ast.unparse(n) for n in tree.body if isinstance(n, ast.FunctionDef))


def tried(name: str, mutant: Mutant, module: Module) -> Result:
    """One mutant; where there is an argument that it is no mistake, a few cases are enough."""
    reason = argument(mutant)
    cases = module.cases[:: max(1, len(module.cases) // _FEW)] if reason else module.cases
    try:
        code = module.made(mutant.text)
    except Exception as error:
        return Result(name, mutant.operator, f"it cannot be loaded: {type(error).__name__}")
    found = killer(code, cases)
    return Result(name, mutant.operator, found, "" if found else reason)


def counts(found: Iterable[Result]) -> Counter[str]:
    """How many are *refuted*, *equivalent*, or *survive*."""
    return Counter(result.word for result in found)
