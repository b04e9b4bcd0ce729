"""Why there is no certificate."""

from __future__ import annotations


class Uncertified(ValueError):
    """The derivation is outside what certificates cover, or no proof of it was found."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
