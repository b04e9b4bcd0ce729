"""What a network costs by its length: 10, 30 and 100 layers, each in a process of its own.

Run: python -m benchmarks.composition [FAMILY …]
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.language.definition import Layer

LENGTHS = (10, 30, 100)
#: how many times as long 100 layers may take as 10
BOUND = 12.0
#: a block of so many layers around ``{h}``, the output of the block before; ``{n}`` counts
BLOCKS: Mapping[str, tuple[str, int]] = {
    "linear": ("relu(linear({h}, w{n}, b{n}))", 2),
    "conv": ("relu(conv({h}, k{n}, b{n}; channels, kernel_size=3, padding=1))", 2),
    "norm": ("tanh(batchnorm({h}, w{n}, b{n}; dims=0))", 2),
    "shared": ("tanh(add({h}, z))", 2),
}
#: blocks whose input is read twice are put together as layers; what is left of a length is made up
#: of the last layer, so that ten times as many layers are ten times as many
RESIDUAL = ("add(relu(linear(x, w, b)), x)", 3, "linear(x, w, b)")
FAMILIES = (*BLOCKS, "residual")
#: what runs first, so that nothing is loaded while the clock runs; its layers are others
WARMING = "sigmoid(linear(sigmoid(linear(x, v1, c1)), v2, c2))"


def warming() -> Layer:
    """The layer that runs first."""
    import derive

    return derive.compose(WARMING)


def network(family: str, length: int) -> Callable[[], Layer]:
    """What makes a network of so many layers."""
    import derive

    if family == "residual":
        block, layers, last = RESIDUAL
        number, left = divmod(length, layers)
        texts = [block] * number + [last] * left
        return lambda: derive.compose(*map(derive.compose, texts))
    block, layers = BLOCKS[family]
    text = "x"
    for number in range(length // layers):
        text = block.format(h=text, n=number)
    return lambda: derive.compose(text)


def measured(make: Callable[[], Layer]) -> dict[str, float]:
    """Seconds for each thing that is done with a network, one after the other."""
    import derive
    import numeric
    import verify
    from derive.presentation.folding import chapter
    from derive.presentation.formats import render

    spent: dict[str, float] = {}

    def timed(what: str, action: Callable[[], Any]) -> Any:
        start = time.process_time()
        made = action()
        spent[what] = time.process_time() - start
        return made

    layer = timed("read", make)
    names = [t.name for t in layer.tensors]
    found = timed("derive", lambda: [derive.gradient(layer, name) for name in names])
    verdict = timed("check", lambda: verify.check(*found))
    if verdict.word != "checked":
        raise SystemExit(f"{layer.name}: {verdict}")
    timed("tell", lambda: render([chapter(found)], "text"))
    timed("compile", lambda: compile(numeric.code(layer), "module", "exec"))
    return spent


def in_a_process(family: str, length: int) -> dict[str, float]:
    """The same in a process of its own, where nothing of other lengths is remembered."""
    code = "import gc, sys, json; from derive.__main__ import THRESHOLDS;"
    code += "gc.set_threshold(*THRESHOLDS);"
    code += "from benchmarks import composition as c; c.measured(c.warming);"
    code += "print(json.dumps(c.measured(c.network(sys.argv[1], int(sys.argv[2])))))"
    done = subprocess.run(
        [sys.executable, "-c", code, family, str(length)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    families = sys.argv[1:] or [*FAMILIES]
    head = "  ".join(f"{n:>4} layers" for n in LENGTHS)
    print(f"processor seconds   {head}    ratio to {LENGTHS[0]} layers")
    for family in families:
        rows = [in_a_process(family, length) for length in LENGTHS]
        rows = [{**row, "together": sum(row.values())} for row in rows]
        for what in rows[0]:
            seconds = [row[what] for row in rows]
            ratios = "  ".join(f"{s / seconds[0]:5.1f}" for s in seconds[1:])
            times = "  ".join(f"{s:11.2f}" for s in seconds)
            bound = f"  (≤ {BOUND:.0f})" if what == "together" else ""
            print(f"{family:<9} {what:<9} {times}    {ratios}{bound}")


if __name__ == "__main__":
    main()
