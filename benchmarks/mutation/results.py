"""Mutants tried: what became of each, and what that comes to."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from types import ModuleType
from typing import Any

from benchmarks.mutation.code import WrongModule
from benchmarks.mutation.equivalents import argument
from benchmarks.mutation.same_formulas import formula_argument
from benchmarks.mutation.sameness import key
from benchmarks.mutation.scoring import Try, cheap, refutation, silent, tries
from benchmarks.mutation.texts import Mutant, mutants
from benchmarks.mutation.variants import variant
from numeric.emission.loading import loaded
from verify.trying.subject import LayerCode
from verify.trying.truth import Truth

#: so many cases are tried before it is asked for an argument
_QUICK = 2
#: the constant that says how many bytes a block of rows may have, and a small number of them
_BLOCK, _SMALL = "IN_CACHE", 64


@dataclass(frozen=True)
class Result:
    """A mutant by name, and what refuted it; or why it is no mistake; or neither.

    ``killer`` is the property, or the error with which the mutant ends at once, and ``case`` the
    number of the case.
    """

    name: str
    operator: str
    killer: str
    argument: str = ""
    case: int = 0

    @property
    def word(self) -> str:
        """*refuted*, *equivalent* or *survives*."""
        return "refuted" if self.killer else "equivalent" if self.argument else "survives"


@dataclass(frozen=True)
class Earlier:
    """Results of an earlier run, by the mutants' names.

    Those are ``final`` for which nothing has changed since but arguments; the others say what to
    try first.
    """

    results: Mapping[str, Result] = field(default_factory=dict)
    final: Container[str] = frozenset()

    def settled(self, name: str, reason: Callable[[], str]) -> Result | None:
        """The result of a mutant, where it need not be tried again.

        One that was tried in all cases may have been given an argument since, and an argument may
        be gone.
        """
        found = self.results[name] if name in self.final else None
        if found is None or found.killer:
            return found
        argued = reason()
        return replace(found, argument=argued) if argued or found.word == "survives" else None

    def first(self, name: str) -> Sequence[Try]:
        """What refuted a mutant."""
        found = self.results.get(name)
        return [Try(found.killer, found.case)] if found is not None and found.killer else []


def _in_small_blocks(text: str) -> ModuleType:
    """The module of a text, whose blocks of rows are so small that cases have several."""
    made = loaded("small", text)
    if hasattr(made, _BLOCK):
        setattr(made, _BLOCK, _SMALL)
    return made


@dataclass(frozen=True)
class Module:
    """The generated module of a layer, how a module of Python becomes code, and where cases are.

    ``functions`` are those that mutants are made of, ``faults`` the properties that the right
    program is known not to have.
    """

    name: str
    text: str
    coded: Callable[[ModuleType], LayerCode]
    drawn: Callable[[], Sequence[Truth]]
    functions: Sequence[str]
    earlier: Earlier = field(default_factory=Earlier)
    faults: Container[str] = ()

    @cached_property
    def cases(self) -> Sequence[Truth]:
        """Cases for mutants."""
        return self.drawn()

    @cached_property
    def right(self) -> ModuleType:
        """The right program."""
        return _in_small_blocks(self.text)

    @cached_property
    def _sound(self) -> set[Try]:
        """Tries that the right program passes."""
        return set()

    def made(self, text: str) -> LayerCode:
        """Code of a text with the functions of this one."""
        return self.coded(_in_small_blocks(text))

    def mutated(self, mutant: Mutant) -> LayerCode:
        """Code of a mutant."""
        return self.coded(variant(self.right, mutant.body))

    def differing(self, code: LayerCode) -> Iterator[Try]:
        """The cheap properties in the cases in which code does not return just what it should."""
        for number, (truth, right) in enumerate(zip(self.cases, self._returned, strict=True)):
            if _returned(code, truth) != right:
                yield from cheap([number])

    @cached_property
    def _returned(self) -> list[Any]:
        """What the right program returns in each case."""
        return [_returned(self.coded(self.right), truth) for truth in self.cases]

    def refutation(self, name: str, code: LayerCode, wanted: Iterable[Try]) -> Try | None:
        """What refutes a mutant: what did before, or else one of these tries.

        Raises ``ValueError`` where it refutes the right program, too: that would say nothing.
        """
        every = chain(self.earlier.first(name), wanted)
        telling = (one for one in every if one.name not in self.faults)
        found = refutation(code, self.cases, telling)
        if found is not None and found not in self._sound:
            if refutation(self.coded(self.right), self.cases, [found]):
                raise ValueError(f"{self.name}: the right program is refuted by {found.name}")
            self._sound.add(found)
        return found


def results(module: Module) -> Iterator[Result]:
    """Every mutant of a module's own functions tried."""
    for mutant in mutants(module.text, module.functions):
        yield tried(f"{module.name}.{mutant.name}", mutant, module)


def formula_results(module: Module, wrong: Iterable[WrongModule]) -> Iterator[Result]:
    """Modules made from wrong formulas tried; those that nothing can be made from are left out."""
    code, seen = _code(module.text), Counter[str]()
    for mistake, words, make in wrong:
        seen[words] += 1
        number = f" ({seen[words]})" if seen[words] > 1 else ""
        name = f"{module.name}: {mistake}, {words}{number}"
        reason = partial(formula_argument, module.name, words)
        result = module.earlier.settled(name, reason)
        if result is None:
            try:
                text = make()
            except (ValueError, ArithmeticError, TypeError, LookupError):
                continue
            result = _of_formula(module, name, mistake, text, reason, _code(text) == code)
        yield result


def _of_formula(
    module: Module, name: str, mistake: str, text: str, reason: Callable[[], str], same: bool
) -> Result:
    if same:
        return Result(name, mistake, "", "the same code is generated from it")
    every = tries(range(len(module.cases)))
    found = module.refutation(name, module.made(text), every)
    return judged(name, mistake, found, reason)


def _code(text: str) -> list[str]:
    """The functions of a module without what is said about them."""
    tree = ast.parse(text)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return sorted(ast.unparse(n) for n in tree.body if isinstance(n, ast.FunctionDef))


def tried(name: str, mutant: Mutant, module: Module) -> Result:
    """One mutant.

    Where there is an argument that it is no mistake, few cases are tried with all properties; in
    the others the two passes must return what they should.
    """
    reason = partial(argument, mutant)
    settled = module.earlier.settled(name, reason)
    if settled is not None:
        return settled
    numbers = range(len(module.cases))
    try:
        code = module.mutated(mutant)
    except Exception as error:
        return unloadable(name, mutant, error)
    found = module.refutation(name, code, tries(numbers[:_QUICK]))
    if found is None:
        left = module.differing(code) if reason() else tries(numbers[_QUICK:])
        found = module.refutation(name, code, left)
    return judged(name, mutant.operator, found, reason)


def _returned(code: LayerCode, truth: Truth) -> Any:
    """What both passes return in a case, or the error, as what can be compared."""
    with silent():
        try:
            made = code.forward(**truth.inputs, **truth.options)
            if truth.subject.differentiable:
                made = (made, code.backward(truth.upstream, **truth.inputs, **truth.options))
        except Exception as error:
            return key(str(error))
    return key(made)


def unloadable(name: str, mutant: Mutant, error: Exception) -> Result:
    """The result of a mutant that is no module."""
    return Result(name, mutant.operator, f"it cannot be loaded: {type(error).__name__}")


def judged(name: str, operator: str, found: Try | None, reason: Callable[[], str]) -> Result:
    """The result of a mutant that something refuted, or nothing."""
    if found is None:
        return Result(name, operator, "", reason())
    return Result(name, operator, found.name, "", found.case)


def counts(found: Iterable[Result]) -> Counter[str]:
    """How many are *refuted*, *equivalent*, or *survive*."""
    return Counter(result.word for result in found)
