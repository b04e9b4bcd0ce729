"""Names of a layer as Coq identifiers: kept where Coq allows it, else with an underscore."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

#: what Coq and the library read as something else
KEYWORD = re.compile(
    r"as|at|cofix|else|end|exists|exists2|fix|for|forall|fun|if|in|is|let|match|mod|return|sum"
    r"|then|using|where|with|by|Prop|SProp|Set|Type|IF|Z|nat|bool|list|fst|snd|nth|true|false"
    r"|nil|cons|pair|tt|conj|eq_refl|eq|not|and|or|negb|andb|orb|seq|rev|app|map|length|firstn"
    r"|skipn|Definition|Lemma|Theorem|Proof|Qed|Section|End|Variable|Example|Check|Print|Add|e"
    r"|ops|scalars|domain|left|right|max|argmax|instance"
)

#: names that proofs number: of index variables in a statement, and of steps
NUMBERED = re.compile(
    r"(i|left|ranges|weight|body|same|law|size|rate|atom|at|expanded|inside|premise|allowed|counted)\d+"
)

_DECLARED = re.compile(
    r"^\s*(?:Definition|Lemma|Fixpoint|Inductive|Record|Ltac|Theorem)\s+([\w']+)"
    r"|^\|\s*([A-Z]\w*)"
    r"|^\s*([a-z]\w*)\s:=?\s"
    r"|:=\s*([A-Z]\w*)\s*\{",
    re.MULTILINE,
)


@cache
def library() -> str:
    """The lemma library, included word for word in every certificate."""
    return files("verify.coq").joinpath("library.v").read_text(encoding="utf-8")


@cache
def reserved() -> frozenset[str]:
    """The names that the lemma library declares."""
    return frozenset(n for found in _DECLARED.findall(library()) for n in found if n)


def identifier(name: str) -> str:
    """A name made of letters, digits, underscores and primes that Coq reads as an identifier."""
    kept = "".join(c if c.isalnum() or c in "_'" else "_" for c in name)
    return kept if kept[:1].isalpha() else f"n{kept}"


def fresh(name: str, taken: Iterable[str]) -> str:
    """The identifier, with underscores added until it is neither reserved nor taken."""
    found, others = identifier(name), set(taken)
    while (
        found in reserved()
        or found in others
        or KEYWORD.fullmatch(found)
        or NUMBERED.fullmatch(found)
    ):
        found += "_"
    return found
