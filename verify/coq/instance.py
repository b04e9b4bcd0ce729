"""A satisfying instance of every premise: what cannot be met would prove anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Symbol

from verify.coq.adjoint import NAME
from verify.coq.errors import Uncertified
from verify.coq.frame import Preliminaries
from verify.coq.integers import integer
from verify.coq.trials import Trials, Values


def examples(
    frame: Preliminaries, trials: Trials, laws: Sequence[int]
) -> Iterator[tuple[str, str]]:
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
        f"  {NAME} integers {' '.join(numbers)} domain_is_satisfiable.",
    )
    yield from _tables(frame, sizes)
    if laws:
        parts = " /\\\n  ".join(
            f"(number (plain rationals) {n} * fraction (plain rationals) {n}"
            f" = one (plain rationals))%scalar"
            for n in laws
        )
        yield (
            "laws_are_satisfiable",
            f"Example laws_are_satisfiable :\n  {parts}.\n"
            "Proof. repeat split; apply Qc_is_canon; reflexivity. Qed.",
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
