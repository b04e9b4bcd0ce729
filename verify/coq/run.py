"""Having Coq check a certificate."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from verify.coq.document import ALL

CLOSED = "Closed under the global context"
TIME_LIMIT = 120.0


@dataclass(frozen=True)
class Certification:
    """What Coq said: ``certified`` only if it accepted every theorem without axioms.

    ``theorems`` are the names that were confirmed; ``place`` is the line and the theorem or step
    where Coq stopped, ``reason`` its message; ``seconds`` is wall-clock time.
    """

    certified: bool
    theorems: tuple[str, ...] = ()
    reason: str = ""
    place: str = ""
    seconds: float = 0.0


def certify(
    text: str, directory: str | Path | None = None, time_limit: float = TIME_LIMIT
) -> Certification:
    """Run coqc on a certificate, in a temporary directory unless one is given.

    The file is accepted if coqc is, and if it reports each theorem as closed under the global
    context.  Without coqc, or past the time limit in seconds, the result says so.
    """
    command = shutil.which("coqc")
    if command is None:
        return Certification(False, reason="coqc is not installed (Debian: apt-get install coq)")
    if directory is None:
        with TemporaryDirectory() as temporary:
            return certify(text, temporary, time_limit)
    path = Path(directory) / "certificate.v"
    path.write_text(text, encoding="utf-8")
    start = time.monotonic()
    try:
        done = subprocess.run(
            [command, "-q", path.name],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Certification(False, reason=f"coqc did not finish within {time_limit:g} s")
    seconds = time.monotonic() - start
    if done.returncode:
        return _refused(text, done.stderr, seconds)
    return _accepted(text, done.stdout, seconds)


def _accepted(text: str, answers: str, seconds: float) -> Certification:
    """All theorems stand in the tuple that was asked about, and it rests on no axiom."""
    stated = re.findall(r"^(?:Theorem|Example) ([\w']+)", text, re.MULTILINE)
    asked = re.search(
        rf"^Definition {ALL} :=([^.]*)\.\s+Print Assumptions {ALL}\.", text, re.MULTILINE
    )
    named = re.findall(r"[\w']+", asked.group(1)) if asked else []
    missing = [name for name in stated if name not in named]
    if missing or not stated:
        return Certification(False, reason=f"not asked about: {', '.join(missing) or 'theorems'}")
    if not answers.endswith(f"{CLOSED}\n") or "Axioms:" in answers:
        return Certification(False, reason=f"axioms are used: {answers.strip()}", seconds=seconds)
    return Certification(True, tuple(named), seconds=seconds)


def _refused(text: str, complaint: str, seconds: float) -> Certification:
    found = re.search(r"line (\d+)", complaint)
    place = _place(text, int(found.group(1))) if found else ""
    message = complaint.split("Error:", 1)[-1].strip()
    return Certification(False, (), message, place, seconds)


def _place(text: str, line: int) -> str:
    """The theorem, and the step in it, that a line belongs to."""
    before = text.split("\n")[:line]
    theorem = step = ""
    for content in before:
        named = re.match(r"(?:Theorem|Lemma|Example|Definition) ([\w']+)", content)
        if named:
            theorem, step = named.group(1), ""
        inner = re.match(r"\s+assert \((\w+) :", content)
        if inner:
            step = f", step {inner.group(1)}"
    return f"line {line}, in {theorem}{step}" if theorem else f"line {line}"
