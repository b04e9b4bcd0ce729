"""The generated modules of a layer, and the cases that their mutants are tried in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache, partial

from benchmarks.mutation.code import alone, code_of, keeping_code, together
from benchmarks.mutation.layers import layer
from benchmarks.mutation.results import Earlier, Module
from benchmarks.mutation.scoring import truths
from benchmarks.mutation.texts import functions_of
from numeric.examination import subject_of
from numeric.generation import generated, generated_keeping
from verify.trying.truth import Truth

CASES = 120
#: functions that every layer has some of its own of
OWN = ("forward", "backward", "gradient")
#: what refutes right programs that are given what forward keeps.  In attention a weight of zero is
#: kept where the mask is, and multiplied by what may be infinite; of a maximum the place is kept,
#: and the gradient of integers is then one of integers though forward has padded with −∞
FAULTS = {"attention": ("infinite entries",), "maxpool1": ("shapes and dtypes",)}


def modules(name: str, target: str, earlier: Earlier) -> Iterator[Module]:
    """A layer's modules.

    The first is that of two passes which know nothing of each other.  Where forward keeps something
    for backward there is another one: of it the functions are looked at that say anything else,
    those for one gradient called alone, those for several together.
    """
    made, drawn = layer(name), partial(cases, name, CASES)
    text = generated(made, target).text
    yield Module(name, text, partial(code_of, made, target), drawn, _own(text), earlier)
    keeping = generated_keeping(made, target)
    known = bodies(text).values()
    new = [f for f, body in bodies(keeping.text).items() if body not in known and f.startswith(OWN)]
    several = {made.name for made in (keeping.backward, keeping.together) if made is not None}
    for computed, functions in (
        (alone, [f for f in new if f not in several]),
        (together, [f for f in new if f in several]),
    ):
        if functions:
            code = partial(keeping_code, made, target, computed)
            faults = FAULTS.get(name, ())
            yield Module(f"{name}, kept", keeping.text, code, drawn, functions, earlier, faults)


@cache
def cases(name: str, count: int) -> list[Truth]:
    """Cases of a layer, the same ones for all its modules."""
    return truths(subject_of(layer(name)), count)


def _own(text: str) -> list[str]:
    return [name for name, _ in functions_of(text) if name.startswith(OWN)]


def bodies(text: str) -> dict[str, str]:
    """What the functions of a module do, by name: their arguments and statements."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            if ast.get_docstring(node) is not None:
                del node.body[0]
            name, node.name = node.name, "f"
            found[name] = ast.unparse(node)
    return found
