"""What ``derive LAYER --prove --coq FILE`` says about the certificates it wrote."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

from derive.engine.record import Derivation
from derive.files import write_whole
from verify.coq.document import certificate_of
from verify.coq.errors import Uncertified
from verify.coq.run import certify
from verify.verdict import EXIT_CODES


def certified(derivation: Derivation, path: Path) -> tuple[str, int]:
    """Write one certificate and have Coq check it: a paragraph for the reader, and the exit code.

    Without coqc the file is written all the same, and the exit code is 0: nothing failed.
    """
    title = f"∂{derivation.source.loss}/∂{derivation.wrt} of {derivation.source.name}"
    try:
        text = certificate_of(derivation)
    except Uncertified as error:
        return _paragraph(f"{title}: undecided, no certificate: {error}"), EXIT_CODES["undecided"]
    write_whole(path, text)
    if shutil.which("coqc") is None:
        return _paragraph(
            f"{title}: {path} is written; to check it, install Coq (Debian: apt-get install coq) "
            f"and run: coqc {path}"
        ), 0
    outcome = certify(text)
    if outcome.certified:
        return _paragraph(
            f"{title}: certified: Coq accepted {len(outcome.theorems)} theorems in {path}, without "
            f"axioms, in {outcome.seconds:.1f} s"
        ), EXIT_CODES["certified"]
    where = f" ({outcome.place})" if outcome.place else ""
    return _paragraph(f"{title}: not certified: {outcome.reason}{where}"), 1


def paths(file: str, derivations: Sequence[Derivation]) -> list[Path]:
    """FILE itself for one gradient; ``conv_dx.v``, ``conv_dk.v`` for several in ``conv.v``."""
    path = Path(file)
    if len(derivations) == 1:
        return [path]
    return [path.with_name(f"{path.stem}_d{d.wrt}{path.suffix}") for d in derivations]


def _paragraph(text: str) -> str:
    return textwrap.fill(text, 80, subsequent_indent="  ", break_on_hyphens=False) + "\n"
