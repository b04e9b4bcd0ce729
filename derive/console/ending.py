"""How a run ends: what was answered is printed, and the exit code says what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

import click

from derive.console.commands import Words
from derive.console.output import abandon_output, encodable, write


class Ending(Words):
    """The commands; what they answer is printed here and nowhere else.

    ``codes`` gives the module with the table of exit codes.
    """

    def __init__(self, *given: Any, codes: Callable[[], ModuleType], **more: Any) -> None:
        super().__init__(*given, **more)
        self.codes = codes

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Print the answer, or what went wrong, and leave."""
        try:
            chapters = self._printed(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            sys.exit(self.codes().INTERRUPTED)
        except BrokenPipeError:
            abandon_output()
            sys.exit(self.codes().NO_READER)
        except OSError as error:
            abandon_output()
            click.echo(f"derive: cannot write the output: {error.strerror}", err=True)
            sys.exit(self.codes().WRONG_USE)
        except ValueError as error:
            click.echo(f"derive: {error}", err=True)
            sys.exit(self.codes().WRONG_USE)
        except Exception:
            import traceback  # local: start-up time

            traceback.print_exc()
            click.echo("derive: this is a mistake of derive's own, and decides nothing", err=True)
            sys.exit(self.codes().CRASHED)
        found = [t.status for c in chapters for t in c.told]
        sys.exit(self.codes().together(found) if any(found) else 0)

    def _printed(self, ctx: click.Context) -> Any:
        from derive.presentation import formats  # local: --help needs no formats

        chapters, style, file = super().invoke(ctx)
        text = formats.render(chapters, style)
        if file is None:
            click.echo(encodable(text).rstrip("\n"))
        else:
            write(file, text)
        return chapters
