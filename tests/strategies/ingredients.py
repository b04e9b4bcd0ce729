"""What random layers are made of: the choices for indices, axes, guards and further equations.

Every index gets a *plan*: where its range comes from.  An index without a written range stands
alone on an axis somewhere; that read is its home.  Every axis gets a coordinate that stays inside
it, and perhaps others that do too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: hyperparameters and their defaults; those that a text mentions are declared
PARAMETERS = {"s": "2", "d": "1", "p": "1", "E": "2"}

#: how an index may enter an affine coordinate, if at all
ANY_SIGN = ["+ ", "- ", "+ 2*", "- 2*", "+ s*", "- d*", ""]
PLAIN_SIGN = ["+ ", "- ", "+ 2*", ""]


@dataclass(frozen=True)
class Plan:
    """An index: how its range is written, its size where that is a symbol, how it may be read.

    ``alone``: it has no written range and needs a home.  ``sliding``: its size is inferred.
    """

    name: str
    written: str
    size: str | None = None
    alone: bool = False
    sliding: bool = False


@dataclass(frozen=True)
class Place:
    """One axis: its declaration, the coordinate read first, and others that stay inside as well."""

    declared: str
    coordinate: str
    others: tuple[str, ...]


#: the axes of each tensor
Dealt = Mapping[str, Sequence[Place]]


def output_choices(name: str) -> list[Plan]:
    """What may determine the size of an output index."""
    return [
        Plan(name, name, name.upper(), alone=True),
        Plan(name, name, sliding=True),
        Plan(name, f"{name} < 3"),
        Plan(name, f"{name} < E", "E"),
    ]


def summed_choices(name: str, outer: Sequence[Plan]) -> list[Plan]:
    """What may bound a summed index; some bounds use an output index, some ranges are empty."""
    return [
        Plan(name, name, name.upper(), alone=True),
        Plan(name, f"{name} < 2"),
        Plan(name, f"1 <= {name} < 3"),
        Plan(name, f"{name} < E", "E"),
        *(Plan(name, f"{name} <= {o.name}") for o in outer),
        *(Plan(name, f"{o.name}//2 <= {name} < {o.name} + 2") for o in outer),
    ]


#: the names of summed indices: some that fresh names of a derivation could run into
SUMMED = [[], ["a"], ["a"], ["a", "b"], ["a", "a'"], ["i'", "a"]]


def home(plan: Plan) -> Place:
    """The axis on which an index stands alone; also read there: reversed, cyclic, coarser, last."""
    i, size = plan.name, plan.size
    others = (f"{size} - 1 - {i}", f"({i} + 1) % {size}", f"{i}//2", f"{size} - 1", "0", i)
    return Place(f"{size}", i, others)


def window(plan: Plan, stride: str, taps: str, padding: str, shift: str) -> Place:
    """An axis an output index slides along, as in a convolution."""
    coordinate = f"{stride}{plan.name}{taps}{shift}"
    return Place(f"H{plan.name}{padding}", coordinate, (coordinate, f"{coordinate} + 1"))


def looked_up(plan: Plan) -> Place:
    """An axis whose coordinate is read from a table."""
    return Place("T", f"t[{plan.name}]", (f"t[{plan.name}]", "t[0]"))


def reads(name: str, coordinates: Sequence[str]) -> str:
    """``x[i, a]``."""
    return f"{name}[{', '.join(coordinates)}]"


def factors(names: Sequence[str]) -> list[str]:
    """Iverson brackets, and an index as a value."""
    first, last = names[0], names[-1]
    return [
        f"[{first} <= {last} + 1]",
        f"[2 divides {first} + {last}]",
        f"[1 <= {last} < 3]",
        f"[{first} != {last} or {first} == 0]",
        f"({first} + 1)",
    ]


def combinations(one: str, two: str) -> list[str]:
    """One product, a sum of two, or a choice between two that looks at the data."""
    return [
        one,
        one,
        f"({one} + {two})",
        f"({one} - 2*({two}))",
        f"(if {one} < {two} then {one} else 3*{two})",
        f"max({one}, {two})",
    ]


def followers(outputs: Sequence[Plan]) -> list[str]:
    """Further equations, which make y an intermediate."""
    indices = ", ".join(p.name for p in outputs)
    y, z = f"y[{indices}]", f"z[{indices}]"
    mean = f"\n    m[] = sum[{indices}] {y}" if outputs else f"\n    m[] = {y}"
    return [
        "",
        "",
        f"\n    {z} = {y}*{y}",
        f"\n    {z} = if {y} < 2 then {y} else 3*{y} + 1",
        f"{mean}\n    {z} = {y}*m[] - m[]",
        f"{mean}\n    u[] = m[]^2\n    {z} = {y} + u[] - m[]",
        f"\n    z[] = sum[{indices}] ({y} + v[])^2" if outputs else "\n    z[] = (y[] + v[])^2",
    ]


def layer_text(dealt: Dealt, equations: str, plans: Sequence[Plan]) -> str:
    """The equations under a header that declares what they use."""
    declared = [reads(name, [axis.declared for axis in axes]) for name, axes in dealt.items()]
    tables = [p for p in plans if p.alone and f"t[{p.name}]" in equations]
    declared += [f"t[{p.size}] int < T" for p in tables]
    declared += ["v[]"] if "v[]" in equations else []
    everything = " ".join(declared) + equations
    words = "".join(c if c.isalnum() else " " for c in everything).split()
    used = [f"{name}={default}" for name, default in PARAMETERS.items() if name in words]
    return f"layer({', '.join(declared)}{'; ' if used else ''}{', '.join(used)}):\n{equations}"
