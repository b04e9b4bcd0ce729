"""What the sentence about a named form has to say, and what it must not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sympy import Expr

from derive.engine.instances import FirstMaximum, Instance, Lookup, Operand
from derive.engine.record import Form
from derive.language.printing import plain
from verify.checker.roles import dilated, indices, mirrored, stepping, stuffed

_NAME = re.compile(r"[^\W\d]\w*['’]*")


def fault(form: Form) -> str | None:
    """What is wrong with the sentence; None: nothing that can be told from the data."""
    for phrase in _required(form.instance):
        if phrase not in form.text:
            return f"its sentence does not say {phrase!r}"
    for word, fits in _telling(form.instance).items():
        if (word in form.text) != fits:
            return f"its sentence {'lacks' if fits else 'has'} the word {word!r}"
    if not _in_order(_tensors(form.instance), _NAME.findall(form.text)):
        return "its sentence does not name the tensors in their roles"
    return None


def _telling(instance: Instance) -> dict[str, bool]:
    """Words that stand in the sentence exactly where the data are so."""
    found = {"flipped": mirrored(instance), " times ": instance.factor != 1}
    if len(instance.operands) == 2 and instance.operands[0].slides:
        found |= {"zero-stuffed": stuffed(instance), "dilated": dilated(instance)}
        found |= {"read with stride": stepping(instance)}
    return found


def _required(instance: Instance) -> Iterator[str]:
    slides = instance.operands[0].slides
    if len(instance.operands) == 2 and slides:
        yield instance.kind
        if stuffed(instance):
            yield f"(stride {_numbers(s.stuffing for s in slides)})"
        if stepping(instance):
            yield f"read with stride {_numbers(s.step for s in slides)}"
        if dilated(instance):
            yield f"dilated by {_numbers(s.spread for s in slides)}"
        beside = [i for i, _ in instance.summed if i not in {s.summed for s in slides}]
        if beside:
            yield f"summed over {', '.join(i.name for i in beside)}"
    if instance.kind == "matrix product" and all(len(o.sizes) == 2 for o in instance.operands):
        yield "·".join(_factor(o, n, instance) for n, o in enumerate(instance.operands))


def _factor(operand: Operand, place: int, instance: Instance) -> str:
    """A matrix's name, with ᵀ where the summed index is not in the axis that meets the other."""
    meeting = indices(operand)[1 - place : 2 - place]
    summed = {(i,) for i, _ in instance.summed}
    return operand.tensor if meeting in summed else f"{operand.tensor}ᵀ"


def _numbers(values: Iterable[Expr]) -> str:
    texts = [plain(v) for v in values]
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"


def _tensors(instance: Instance) -> list[str]:
    names = [o.tensor for o in instance.operands]
    if isinstance(instance.selection, Lookup):
        names.append(instance.selection.table.tensor)
    if isinstance(instance.selection, FirstMaximum):
        names.append(instance.selection.signal.tensor)
    return names


def _in_order(wanted: Iterable[str], words: Iterable[str]) -> bool:
    """Whether the words contain the wanted ones in that order."""
    remaining = (word.removesuffix("ᵀ") for word in words)
    return all(name in remaining for name in wanted)
