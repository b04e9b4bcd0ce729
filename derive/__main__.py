"""``python -m derive``, and the command ``derive``."""

from __future__ import annotations

import signal


def main() -> None:
    """The command line; stopped before it has begun, it ends without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cli import main as commands  # local: whoever stops this import needs no traceback

    signal.signal(signal.SIGINT, signal.default_int_handler)
    commands(prog_name="derive")


if __name__ == "__main__":
    main()
