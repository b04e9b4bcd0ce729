"""Somebody's formula for a gradient: equal to the derived one for all sizes, or where it is not.

``examined`` takes a claim such as ``dL/dx[p] = sum[a] g[p-a]*k[a]`` and returns an
``ExaminedClaim``; ``told`` makes blocks of it.
"""

from __future__ import annotations

from verify.claims.examination import ExaminedClaim, examined
from verify.claims.reporting import told

__all__ = ["ExaminedClaim", "examined", "told"]
