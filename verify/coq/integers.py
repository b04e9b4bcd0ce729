"""Integer expressions and conditions as Coq text, over Z.

A condition is written twice: as a computed truth value (``<=?``) inside a layer, where it is a
factor, and as a statement (``<=``) in a theorem's premises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol

from derive.language.printing.order import factor_key, ordered_terms
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Differ,
    Divides,
    Division,
    Either,
    Entry,
    FloorDiv,
    Greatest,
    Index,
    IntegerNode,
    Least,
    Less,
    Modulo,
    Negation,
    Parameter,
    Same,
    Size,
)


class Uncertified(ValueError):
    """The derivation is outside what certificates cover, or no proof of it was found."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


#: the text of a symbol, or of a table's name
Naming = Callable[[Symbol | str], str]


def integer(expr: Basic, name: Naming) -> str:
    """An integer expression; parenthesised by whoever uses it inside another."""
    if isinstance(expr, Integer):
        return str(int(expr))
    if isinstance(expr, Symbol):
        return name(expr)
    if isinstance(expr, Add):
        return _sum(expr.args, name)
    if isinstance(expr, Mul):
        return _product(expr, name)
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp >= 0:
        return " * ".join([atom(expr.base, name)] * int(expr.exp)) or "1"
    if isinstance(expr, FloorDiv | Modulo):
        sign = "/" if isinstance(expr, FloorDiv) else "mod"
        return f"{atom(expr.args[0], name)} {sign} {atom(expr.args[1], name)}"
    if isinstance(expr, Least | Greatest):
        function = "Z.min" if isinstance(expr, Least) else "Z.max"
        *rest, last = [atom(arg, name) for arg in expr.args]
        for arg in reversed(rest):
            last = f"({function} {arg} {last})"
        return last[1:-1] if rest else last
    if isinstance(expr, Entry):
        return " ".join([name(expr.tensor), *(atom(i, name) for i in expr.indices)])
    raise Uncertified(f"no certificate for an index with {type(expr).__name__}: {expr}")


def atom(expr: Basic, name: Naming) -> str:
    """An integer expression that may stand as an argument."""
    text = integer(expr, name)
    return text if _closed(text) else f"({text})"


def _closed(text: str) -> bool:
    if text.startswith("("):
        depth = 0
        for place, c in enumerate(text):
            depth += (c == "(") - (c == ")")
            if depth == 0:
                return place == len(text) - 1
    return all(c.isalnum() or c in "_'" for c in text)


def _sum(terms: Sequence[Expr], name: Naming) -> str:
    """In reading order, positive terms first; a sign in front binds tighter than / and mod."""
    signed = [(t.could_extract_minus_sign(), t) for t in terms]
    parts = [(-t if negative else t, negative, str(t)) for negative, t in signed]
    text = ""
    for place in ordered_terms(parts):
        term, negative, _ = parts[place]
        part = integer(term, name)
        if negative and (isinstance(term, Add) or (not text and isinstance(term, Division))):
            part = f"({part})"
        text += f" - {part}" if negative else f" + {part}"
    return text.removeprefix(" + ") if not text.startswith(" - ") else f"-{text[3:]}"


def _product(expr: Mul, name: Naming) -> str:
    """In reading order; a quotient among factors keeps its brackets: (a / b) * c."""
    if expr.args[0] == -1:
        return f"- {atom(Mul(*expr.args[1:]), name)}"
    factors = sorted(expr.args, key=lambda f: (not f.is_number, *factor_key(f, str(f))))
    return " * ".join(atom(factor, name) for factor in factors)


def truth(condition: Basic, name: Naming) -> str:
    """The condition as a boolean."""
    args = condition.args
    if isinstance(condition, Between):
        lo, e, hi = (integer(a, name) for a in args)
        return f"({lo} <=? {e}) && ({e} <? {hi})"
    if isinstance(condition, Divides):
        return f"({atom(args[1], name)} mod {atom(args[0], name)} =? 0)"
    for kind, sign in ((Less, "<?"), (AtMost, "<=?"), (Same, "=?"), (Differ, "=?")):
        if isinstance(condition, kind):
            text = f"({integer(args[0], name)} {sign} {integer(args[1], name)})"
            return f"negb {text}" if kind is Differ else text
    if isinstance(condition, Negation):
        return f"negb ({truth(args[0], name)})"
    if isinstance(condition, Both | Either):
        sign = " && " if isinstance(condition, Both) else " || "
        neutral = "true" if isinstance(condition, Both) else "false"
        return sign.join(f"({truth(a, name)})" for a in args) or neutral
    raise Uncertified(f"no certificate for the condition {type(condition).__name__}: {condition}")


def statement(condition: Basic, name: Naming) -> str:
    """The condition as a proposition."""
    args = condition.args
    if isinstance(condition, Between):
        lo, e, hi = (integer(a, name) for a in args)
        return f"{lo} <= {e} < {hi}"
    if isinstance(condition, Divides):
        return f"{atom(args[1], name)} mod {atom(args[0], name)} = 0"
    for kind, sign in ((Less, "<"), (AtMost, "<="), (Same, "="), (Differ, "<>")):
        if isinstance(condition, kind):
            return f"{integer(args[0], name)} {sign} {integer(args[1], name)}"
    if isinstance(condition, Negation):
        return f"~ ({statement(args[0], name)})"
    if isinstance(condition, Both | Either):
        sign = " /\\ " if isinstance(condition, Both) else " \\/ "
        neutral = "True" if isinstance(condition, Both) else "False"
        return sign.join(f"({statement(a, name)})" for a in args) or neutral
    raise Uncertified(f"no certificate for the condition {type(condition).__name__}: {condition}")


def integral(expr: Basic, tables: frozenset[str]) -> bool:
    """Whether the expression is an integer whatever the (real) tensors hold."""
    if isinstance(expr, Add | Mul):
        return all(integral(arg, tables) for arg in expr.args)
    if isinstance(expr, Pow):
        return integral(expr.base, tables) and expr.exp.is_Integer and bool(expr.exp >= 0)
    if isinstance(expr, Entry):
        return expr.tensor in tables
    return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)
