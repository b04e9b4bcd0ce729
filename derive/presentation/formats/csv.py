"""Tables for spreadsheets: a line a record; what is no plain value is written as JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

from derive.presentation.blocks import Chapter


def render(chapters: Sequence[Chapter]) -> str:
    """The records of all chapters, under all keys that occur."""
    records = [record for c in chapters for told in c.told for record in told.data()]
    keys = dict.fromkeys(key for record in records for key in record)
    text = StringIO()
    lines = csv.DictWriter(text, list(keys), restval="", lineterminator="\n")
    lines.writeheader()
    lines.writerows({k: _cell(v) for k, v in record.items()} for record in records)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Spreadsheets take a text that begins with ``=`` for a formula: a space keeps it a text."""
    if isinstance(value, str):
        return f" {value}" if value[:1] in ("=", "+", "-", "@") else value
    if isinstance(value, int | float):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
