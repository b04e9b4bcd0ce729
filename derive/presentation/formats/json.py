"""Data for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from derive.presentation.blocks import Chapter

#: raised whenever a key is renamed or removed
SCHEMA = 1


def render(chapters: Sequence[Chapter]) -> str:
    """One object with a list for each chapter, under the kind of what it holds."""
    lists = {c.kind: [record for told in c.told for record in told.data()] for c in chapters}
    return json.dumps({"schema": SCHEMA, **lists}, ensure_ascii=False, indent=2) + "\n"
