"""Where a network computes: in the host's memory, or on a device of another library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.emission.dialect import NUMPY, Dialect
from numeric.targets import TARGETS


@dataclass(frozen=True)
class Place:
    """NumPy's arrays go ``there`` and come ``here`` again; with NumPy itself they stay."""

    dialect: Dialect = NUMPY
    device: str | None = None

    @property
    def host(self) -> bool:
        """Whether it is NumPy that computes."""
        return self.dialect.library.startswith(NUMPY.library)

    def there(self, array: Any) -> Any:
        """An array of NumPy's as the target takes it."""
        if self.host:
            return array
        made = self.dialect.given(array)
        return made if self.device is None else made.to(self.device)

    def here(self, array: Any) -> Any:
        """A result of the target's as an array of NumPy's."""
        return array if self.host else self.dialect.taken(array)


def place(target: str | None, device: str | None) -> Place:
    """Where a target computes; ``ValueError`` where it has no such device, or is not installed."""
    dialect = TARGETS.get(target).DIALECT if target else NUMPY
    dialect.available()
    found = Place(dialect, device)
    if device is None:
        return found
    if found.host:
        raise ValueError(f"--device {device} goes with --target torch: NumPy computes on the host")
    try:
        found.here(found.there(np.zeros(1)))
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"there is no device {device!r} here: {error}".splitlines()[0]) from None
    return found
