"""The command line: reads arguments, calls the library, prints.  Everything else is elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from derive import catalog
from derive.catalog.console import OfLayers, Words
from numeric.terminal import bar, spinning

if TYPE_CHECKING:
    from derive.engine.record import Derivation
    from derive.language.definition import Layer

#: exit codes; 1 and 3 are kept for verdicts
WRONG_USE = 2
#: what a shell reports of programs that a signal ended: 128 and the signal's number
INTERRUPTED, NO_READER = 130, 141
#: what the options of a layer's command go with, where that is not everything
ACTS = {
    "at": ("explain",),
    "max-examples": ("test",),
    "target": ("code", "explain", "test"),
    "size": ("show",),
    "kernel": ("show",),
    "format": ("show",),
}

EXAMPLES = """\b
Examples:
  derive conv --show
  derive conv --show --wrt x --stride 2 --padding p --channels
  derive conv --show --size 4x4 --kernel 2x2
  derive "y[i] = sum[j] A[i,j]*x[j]" --show
  derive list
"""


class Commands(Words):
    """The commands, ended quietly when interrupted or when nobody reads on."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            _abandon_output()
            sys.exit(NO_READER)
        except OSError as error:
            _abandon_output()
            _fail(f"cannot write the output: {error.strerror}")


@click.group(
    cls=Commands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="derive")
def main() -> None:
    """From the definition of a neural-network layer to its gradient, step by step.

    LAYER is a name of the catalog (see `derive list`), a definition in index notation, or a FILE
    that holds one.  `derive LAYER --help` lists the options of a layer.
    """


@main.command("list")
def list_layers() -> None:
    """Every layer of the catalog, with its one-line definition."""
    names = catalog.names()
    width = max(map(len, names))
    for name in names:
        click.echo(f"{name:<{width}}  {catalog.summary(name)}")


@click.command("LAYER", cls=OfLayers, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("layer", metavar="LAYER")
@click.option(
    "--show", "act", flag_value="show", default=True, help="Print the derivations. [default]"
)
@click.option("--prove", "act", flag_value="prove", help="Replay every step with a second program.")
@click.option("--coq", metavar="FILE", help="With --prove: write a Coq certificate and run it.")
@click.option("--code", "act", flag_value="code", help="Print a NumPy module: forward, backward.")
@click.option("--explain", "act", flag_value="explain", help="How --code came about; what is slow.")
@click.option("--test", "act", flag_value="test", help="Try the properties of the generated code.")
@click.option("--max-examples", type=click.IntRange(1), help="With --test: how many cases. [100]")
@click.option("--seed", type=int, default=0, help="With --test: which cases.")
@click.option("--target", metavar="TARGET", help="Of generated code: loops, arrays, fast, …")
@click.option(
    "--at", "sizes", metavar="N=16,H=32", help="With --explain: the template chosen there."
)
@click.option("--wrt", metavar="NAMES", help="Differentiate by x, by k, …; x,k: twice. [all]")
@click.option("--brief", "detail", flag_value="brief", help="Only the milestones.")
@click.option("--full", "detail", flag_value="full", help="Every single rule application.")
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="Of a typed layer.")
@click.option("--size", metavar="4x4", help="Add a worked example: shape of the first tensor.")
@click.option("--kernel", metavar="2x2", help="Shape of the second tensor in the example.")
@click.option("--format", "style", metavar="FORMAT", default="text", help="See `derive formats`.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of the screen.")
def work(
    layer: str,
    act: str,
    coq: str | None,
    max_examples: int | None,
    seed: int,
    target: str | None,
    sizes: str | None,
    wrt: str | None,
    detail: str | None,
    given: Sequence[str],
    size: str | None,
    kernel: str | None,
    style: str,
    output: str | None,
    **options: Any,
) -> None:
    """Derive the gradients of LAYER: print every step, prove the result, or generate code."""
    from derive.presentation import formats

    known = formats.FORMATS.names()
    if style not in known:
        _fail(f"there is no format {style!r}; choose from: {', '.join(known)}")
    chosen = {"at": sizes, "max-examples": max_examples, "target": target, "size": size}
    _fitting(act, {**chosen, "kernel": kernel, "format": None if style == "text" else style})
    status = 0
    with _reported():
        built = _layer(layer, options, given)
        if act in ("code", "explain", "test"):
            text, status = _of_code(built, act, target, sizes, max_examples, seed)
            _deliver(text, output)
            sys.exit(status)
        derivations = list(spinning(_derivations(built, wrt), "deriving"))
        if act == "prove" or coq is not None:
            text, status = _proofs(derivations, coq)
        else:
            from derive.presentation.telling import chapter

            text = chapter(derivations, detail or "default").to(style)
            if size is not None or kernel is not None:
                from verify.examples.command import examples

                text += examples(built, derivations, size, kernel, style)
    _deliver(text, output)
    sys.exit(status)


main.unknown = work


@main.command("check", cls=OfLayers)
@click.argument("claim", metavar="CLAIM", required=False)
@click.option("--code", metavar="FILE.py:FUNCTION", help="Check a backward function instead.")
@click.option("--of", "layer", metavar="LAYER", required=True, help="The layer it is about.")
@click.option("--wrt", metavar="NAME", help="With --code: the tensor differentiated by.")
@click.option("--seed", type=int, default=0, help="With --code: for the sampled values.")
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="Of a typed layer.")
def check(
    claim: str | None,
    code: str | None,
    layer: str,
    wrt: str | None,
    seed: int,
    given: Sequence[str],
    **options: Any,
) -> None:
    """Check CLAIM, a formula for a gradient, or a backward function in a file.

    A formula is proved for every size or refuted by the smallest counterexample; code is tested.

    \b
    derive check "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]" --of conv
    derive check --code my.py:backward --of conv --channels
    """
    if (claim is None) == (code is None):
        _fail('give a formula, "dL/dx[p] = …", or --code FILE.py:FUNCTION')
    with _reported():
        built = _layer(layer, options, given)
        if code is None:
            text, status = _formula(built, claim or "")
        else:
            from verify.trying.user.arguments import settings

            text, status = _function(built, code, wrt, seed, settings(layer, options, given))
    _deliver(text, None)
    sys.exit(status)


@main.command("train")
@click.argument("preset", metavar="PRESET")
@click.option("--data", "source", metavar="SET", required=True, help="A data set, as digits.")
@click.option("--seed", type=int, help="For split, initial parameters and order. [0]")
@click.option("--epochs", type=int, help="Passes through the training images.")
@click.option("--batch", type=int, help="Images in a step.")
@click.option("--rate", type=float, help="Learning rate.")
@click.option("--momentum", type=float, help="How much of the last step is kept.")
def train(preset: str, source: str, **given: Any) -> None:
    """Train PRESET, a network architecture, and print what came of it.

    \b
    derive train lenet --data digits --seed 0
    """
    with _reported():
        from numeric.training.loop import Settings, completed, prepared
        from numeric.training.report import report

        chosen = Settings(**{k: v for k, v in given.items() if v is not None})
        run = prepared(preset, source, chosen)
        with bar("training") as advance:
            epochs, whole = completed(run, advance)
    _deliver(report(run, epochs), None)
    sys.exit(0 if whole else INTERRUPTED)


@main.command("formats")
def list_formats() -> None:
    """The output formats that --format takes."""
    from derive.presentation import formats

    for name in formats.FORMATS.names():
        click.echo(name)


# --- what the commands do ------------------------------------------------------------------------


def _layer(word: str, options: Mapping[str, Any], given: Sequence[str]) -> Layer:
    from derive.catalog.arguments import layer_from

    chosen = {k: v for k, v in options.items() if v is not None}
    return layer_from(word, chosen, given, list(main.commands))


def _fitting(act: str, given: Mapping[str, Any]) -> None:
    """Refuse options that belong to something else, rather than ignore them."""
    for option, value in given.items():
        if value is not None and act not in ACTS[option]:
            _fail(f"--{option} goes with {', '.join(f'--{a}' for a in ACTS[option])}, not --{act}")


def _derivations(layer: Layer, wrt: str | None) -> Iterator[Derivation]:
    """One gradient a name; names joined by a comma are differentiated by one after the other."""
    import derive

    if wrt is None:
        names = [t.name for t in layer.tensors if not t.integer]
        for name in (*names[1:], *names[:1]):
            yield derive.gradient(layer, name)
        return
    for name in wrt.split(","):
        derivation = derive.gradient(layer, name.strip())
        yield derivation
        layer = derivation.layer


def _proofs(derivations: Sequence[Derivation], coq: str | None) -> tuple[str, int]:
    """The report of the replay and of Coq, and the exit code of the weakest verdict."""
    from verify.proving import certificates, replays

    parts = list(spinning(replays(derivations), "replaying"))
    if coq is not None:
        parts += spinning(certificates(derivations, coq), "running Coq")
    return "\n".join(text for text, _ in parts), max((status for _, status in parts), default=0)


def _of_code(
    layer: Layer, act: str, target: str | None, sizes: str | None, count: int | None, seed: int
) -> tuple[str, int]:
    """The generated module, how it came about, or how it was tested; and the exit code."""
    from numeric import commands

    if act == "test":
        return commands.testing_text(layer, target, count, seed)
    if act == "explain":
        return commands.explanation_text(layer, target, sizes), 0
    return commands.code_text(layer, target), 0


def _formula(layer: Layer, claim: str) -> tuple[str, int]:
    """The report on a formula, and the exit code."""
    from verify.claims.examination import examined
    from verify.claims.reporting import exit_code, report

    examination = next(spinning((examined(layer, c) for c in [claim]), "checking"))
    return report(examination), exit_code(examination)


def _function(
    layer: Layer, code: str, wrt: str | None, seed: int, settings: Mapping[str, Any]
) -> tuple[str, int]:
    """The report on a function in a file, and the exit code; it may ask for the settings."""
    from verify.trying.user.examination import examined
    from verify.trying.user.reporting import exit_code, report

    path, colon, name = code.rpartition(":")
    if not colon or not path or not name:
        _fail(f"--code takes FILE.py:FUNCTION, not {code!r}")
    with bar("testing") as advance:
        examination = examined(
            layer, path, name, wrt=wrt, given=settings, seed=seed, progress=advance
        )
    return report(examination), exit_code(examination)


# --- reporting ----------------------------------------------------------------------------------


@contextmanager
def _reported() -> Iterator[None]:
    """Turn what a user got wrong into a message and exit code 2."""
    try:
        yield
    except ValueError as error:
        _fail(str(error))


def _abandon_output() -> None:
    """Let go of what is still buffered: Python would try to write it again when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> NoReturn:
    click.echo(f"derive: {message}", err=True)
    sys.exit(WRONG_USE)


def _deliver(text: str, output: str | None) -> None:
    """Print the text, or write it to a file."""
    if output is None:
        click.echo(_encodable(text).rstrip("\n"))
        return
    from pathlib import Path

    from derive.files import write_whole

    try:
        write_whole(Path(output), text)
    except BrokenPipeError:
        raise
    except OSError as error:
        _fail(f"cannot write {output!r}: {error.strerror}")


def _encodable(text: str) -> str:
    """The text in what the screen or pipe can show: as it is, else in ASCII."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        from derive.language.printing import to_ascii

        return to_ascii(text)
    return text


if __name__ == "__main__":
    main()
