"""Choices: what a branch that is not taken holds, and where both branches are equal."""

from __future__ import annotations

import ast
from typing import cast

from benchmarks.mutation.equivalents import Equivalent
from benchmarks.mutation.texts import Mutant

#: what is computed entry by entry, besides arithmetic
_ENTRYWISE = ("np.exp", "np.log", "np.sqrt", "np.tanh", "np.abs", "np.maximum", "np.minimum")


class _Chosen(ast.NodeTransformer):
    """Choices by a condition that a choice around them has settled, as the side that they take."""

    def __init__(self, settled: dict[str, bool]) -> None:
        self.settled = settled

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node.func) != "np.where":
            kept = self if ast.unparse(node.func) in _ENTRYWISE else _Chosen({})
            return ast.NodeTransformer.generic_visit(kept, node)
        test, yes, no = node.args
        told = ast.unparse(test)
        if told in self.settled:
            return cast(ast.AST, self.visit(yes if self.settled[told] else no))
        sides = [_Chosen({**self.settled, told: side}) for side in (True, False)]
        chosen = [sides[0].visit(yes), sides[1].visit(no)]
        return ast.Call(node.func, [_Chosen({}).visit(test), *chosen], node.keywords)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return ast.NodeTransformer.generic_visit(_Chosen({}), node)


def _plain(statement: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(_Chosen({}).visit(statement)))


def _unseen(mutant: Mutant) -> bool:
    """Whether the changed statement is the right one but for choices that are settled around."""
    if "np.where" not in mutant.statement:
        return False
    sides = (ast.parse(text).body[0] for text in (mutant.statement, mutant.changed))
    right, wrong = (_plain(s) if isinstance(s, ast.Assign | ast.Return) else None for s in sides)
    return right is not None and right == wrong


RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "at 0 both branches are 0",
        r"return np\.where\(x (<= 0, 0, |> 0, x, (negative_slope \* x\)|alpha \* np\.expm1))",
        "comparison",
        r"^x (<= 0 → x < 0|> 0 → x >= 0)$",
        "forward",
    ),
    Equivalent(
        "what stands where the outer choice takes the other side does not matter",
        r"return np\.where\(.*np\.where\(np\.logical_not\(x > 0\), x, 1\)",
        "constant",
        r"^(1 → .|0 → 1)$",
    ),
    Equivalent(
        "what stands where a choice by the same condition around it takes the other side does not"
        " matter",
        r".*np\.where",
        "constant",
        also=_unseen,
    ),
    Equivalent(
        "entries of a table below C are in 0 … C − 1: the condition always holds",
        r"\w+ = .*np\.where\(\((t(\[[:, None]+\])?) >= 0\) & \(\1 < C\)",
        "arithmetic|axes|comparison|constant|slice",
        r"^\(t[:, None\[\]]* >= 0\) & [^+*/]* → |^t[:, None\[\]]* < C → .* <= C$"
        r"|^0 → -1$|^1 → [02]$|^\(:, None|^t\[:, None\] → t$",
    ),
    Equivalent(
        "at 0 both sides are 1/2, or 0",
        r"return np\.where\(u >= 0, 1, small\)|.*-np\.where\((beta \* x|x|u) >= 0, \1, -",
        "comparison",
        r"^(u|x|beta \* x) >= 0 → (u|x|beta \* x) > 0$",
    ),
    Equivalent(
        "the factor is exp(0)",
        r"return np\.exp\(np\.maximum\(x, 0\) - np\.maximum\(0, x\)\)",
        "arithmetic",
        r"^np\.exp\(np\.maximum\(x, 0\) - np\.maximum\(0, x\)\) \* \((.*)\) → \1$",
    ),
    Equivalent(
        "where x − t = δ both branches are δ²/2",
        r"y_product = (np\.sum|sums)\(np\.where\(x - t < -delta",
        "comparison",
        r"^delta < x - t → delta <= ",
        "forward",
    ),
    Equivalent(
        "where x − t = −δ both branches are δ²/2",
        r"y_product = (np\.sum|sums)\(np\.where\(x - t < -delta",
        "comparison",
        r"^x - t < -delta → x - t <= -delta$",
        "forward",
    ),
    Equivalent(
        "delta is not negative: what is above delta is not below −delta",
        r"return np\.where\(\(delta < x - t\) & np\.logical_not\(x - t < -delta\)",
        "arithmetic|comparison",
        r"^\(delta < x - t\) & .* → delta < x - t$|^-delta → delta$"
        r"|^x - t < -delta → x - t <= -delta$",
        "gradient_.*",
        lambda mutant: not mutant.name.endswith(")"),
    ),
    Equivalent(
        "``np.where`` chooses the same: patterns of bits are only quicker",
        r"if (bits is None|len\(kinds\) != 1 or not kinds <= BITS)",
        "comparison|constant|statement",
        function="either|only_where",
    ),
    Equivalent(
        "products and differences of bits are symmetric",
        r".*np\.(multiply|bitwise_xor)\(",
        "axes",
        r"^np\.(\w+)\((\w+), (\w+)(.*)\) → np\.\1\(\3, \2\4\)$",
        "either|only_where",
    ),
    Equivalent("the elements of a set have no order", r"kinds = \{", "axes", function="either"),
    Equivalent(
        "real numbers may go the way of complex ones: it comes to the same",
        r"if np\.iscomplexobj\(u\)",
        "statement",
        "^condition is True$",
        "sigmoid|sigmoid_slope",
    ),
    Equivalent(
        "what is read outside is zero already, and inside the weaker condition still holds",
        r"return np\.where\(",
        "arithmetic|comparison|constant",
        function="forward",
        also=lambda mutant: "x_entries, 0)" in mutant.statement,
    ),
    Equivalent(
        "C + D places: at c = C what is read of x is the zero behind it",
        r"return np\.where\(C <= c, z_padded, 0\) \+ np\.where\(c < C, x_padded, 0\)",
        "comparison",
        "^c < C → c <= C$",
        "forward",
    ),
)
