"""Random layers as notation text."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.strategies import ingredients
from tests.strategies.ingredients import Dealt, Place, Plan

# --- layers ------------------------------------------------------------------------------------


def layers() -> SearchStrategy[str]:
    """Texts of random layers that the notation accepts."""
    return texts().filter(_accepted)


def _accepted(text: str) -> bool:
    from derive.language.notation import NotationError, parse_layer

    try:
        parse_layer(text)
    except NotationError:
        return False
    return True


@st.composite
def texts(draw: DrawFn) -> str:
    """The text of a layer, nearly always a valid one: a reduction over products of reads."""
    outputs = [
        draw(st.sampled_from(ingredients.output_choices(name)))
        for name in draw(st.sampled_from(["", "i", "i", "ij"]))
    ]
    sums: list[Plan] = []
    for name in draw(st.sampled_from(ingredients.SUMMED)):
        sums.append(draw(st.sampled_from(ingredients.summed_choices(name, [*outputs, *sums]))))
    plans = [*outputs, *sums]
    dealt = draw(tensors(draw(places(outputs, sums))))
    body = draw(value(dealt, plans))
    if sums:
        reduction = draw(st.sampled_from(["sum", "sum", "sum", "max"]))
        body = f"{reduction}[{', '.join(p.written for p in sums)}] {body}"
    left = ingredients.reads("y", [p.written for p in outputs])
    more = draw(st.sampled_from(ingredients.followers(outputs)))
    return ingredients.layer_text(dealt, f"    {left} = {body}{more}", plans)


# --- axes --------------------------------------------------------------------------------------


@st.composite
def places(draw: DrawFn, outputs: Sequence[Plan], sums: Sequence[Plan]) -> list[Place]:
    """An axis for every index that needs one, and up to three more."""
    plans = [*outputs, *sums]
    alone = [p for p in plans if p.alone]
    chosen = [ingredients.home(p) for p in alone]
    chosen += [draw(window(p, sums)) for p in plans if p.sliding]
    for number in range(draw(st.sampled_from([0, 0, 1, 1, 2] if chosen else [1, 1, 2]))):
        chosen.append(draw(unbounded(number + 1, plans)))
    if alone:
        chosen += draw(st.sampled_from([[], [ingredients.looked_up(alone[0])]]))
    return draw(st.permutations(chosen))


@st.composite
def window(draw: DrawFn, plan: Plan, sums: Sequence[Plan]) -> Place:
    """An axis an output index slides along; the output's size is left to inference."""
    stride = draw(st.sampled_from(["", "2*", "s*"]))
    from_zero = [p.name for p in sums if p.written in (p.name, f"{p.name} < 2", f"{p.name} < E")]
    taps = [draw(st.sampled_from([f" + {a}", f" + d*{a}", ""])) for a in from_zero]
    padding, shift = draw(
        st.sampled_from([("", ""), (" pad p", " - p"), (" pad (1, 0)", " - 1"), (" pad 1", "")])
    )
    return ingredients.window(plan, stride, "".join(taps), padding, shift)


@st.composite
def unbounded(draw: DrawFn, number: int, plans: Sequence[Plan]) -> Place:
    """An axis padded without end, read anywhere."""
    first, second = draw(coordinate(plans)), draw(affine([p.name for p in plans]))
    return Place(f"U{number} pad all", first, (second,))


@st.composite
def coordinate(draw: DrawFn, plans: Sequence[Plan]) -> str:
    """An integer expression: affine, a floor, a remainder or an exact quotient.

    Some divide by what is positive only inside the range of an index.
    """
    e = draw(affine([p.name for p in plans]))
    choices = [e, e, f"({e})//2", f"({e}) % 3", f"({e})/2", f"({e})/s"]
    choices += [f"({e})//({p.name} + 1)" for p in plans] + [
        f"({e}) % ({p.name} + 1)" for p in plans
    ]
    choices += [f"{e} + 7//{p.size}" for p in plans if p.alone]
    return draw(st.sampled_from(choices))


@st.composite
def affine(draw: DrawFn, names: Sequence[str]) -> str:
    """In at most two indices; coefficients may be negative (a reversal) or a stride, a dilation."""
    text = draw(st.sampled_from(["0", "1", "p", "-1"]))
    used = draw(st.permutations(names))[:2]
    for name, signs in zip(used, (ingredients.ANY_SIGN, ingredients.PLAIN_SIGN), strict=False):
        sign = draw(st.sampled_from(signs))
        text += f" {sign}{name}" if sign else ""
    return text


# --- values ------------------------------------------------------------------------------------


@st.composite
def tensors(draw: DrawFn, axes: Sequence[Place]) -> Dealt:
    """The axes dealt out to up to three tensors; no tensor gets more than three."""
    dealt: dict[str, list[Place]] = {}
    for axis in axes:
        free = [name for name in "xkw" if len(dealt.get(name, [])) < 3]
        dealt.setdefault(draw(st.sampled_from(free)), []).append(axis)
    return dealt


@st.composite
def value(draw: DrawFn, dealt: Dealt, plans: Sequence[Plan]) -> str:
    """One product, or that and a second read of a tensor combined."""
    one = draw(product(dealt, plans))
    name = draw(st.sampled_from(list(dealt)))
    two = ingredients.reads(name, [draw(st.sampled_from(a.others)) for a in dealt[name]])
    return draw(st.sampled_from(ingredients.combinations(one, two)))


@st.composite
def product(draw: DrawFn, dealt: Dealt, plans: Sequence[Plan]) -> str:
    """Every tensor read at home, some of them again elsewhere, and perhaps a guard or a divisor."""
    factors = []
    for name, axes in dealt.items():
        read = ingredients.reads(name, [axis.coordinate for axis in axes])
        powers = [
            "",
            "",
            "^2",
            *(f"^{p.name}" for p in plans),
            *(f"^{p.size}" for p in plans if p.alone),
        ]
        factors.append(read + draw(st.sampled_from(powers)))
        again: bool = draw(st.booleans())
        if again:
            others = [draw(st.sampled_from(axis.others)) for axis in axes]
            factors.append(ingredients.reads(name, others))
    guarded: bool = draw(st.booleans())
    if guarded and plans:
        factors.append(draw(st.sampled_from(ingredients.factors([p.name for p in plans]))))
    divisors = ["", "", "/2", *(f"/{p.size}" for p in plans if p.alone)]
    return "*".join(draw(st.permutations(factors))) + draw(st.sampled_from(divisors))
