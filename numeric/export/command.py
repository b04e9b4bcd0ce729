"""What ``derive export`` does and tells."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Chapter, Code, Told
from numeric.export.module import module_of
from numeric.inspection.images import Run
from numeric.networks import Network
from numeric.training import files


def exported(folder: str, file: str, best: bool) -> list[Chapter]:
    """Write the network of a run's folder as a module, and its arrays beside it."""
    path = Path(file)
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise ValueError(f"-o is a module's file, as net.py, not {file!r}")
    run = Run.of(folder, best)
    text = module_of(str(run.folder.name), run.network, run.preprocessing, run.classes)
    beside = path.with_suffix(".npz")
    files.written(beside, packed(run.network))
    files.written(path, text.encode())
    return [_told(path, beside, run)]


def packed(network: Network) -> bytes:
    """The network's arrays as an ``.npz`` file, which NumPy reads without pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, **network.arrays)  # type: ignore[arg-type]  # no array is called allow_pickle
    return buffer.getvalue()


def _told(path: Path, beside: Path, run: Run) -> Chapter:
    count = sum(array.size for array in run.network.parameters.values())
    sizes = [p.stat().st_size for p in (path, beside)]
    shape = "×".join(map(str, run.network.shape))
    text = "\n".join(
        [
            f"{path}: forward and backward, {sizes[0] / 1000:,.0f} kB",
            f"{beside}: {count:,} parameters, {sizes[1] / 1000:,.0f} kB",
            "",
            f"needs NumPy alone; images {shape} as read from a file, {len(run.classes)} classes:",
            "",
            f"    import {path.stem}",
            f"    {path.stem}.predict(images)",
        ]
    )
    record = {"module": str(path), "arrays": str(beside), "parameters": count}
    return Chapter("exports", (Told(lambda: [Code(text)], lambda: [record]),))
