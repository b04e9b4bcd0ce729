"""Many random layers in a child process, which is replaced when it takes too long or dies."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .comparing import TARGETS, Outcome, compare
from .random_layers import layer

BUDGET = 30.0  # seconds of processor time for one comparison
PATIENCE = 8  # as many seconds by the clock for one of these, on a busy machine
ROOT = Path(__file__).resolve().parents[2]


def work(targets: Sequence[str], deep: bool) -> None:
    """The child: seeds come in, one line for each outcome goes out, an empty one at the end."""
    for line in sys.stdin:
        for outcome in compare(layer(int(line)), tuple(targets), deep):
            print(json.dumps([outcome.subject, outcome.word, outcome.detail]), flush=True)
        print(json.dumps([]), flush=True)


class Child:
    """A process that compares layers."""

    def __init__(self, targets: Sequence[str], deep: bool, budget: float = BUDGET) -> None:
        self.command = [sys.executable, "-m", "tests.second_reading", "--worker", *targets]
        self.command += ["--deep"] if deep else []
        self.budget = budget
        self.start()

    def start(self) -> None:
        """Begin, or begin anew."""
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, cwd=ROOT)
        self.selector = selectors.DefaultSelector()
        assert self.process.stdout is not None
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.waiting = b""

    def stop(self) -> None:
        """End the process."""
        self.selector.close()
        self.process.kill()
        self.process.communicate()

    def spent(self) -> float:
        """Seconds of processor time so far, where the system says so; else 0."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def line(self) -> bytes | None:
        """The next line; None if it does not come in time; empty if the process is gone."""
        assert self.process.stdout is not None
        begun, spent = time.monotonic(), self.spent()
        while b"\n" not in self.waiting:
            if not self.selector.select(1):
                busy, waited = self.spent() - spent, time.monotonic() - begun
                if busy > self.budget or waited > PATIENCE * self.budget:
                    return None
                continue
            more = self.process.stdout.read1(65536)
            if not more:
                return b""
            self.waiting += more
        line, _, self.waiting = self.waiting.partition(b"\n")
        return line

    def outcomes(self, seed: int) -> Iterator[Outcome]:
        """All outcomes of a seed."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed}\n".encode())
        self.process.stdin.flush()
        last = "start"
        while True:
            line = self.line()
            if not line:
                word = "budget" if line is None else "crash"
                yield Outcome(
                    f"after {last}",
                    word,
                    f"nothing within {self.budget} s" if line is None else "the process died",
                )
                self.stop()
                self.start()
                return
            said = json.loads(line)
            if not said:
                return
            last = said[0]
            yield Outcome(*said)


def run(
    seeds: Sequence[int], targets: Sequence[str] = TARGETS, deep: bool = True
) -> Iterator[tuple[int, Outcome]]:
    """All outcomes of seeds."""
    child = Child(targets, deep)
    try:
        for seed in seeds:
            for outcome in child.outcomes(seed):
                yield seed, outcome
    finally:
        child.stop()
