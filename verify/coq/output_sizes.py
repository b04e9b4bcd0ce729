"""Theorems that inferred output sizes are the largest for which every read is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import Basic, Expr, Sum, Symbol

from derive.language.definition import Equation
from derive.language.terms import (
    Between,
    Condition,
    Entry,
    ExactQuotient,
    Index,
    MaxOver,
    Range,
    ranges_of,
    subterms,
    symbols_of,
)
from verify.coq.frame import Preliminaries
from verify.coq.integers import atom, integer
from verify.coq.scalars import Prose
from verify.coq.statement import introduction, theorem
from verify.coq.trials import Trials, Values


@dataclass(frozen=True)
class SizeWindow:
    """``lo ≤ position < hi`` for all indices of the ranges: where a padded axis may be read."""

    ranges: tuple[Range, ...]
    lo: Expr
    position: Expr
    hi: Expr


def size_theorems(frame: Preliminaries, trials: Trials) -> Iterator[tuple[str, str]]:
    """Name and text for each output axis whose size was inferred from a window."""
    defined = {size for size, _ in frame.layer.definitions}
    for equation, _ in frame.outputs():
        for index, size, given in zip(
            equation.indices, equation.extents, equation.given, strict=True
        ):
            if given or size not in defined:
                continue
            windows = _windows(equation, index, frame)
            if windows and _true(windows, index, size, trials):
                name = frame.fresh(f"{frame.layer.name}_{equation.name}_size_of_{index.name}")
                yield name, _theorem(name, index, size, windows, frame)


def _windows(equation: Equation, index: Index, frame: Preliminaries) -> list[SizeWindow]:
    """The reads along this output axis; none where other output indices take part."""
    found: list[SizeWindow] = []
    for entry, ranges in _entries(equation.written, ()):
        tensor = frame.layer.tensor(entry.tensor)
        if tensor is None:
            continue
        for position, axis in zip(entry.indices, tensor.axes, strict=True):
            symbols = symbols_of(position)
            if index not in symbols or axis.unbounded:
                continue
            if any(isinstance(e, ExactQuotient | Entry) for e in subterms(position)):
                return []
            own = tuple(r for r in ranges if r[0] in symbols)
            free = {index, *(r[0] for r in own)}
            ends = [s for r in own for b in r[1:] for s in symbols_of(b)]
            if any(isinstance(s, Index) and s not in free for s in [*symbols, *ends]):
                return []
            found.append(SizeWindow(own, -axis.before, position, axis.size + axis.after))
    return list(dict.fromkeys(found))


def _entries(expr: Basic, ranges: tuple[Range, ...]) -> Iterator[tuple[Entry, tuple[Range, ...]]]:
    if isinstance(expr, Entry):
        yield expr, ranges
    elif isinstance(expr, Sum | MaxOver):
        yield from _entries(expr.args[0], (*ranges, *ranges_of(expr)))
    else:
        for arg in expr.args:
            yield from _entries(arg, ranges)


def _true(windows: Sequence[SizeWindow], index: Index, size: Expr, trials: Trials) -> bool:
    """Whether the claim holds on the sampled sizes: only then is Coq asked."""
    for sizes in trials.samples:
        extent = trials.number(size, sizes)
        for i in range(extent + 3):
            point = {**sizes, index: i}
            if (i < extent) != all(_allowed(w, point, trials) for w in windows):
                return False
    return True


def _allowed(window: SizeWindow, point: Values, trials: Trials) -> bool:
    condition = Between(window.lo, window.position, window.hi)
    return all(trials.holds(condition, p) for p in trials.box(window.ranges, point))


def _theorem(
    name: str, index: Index, size: Expr, windows: Sequence[SizeWindow], frame: Preliminaries
) -> str:
    prose = frame.prose(gradient=False)
    bound = prose.bind_all((index,))
    naming = prose.naming(bound)
    parts = [_allowed_text(w, prose, bound) for w in windows]
    right = " /\\\n     ".join(f"({p})" for p in parts)
    claim = (
        f"forall {bound[index]} : Z, 0 <= {bound[index]} ->\n"
        f"    ({bound[index]} < {integer(size, naming)} <->\n     {right})"
    )
    lines = [
        theorem(name, frame, (), (), claim),
        "Proof.",
        introduction(frame, (), ()),
        f"  intros {bound[index]} ?.{frame.assume(_unrelated(size, windows, frame))[1:]}",
        "  statements; split.",
        "  - intros; repeat match goal with |- _ /\\ _ => split end; intros;",
        "      lies_inside tt tt.",
        f"  - intros allowed; {_extremes(windows, prose, bound)}",
        "    lies_inside tt tt.",
        "Qed.",
    ]
    return "\n".join(lines)


def _unrelated(size: Expr, windows: Sequence[SizeWindow], frame: Preliminaries) -> list[Condition]:
    """The premises about sizes that the claim does not mention."""
    definitions: dict[Expr, Expr] = dict(frame.layer.definitions)
    near = {size, *(s for w in windows for e in (w.lo, w.position, w.hi) for s in symbols_of(e))}
    near |= {s for w in windows for r in w.ranges for b in r[1:] for s in symbols_of(b)}
    near |= set(symbols_of(definitions[size]))
    return [c for c in frame.layer.domain if not near.issuperset(symbols_of(c))]


def _allowed_text(window: SizeWindow, prose: Prose, bound: Mapping[Symbol, str]) -> str:
    inner = prose.bind_all((i for i, _, _ in window.ranges), bound)
    name = prose.naming(inner)
    own = [inner[i] for i, _, _ in window.ranges]
    ranges = "".join(
        f"{integer(lo, name)} <= {inner[i]} < {integer(hi, name)} -> "
        for i, lo, hi in window.ranges
    )
    quantified = f"forall {' '.join(own)} : Z, {ranges}" if own else ""
    ends = (integer(e, name) for e in (window.lo, window.position, window.hi))
    return quantified + "{} <= {} < {}".format(*ends)


def _extremes(windows: Sequence[SizeWindow], prose: Prose, bound: Mapping[Symbol, str]) -> str:
    """What the windows say at the ends of their ranges."""
    names = [f"allowed{n}" for n in range(len(windows))]
    parts = [f"destruct allowed as ({' & '.join(names)})." if len(names) > 1 else ""]
    for label, window in zip(names if len(names) > 1 else ["allowed"], windows, strict=True):
        inner = prose.bind_all((i for i, _, _ in window.ranges), bound)
        name = prose.naming(inner)
        ends = [(atom(lo, name), atom(hi - 1, name)) for _, lo, hi in window.ranges]
        reasons = " ltac:(lia)" * len(ends)
        for corner in product(*ends):
            parts.append(f"try pose proof ({label} {' '.join(corner)}{reasons}).")
    return " ".join(part for part in parts if part)
