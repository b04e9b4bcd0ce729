"""Tables as text: names of columns, a line, and rows."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Literal

#: wide enough that no cell is ever broken
WIDTH = 1000


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], last: Sequence[str] = ()) -> str:
    """Rows under the names of their columns, the first on the left, the others on the right.

    ``last`` is a row set apart at the end: of sums.
    """
    from rich import box  # local: start-up time
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, show_footer=bool(last))
    made.padding, made.collapse_padding, made.pad_edge = (0, 1, 0, 0), True, False
    for number, name in enumerate(columns):
        footer = Text(last[number]) if last else ""
        side: Literal["left", "right"] = "right" if number else "left"
        made.add_column(Text(name), footer, justify=side, no_wrap=True)
    for row in rows:
        made.add_row(*map(Text, row))
    page = StringIO()
    Console(file=page, width=WIDTH, color_system=None, highlight=False).print(made)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())
