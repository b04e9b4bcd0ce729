"""One spelling for what generated code says in several: rules are written for one of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache

from benchmarks.mutation.texts import Mutant


class _Choices(ast.NodeTransformer):
    """``np.where(c, a, b)`` for ``either(c, a, b)``, and with 0 for ``only_where(c, a)``."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("either", "only_where"):
            return node
        others = [] if name == "either" else [ast.Constant(0)]
        where = ast.Attribute(ast.Name("np", ast.Load()), "where", ast.Load())
        return ast.Call(where, [*node.args, *others], node.keywords)


@lru_cache(maxsize=2**12)
def spelt(code: str) -> str:
    """Code in that spelling; words that are no code stay as they are."""
    try:
        return ast.unparse(ast.fix_missing_locations(_Choices().visit(ast.parse(code))))
    except SyntaxError:
        return code


@lru_cache(maxsize=1)
def plainly(mutant: Mutant) -> Mutant:
    """The mutant in that spelling, all but the text of its module."""
    change = " → ".join(spelt(side) for side in mutant.change.split(" → "))
    return replace(
        mutant,
        statement=spelt(mutant.statement),
        change=change,
        changed=spelt(mutant.changed),
        context=spelt(mutant.context),
    )
