"""How a function is called, from all that says something about it: its file, names, a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from verify.trying.process.process import CannotRun, Loaded
from verify.trying.subject import LayerUnderTest
from verify.trying.user import caches, layouts, recipes
from verify.trying.user.arguments import Offers
from verify.trying.user.calls import Plan, Settled, plan
from verify.trying.user.results import Wanted, wanted

#: the convention that needs no recipe
COURSE = "cs231n"


@dataclass(frozen=True)
class Convention:
    """The calls, what is to be returned, and arrays with another order of axes.

    ``fixed`` are upstream gradients that the function is not given: that of a loss is 1.
    """

    plan: Plan
    wanted: Wanted
    axes: Mapping[str, tuple[int, ...]]
    fixed: Mapping[str, int]

    @property
    def text(self) -> str:
        """The calls, and what goes without saying in them."""
        said = [f"left at its default: {', '.join(self.plan.defaults)}"] * bool(self.plan.defaults)
        if self.fixed:
            said.append("no upstream gradient is passed: g = 1, the loss itself")
        moved = [name for name in self.axes if name in self.plan.arrays]
        if moved:
            said.append(f"axes in another order: {', '.join(moved)}")
        return self.plan.text + "".join(f"   ({s})" for s in said)


def convention(
    subject: LayerUnderTest,
    file: str,
    function: str,
    loaded: Loaded,
    wrt: str | None,
    given: Mapping[str, Any],
    calls: str | None,
    layout: str | None,
) -> Convention:
    """How to call a function of a file; ``CannotRun`` where that is not clear."""
    layer, upstream = subject.layer, subject.upstream
    recipe = _recipe(calls)
    layout = layout or recipe.layout
    axes = layouts.orders(layer, upstream, layout) if layout else {}
    offers = Offers(layer, upstream, given, axes)
    settled: Settled = recipe.given(function, loaded, offers)
    if calls == COURSE:
        settled = caches.given(function, loaded, offers, Path(file).read_text(encoding="utf-8"))
    found = plan(function, loaded, offers, settled)
    fixed = (
        {}
        if not subject.is_loss or {*upstream.values()} & {*found.arrays}
        else dict.fromkeys(upstream.values(), 1)
    )
    named = [n for n in (*recipe.order, *recipe.keys.values()) if n != "_"]
    asked = wanted(layer, wrt or ",".join(named) or None, function, loaded.method)
    return Convention(found, replace(asked, order=recipe.order, keys=recipe.keys), axes, fixed)


def _recipe(calls: str | None) -> recipes.Recipe:
    if calls is None or calls == COURSE:
        return recipes.Recipe()
    if not calls.endswith(".toml"):
        raise CannotRun(f"--calls takes {COURSE} or the FILE.toml of a recipe, not {calls!r}")
    return recipes.read(calls)
