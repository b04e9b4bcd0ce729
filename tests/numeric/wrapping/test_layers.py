"""Layers as PyTorch modules: PyTorch's own check of gradients, and what it is not asked to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from tests.suites import quick

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)


def tensor(*shape: int, least: float | None = None) -> Any:
    """Random numbers, all of them far from one another, so that no step meets a tie or a kink."""
    count = int(np.prod(shape))
    values = RNG.permutation(count) - count / 2 + 0.25
    values = 2 * values / count if least is None else least + (values + count) / count
    return torch.tensor(values.reshape(shape), dtype=torch.float64, requires_grad=True)


#: word → options and the shapes of all tensors of reals
LAYERS: dict[str, tuple[dict[str, Any], list[tuple[int, ...]]]] = {
    "conv": (
        {"channels": True, "stride": (2, 1), "padding": 1, "kernel_size": (3, 2)},
        [(2, 2, 5, 4), (3, 2, 3, 2), (3,)],
    ),
    "conv_transpose": (
        {"dims": 1, "channels": True, "stride": 2, "kernel_size": 3},
        [(2, 2, 4), (2, 3, 3), (3,)],
    ),
    "linear": ({}, [(3, 4), (2, 4), (2,)]),
    "matmul": ({}, [(3, 4), (4, 2)]),
    "maxpool": ({"kernel_size": 3, "stride": 2, "padding": 1}, [(1, 2, 5, 4)]),
    "avgpool": ({"kernel_size": 2}, [(1, 2, 4, 5)]),
    "relu": ({"dims": 2}, [(3, 4)]),
    "gelu": ({"dims": 2}, [(3, 4)]),
    "batchnorm": ({}, [(3, 2, 2, 3), (2,), (2,)]),
    "layernorm": ({}, [(3, 4), (4,), (4,)]),
    "lrn": ({}, [(2, 6, 2, 2)]),
    "softmax": ({}, [(3, 4)]),
    "attention": ({}, [(3, 2), (4, 2), (4, 3)]),
    "concat": ({"dims": 4}, [(1, 2, 2, 2), (1, 3, 2, 2)]),
}


def module(word: str, **options: Any) -> Any:
    return numeric.torch_module(derive.layer(word, **options))


@pytest.mark.parametrize("word", quick(LAYERS, ["linear", "maxpool", "softmax"]))
def test_gradcheck(word: str) -> None:
    options, shapes = LAYERS[word]
    assert torch.autograd.gradcheck(module(word, **options), [tensor(*s) for s in shapes])


def test_gradcheck_beside_labels_and_masks() -> None:
    loss, labels = module("cross_entropy"), torch.tensor([0, 2, 1])
    assert torch.autograd.gradcheck(lambda x: loss(x=x, t=labels), [tensor(3, 4)])
    dropout, mask = (
        module("dropout", p=0.5, dims=2),
        torch.tensor([[1.0, 0, 1], [0, 1, 1]]).double(),
    )
    assert torch.autograd.gradcheck(lambda x: dropout(x, mask), [tensor(2, 3)])


def test_gradcheck_of_several_outputs_an_open_stride_and_an_input_read_twice() -> None:
    layer = derive.parse("f(x[N], k[K]; s=1): y[r] = sum[a] x[s*r + a]*k[a]; z[n] = x[n]*x[n]")
    made = numeric.torch_module(layer)

    def both(x: Any, k: Any) -> tuple[Any, ...]:
        found = made(x, k, s=2)
        assert [*found] == ["y", "z"]
        return found["y"], found["z"]

    assert torch.autograd.gradcheck(both, [tensor(7), tensor(3)])
    assert torch.autograd.gradcheck(lambda x, k: made(x, k, s=2)["z"], [tensor(7), tensor(3)])


def test_broken_gradients_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = module("linear")
    right = made.kernel.backward

    def wrong(g: Any, /, **given: Any) -> dict[str, Any]:
        return {name: 1.01 * found for name, found in right(g, **given).items()}

    monkeypatch.setattr(made.kernel, "backward", wrong)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.autograd.gradcheck(made, [tensor(3, 4), tensor(2, 4), tensor(2)])


def test_only_what_is_asked_for_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    made, asked = module("linear"), []
    right = made.kernel.backward

    def seen(g: Any, /, *, wrt: list[str], **given: Any) -> Any:
        asked.append(wrt)
        return right(g, wrt=wrt, **given)

    monkeypatch.setattr(made.kernel, "backward", seen)
    x, w, b = tensor(3, 4), tensor(2, 4), tensor(2)
    made(x.detach(), w, b).sum().backward()
    assert asked == [["w", "b"]] and x.grad is None and w.grad is not None
    y = made(x.detach(), w.detach(), b.detach())
    assert not y.requires_grad


def test_nothing_is_kept_where_no_gradient_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = module("softmax", dims=2)
    monkeypatch.setattr(made.kernel, "forward_keeping", None)
    with torch.no_grad():
        assert made(tensor(3, 4)).shape == (3, 4)
    assert not made(tensor(3, 4).detach()).requires_grad


def test_nothing_is_differentiated_by_pytorch() -> None:
    """Between what goes in and what comes out there is one function of the graph: ours."""
    x = tensor(2, 3, 6, 6)
    y = module("maxpool", kernel_size=2)(x)
    assert type(y.grad_fn).__name__ == "GeneratedBackward"
    assert [type(f).__name__ for f, _ in y.grad_fn.next_functions if f] == ["AccumulateGrad"]


SECOND = ["linear", "maxpool", "softmax"]  # conv takes long to derive


@pytest.mark.complete
@pytest.mark.parametrize("word", SECOND)
def test_gradients_of_gradients_are_layers_too(word: str) -> None:
    options, shapes = LAYERS[word]
    given = [tensor(*s) for s in shapes]
    assert torch.autograd.gradgradcheck(module(word, **options), given)


def test_gradients_of_gradients_by_hand() -> None:
    """y = x³: the gradient of Σ(3x²)² is 36x³."""
    cube = numeric.torch_module(derive.parse("y[i] = x[i]**3"))
    x = tensor(5)
    (g,) = torch.autograd.grad(cube(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad((g**2).sum(), x)
    torch.testing.assert_close(second, 36 * x.detach() ** 3)


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "shape": (lambda m: m(tensor(3, 4), tensor(2, 5), tensor(2)), "w: expected shape"),
    "missing": (lambda m: m(tensor(3, 4)), "linear needs the tensor w"),
    "too many": (lambda m: m(*map(tensor, range(1, 5))), "linear takes 3 tensors"),
    "unknown": (lambda m: m(tensor(3, 4), q=1), "linear has no 'q'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use(name: str) -> None:
    call, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        call(module("linear"))


def test_what_is_no_layer() -> None:
    with pytest.raises(TypeError, match="expected a layer"):
        numeric.torch_module("conv")


def test_in_single_precision() -> None:
    x = torch.ones(1, 1, 2, 2)
    assert module("relu", dims=4)(x).dtype == torch.float32
