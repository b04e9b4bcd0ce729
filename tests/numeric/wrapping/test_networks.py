"""Networks as PyTorch modules: the same numbers as the network's own passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.networks import Network, read
from tests.numeric.wrapping.networks import batch, everything, network, plain

torch = pytest.importorskip("torch")


def trained(made: Network, module: Any, images: np.ndarray, labels: np.ndarray) -> Any:
    """One pass in training by either, and the logits and gradients of both."""
    rng, other = (np.random.default_rng(5) for _ in range(2))
    flow = made.flow(images, made.draw(rng, len(images)))
    layer = derive.layer("cross_entropy")
    g = numeric.compile(layer).backward(1.0, wrt="x", x=flow.output, t=labels)["x"]
    ours = made.backward(g, flow)
    made.follow(flow)
    module.rng = other
    logits = module(torch.tensor(images))
    numeric.torch_module(layer)(logits, torch.tensor(labels)).backward()
    theirs = {n: p.grad.numpy() for n, p in module.named_parameters() if p.grad is not None}
    return flow.output, logits.detach().numpy(), ours, theirs


def test_a_module_is_the_network() -> None:
    made = everything()
    module = numeric.torch_module(made)
    assert module.training and set(module.state_dict()) == set(made.arrays)
    for seed in range(2):  # the second time with other running statistics
        y, z, ours, theirs = trained(made, module, *batch(4, seed))
        module.zero_grad()
        np.testing.assert_allclose(z, y, rtol=1e-12)
        assert set(theirs) == set(ours) == set(made.learnt) and "still.w" not in theirs
        for name, array in ours.items():
            np.testing.assert_allclose(theirs[name], array, rtol=1e-9, atol=1e-12)
    module.eval()
    x = batch(3, seed=9)[0]
    np.testing.assert_allclose(module(torch.tensor(x)).detach(), made.forward(x), rtol=1e-12)
    for name, array in made.arrays.items():
        np.testing.assert_allclose(module.arrays[name], array, rtol=1e-12)


@pytest.mark.complete
def test_a_module_is_a_copy_and_gives_its_arrays_back() -> None:
    made = plain()
    before = {name: array.copy() for name, array in made.arrays.items()}
    module = numeric.torch_module(made)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    images, labels = (torch.tensor(a) for a in batch(4))
    numeric.torch_module(derive.layer("cross_entropy"))(module(images), labels).backward()
    optimiser.step()
    assert all((made.arrays[name] == array).all() for name, array in before.items())
    again = read(made.text, module.arrays)
    x = batch(3)[0]
    np.testing.assert_allclose(again.forward(x), module(torch.tensor(x)).detach(), rtol=1e-12)
    assert not np.allclose(again.forward(x), made.forward(x))


@pytest.mark.complete
def test_gradcheck_of_a_network() -> None:
    """By the image and by all parameters, in training with one mask held fast."""
    made = everything()
    module = numeric.torch_module(made)
    masks = made.draw(np.random.default_rng(0), 2)
    names = [name for name, p in module.named_parameters() if p.requires_grad]

    def output(x: Any, *parameters: Any) -> Any:
        arrays = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(module, arrays, (x, masks))

    given = [torch.tensor(batch(2)[0], requires_grad=True)]
    given += [p for _, p in module.named_parameters() if p.requires_grad]
    assert torch.autograd.gradcheck(output, given, fast_mode=True)


def test_masks_need_a_stream() -> None:
    images = torch.tensor(batch(2)[0])
    with pytest.raises(ValueError, match="dropout1 needs masks, or torch_module an rng"):
        numeric.torch_module(everything())(images)
    one, other = (
        numeric.torch_module(everything(), rng=np.random.default_rng(seed))(images)
        for seed in (0, 0)
    )
    assert (one == other).all()


def test_names_that_modules_have() -> None:
    made = network("flatten", "forward = linear O=2")
    with pytest.raises(ValueError, match="a layer cannot be called forward in PyTorch"):
        numeric.torch_module(made)


def test_all_of_the_graph_is_ours() -> None:
    """Sums of gradients, too, where an image flows into two paths."""
    module = numeric.torch_module(everything(), rng=np.random.default_rng(0))
    x = torch.tensor(batch(2)[0], requires_grad=True)
    pending, seen = [module(x).grad_fn], set()
    while pending:
        node = pending.pop()
        seen.add(type(node).__name__)
        entering = [f for f, _ in node.next_functions if f is not None]
        pending += entering
    assert seen == {"GeneratedBackward", "AccumulateGrad"}
