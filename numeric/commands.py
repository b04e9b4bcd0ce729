"""What the commands do: from a layer and the options of a command to what is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from derive.console.arguments import derivations, integers
from derive.presentation.blocks import Chapter, written

if TYPE_CHECKING:
    from derive.language.definition import Layer
    from verify.trying.process.children import Children
    from verify.trying.user.examination import ExaminedFunction

#: the target whose code is shown unless another is asked for
READABLE = "arrays"


def done(act: str, layer: Layer, options: Mapping[str, Any]) -> list[Chapter]:
    """What ``derive LAYER --ACT`` tells."""
    return list(_ACTS[act](layer, options))


def _shown(layer: Layer, options: Mapping[str, Any]) -> Iterator[Chapter]:
    from derive.presentation.folding import chapter  # local: start-up time

    derived = list(spinning(derivations(layer, options["wrt"]), "deriving"))
    yield chapter(derived, next((d for d in ("brief", "full") if options[d]), "default"))
    if options["size"] is not None:
        from verify.examples.reporting import examples  # local: not everybody wants one

        yield examples(layer, derived, options["size"], options["kernel"])


def _proved(layer: Layer, options: Mapping[str, Any]) -> Iterator[Chapter]:
    from verify.proving import proofs  # local: start-up time

    derived = list(spinning(derivations(layer, options["wrt"]), "deriving"))
    yield Chapter("verdicts", tuple(spinning(proofs(derived, options["coq"]), "replaying")))


def _coded(layer: Layer, options: Mapping[str, Any]) -> Iterator[Chapter]:
    from numeric import code  # local: start-up time

    made = (code(layer, options["target"] or READABLE) for _ in [0])
    yield written("modules", next(spinning(made, "generating")), "python")


def _explained(layer: Layer, options: Mapping[str, Any]) -> Iterator[Chapter]:
    """How the module came about; at given sizes, what the target ``fast`` chooses there."""
    from numeric import compile as compiled  # local: start-up time
    from numeric.generation import generated, generated_keeping

    target, sizes = options["target"], options["at"]
    if sizes is None:
        makers = (generated, generated_keeping)
        made = spinning((make(layer, target or READABLE) for make in makers), "generating")
        said = [found.explanation for found in made]
        yield written("explanations", "\n\n".join(text for text in said if text))
        return
    if target not in (None, "fast"):
        raise ValueError(f"--at is about the target fast, not {target}")
    chosen = integers(sizes)
    kernel = compiled(layer)
    plans = (kernel.plan_for(chosen) for _ in [0])
    yield written("explanations", next(spinning(plans, "planning")))


def _tested(layer: Layer, options: Mapping[str, Any]) -> Iterator[Chapter]:
    from numeric.examination import examination, examination_told  # local: start-up time
    from verify.trying.subject import EXAMPLES

    target, count = options["target"], options["max_examples"] or EXAMPLES
    with bar("testing") as advance:
        found = examination(layer, target, count, options["seed"], advance)
    yield Chapter("verdicts", (examination_told(found, target),))


_ACTS = {
    "show": _shown,
    "prove": _proved,
    "code": _coded,
    "explain": _explained,
    "test": _tested,
}


def checked(
    build: Callable[[], Layer],
    claim: str | None,
    word: str,
    typed: Mapping[str, Any],
    given: Sequence[str],
    options: Mapping[str, Any],
) -> list[Chapter]:
    """What ``derive check`` tells of a claim, or of code, which may ask how the layer is built: by
    which ``word`` and options.
    """
    if (claim is None) == (options["code"] is None):
        raise ValueError('give a formula, "dL/dx[p] = …", or --code FILE.py:FUNCTION')
    if claim is not None:
        layer = build()
        from verify import claims  # local: start-up time

        tried = (claims.told(claims.examined(layer, text)) for text in [claim])
        return [Chapter("verdicts", tuple(spinning(tried, "checking")))]
    from verify.trying.process.children import Children  # local: start-up time

    with Children() as children:  # they load NumPy while this process loads SymPy
        return [_tried(build(), word, typed, given, options, children)]


def _tried(
    layer: Layer,
    word: str,
    typed: Mapping[str, Any],
    given: Sequence[str],
    options: Mapping[str, Any],
    children: Children,
) -> Chapter:
    """What is told of code, in one file or in many."""
    from verify.trying.user import batches, examination, reporting  # local: start-up time
    from verify.trying.user.arguments import settings, unasked

    file, function = examination.located(options["code"])
    asked = settings(word, typed, given)
    chosen = {name: options[name] for name in ("wrt", "seed", "strict", "calls", "layout", "root")}
    chosen |= {"given": asked, "unasked": unasked(word, typed)}

    def examined(file: str, **more: Any) -> ExaminedFunction:
        return examination.examined(layer, file, function, **chosen, **more)

    several = batches.files(file)
    if several:
        rows = [*spinning((batches.row(one, examined) for one in several), "testing")]
        return Chapter("batches", (batches.told(function, layer.name, rows),))
    with bar("testing") as advance:
        found = examined(file, progress=advance, children=children)
    return Chapter("verdicts", (reporting.told(found),))


# --- progress on a terminal, nothing of it in a pipe ---------------------------------------------


def _on_terminal() -> bool:
    return bool(sys.stderr and sys.stderr.isatty())


def spinning(items: Iterator[Any], what: str) -> Iterator[Any]:
    """The items, with a spinner while they are made."""
    if not _on_terminal():
        yield from items
        return
    from rich.console import Console  # local: only on a terminal

    with Console(stderr=True).status(f"{what} …"):
        yield from items


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function that moves a progress bar, (done, total)."""
    if not _on_terminal():
        yield lambda done, total: None
        return
    from rich.console import Console  # local: only on a terminal
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what)
        yield lambda done, total: progress.update(task, completed=done, total=total)
