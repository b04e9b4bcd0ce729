"""Mutants of a module's text: one place in one function changed."""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.mutation.operators import UNORDERED, Operator, operators

Path = tuple[tuple[str, int | None], ...]
#: whether the mutants of a statement are wanted, given its function's name and its text
Wanted = Callable[[str, str], bool]


@dataclass(frozen=True)
class Mutant:
    """A changed module.

    ``name`` says where it comes from and what was changed; it stays the same as long as the
    statement does.  ``statement`` is the one that was ``changed``, ``operator`` the kind of change;
    ``context`` is the right function, ``body`` the wrong one.
    """

    name: str
    operator: str
    function: str
    statement: str
    change: str
    text: str
    changed: str = ""
    context: str = ""
    body: str = ""


def mutants(
    source: str, functions: Sequence[str] | None = None, wanted: Wanted = lambda *_: True
) -> Iterator[Mutant]:
    """All mutants of the functions of a module, of all of them by default, whose statements are
    wanted.

    Lines that decide which memory is read are left as they are: a mistake there may end the
    process before anything can notice it.
    """
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and (functions is None or node.name in functions):
            yield from _of_function(node, lines, wanted)


def functions_of(source: str) -> list[tuple[str, str]]:
    """Name and text of every function of a module."""
    nodes = ast.parse(source).body
    return [(n.name, ast.unparse(n)) for n in nodes if isinstance(n, ast.FunctionDef)]


def _of_function(
    function: ast.FunctionDef, lines: Sequence[str], wanted: Wanted
) -> Iterator[Mutant]:
    seen: Counter[str] = Counter()
    context = ast.unparse(function)
    for statement in _statements(function):
        plain = ast.unparse(statement)
        if _raw(plain) or not wanted(function.name, plain):
            continue
        bound = _bound_before(function, statement)
        for operator in operators():
            for words, changed in _changed(statement, plain, operator, bound):
                name = (
                    f"{function.name} | {' '.join(plain.split())[:100]} | {operator.name}: {words}"
                )
                seen[name] += 1
                number = f" ({seen[name]})" if seen[name] > 1 else ""
                text = _replaced(lines, statement, changed)
                told = (name + number, operator.name, function.name, plain, words, text)
                yield Mutant(*told, changed, context, _body(text, function, len(lines)))


def _statements(parent: ast.AST) -> Iterator[ast.stmt]:
    """Every statement but docstrings, blocks before what they contain."""
    for field in ("body", "orelse", "handlers", "finalbody"):
        for child in getattr(parent, field, []):
            if isinstance(child, ast.stmt) and not _is_text(child):
                yield child
            yield from _statements(child)


def _raw(statement: str) -> bool:
    """Whether a statement decides which memory is read: a mistake there may end the process."""
    return bool(re.search(r"as_strided\(|^(strides|corner) =", statement))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _bound_before(function: ast.FunctionDef, statement: ast.stmt) -> frozenset[str]:
    """Names that have a value when a statement is reached."""
    arguments = function.args
    names = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
    names |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names |= {node.id} if node.lineno < statement.lineno else set()
    return frozenset(names)


def _changed(
    statement: ast.stmt, plain: str, operator: Operator, bound: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """All ways to change a statement's own expressions, or the statement as a whole: its text."""
    for change in operator.of_statement(statement, bound):
        yield change.words, "\n".join(map(_text, change.statements)) or "pass"
    for path, node in _expressions(statement):
        for replaced in operator.of_expression(node):
            assert replaced.node is not None
            copy = ast.parse(plain).body[0]
            _put(copy, path, replaced.node)
            yield f"{ast.unparse(node)} → {_text(replaced.node)}", _text(copy)


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _expressions(statement: ast.stmt) -> Iterator[tuple[Path, ast.expr]]:
    """The expressions of a statement, without those of the blocks it contains."""

    _mark_unordered(statement)

    def inside(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.expr]]:
        for field, value in ast.iter_fields(node):
            children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for place, child in children:
                if not isinstance(child, ast.AST) or isinstance(child, ast.stmt):
                    continue
                here = (*path, (field, place))
                if isinstance(child, ast.expr):
                    yield here, child
                if not _only_words(child):
                    yield from inside(child, here)

    yield from inside(statement, ())


def _mark_unordered(statement: ast.stmt) -> None:
    """Where the order of a tuple's elements makes no difference: ``0 in (N, O)``."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            setattr(node.comparators[0], UNORDERED, True)


def _only_words(node: ast.AST) -> bool:
    """Whether a part only says something: error messages, what is passed on for them."""
    if isinstance(node, ast.JoinedStr | ast.ExceptHandler):
        return True
    return isinstance(node, ast.keyword) and node.arg is not None and _shown(node)


def _shown(node: ast.keyword) -> bool:
    """``require(K1 >= 1, "…", K1=K1)``: the values that the message names."""
    return isinstance(node.value, ast.Name) and node.value.id == node.arg and node.arg != "dtype"


def _replaced(lines: Sequence[str], statement: ast.stmt, changed: str) -> str:
    """The module's text with a statement, which has lines of its own, written otherwise."""
    assert statement.end_lineno is not None
    indented = textwrap.indent(changed, " " * statement.col_offset)
    before, after = lines[: statement.lineno - 1], lines[statement.end_lineno :]
    return "\n".join([*before, indented, *after, ""])


def _body(text: str, function: ast.FunctionDef, count: int) -> str:
    """The function in a text that had so many lines before it was changed inside the function."""
    lines = text.split("\n")
    assert function.end_lineno is not None
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    return "\n".join(lines[first - 1 : function.end_lineno + len(lines) - 1 - count])


def _put(root: ast.AST, path: Path, node: ast.AST) -> None:
    for field, place in path[:-1]:
        value = getattr(root, field)
        root = value if place is None else value[place]
    field, place = path[-1]
    if place is None:
        setattr(root, field, node)
    else:
        getattr(root, field)[place] = node
