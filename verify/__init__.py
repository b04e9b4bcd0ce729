"""Every reason to believe a derivation or a program.

Nothing here trusts the code it judges: layers are evaluated from their written equations, exactly,
and what the engine derived is compared with that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive import expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from derive.engine.record import Derivation
    from derive.language.definition import Layer
    from verify.verdict import Verdict


def check(derivation: Derivation, *others: Derivation) -> Verdict:
    """Whether a derivation is right: every step replayed without the engine and its rules.

    ``others`` are further gradients of the same composition: adjoints that they share are replayed
    once, and there is one verdict on all.

    *checked*: for all sizes; *tested*: a side condition stayed open, but sampled sizes agree;
    *refuted*: a step or the result differs from the layer at the sizes of the counterexample;
    *undecided*: the record does not show what it claims, and the reason says where.
    """
    from derive.engine.parted import InParts  # local: start-up time
    from verify.checker.derivations import judge
    from verify.checker.together import judge_alone, judge_together

    given = [expected.derivation(d) for d in (derivation, *others)]
    if others:
        return judge_together(given)
    return judge_alone(derivation) if isinstance(derivation, InParts) else judge(derivation)


def claim(layer: Layer, text: str) -> Verdict:
    """Whether a formula for a gradient is right, ``dL/dx[p] = sum[a] g[p-a]*k[a]``, for all sizes.

    A read outside a tensor counts as zero, and a bound index without a range runs over all
    integers.  Raises ``derive.language.notation.NotationError`` for a text that is no claim.
    """
    from verify.claims import examined  # local: start-up time

    return examined(expected.layer(layer), expected.text(text, "dL/dx[p] = …")).verdict


def candidate(
    layer: Layer, code: str, function: str, wrt: str | None = None, **options: Any
) -> Verdict:
    """Whether a user's backward function computes the gradients of a layer: *tested* at best.

    ``code`` is the path of a Python file or source text; ``options`` are those of
    ``verify.trying.user.examination.examined``.  The code runs in a process of its own.  Raises
    ``verify.trying.process.process.CannotRun``, a ``ValueError``, where it cannot be tried.
    """
    from verify.trying.user.examination import examined  # local: start-up time

    return examined(expected.layer(layer), code, function, wrt, **options).verdict


def assert_gradient(layer: Layer, f: str | Callable[..., Any], **options: Any) -> None:
    """For a test suite: ``f`` computes the layer's gradients, or the assertion's text says why not.

    ``f`` is a function, called in this process, or ``FILE.py:FUNCTION``, run in one of its own;
    ``options`` are those of ``verify.trying.user.examination.examined``.
    """
    __tracebackhide__ = True  # a test's failure is shown where the test calls this
    from derive.presentation.blocks import Chapter  # local: start-up time
    from derive.presentation.formats import render
    from verify.trying.user.examination import examined, located
    from verify.trying.user.reporting import told

    code, function = (f, "") if callable(f) else located(f)
    found = examined(layer, code, function, **options)
    if found.verdict.word != "tested":
        raise AssertionError(render([Chapter("verdicts", (told(found),))], "text"))


def certificate(derivation: Derivation) -> str:
    """A self-contained Coq file that states the derived gradient's theorems and proves them.

    Raises ``verify.coq.Uncertified`` for what certificates do not cover.
    """
    from verify.coq import certificate_of  # local: start-up time

    return certificate_of(expected.derivation(derivation))
