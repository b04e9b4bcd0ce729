"""What ``derive LAYER --prove`` says: each derivation replayed, each certificate run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.engine.record import Derivation
from verify.checker.derivations import judge
from verify.checker.reporting import report
from verify.verdict import EXIT_CODES


def replays(derivations: Sequence[Derivation]) -> Iterator[tuple[str, int]]:
    """The report on each derivation, and its exit code."""
    for derivation in derivations:
        verdict = judge(derivation)
        title = f"∂{derivation.source.loss}/∂{derivation.wrt} of {derivation.source.name}"
        yield report(verdict, title), EXIT_CODES[verdict.word]


def certificates(derivations: Sequence[Derivation], file: str) -> Iterator[tuple[str, int]]:
    """What became of each certificate, written to ``file`` or to one file a gradient beside it."""
    from verify.coq.reporting import certified, paths

    for derivation, path in zip(derivations, paths(file, derivations), strict=True):
        yield certified(derivation, path)
