"""The whole certificate: a header for the reader, the library, the layer, the theorems."""

from __future__ import annotations

from dataclasses import dataclass

from derive.engine.record import Derivation
from verify.coq.adjoint import NAME, main_theorem
from verify.coq.frame import Preliminaries
from verify.coq.named_forms import form_theorems
from verify.coq.names import library
from verify.coq.output_sizes import size_theorems
from verify.coq.reads import reads_theorems
from verify.coq.statement import definitions, domain
from verify.coq.trials import Trials
from verify.coq.witnesses import Witnesses

#: the tuple of all theorems, of which Coq is asked for the axioms
ALL = "all_theorems"
RULE = "=" * 90


@dataclass(frozen=True)
class Certificate:
    """A self-contained Coq file, and what its main theorem assumes beside sizes and tables."""

    text: str
    hypotheses: tuple[str, ...]


def certificate_of(derivation: Derivation) -> str:
    """A self-contained Coq file whose theorems say that the derived gradient is right.

    Raises ``Uncertified`` for what certificates do not cover.
    """
    return written(derivation).text


def written(derivation: Derivation) -> Certificate:
    """The file, and its hypotheses in words."""
    frame = Preliminaries(derivation)
    trials = Trials(frame.layer)
    main = main_theorem(frame, trials)
    forms = list(form_theorems(frame))
    inside = list(reads_theorems(frame))
    inside += list(size_theorems(frame, trials))
    witnesses = Witnesses(frame, trials, main)
    satisfied = list(witnesses.examples())
    names = [NAME, *(n for n, _, _ in forms), *(n for n, _ in [*inside, *satisfied])]
    parts = [
        _header(derivation, frame),
        library().rstrip(),
        _title("The layer and its claimed gradient"),
        _comment("The sizes and hyperparameters for which the layer is defined."),
        domain(frame),
        _comment(f"The layer:\n{derivation.source.text.strip()}"),
        definitions(frame, gradient=False),
        _comment(f"The gradient, as it was derived:\n{derivation.layer.text.strip()}"),
        definitions(frame, gradient=True),
        _title("The theorems"),
        "Section Certificate.\nVariable scalars : commutative_ring.\n"
        "Add Ring scalars_ring : (ring_laws scalars).",
        _comment(
            f"<g, J v> = <gradient, v> for every direction v, where J v is the epsilon-part of\n"
            f"the layer itself over dual numbers, at {derivation.wrt} + epsilon * v."
        ),
        main.text,
    ]
    for _, text, form in forms:
        parts += [_comment(f"The gradient is the {form.text}."), text]
    parts.append("End Certificate.")
    if inside:
        parts.append(_comment("Every read is inside its tensor; inferred sizes are the largest."))
        parts += [text for _, text in inside]
    parts.append(_comment("The premises can be met."))
    parts.append(witnesses.instance)
    parts += [text for _, text in satisfied]
    parts += [
        _comment("No axioms anywhere: Coq must answer, Closed under the global context."),
        f"Definition {ALL} :=\n  (" + ",\n   ".join(names) + ").",
        f"Print Assumptions {ALL}.",
    ]
    hypotheses = tuple(dict.fromkeys(p.words for p in main.premises))
    return Certificate("\n\n".join(parts) + "\n", hypotheses)


def _header(derivation: Derivation, frame: Preliminaries) -> str:
    forms = "".join(f"\nthat is, the {form.text}" for form in derivation.forms[:1])
    return _comment(
        f"Certificate: the gradient of {derivation.source.name} by {derivation.wrt}.\n\n"
        f"{derivation.source.text.strip()}\n\n"
        f"has the gradient\n\n{derivation.layer.text.strip()}{forms}\n\n"
        "To check this file:  coqc FILE.v\n"
        f"To read it: section 1 of the library, then {frame.domain} and what follows, to the\n"
        "statements of the theorems. Everything else is proof."
    )


def _title(text: str) -> str:
    return f"(* {RULE} *)\n(* {text.ljust(90)} *)\n(* {RULE} *)"


def _comment(text: str) -> str:
    """A Coq comment; what would end it or open a string is taken apart."""
    safe = text.replace("(*", "( *").replace("*)", "* )").replace('"', "'")
    lines = "\n".join(f"   {line}".rstrip() for line in safe.split("\n"))
    return f"(* {lines.lstrip()} *)"
