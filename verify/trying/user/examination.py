"""A user's function examined: tried in many cases, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.language.definition import Layer
from verify.trying.case import Filler
from verify.trying.domain import Domain
from verify.trying.numbers import tolerance
from verify.trying.process.children import Children, Limits
from verify.trying.process.process import CannotRun, Process
from verify.trying.reasons import Finding
from verify.trying.shrinking import SimplestFailure
from verify.trying.subject import EXAMPLES, Failure, LayerUnderTest, Progress
from verify.trying.user.conventions import Convention, convention
from verify.trying.user.examinee import Examinee
from verify.trying.user.fitting import SuitableValues
from verify.trying.user.scope import Scope, loosened, scope
from verify.trying.user.survey import Surveyed, Tryout
from verify.verdict import Counterexample, Sample, Verdict

if TYPE_CHECKING:
    from verify.trying.process.here import Here

__all__ = ["CannotRun", "ExaminedFunction", "Limits", "examined", "located"]


@dataclass(frozen=True)
class ExaminedFunction:
    """One function, its verdict, and what there is to show for it.

    ``call`` is how it was called, ``scope`` what was varied; ``smallest`` is the failure, if any;
    ``findings`` say for each tensor what is wrong; ``manners`` are what is inconvenient although
    the gradient may be right, ``remarks`` what is worth knowing; ``printed`` is what the function
    printed.
    """

    layer: Layer
    function: str
    call: str
    tensors: tuple[str, ...]
    verdict: Verdict
    scope: Scope
    smallest: SimplestFailure | None = None
    findings: tuple[Finding, ...] = ()
    manners: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    printed: str = ""


def located(text: str) -> tuple[str, str]:
    """The file and the function of ``FILE.py:FUNCTION``."""
    file, colon, function = text.rpartition(":")
    if not (file and colon and all(part.isidentifier() for part in function.split("."))):
        raise CannotRun(f"the code is given as FILE.py:FUNCTION, not as {text!r}")
    return file, function


def examined(
    layer: Layer,
    code: str | Callable[..., Any],
    function: str = "",
    wrt: str | None = None,
    given: Mapping[str, Any] | None = None,
    seed: int = 0,
    examples: int = EXAMPLES,
    dtype: str = "float64",
    limits: Limits | None = None,
    progress: Progress | None = None,
    strict: bool = False,
    calls: str | None = None,
    layout: str | None = None,
    root: str | None = None,
    unasked: Collection[str] = (),
    children: Children | None = None,
) -> ExaminedFunction:
    """Try ``function`` of a Python file, or of source text, against the gradient of a layer.

    ``code`` is the path of the file; anything with a line break in it is taken for source text; a
    function itself is called where it is.
    ``wrt`` names the tensors whose gradients are returned, ``x`` or ``x,k``; without it the
    function's name tells (``backward_x``), or it returns all.  ``given`` are values of the layer's
    options that the function may ask for by name, as in ``{"stride": 2}``.  ``examples`` is the
    number of cases, ``dtype`` the type of floats that the function is made for.  ``progress`` is
    called with the number of cases done and of all cases.  The verdict is about the gradient; with
    ``strict`` bad manners refute, too.  ``calls`` is ``cs231n`` or the file of a recipe, ``layout``
    an order of axes such as ``NHWC``, ``root`` the folder from which the file's imports start.
    ``unasked`` are options of a catalog layer that nobody asked to have their values: those that
    the function takes are varied.  ``children`` are processes that somebody has begun before.

    Code in a file runs in a process of its own, never in this one; it can do there whatever the
    user can.  Raises ``CannotRun`` (a ``ValueError``) where it cannot even be tried.
    """
    if np.dtype(dtype).kind != "f":
        raise CannotRun(f"the type must be one of floats, such as float32, not {dtype}")
    if examples < 1:
        raise CannotRun(f"at least one case must be tried, not {examples}")
    with _runs(code, function, limits or Limits(), root, children) as (path, function, process):
        loaded = process.load()

        def called(of: Layer, options: Mapping[str, Any]) -> Convention:
            tried = LayerUnderTest(of)
            return convention(tried, path, function, loaded, wrt, options, calls, layout)

        loose = loosened(layer, given or {}, unasked, lambda *to: called(*to).plan)
        subject, how = LayerUnderTest(loose.layer), called(loose.layer, loose.given)
        examinee = Examinee(process, how.plan, how.wanted, subject, dtype, how.axes)
        domain = Domain(subject.layer, frozenset(how.plan.symbols))
        filler = Filler(subject.layer, subject.upstream, seed, how.fixed)
        fitting = SuitableValues(examinee, filler)
        told = progress or (lambda *_: None)
        survey = Tryout(examinee, domain, fitting, seed, examples, told, strict)
        result = survey.run()
        tensors = examinee.wanted.tensors
        answered = [o.case.values for o in result.outcomes if o.arrays]
        covered = scope(loose, answered, how.plan.defaults)
        verdict = _verdict(subject, result, covered, seed, dtype)
        name = function if "\n" in str(code) else f"{Path(path).name}:{function}"
        return ExaminedFunction(
            subject.layer,
            name,
            how.text,
            tensors,
            verdict,
            covered,
            result.smallest,
            result.findings,
            result.manners,
            result.remarks,
            process.printed(),
        )


@contextmanager
def _runs(
    code: str | Callable[..., Any],
    function: str,
    limits: Limits,
    root: str | None,
    begun: Children | None,
) -> Iterator[tuple[str, str, Process | Here]]:
    """The path of the file, the function's name, and what runs it."""
    if callable(code):
        from verify.trying.process.here import Here  # local: start-up time

        here = Here(code)
        yield here.file, here.name, here
        return
    with ExitStack() as stack:
        children = begun or stack.enter_context(Children(limits))
        path = code
        if "\n" in code:
            folder = stack.enter_context(TemporaryDirectory(prefix="derive-"))
            path = str(Path(folder, "candidate.py"))
            Path(path).write_text(code, encoding="utf-8")
        yield path, function, Process(path, function, children, root)


def _verdict(
    subject: LayerUnderTest,
    result: Surveyed,
    covered: Scope,
    seed: int,
    dtype: str,
) -> Verdict:
    checks = tuple(result.checks)
    if result.doubt or not (result.cases or result.smallest):
        why = result.doubt or "no sizes were found at which the layer has a gradient"
        return Verdict("undecided", why, obligations=checks)
    if result.smallest is not None:
        failure = result.smallest.failure
        about = [f for f in result.findings if f.tensor == failure.tensor]
        words = next((f.words or f.where for f in about), "")
        reason = f"{failure.words}: {words}" if words else failure.words
        counterexample = _counterexample(subject, failure)
        return Verdict("refuted", reason, (), counterexample, checks)
    apart = tolerance(dtype, 1.0)
    how = "exactly" if result.exact else f"within a relative tolerance of {apart:.1g}"
    reason = f"gradient right in all {result.cases} cases: {covered.text}; seed {seed}, {how}"
    if result.floats:
        reason += (
            f"; in {result.floats} of floats within {apart:.1g},"
            f" confirmed by {result.differences} finite differences"
        )
    sample = Sample(result.entries, seed, apart)
    return Verdict("tested", reason, obligations=checks, sample=sample)


def _counterexample(subject: LayerUnderTest, failure: Failure) -> Counterexample:
    values, layer = failure.case.values, subject.layer
    symbols = (*layer.sizes, *(h.symbol for h in layer.hyperparameters))
    sizes = tuple((s.name, values[s]) for s in symbols)
    names: list[str] = []
    if failure.at:
        names = [i.name for i in subject.derivation(failure.tensor).target.at]
    indices = tuple(zip(names, failure.at, strict=True))
    if failure.expected is None:
        return Counterexample(sizes, (), "a gradient", None)
    return Counterexample(sizes, indices, failure.expected, failure.found)
