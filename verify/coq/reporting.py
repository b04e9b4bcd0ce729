"""What ``derive LAYER --prove --coq FILE`` says about the certificates it wrote."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from derive.engine.record import Derivation
from derive.files import write_whole
from derive.presentation.blocks import Facts, Prose, Strong, Told
from verify.coq.document import written
from verify.coq.integers import Uncertified
from verify.coq.run import certify
from verify.verdict import EXIT_CODES


def certified(derivation: Derivation, path: Path) -> Told:
    """Write one certificate and have Coq check it.

    Without coqc the file is written all the same, and the exit code is 0: nothing failed.
    """
    title = f"∂{derivation.source.loss}/∂{derivation.wrt} of {derivation.source.name}"
    try:
        certificate = written(derivation)
    except Uncertified as error:
        return _told(title, "undecided", f", no certificate: {error}", reason=str(error))
    text = certificate.text
    write_whole(path, text)
    file = str(path)
    if shutil.which("coqc") is None:
        how = f"to check it, install Coq (Debian: apt-get install coq) and run: coqc {path}"
        return _told(title, "written", f"; {how}", f"{path} is ", file=file)
    outcome = certify(text)
    word = "certified" if outcome.certified else "not certified"
    found = asdict(outcome) | {"file": file, "hypotheses": list(certificate.hypotheses)}
    if outcome.certified:
        accepted = (
            f": Coq accepted {len(outcome.theorems)} theorems in {path}, without axioms, in "
            f"{outcome.seconds:.1f} s{_under(certificate.hypotheses)}"
        )
        return _told(title, word, accepted, **found)
    where = f" ({outcome.place})" if outcome.place else ""
    return _told(title, word, f": {outcome.reason}{where}", **found)


def _under(hypotheses: Sequence[str]) -> str:
    """What is assumed, beside the word."""
    return f"; assuming {', '.join(hypotheses)}" if hypotheses else ""


def _told(title: str, word: str, more: str, subject: str = "", **found: Any) -> Told:
    words: Prose = (f"{title}: {subject}", Strong(word), more.replace("\n", " "))
    status = EXIT_CODES["certificate"][word]
    record = {"of": title, "word": word, "exit_code": status, **found}
    return Told(lambda: [Facts((words,))], lambda: [record], status)


def paths(file: str, derivations: Sequence[Derivation]) -> list[Path]:
    """FILE itself for one gradient; ``conv_dx.v``, ``conv_dk.v`` for several in ``conv.v``."""
    path = Path(file)
    if len(derivations) == 1:
        return [path]
    return [path.with_name(f"{path.stem}_d{d.wrt}{path.suffix}") for d in derivations]
