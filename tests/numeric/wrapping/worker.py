"""Twenty steps of a network under DistributedDataParallel, each process with its part of a batch.

``torchrun --nproc-per-node 2 tests/numeric/wrapping/worker.py FILE``: the first process writes the
first step's gradients and the mean loss of every step into an .npz.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

import derive
import numeric
from tests.numeric.wrapping.networks import batch, plain

BATCH, STEPS = 8, 20


def steps(module: torch.nn.Module, rank: int, size: int) -> dict[str, np.ndarray]:
    """The first gradients by name, and the losses of this process."""
    loss = numeric.torch_module(derive.layer("cross_entropy"))
    optimiser = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    images, labels = (torch.tensor(array[rank::size]) for array in batch(BATCH))
    losses, found = [], {}
    for step in range(STEPS):
        optimiser.zero_grad()
        value = loss(module(images), labels)
        value.backward()
        if step == 0:
            grads = {n.removeprefix("module."): p.grad for n, p in module.named_parameters()}
            found = {n: g.numpy().copy() for n, g in grads.items() if g is not None}
        losses.append(value.detach())
        optimiser.step()
    return {**found, "losses": torch.stack(losses).numpy()}


def main() -> None:
    distributed.init_process_group("gloo")
    rank, size = distributed.get_rank(), distributed.get_world_size()
    found = steps(DistributedDataParallel(numeric.torch_module(plain())), rank, size)
    losses = torch.tensor(found["losses"])
    distributed.all_reduce(losses)
    if rank == 0:
        np.savez(sys.argv[1], **{**found, "losses": losses.numpy() / size}, size=size)
    distributed.barrier()
    distributed.destroy_process_group()
    os._exit(0)  # gloo's threads may still be there when Python ends, which then aborts


if __name__ == "__main__":
    main()
