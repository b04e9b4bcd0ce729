"""``python -m derive``."""

from cli import main

main(prog_name="derive")
