"""The processes in which one file is run, one after another, begun before they are wanted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import count, islice
from types import TracebackType

from verify.trying.process.child import Child, begun

#: a function that always answers is run in so many processes: one for the cases, and a fresh one
#: each of the two times that it is asked whether what went before makes a difference
USUAL = 3


@dataclass(frozen=True)
class Limits:
    """Seconds for a call and for loading the file; memory in MiB, where the platform limits it."""

    seconds: float = 10.0
    loading: float = 60.0
    memory: int = 4096


@dataclass
class Children:
    """Processes that wait until they are told what to load, so that nobody waits for their imports.

    Use as a context manager.  Every process has another PYTHONHASHSEED, from 0 onwards.  ``USUAL``
    of them are begun at once; after these, two whenever none is left: one to be used, one to wait.
    """

    limits: Limits = field(default_factory=Limits)
    _begun: list[Child] = field(default_factory=list)
    _waiting: deque[Child] = field(default_factory=deque)
    _seeds: count[int] = field(default_factory=count)

    def __enter__(self) -> Children:
        self._begin(USUAL)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._begun:
            child.stop()
            child.output.close()

    def next(self) -> Child:
        """One that has loaded nothing so far."""
        if not self._waiting:
            self._begin(2)
        return self._waiting.popleft()

    def printed(self) -> str:
        """All that was printed by all of them."""
        return b"".join(child.printed() for child in self._begun).decode("utf-8", "replace")

    def _begin(self, number: int) -> None:
        more = [begun(seed, self.limits.memory) for seed in islice(self._seeds, number)]
        self._begun += more
        self._waiting += more
