"""How derivations look, on layers and derivations written down by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sympy import Expr, Integer

import derive
from derive.domains import Decision
from derive.engine.instances import Instance
from derive.engine.record import Adjoint, Derivation, Form, Step
from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.printing import plain, to_ascii
from derive.language.terms import (
    LOSS,
    AtMost,
    Between,
    Delta,
    Entry,
    Index,
    Iverson,
    Parameter,
    Partial,
    Size,
    total,
)
from derive.presentation.blocks import spoken
from derive.presentation.formats import FORMATS, render
from derive.presentation.guard_words import remarks
from derive.presentation.telling import DETAILS, chapter

ZERO, ONE = Integer(0), Integer(1)
r, c, a, b, n, o, i = (Index(name) for name in ("r", "c", "a", "b", "n", "o", "i"))
r_, c_, a_ = Index("r'"), Index("c'"), Index("a'")
H, W, K1, K2, R, C, N = (Size(name) for name in ("H", "W", "K1", "K2", "R", "C", "N"))
s, p, d = (Parameter(name) for name in ("s", "p", "d"))
WINDOW = [(a, ZERO, K1), (b, ZERO, K2)]
OUTPUT = [(r, ZERO, R), (c, ZERO, C)]


def entry(name: str, *indices: Expr | int) -> Entry:
    return Entry(name, *indices)


def chain(start: Expr, *steps: tuple[str, Expr, tuple[Decision, ...], str]) -> tuple[Step, ...]:
    """Steps that each rewrite the whole expression."""
    made = []
    for rule, after, conditions, note in steps:
        made.append(Step(rule, start, after, (), start, after, conditions, note))
        start = after
    return tuple(made)


def decided(condition: Between | AtMost) -> tuple[Decision, ...]:
    return (Decision(condition, True, "islpy"),)


@pytest.fixture
def layer() -> Layer:
    """The lecture's convolution."""
    body = total(entry("x", r + a, c + b) * entry("k", a, b), WINDOW)
    equation = Equation("y", (r, c), (H - K1 + 1, W - K2 + 1), (R, C), (False,) * 2, body, body)
    return Layer(
        "conv",
        (Tensor("x", (Axis(H), Axis(W))), Tensor("k", (Axis(K1), Axis(K2)))),
        (),
        (),
        (equation,),
        ((R, H - K1 + 1), (C, W - K2 + 1)),
        decided(Between(ZERO, r + a, H)) + decided(Between(ZERO, c + b, W)),
    )


@pytest.fixture
def conv(layer: Layer) -> Derivation:
    """∂L/∂x of the lecture's convolution."""
    target = entry("x", r_, c_)
    read, kernel, g = entry("x", r + a, c + b), entry("k", a, b), entry("g", r, c)
    body = layer.equations[0].explicit
    rows, columns = Delta(r + a, r_), Delta(c + b, c_)
    everything = [*OUTPUT, *WINDOW]
    in_rows, in_columns = Iverson(Between(ZERO, r_ - a, R)), Iverson(Between(ZERO, c_ - b, C))
    half = total(in_rows * columns * entry("g", r_ - a, c) * kernel, [(c, ZERO, C), *WINDOW])
    guards = in_rows * in_columns
    result = total(guards * entry("g", r_ - a, c_ - b) * kernel, WINDOW)
    steps = chain(
        Partial(LOSS, target),
        ("chain rule", total(g * Partial(entry("y", r, c), target), OUTPUT), (), ""),
        ("insert the definition", total(g * Partial(body, target), OUTPUT), (), ""),
        (
            "linearity over Σ",
            total(g * total(Partial(read * kernel, target), WINDOW), OUTPUT),
            (),
            "",
        ),
        (
            "constant factor",
            total(g * total(kernel * Partial(read, target), WINDOW), OUTPUT),
            (),
            "",
        ),
        (
            "derivative of an entry",
            total(g * total(kernel * rows * columns, WINDOW), OUTPUT),
            (),
            "an entry depends on itself alone",
        ),
        (
            "move a factor into Σ",
            total(total(g * kernel * rows * columns, WINDOW), OUTPUT),
            (),
            "",
        ),
        ("exchange sums", total(g * kernel * rows * columns, everything), (), ""),
        ("collapse δ", half, (), "only r = r'−a is left"),
        ("collapse δ", result, (), "only c = c'−b is left"),
        ("drop a redundant guard", result, decided(AtMost(ZERO, K1)), ""),
    )
    u, v = K1 - 1 - a, K2 - 1 - b
    flipped = total(
        Iverson(Between(ZERO, r_ - u, R))
        * Iverson(Between(ZERO, c_ - v, C))
        * entry("g", r_ - u, c_ - v)
        * entry("k", u, v),
        WINDOW,
    )
    instance = Instance("convolution", ((r_, H), (c_, W)), ((a, K1), (b, K2)), ONE, ())
    forms = (
        Form("full convolution", "full convolution of g with k", instance, result),
        Form(
            "cross-correlation",
            "cross-correlation of zero-padded g with the flipped k",
            instance,
            flipped,
            chain(result, ("reindex (the flip)", flipped, (), "a → K1−1−a, b → K2−1−b")),
        ),
    )
    gradient = Equation("dx", (r_, c_), (H, W), (H, W), (True, True), result, result)
    inputs = (Tensor("k", (Axis(K1), Axis(K2))), Tensor("g", (Axis(R), Axis(C))))
    return Derivation(
        layer,
        "x",
        (("y", "g"),),
        (Adjoint(target, "dx", steps, result),),
        forms,
        Layer("conv_dx", inputs, (), (), (gradient,)),
    )


@pytest.fixture
def grouped() -> Derivation:
    """A strided, padded, dilated, grouped convolution with everything symbolic: long formulas."""
    names = {h: [f"{h[0]}{axis}" for axis in (1, 2, 3)] for h in ("stride", "padding", "dilation")}
    layer = derive.layer("conv", dims=3, channels=True, groups="G", **names)
    return derive.gradient(layer, "x")


@pytest.mark.parametrize("detail", DETAILS)
def test_no_line_is_longer_than_80_columns(
    conv: Derivation, grouped: Derivation, detail: str
) -> None:
    text = render([chapter([conv, grouped], detail)], "text")
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert all(line == line.rstrip() for line in text.splitlines())


def test_text_tells_the_whole_derivation(conv: Derivation) -> None:
    text = render([chapter([conv])], "text")
    assert "y[r, c] = Σ_{a<K1, b<K2} x[r+a, c+b]·k[a, b]" in text
    assert "collapse δ, twice" in text
    assert "∵ 0 ≤ K1 for all sizes (islpy)" in text
    assert "= full convolution of g with k" in text
    assert "this is the padding" in text


def test_brief_names_what_it_leaves_out(conv: Derivation) -> None:
    brief, full = (render([chapter([conv], detail)], "text") for detail in ("brief", "full"))
    assert "⋮ linearity over Σ, constant factor" in brief
    assert len(brief) < len(render([chapter([conv])], "text")) < len(full)


def test_a_layer_is_introduced_once(conv: Derivation) -> None:
    text = render([chapter([conv, conv])], "text")
    assert text.count("for all sizes H, W") == 1


def test_an_intermediate_has_a_part_of_its_own() -> None:
    layer = derive.parse("m = sum[i] x[i]/I; y[i] = (x[i] - m)^2")
    text = render([chapter([derive.gradient(layer, "x")])], "text")
    assert "upstream gradient g_m[] = ∂L/∂m" in text or "upstream gradient g_m = ∂L/∂m" in text
    full = render([chapter([derive.gradient(layer, "x")], "full")], "text")
    assert "upstream gradient of m: g_m = ∂L/∂m" in full


def test_remarks_name_padding_and_stride(conv: Derivation, grouped: Derivation) -> None:
    assert [spoken(r) for r in remarks(conv)] == [
        "outside 0 ≤ r'−a < R and 0 ≤ c'−b < C the upstream gradient g counts as zero:"
        " this is the padding"
    ]
    assert any("s1 divides r1'+p1−d1·a1" in spoken(r) for r in remarks(grouped))


def test_json_keeps_every_step(conv: Derivation) -> None:
    document = json.loads(render([chapter([conv])], "json"))
    (derivation,) = document["derivations"]
    (gradient,) = derivation["gradients"]
    assert derivation["wrt"] == "x"
    assert len(gradient["steps"]) == len(conv.steps)
    assert gradient["steps"][-1]["conditions"] == [
        {"text": "0 ≤ K1", "where": [], "holds": True, "decider": "islpy"}
    ]
    assert derivation["result"] == plain(conv.result)
    assert [f["name"] for f in derivation["forms"]] == ["full convolution", "cross-correlation"]


def test_markdown_keeps_backslashes_before_punctuation_out(
    conv: Derivation, grouped: Derivation
) -> None:
    text = render([chapter([conv, grouped], "full")], "markdown")
    assert not any(f"\\{sign}" in text for sign in ",;!{}\\")
    assert text.count("$$") % 2 == 0


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("detail", DETAILS)
def test_latex_compiles_without_overfull_lines(
    conv: Derivation, grouped: Derivation, detail: str, tmp_path: Path
) -> None:
    (tmp_path / "d.tex").write_text(render([chapter([conv, grouped], detail)], "latex"))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "d.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_compiles_with_any_letters(tmp_path: Path) -> None:
    layer = derive.parse("größe(λ[N], 核[N], Σx[N]):\n    Φ[ö] = λ[ö]*核[ö]*Σx[ö]")
    (tmp_path / "d.tex").write_text(
        render([chapter([derive.gradient(layer, "λ")], "full")], "latex")
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "d.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "invalid in math mode" not in run.stdout


def test_ascii_text_has_no_other_characters(conv: Derivation) -> None:
    assert to_ascii(render([chapter([conv], "full")], "text")).isascii()


def test_an_unknown_format_lists_the_known_ones(conv: Derivation) -> None:
    with pytest.raises(ValueError, match=", ".join(FORMATS.names())):
        render([chapter([conv])], "word")


def test_names_are_known_without_sympy() -> None:
    program = (
        "import sys; from derive.presentation.formats import FORMATS; print(FORMATS.names());"
        "assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_a_condition_that_needs_a_guard_says_so() -> None:
    """Divisibility under a stride holds where its guard does, and nowhere else."""
    derivation = derive.gradient(derive.layer("conv", stride=2, padding=1), "x")
    told = render([chapter([derivation])], "text")
    assert "∵ 2 ∣ c'−b+1 where its guard holds, for all sizes (arithmetic)" in told
    assert "∵ 0 ≤ c' < W for all sizes (arithmetic)" in told
