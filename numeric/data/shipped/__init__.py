"""Images that come with this package; ``python -m numeric.data.shipped`` made them.

Each file has its licence beside it.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
