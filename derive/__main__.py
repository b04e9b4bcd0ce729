"""``python -m derive``, and the command ``derive``."""

from __future__ import annotations

import atexit
import gc
import signal

#: objects made before Python looks for circles among them.  Formulas are many small objects that
#: live long: with Python's own numbers, looking through them takes a tenth of a short command, and
#: grows with the square of a long derivation
THRESHOLDS = (100_000, 20, 100)


def main() -> None:
    """The command line; stopped before it has begun, it ends without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(*THRESHOLDS)
    atexit.register(gc.freeze)  # what ends is not looked through once more: a tenth of a command
    from cli import main as commands  # local: whoever stops this import needs no traceback

    signal.signal(signal.SIGINT, signal.default_int_handler)
    commands(prog_name="derive")


if __name__ == "__main__":
    main()
