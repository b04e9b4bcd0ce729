"""The command line: reads arguments, calls the library, prints.  Everything else is elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import click

from derive import catalog
from derive.console.arguments import layer_from
from derive.console.commands import Fitting, OfLayers, option_of, version_option
from derive.console.ending import Ending
from derive.console.output import Answer
from derive.plugins import modules

ACTS = ("show", "prove", "code", "explain", "test")
#: what is refused rather than ignored
LAYER_OPTIONS = Fitting(
    ACTS,
    ("brief", "full"),
    {
        **dict.fromkeys(("brief", "full", "size"), "show"),
        **dict.fromkeys(("max-examples", "seed"), "test"),
        "kernel": "size",
        "coq": "prove",
        "at": "explain",
        "wrt": "show prove",
        "target": "code explain test",
    },
)
CHECK_OPTIONS = Fitting(
    needs=dict.fromkeys(("wrt", "seed", "strict", "calls", "layout", "root"), "code")
)
EXAMPLES = """\b
Examples:
  derive conv --show
  derive conv --show --wrt x --stride 2 --padding p --channels
  derive conv --show --size 4x4 --kernel 2x2
  derive "y[i] = sum[j] A[i,j]*x[j]" --show
  derive list
"""
FORMAT = "See `derive formats`."
FILE = "Write to a file instead of the screen."
HELP = {"help_option_names": ["-h", "--help"]}


def _codes() -> ModuleType:
    from verify import verdict  # local: start-up time

    return verdict


@click.group(cls=Ending, codes=_codes, epilog=EXAMPLES, context_settings=HELP)
@version_option
def main() -> None:
    """From the definition of a neural-network layer to its gradient, step by step.

    LAYER is a name of the catalog (see `derive list`), a definition in index notation, or a FILE
    that holds one.  `derive LAYER --help` lists the options of a layer.
    """


def _format(ctx: click.Context, option: click.Parameter, name: str) -> str:
    from derive.presentation.formats import FORMATS  # local: --help needs no formats

    FORMATS.check(name.lower())
    return name.lower()


def _word(ctx: click.Context, option: click.Parameter, name: str | None) -> str | None:
    """Words mean the same whatever their case."""
    return None if name is None else name.lower()


def _numbers(ctx: click.Context, option: click.Parameter, text: str | None) -> Any:
    """Whole numbers with commas between them."""
    if text is None:
        return None
    words = text.split(",")
    if not all(word.strip().isdecimal() and int(word) for word in words):
        raise ValueError(f"--{option.name} takes whole numbers such as 5,10,30, not {text!r}")
    return tuple(map(int, words))


def _told(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with options for how it is told, and where."""
    style = click.option(
        "--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT
    )
    return style(click.option("-o", "--output", metavar="FILE", help=FILE)(command))


@main.command("list")
@_told
def list_layers(style: str, output: str | None) -> Answer:
    """Every layer of the catalog, with its one-line definition."""
    return Answer([catalog.listing()], style, output)


@main.command("formats")
def list_formats() -> Answer:
    """The output formats that --format takes."""
    from derive.presentation.blocks import written  # local: start-up time

    return Answer([written("formats", "\n".join(modules("derive.presentation.formats")))])


@click.command("LAYER", cls=OfLayers, fitting=LAYER_OPTIONS, context_settings=HELP)
@click.argument("layer", metavar="LAYER")
@click.option("--show", is_flag=True, help="Print the derivations. [default]")
@click.option("--prove", is_flag=True, help="Replay every step with a second program.")
@click.option("--coq", metavar="FILE", help="With --prove: write a Coq certificate and run it.")
@click.option("--code", is_flag=True, help="Print a NumPy module: forward, backward.")
@click.option("--explain", is_flag=True, help="How --code came about; what is slow.")
@click.option("--test", is_flag=True, help="Try the properties of the generated code.")
@click.option("--max-examples", type=click.IntRange(1), help="With --test: how many cases. [100]")
@click.option("--seed", type=int, default=0, help="With --test: which cases.")
@click.option(
    "--target", metavar="TARGET", callback=_word, help="Of generated code: loops, arrays, fast, …"
)
@click.option("--at", metavar="N=16,H=32", help="With --explain: the template chosen there.")
@click.option("--wrt", metavar="NAMES", help="Differentiate by x, by k, …; x,k: twice. [all]")
@click.option("--brief", is_flag=True, help="Only the milestones.")
@click.option("--full", is_flag=True, help="Every single rule application.")
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="Of a typed layer.")
@click.option("--size", metavar="4x4", help="Add a worked example: shape of the first tensor.")
@click.option("--kernel", metavar="2x2", help="Shape of the second tensor in the example.")
@_told
def work(layer: str, given: Sequence[str], **typed: Any) -> Answer:
    """Derive the gradients of LAYER: print every step, prove the result, or generate code."""
    own = {p.name: typed.pop(p.name) for p in work.params if p.name in typed}
    typed = {option_of(name): value for name, value in typed.items()}
    act = next((act for act in ACTS if own[act]), ACTS[0])
    built = layer_from(layer, typed, given, list(main.commands))
    from numeric.commands import done  # local: start-up time

    return Answer(done(act, built, own), own["style"], own["output"])


main.unknown = work


@main.command("check", cls=OfLayers, fitting=CHECK_OPTIONS)
@click.argument("claim", metavar="CLAIM", required=False)
@click.option("--code", metavar="FILE.py:FUNCTION", help="Check a backward function instead.")
@click.option("--of", "layer", metavar="LAYER", required=True, help="The layer it is about.")
@click.option("--wrt", metavar="NAME", help="With --code: the tensor differentiated by.")
@click.option("--seed", type=int, default=0, help="With --code: for the sampled values.")
@click.option("--strict", is_flag=True, help="With --code: bad manners refute, too.")
@click.option("--calls", metavar="CONVENTION", help="With --code: cs231n, or a recipe FILE.toml.")
@click.option("--layout", metavar="NHWC", help="With --code: its axes; kernels too: NHWC,HWIO.")
@click.option("--root", metavar="DIR", help="With --code: where the file's imports start.")
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="Of a typed layer.")
@_told
def check(claim: str | None, layer: str, given: Sequence[str], **typed: Any) -> Answer:
    """Check CLAIM, a formula for a gradient, or a backward function in a file.

    A formula is proved for every size or refuted by the smallest counterexample; code is tested.

    \b
    derive check "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]" --of conv
    derive check --code my.py:backward --of conv --channels
    """
    own = {p.name: typed.pop(p.name) for p in check.params if p.name in typed}
    typed = {option_of(name): value for name, value in typed.items()}
    build = partial(layer_from, layer, typed, given, list(main.commands))
    from numeric.commands import checked  # local: start-up time

    found = checked(build, claim, layer, typed, given, own)
    return Answer(found, own["style"], own["output"])


@main.command("train")
@click.argument("word", metavar="[PRESET | FILE.py]", required=False)
@click.option("--data", "source", metavar="SET", help="A data set, as digits, or a path.")
@click.option("-o", "--output", "folder", metavar="DIR", help="The run's folder. [one in runs/]")
@click.option("--resume", is_flag=True, help="Go on where the run of that folder stands.")
@click.option("--list", "listing", is_flag=True, help="What there is to choose from.")
@click.option("--seed", type=int, help="Of everything random. [0]")
@click.option("--epochs", type=int, help="Passes through the training images.")
@click.option("--batch", type=int, help="Images in a step.")
@click.option("--rate", type=float, help="The largest learning rate.")
@click.option("--optimiser", metavar="NAME(…)", help="As sgd(momentum=0.9, decay=5e-4), or adamw.")
@click.option("--schedule", metavar="NAME(…)", help="How the rate changes, as cosine(warmup=0.1).")
@click.option("--clip", type=float, help="How long all gradients together may be; 0: any length.")
@click.option("--smoothing", type=float, help="The share of a label that all classes get.")
@click.option("--augment", metavar="NAME(…)", multiple=True, help="Changes of images; or none.")
@click.option("--initial", metavar="NAME", help="How weights are drawn.")
@click.option("--target", metavar="TARGET", callback=_word, help="Of generated code, as fast.")
@click.option("--threads", type=click.IntRange(1), help="How many cores. [all]")
@click.option("--device", metavar="NAME", help="With --target torch: as cuda.")
@click.option("--torch-names", is_flag=True, help="Write the weights as a state dict, too.")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def train(
    folder: str | None, resume: bool, listing: bool, torch_names: bool, style: str, **typed: Any
) -> Answer:
    """Train PRESET, or the network in FILE.py, on images, and tell what came of it.

    FILE.py is run once, as any Python program is; it has a list `layers`.

    \b
    derive train lenet --data digits --seed 0
    derive train my_net.py --data mnist5k -o runs/mine
    derive train --resume -o runs/mine
    """
    from numeric.training import command  # local: start-up time

    if listing:
        return Answer(command.listing(), style)
    own = ("word", "source", "target", "threads", "device")
    asked = {name: typed.pop(name) for name in own}
    given = {k: v for k, v in typed.items() if v not in (None, ())}
    if given.get("augment") == ("none",):
        given["augment"] = ()
    return Answer(command.trained(asked, folder, resume, given, torch_names), style)


@main.command("summary")
@click.argument("word", metavar="PRESET | FILE.py | DIR")
@click.option("--input", "image", metavar="3x224x224", help="Shape of an image. [the preset's]")
@click.option("--classes", type=click.IntRange(2), help="[1000 for images of ImageNet, else 10]")
@click.option("--batch", type=click.IntRange(1), default=1, help="Images in a step. [1]")
@_told
def summary(word: str, style: str, output: str | None, **more: Any) -> Answer:
    """Tell what the layers of a network make, take and see, before it is trained.

    A FILE.png after -o is a picture of how receptive fields grow.

    \b
    derive summary vgg16 --input 3x224x224
    derive summary resnet-small --batch 64 -o growth.png
    """
    from numeric.summary.command import summarised  # local: start-up time

    picture = output if output and output.lower().endswith(".png") else None
    found = summarised(word, picture=picture, **more)
    return Answer(found, style, None if picture else output)


@main.command("predict")
@click.argument("folder", metavar="DIR")
@click.argument("words", metavar="[IMAGE…]", nargs=-1)
@click.option("--data", "source", metavar="SET", help="Labelled images. [the run's test images]")
@click.option("--best", is_flag=True, help="With the weights of the best epoch, not the last.")
@click.option("--resize", is_flag=True, help="Make images fit that have another size.")
@click.option("-o", "--output", "pictures", metavar="DIR", help="For pictures. [the run's]")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def predict(folder: str, style: str, **more: Any) -> Answer:
    """Ask the network trained in DIR: what image files show, or how many labelled ones it knows.

    \b
    derive predict runs/lenet-digits-1
    derive predict runs/lenet-digits-1 --data my_images.npz
    derive predict runs/lenet-digits-1 seven.png
    """
    from numeric.inspection.command import predicted  # local: start-up time

    return Answer(predicted(folder, **more), style)


@main.command("inspect")
@click.argument("folder", metavar="DIR")
@click.option("--image", "word", metavar="N | FILE", help="Which test image, or a file's. [0]")
@click.option("--best", is_flag=True, help="With the weights of the best epoch, not the last.")
@click.option("-o", "--output", "pictures", metavar="DIR", help="For pictures. [the run's]")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def inspect(folder: str, style: str, **more: Any) -> Answer:
    """Look into the network trained in DIR: kernels before and after, and what it sees in an image.

    \b
    derive inspect runs/lenet-digits-1
    derive inspect runs/lenet-digits-1 --image seven.png
    """
    from numeric.inspection.command import inspected  # local: start-up time

    return Answer(inspected(folder, **more), style)


@main.command("export")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", "file", metavar="NET.py", required=True, help="The module.")
@click.option("--best", is_flag=True, help="With the weights of the best epoch, not the last.")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def export(folder: str, file: str, best: bool, style: str) -> Answer:
    """Write the network trained in DIR as a Python module and a file of weights, for NumPy alone.

    \b
    derive export runs/lenet-digits-1 -o net.py
    """
    from numeric.export.command import exported  # local: start-up time

    return Answer(exported(folder, file, best), style)


@main.command("augment")
@click.argument("texts", metavar="NAME(…)…", nargs=-1, required=True)
@click.option("--data", "source", metavar="SET", required=True, help="As digits, or a path.")
@click.option("-o", "--output", metavar="FILE.png", default="augmented.png", show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, help="Of the random changes. [0]")
def augment(**given: Any) -> Answer:
    """Draw what random changes of training images look like, one after the other.

    \b
    derive augment "affine(degrees=10)" --data digits
    derive augment "colour(sigma=0.5)" flip --data photos -o colours.png
    """
    from numeric.gallery import shown  # local: start-up time

    return Answer(shown(**given))


@main.command("compare")
@click.argument("what", metavar="WHAT", required=False)
@click.option("--data", "source", metavar="SET", help="A data set, as mnist5k, or a path.")
@click.option("-o", "--output", "folder", metavar="DIR", help="Of the results. [one in runs/]")
@click.option("--list", "listing", is_flag=True, help="What there is to compare.")
@click.option(
    "--images", type=click.IntRange(50), default=4000, help="At most, in each part. [4000]"
)
@click.option("--epochs", type=click.IntRange(1), help="Passes through the training images.")
@click.option("--seeds", type=click.IntRange(1), help="How often each training is repeated.")
@click.option("--processes", type=click.IntRange(1), help="Trainings at a time. [one a core]")
@click.option("--target", metavar="TARGET", callback=_word, help="Of generated code, as fast.")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def compare(
    what: str | None, source: str | None, folder: str | None, listing: bool, style: str, **more: Any
) -> Answer:
    """Compare WHAT on images: activations, normalisation, dropout, colour, ensemble.

    Every training is kept in the folder; given again, the command goes on where it stopped.

    \b
    derive compare activations --data mnist5k
    derive compare colour --data images.npz --seeds 5 -o runs/colour
    """
    from numeric.experiments import compare as command  # local: start-up time

    if listing:
        return Answer([command.comparisons()], style)
    if what is None or source is None:
        raise ValueError("say what to compare on what: derive compare dropout --data fashion")
    asked = command.Asked(what.lower(), source, **more)
    return Answer(command.compare(asked, folder), style)


@main.command("transfer")
@click.option(
    "--source", "sources", metavar="SET", multiple=True, help="Or a run's folder, or weights."
)
@click.option("--target", metavar="SET", help="What is learnt in the end, as mnist5k:5-9.")
@click.option(
    "--task", metavar="TASK", default="classify", help="What it is learnt for. [classify]"
)
@click.option("--list", "listing", is_flag=True, help="The tasks that there are.")
@click.option("-o", "--output", "folder", metavar="DIR", help="Of the results. [one in runs/]")
@click.option("--network", metavar="PRESET", help="Or FILE.py. [LeNet with batch-norm]")
@click.option("--labels", metavar="5,10,30", callback=_numbers, help="Of each class.")
@click.option(
    "--images", type=click.IntRange(50), default=2500, help="At most, of each set. [2500]"
)
@click.option("--epochs", type=click.IntRange(1), help="On the target. [12]")
@click.option("--seeds", type=click.IntRange(1), default=3, help="How often all is repeated. [3]")
@click.option(
    "--distort", "distortion", metavar="NAME(…)", help="How each image is changed, once; or none."
)
@click.option("--processes", type=click.IntRange(1), help="Trainings at a time. [one a core]")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def transfer(
    task: str, listing: bool, folder: str | None, processes: int | None, style: str, **more: Any
) -> Answer:
    """Use what was learnt on one set of images for another, beside learning from scratch.

    Every training is kept in the folder; given again, the command goes on where it stopped.

    \b
    derive transfer --source mnist5k:0-4 --source fashion --target mnist5k:5-9
    derive transfer --task category --source mnist5k:0-8 --target mnist5k:9
    derive transfer --task locate --source mnist5k:0-4 --target mnist5k:5-9
    """
    from numeric.experiments import transfer as command  # local: start-up time
    from numeric.experiments.transferring import Asked

    if listing:
        return Answer([command.tasks()], style)
    if not more["sources"] or more["target"] is None:
        raise ValueError("say from what to what: derive transfer --source SET --target SET")
    given = {name: value for name, value in more.items() if value is not None}
    asked = Asked(**given)
    return Answer(command.transfer(asked, task.lower(), folder, processes), style)


@main.command("errors")
@click.option("--data", "source", metavar="SET", required=True, help="As fashion, or a path.")
@click.option("-o", "--output", "folder", metavar="DIR", help="Of the results. [one in runs/]")
@click.option(
    "--images", type=click.IntRange(1), default=8000, help="At most, in each part. [8000]"
)
@click.option("--seeds", type=click.IntRange(1), default=3, help="How often all is repeated. [3]")
@click.option("--processes", type=click.IntRange(1), help="Trainings at a time. [one a core]")
@click.option("--target", metavar="TARGET", callback=_word, help="Of generated code, as fast.")
@click.option("--format", "style", metavar="FORMAT", default="text", callback=_format, help=FORMAT)
def errors(folder: str | None, style: str, **more: Any) -> Answer:
    """Where a network's error comes from: modelling, estimation or optimisation.

    Every training is kept in the folder; given again, the command goes on where it stopped.

    \b
    derive errors --data fashion
    """
    from numeric.experiments import errors as command  # local: start-up time

    return Answer(command.errors(command.Asked(**more), folder), style)


if __name__ == "__main__":
    main()
