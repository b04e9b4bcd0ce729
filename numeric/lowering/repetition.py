"""Statements that compute what another has computed before: their readers read that instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from sympy import Basic, IndexedBase

from derive.language.terms import Entry, Index
from numeric.program.statements import Elementwise, Statement


def without_repetition(
    statements: Iterable[Statement], outputs: Collection[str]
) -> list[Statement]:
    """The statements, each computed once; an output that repeats another array is a copy of it."""
    first: dict[Statement, str] = {}
    instead: dict[str, str] = {}
    kept: list[Statement] = []
    for statement in statements:
        made = replace(reading(statement, instead), name=statement.name)
        known = first.setdefault(nameless(made), made.name)
        if known == made.name:
            kept.append(made)
        elif made.name in outputs:
            copy = Entry(known, *(i for i, _ in made.axes))
            kept.append(Elementwise(made.name, made.axes, copy, kind=made.kind))
        else:
            instead[made.name] = known
    return kept


def reading(statement: Statement, instead: Mapping[str, str]) -> Statement:
    """The statement with other arrays read in place of some."""
    if not instead.keys() & set(statement.sources):
        return statement
    bases: dict[Basic, Basic] = {IndexedBase(a): IndexedBase(b) for a, b in instead.items()}
    parts = {f.name: _changed(getattr(statement, f.name), bases) for f in fields(statement)}
    source = parts.get("source")
    if isinstance(source, str):
        parts["source"] = instead.get(source, source)
    return type(statement)(**parts)


def nameless(statement: Statement) -> Statement:
    """The statement without its name, its indices called by their places."""
    own = [*statement.axes, *getattr(statement, "over", ())]
    places: dict[Basic, Basic] = {}
    for index, _ in own:
        places.setdefault(index, Index(f"#{len(places)}"))
    parts = {f.name: _changed(getattr(statement, f.name), places) for f in fields(statement)}
    return type(statement)(**{**parts, "name": ""})


def _changed(part: Any, instead: Mapping[Basic, Basic]) -> Any:
    if isinstance(part, tuple):
        return tuple(_changed(p, instead) for p in part)
    return part.xreplace(instead) if isinstance(part, Basic) else part
