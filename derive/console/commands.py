"""Commands about layers, for click: any word may be a layer, any layer has options of its own.

Options that would be ignored are refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from derive import catalog
from derive.console.arguments import text_of


class Fitting(NamedTuple):
    """What the options of a command go with, all by their names without dashes.

    Of the ``acts`` one is done, the first unless another is asked for; of the ``exclusive`` options
    one at most is given; an option with a line in ``needs`` wants one of those there (``code
    explain``), any other goes with everything.
    """

    acts: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    needs: Mapping[str, str] = {}

    def check(self, typed: Collection[str]) -> None:
        """Raise ``ValueError`` for options that do not go together."""
        for several in (self.acts, self.exclusive):
            both = [f"--{name}" for name in several if name in typed]
            if len(both) > 1:
                raise ValueError(f"{' and '.join(both)} do not go together: choose one")
        acts = [name for name in self.acts if name in typed] or self.acts[:1]
        for option in typed:
            wanted = self.needs.get(option, option).split()
            if not {*acts, *typed}.intersection(wanted):
                listed = ", ".join(f"--{name}" for name in wanted)
                instead = f", not --{acts[0]}" if {*wanted} <= {*self.acts} else ""
                raise ValueError(f"--{option} goes with {listed}{instead}")


#: before an option of a layer whose name is one of the command's: --layer-size beside --size
PREFIX = "layer-"


def option_of(name: str | None) -> str:
    """The layer's option that a parameter of the command line stands for."""
    return (name or "").removeprefix(PREFIX.replace("-", "_"))


class OfLayers(click.Command):
    """A command that also takes the options of catalog layers, looked up when it is used.

    ``layer`` is the layer's word where it is known by then; help lists only what that layer takes.
    ``others`` are words that may have been meant instead.
    ``fitting`` says which options go together.
    """

    layer: str | None = None
    others: Sequence[str] = ()

    def __init__(self, *arguments: Any, fitting: Fitting, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fitting = fitting

    def invoke(self, ctx: click.Context) -> Any:
        typed = [
            param.opts[-1].lstrip("-")
            for param in self.get_params(ctx)
            if ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        ]
        self.fitting.check(typed)
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is wrong with the options of a word that means no layer is not worth saying."""
        words = [*args]
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if self.layer and self.layer not in catalog.names():
                text_of(self.layer, self.others)
            if "extra argument" in error.message:
                _check_lists(words)
            raise

    @cached_property
    def _of_layers(self) -> list[click.Parameter]:
        text = {"flag": None, "number": click.INT, "text": click.STRING}
        own = {flag for param in self.params for flag in param.opts}
        return [
            click.Option(
                [f"--{PREFIX}{o.flag.lstrip('-')}" if o.flag in own else o.flag],
                type=text[o.kind],
                default=None,
                metavar=o.metavar,
                help=o.help,
            )
            for o in catalog.every_option()
        ]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*self._of_layers, *super().get_params(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        named = self.layer in catalog.names()
        taken = catalog.options(self.layer or "") if named else {}
        own = [p for p in self._of_layers if self.layer is None or option_of(p.name) in taken]
        for title, params in ("Of the layer", own), ("Options", super().get_params(ctx)):
            records = [p.get_help_record(ctx) for p in params if isinstance(p, click.Option)]
            rows = [record for record in records if record is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """A layer's word is in the path already."""
        return ["[OPTIONS]"] if self.layer is not None else super().collect_usage_pieces(ctx)


def _check_lists(words: Sequence[str]) -> None:
    """Several values of an option are joined by commas."""
    text = " ".join(words)
    spaced = re.search(r"(--[a-z-]+) ([^-\s]\S*(?: [^-\s]\S*)+)", text)
    if spaced is not None:
        option, values = spaced[1], spaced[2].split()
        raise ValueError(
            f"{spaced[0]}: several values are joined by commas: write {option} "
            f"{','.join(v.strip(',') for v in values)}"
        )


class Words(click.Group):
    """A group in which a word that is no command is a layer, ``derive conv --show``: it is what
    ``unknown`` works on.
    """

    unknown: OfLayers

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        named = copy(self.unknown)
        named.layer, named.others = args[0] if args else "", list(self.commands)
        return "LAYER", named, args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "LAYER [OPTIONS]   or   COMMAND [OPTIONS]")


def _version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    import derive  # local: start-up time

    click.echo(f"derive, version {derive.__version__}")
    ctx.exit()


version_option = click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
