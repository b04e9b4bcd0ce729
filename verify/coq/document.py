"""The whole certificate: a header for the reader, the library, the layer, the theorems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Symbol

from derive.engine.record import Derivation
from verify.coq.adjoint import NAME, MainTheorem, main_theorem
from verify.coq.frame import RING, Preliminaries
from verify.coq.instance import instance_of
from verify.coq.integers import Uncertified, integer
from verify.coq.named_forms import form_theorems
from verify.coq.names import library
from verify.coq.output_sizes import size_theorems
from verify.coq.reads import reads_theorems
from verify.coq.statement import definitions, domain
from verify.coq.trials import Trials, Values

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
    satisfied = list(examples(frame, trials, main))
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
    parts.append(instance_text(frame, trials, main))
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


def examples(frame: Preliminaries, trials: Trials, main: MainTheorem) -> Iterator[tuple[str, str]]:
    """Name and text: the domain, with outputs that have entries; tables; laws of fractions."""
    sizes = _sizes(frame, trials)
    numbers = [str(sizes[s]) for s in frame.layer.symbols]
    applied = " ".join([frame.domain, *numbers])
    yield (
        "domain_is_satisfiable",
        f"Example domain_is_satisfiable : {applied}.\n"
        f"Proof. unfold {frame.domain}; repeat split; (reflexivity || discriminate). Qed.",
    )
    yield (
        "theorem_applies",
        f"Definition theorem_applies :=\n"
        f"  {NAME} instance {' '.join(numbers)} domain_is_satisfiable.",
    )
    yield from _tables(frame, sizes)
    if main.rates.found:
        yield from _functions(frame, trials, main, sizes)
    if main.laws:
        parts = " /\\\n  ".join(
            f"(number (plain rationals) {n} * fraction (plain rationals) {n}"
            f" = one (plain rationals))%scalar"
            for n in main.laws
        )
        yield (
            "laws_are_satisfiable",
            f"Example laws_are_satisfiable :\n  {parts}.\n"
            "Proof. repeat split; apply Qc_is_canon; reflexivity. Qed.",
        )


def _functions(
    frame: Preliminaries, trials: Trials, main: MainTheorem, sizes: Values
) -> Iterator[tuple[str, str]]:
    """The premises on functions, in rational numbers, with a polynomial for each function."""
    found = instance_of(frame, trials, main.rates, sizes)
    lets = [(frame.fixed[s], str(sizes[s])) for s in frame.layer.symbols]
    for tensor in frame.layer_tensors:
        real = frame.layer.tensor(tensor.name) is None and not tensor.rank and not tensor.integer
        number = "0" if tensor.integer else f"Q2Qc {1 if real else found.fill}"
        head = f"fun {' '.join(['_'] * tensor.rank)} => " if tensor.rank else ""
        lets.append((tensor.name, f"(({head}{number}) : {tensor.type(RING)})"))
    bindings = "\n".join(f"  let {name} := {value} in" for name, value in lets)
    premises = " /\\\n  ".join(p.text for p in main.rates.premises)
    yield (
        "premises_are_satisfiable",
        f"Example premises_are_satisfiable :\n  let scalars := instance in\n{bindings}\n"
        f"  {premises}.\n"
        "Proof. cbv zeta; repeat split; premise_computed. Qed.",
    )


def instance_text(frame: Preliminaries, trials: Trials, main: MainTheorem) -> str:
    """The rational numbers with a polynomial for each function."""
    cases = ["_ => []"]
    if main.rates.found:
        found = instance_of(frame, trials, main.rates, _sizes(frame, trials))
        cases = [
            f"{name} => [{'; '.join(f'Q2Qc ({c.numerator} # {c.denominator})' for c in numbers)}]"
            for name, numbers in found.coefficients.items()
        ] + cases
    return (
        "Definition instance : commutative_ring :=\n"
        f"  rationals (fun f => match f with {' | '.join(cases)} end)."
    )


def _sizes(frame: Preliminaries, trials: Trials) -> Values:
    """The first sample: all sizes at least 1 if there are such."""
    if not trials.samples:
        raise Uncertified("no small sizes were found for which the layer is defined")
    return trials.samples[0]


def _tables(frame: Preliminaries, sizes: Values) -> Iterator[tuple[str, str]]:
    for table in frame.tables:
        below = table.below
        assert below is not None

        def name(key: Symbol | str) -> str:
            assert isinstance(key, Symbol)
            return str(sizes[key])

        names = [f"i{n}" for n in range(1, len(table.axes) + 1)]
        ranges = "".join(
            f"0 <= {i} < {integer(a.size, name)} -> "
            for i, a in zip(names, table.axes, strict=True)
        )
        label = f"{frame.fixed[table.name]}_is_satisfiable"
        quantified = f"forall {' '.join(names)} : Z, " if names else ""
        yield (
            label,
            f"Example {label} : {quantified}{ranges}0 <= 0 < {integer(below, name)}.\n"
            "Proof. intros; split; (reflexivity || discriminate). Qed.",
        )
