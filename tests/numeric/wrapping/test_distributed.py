"""PyTorch's DistributedDataParallel over two processes: the same training as in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.numeric.wrapping.networks import plain
from tests.places import ROOT

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.complete,
    pytest.mark.skipif(not torch.distributed.is_available(), reason="PyTorch without distributed"),
]


def distributed(file: Path, processes: int) -> dict[str, np.ndarray]:
    """What the worker wrote."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    worker = ["--nproc-per-node", str(processes), "-m", "tests.numeric.wrapping.worker", str(file)]
    given = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    if sys.platform == "linux":
        given["GLOO_SOCKET_IFNAME"] = "lo"  # the machine's own name may lead nowhere
    done = subprocess.run(
        [*torchrun, *worker], cwd=ROOT, env=given, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    with np.load(file) as arrays:
        return dict(arrays)


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    """Gradients are means over the processes, whose batches are equally large."""
    import numeric
    from tests.numeric.wrapping.worker import steps  # it imports PyTorch

    two, one = distributed(tmp_path / "two.npz", 2), steps(numeric.torch_module(plain()), 0, 1)
    assert two.pop("size") == 2 and two.keys() == one.keys()
    np.testing.assert_allclose(two.pop("losses"), one.pop("losses"), rtol=1e-12)
    for name, gradient in one.items():
        atol = 1e-12 * np.abs(gradient).max()
        np.testing.assert_allclose(two[name], gradient, rtol=1e-12, atol=atol)
