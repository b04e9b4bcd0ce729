"""Which options of a command go together; what would be ignored is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fitting:
    """What the options of a command go with, all by their names without dashes.

    Of the ``acts`` one is done, the first unless another is asked for; of the ``exclusive`` options
    one at most is given; an option with a line in ``needs`` wants one of those there (``code
    explain``), any other goes with everything.
    """

    acts: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)

    def check(self, typed: Collection[str]) -> None:
        """Raise ``ValueError`` for options that do not go together."""
        for several in (self.acts, self.exclusive):
            both = [f"--{name}" for name in several if name in typed]
            if len(both) > 1:
                raise ValueError(f"{' and '.join(both)} do not go together: choose one")
        acts = [name for name in self.acts if name in typed] or self.acts[:1]
        for option in typed:
            wanted = self.needs.get(option, option).split()
            if not {*acts, *typed}.intersection(wanted):
                listed = ", ".join(f"--{name}" for name in wanted)
                instead = f", not --{acts[0]}" if {*wanted} <= {*self.acts} else ""
                raise ValueError(f"--{option} goes with {listed}{instead}")
