"""The properties hold for generated code, and each of them refutes code that lacks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import derive
import numeric
from cli import main
from derive.language.terms import Size
from numeric.emission.loading import loaded
from numeric.examination import code_of, examination, examination_told, subject_of
from tests.suites import every, quick
from tests.telling import text as in_text
from tests.verify.trying import property_layers
from verify.trying.differences import central, complex_step
from verify.trying.drawing import drawn
from verify.trying.emitted.examination import ExaminedCode, examined, judged
from verify.trying.properties import Property, properties
from verify.trying.subject import LayerCode, LayerUnderTest, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import valued

EXAMPLES = 8


@pytest.mark.parametrize("name", every(5, property_layers.NAMES))
def test_generated_code_has_the_properties(name: str) -> None:
    found = examination(property_layers.layer(name), "arrays", EXAMPLES)
    assert found.word == "tested", in_text(examination_told(found, "arrays"))
    assert examination_told(found).status == 0
    assert all(line.word in ("tested", "does not apply") for line in found.lines)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("conv2", {"ties", "large entries", "infinite entries"}),
        ("conv_transpose2", {"ties", "large entries", "infinite entries"}),
        ("relu", {"complex steps", "large entries", "infinite entries"}),
        ("maxpool", {"complex steps", "large entries", "infinite entries"}),
        ("cross_entropy", {"ties", "shift equivariance"}),
        ("adaptive", {"ties", "large entries", "infinite entries"}),
    ],
)
def test_what_does_not_apply_says_so(name: str, others: set[str]) -> None:
    layer = property_layers.layer(name)
    assert {p.name for p in properties() if p.applies(layer)} == others


def test_properties_state_what_they_say() -> None:
    for wanted in properties():
        assert len(wanted.statement) > 60, wanted.name


# --- each property refutes -----------------------------------------------------------------------


def kernel(name: str) -> tuple[LayerUnderTest, LayerCode]:
    layer = property_layers.layer(name)
    return subject_of(layer), code_of(numeric.compile(layer))


def refuters(subject: LayerUnderTest, code: LayerCode, count: int = 12) -> set[str]:
    """The names of all properties that find something wrong in some case."""
    found = set()
    for case in drawn(subject, count, 0):
        for wanted in properties():
            try:
                truth = valued(subject, case)
                if not wanted.applies(subject.layer) and judged(wanted, Trial(code, truth)):
                    found.add(wanted.name)
            except Skipped:
                continue
    return found


Change = Callable[[Any], Any]


def forward_changed(code: LayerCode, change: Change) -> LayerCode:
    return LayerCode(lambda **given: change(code.forward(**given)), code.backward)


def backward_changed(code: LayerCode, change: Change) -> LayerCode:
    def backward(g: Any, **given: Any) -> Any:
        return {n: change(a) for n, a in code.backward(g, **given).items()}

    return LayerCode(code.forward, backward)


def test_a_constant_added_to_the_output_is_seen_by_the_definition() -> None:
    subject, code = kernel("linear")
    assert "forward = definition" in refuters(subject, forward_changed(code, lambda y: y + 1))


def test_a_doubled_gradient_is_seen_by_all_that_compare_gradients() -> None:
    subject, code = kernel("linear")
    assert refuters(subject, backward_changed(code, lambda a: a + a)) >= {
        "fast = loops",
        "adjoint identity",
        "central differences",
        "complex steps",
    }


def test_a_gradient_clipped_is_not_linear() -> None:
    subject, code = kernel("matmul")
    assert "linearity" in refuters(subject, backward_changed(code, np.abs))


def test_a_first_row_that_differs_is_not_shift_equivariant() -> None:
    def change(y: Any) -> Any:
        y = y.copy()
        y[:1] *= 2
        return y

    subject, code = kernel("lecture")
    assert "shift equivariance" in refuters(subject, forward_changed(code, change))


def test_both_passes_wrong_in_the_same_way_is_seen() -> None:
    """A gradient check accepts it: forward and backward belong together, to another layer."""
    other = derive.parse(
        "linear(x[N, I], w[O, I], b[O]):\n y[n, o] = 2*b[o] + sum[i] x[n,i]*w[o,i]"
    )
    subject, _ = kernel("linear")
    found = refuters(subject, code_of(numeric.compile(other)))
    assert {"forward = definition", "fast = loops"} <= found
    assert not found & {"adjoint identity", "central differences", "complex steps", "linearity"}


def test_the_last_of_several_largest_values_breaks_the_convention() -> None:
    """Without ties it makes no difference."""
    text = property_layers.TYPED["maxpool"]
    turned = text.replace("d*a - p", "d*(K - 1 - a) - p")
    subject, _ = kernel("maxpool")
    found = refuters(subject, code_of(numeric.compile(derive.parse(turned))), 40)
    assert found == {"ties", "special entries"}


def test_another_dtype_is_seen() -> None:
    subject, code = kernel("linear")
    wide = forward_changed(code, lambda y: y.astype(np.float64) if y.dtype == np.float32 else y)
    assert refuters(subject, wide) == {"shapes and dtypes"}


def test_a_hyperparameter_of_numpys_that_makes_results_wider_is_seen() -> None:
    layer = derive.layer("elu", dims=1)
    code = code_of(numeric.compile(layer, target="arrays"))

    def forward(x: Any, alpha: Any) -> Any:
        return code.forward(x=x, alpha=alpha) * type(alpha)(1)

    assert refuters(subject_of(layer), LayerCode(forward, code.backward)) == {"shapes and dtypes"}


def test_an_input_changed_in_place_is_seen() -> None:
    subject, code = kernel("linear")

    def forward(**given: Any) -> Any:
        made = code.forward(**given)
        if given["x"].flags.writeable and given["x"].size:
            given["x"].flat[0] += 1
        return made

    assert "memory" in refuters(subject, LayerCode(forward, code.backward))

    def columns(**given: Any) -> Any:
        """Only arrays whose columns come first are changed, and only after the result is known."""
        made, x = code.forward(**given), given["x"]
        if x.flags.writeable and x.size and not x.flags.c_contiguous and x.base is None:
            x.flat[0] += 1
        return made

    assert refuters(subject, LayerCode(columns, code.backward)) == {"memory"}


def test_a_result_that_is_an_input_is_seen() -> None:
    code = LayerCode(lambda x: x.reshape(x.shape), lambda g, x, **_: {"x": np.array(g["y"])})
    layer = derive.parse("y[i,j] = x[i,j]")
    assert "memory" in refuters(LayerUnderTest(layer, code), code)


def test_code_that_takes_anything_is_seen() -> None:
    subject, code = kernel("linear")

    def forward(**given: Any) -> Any:
        try:
            return code.forward(**given)
        except ValueError:
            return np.zeros(1)

    assert refuters(subject, LayerCode(forward, code.backward)) == {"refusals"}


def test_code_that_raises_is_refuted_with_the_message() -> None:
    subject, code = kernel("linear")

    def forward(**given: Any) -> Any:
        raise IndexError("far out")

    found = examined(subject, LayerCode(forward, code.backward), 3)
    assert found.word == "refuted" and examination_told(found).status == 1
    assert "IndexError: far out" in in_text(examination_told(found, "arrays"))


def test_a_wrong_derivation_is_seen_without_the_oracle() -> None:
    """Loops generated from the same wrong gradient agree with it; only the forward pass knows."""
    subject, code = kernel("matmul")
    wrong = backward_changed(code, lambda a: a + a)
    assert refuters(LayerUnderTest(subject.layer, wrong), wrong) == {
        "adjoint identity",
        "central differences",
        "complex steps",
        "special entries",
    }


def test_a_wrong_layer_with_its_own_oracle_is_seen_by_the_definition_alone() -> None:
    doubled = derive.parse("matmul(A[I, K], B[K, J]):\n    y[i, j] = 2*sum[k] A[i, k]*B[k, j]")
    code = code_of(numeric.compile(doubled))
    subject, _ = kernel("matmul")
    found = refuters(LayerUnderTest(subject.layer, code), code)
    assert found == {"forward = definition", "special entries"}


def test_a_gradient_clipped_beyond_all_samples_is_seen_by_linearity_alone() -> None:
    subject, code = kernel("matmul")

    def backward(g: Any, **given: Any) -> Any:
        return code.backward({"y": np.clip(g["y"], -100, 100)}, **given)

    assert refuters(subject, LayerCode(code.forward, backward), 24) == {"linearity"}


@pytest.mark.parametrize("number", quick([0, 1, -1], [0]))
def test_a_number_that_code_takes_for_another_is_seen_by_special_entries_alone(number: int) -> None:
    """Softmax compares nothing, so there are no ties, and its drawn entries are never 0."""
    layer = derive.layer("softmax")
    code = code_of(numeric.compile(layer))

    def backward(g: Any, x: Any, **given: Any) -> Any:
        return code.backward(g, x=np.where(x == number, x + 1, x), **given)

    found = refuters(subject_of(layer), LayerCode(code.forward, backward), 24)
    assert "special entries" in found
    assert number or found <= {"special entries", "infinite entries", "refusals"}


def test_infinity_taken_for_a_large_number_is_seen_by_infinite_entries_alone() -> None:
    layer = derive.layer("log_softmax")
    code = code_of(numeric.compile(layer))

    def forward(x: Any) -> Any:
        try:
            lowest = np.finfo(x.dtype).min
        except ValueError:
            return code.forward(x=x)
        return code.forward(x=np.maximum(x, lowest))

    found = refuters(subject_of(layer), LayerCode(forward, code.backward))
    assert found == {"infinite entries"}


def test_special_entries_say_nothing_where_there_is_no_derivative() -> None:
    wanted = next(p for p in properties() if p.name == "special entries")
    for text in ("y[i] = 1/x[i]", "y[i] = x[i]^(1/2)", "y[n] = if x[n] > 0 then log(x[n]) else 0"):
        layer = derive.parse(text)
        subject, code = subject_of(layer), code_of(numeric.compile(layer))
        truths = [valued(subject, case) for case in drawn(subject, 20, 0)]
        found = [outcome(wanted, Trial(code, truth)) for truth in truths]
        assert "refuted" not in found and {"held", "skipped"} <= {*found}, text


def outcome(wanted: Property, trial: Trial) -> str:
    try:
        return "held" if judged(wanted, trial) is None else "refuted"
    except Skipped:
        return "skipped"


# --- no false alarms -----------------------------------------------------------------------------


def test_kinks_and_jumps_are_left_out_of_differences() -> None:
    """At a kink central differences give the mean of both sides, at a jump nothing sensible."""
    for text in (
        "y[i] = if x[i] > 1 then 3*x[i] else x[i]",
        "y[i] = if x[i] < 2 then x[i] else 3*x[i]*x[i] + 1",
        "y = max[i] x[i]",
    ):
        found = examination(derive.parse(text), "arrays", 60)
        assert found.word == "tested", in_text(examination_told(found, "arrays"))


def test_central_differences_bound_their_error() -> None:
    """x³: the error of the difference is h² exactly, and the bound says 3·h²."""
    estimate = central(lambda h: np.array([(1.0 + h) ** 3]), np.float64, affine=False)
    assert 0 < abs(estimate.value - 3) <= estimate.error < 1e-6
    straight = central(lambda h: np.array([5.0 * h]), np.float64, affine=True)
    assert straight.value == 5 and straight.error < 1e-10


def test_complex_steps_are_as_good_as_rounding() -> None:
    estimate = complex_step(lambda h: np.exp(np.array([1.0 + h])), np.float64)
    assert abs(estimate.value - np.exp(1.0)) < 1e-15 <= estimate.error < 1e-11


# --- failures are shown --------------------------------------------------------------------------


def refuted(name: str, change: Change) -> ExaminedCode:
    subject, code = kernel(name)
    return examined(subject, backward_changed(code, change), 40)


def test_a_failure_is_small_and_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    """The program runs; with the right code it prints what was expected."""
    found = refuted("conv2", lambda a: a * 2)
    assert found.failure is not None
    assert sum(a.size for a in found.failure.call.inputs.values()) <= 8
    report = in_text(examination_told(found, "arrays"))
    program = report[report.index("import numpy") :]
    loaded("failure", program)
    expected = next(line for line in program.splitlines() if line.startswith("# expected"))
    assert capsys.readouterr().out.split("[")[-1].split("]")[0].strip() in expected


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("lecture", lambda a: np.flip(a, 0), "flipped along axis 0, although it must not be"),
        ("linear", lambda a: a.T, "transposed"),
        ("matmul", lambda a: -a, "sign reversed"),
        ("linear", lambda a: a + (a > 3), ""),
    ],
)
def test_a_failure_is_explained_where_a_mistake_is_known(
    name: str, change: Change, words: str
) -> None:
    assert refuted(name, change).reason == words


@pytest.mark.parametrize(
    "body", ["log(x[i])", "log(x[i] + 1)*x[i]^(1/2)", "log(x[i] - 1)", "log(1 - x[i])"]
)
def test_cases_are_inside_the_domain_of_logarithms_and_roots(body: str) -> None:
    found = examination(derive.parse(f"y[i] = {body}"), "arrays", 20)
    assert found.word == "tested", in_text(examination_told(found, "arrays"))
    assert all(line.held == 20 for line in found.lines if line.wanted.name == "fast = loops")


def test_the_report_says_how_many_and_which_seed() -> None:
    found = examination(property_layers.layer("linear"), "arrays", 5, seed=7)
    text = in_text(examination_told(found, "arrays"))
    assert text.startswith("tested: linear") and "seed 7" in text and "tested, 5 examples" in text
    assert "does not apply: the layer compares no values" in text
    assert "checked" not in text and "proved" not in text


def test_on_the_command_line() -> None:
    found = CliRunner().invoke(main, ["linear", "--test", "--max-examples", "3", "--seed", "5"])
    assert found.exit_code == 0 and "tested, 3 examples" in found.output
    assert "seed 5" in found.output
    assert CliRunner().invoke(main, ["linear", "--test", "--max-examples", "0"]).exit_code == 2


def test_a_failure_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(kernel: Any) -> LayerCode:
        right = LayerCode(kernel.forward, kernel.backward)
        return right if kernel.target == "loops" else backward_changed(right, lambda a: a + a)

    monkeypatch.setattr("numeric.examination.code_of", broken)
    found = CliRunner().invoke(main, ["linear", "--test", "--max-examples", "9"])
    assert found.exit_code == 1 and found.output.startswith("refuted: linear")
    assert "kernel.backward(g, **inputs)" in found.output and "# expected: " in found.output
    assert "is wrong: correct up to the factor 2:" in found.output


def test_progress_is_reported() -> None:
    seen: list[tuple[int, int]] = []
    examination(property_layers.layer("linear"), "arrays", 5, progress=lambda *n: seen.append(n))
    assert seen == [(n, 5) for n in range(1, 6)]


# --- the cases that are drawn --------------------------------------------------------------------


def test_cases_are_at_the_edges() -> None:
    subject = subject_of(property_layers.layer("conv2"))
    seen: Counter[str] = Counter()
    cases = drawn(subject, 80, 0)
    for case in cases:
        v = {s.name: n for s, n in case.values.items()}
        seen["size 1"] += min(v["H"], v["W"], v["C"]) == 1
        seen["stride beyond the kernel"] += v["s1"] > v["K1"]
        beyond = v["H"] + 2 * v["p1"] - v["d1"] * (v["K1"] - 1) - 1
        seen["stride does not divide"] += beyond % v["s1"] != 0
        seen["not square"] += v["H"] != v["W"] and v["K1"] != v["K2"] and v["s1"] != v["s2"]
        seen["empty batch"] += v["N"] == 0
        seen["groups"] += v["G"] > 1 and v["O"] > v["G"]
        seen["padding"] += v["p1"] > v["p2"] >= 0
        seen["work"] += all(v[s] > 0 for s in ("N", "H_out", "W_out"))
    assert len(cases) == 80 + len(subject.layer.sizes) + 1
    assert all(seen[what] >= 2 for what in seen) and seen["work"] >= 60, seen


@pytest.mark.parametrize("name", property_layers.NAMES)
def test_cases_are_valid_by_construction(name: str) -> None:
    subject = subject_of(property_layers.layer(name))
    cases = drawn(subject, 20, 3)
    assert len(cases) >= 10
    for case in cases:
        sizes = [n for s, n in case.values.items() if isinstance(s, Size)]
        assert all(n >= 0 for n in sizes)
        assert sum(len(a.entries) for a in case.tensors.values()) < 1500


def test_naive_exponentials_are_seen_by_large_entries() -> None:
    """The loops are right, and overflow; for ordinary entries nothing is seen."""
    layer = property_layers.layer("cross_entropy")
    subject, naive = subject_of(layer), code_of(numeric.compile(layer, target="loops"))
    assert refuters(subject, naive) == {"large entries"}
    assert not refuters(subject, code_of(numeric.compile(layer)))
