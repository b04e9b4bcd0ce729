"""The text of the module that a trained network becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import derive
from numeric.data import Preprocessing
from numeric.emission.embedding import module, parts
from numeric.emission.folding import folded
from numeric.emission.modules import Function, function
from numeric.export.passes import ARRAYS, INPUT, THREADS, UPSTREAM, Passes
from numeric.networks import Network
from numeric.targets import TARGETS

#: NumPy and the standard library, whatever the network was trained with
TARGET = "fast"
#: what the module has beside the functions of its layers
NAMES = ("load", "prepared", "probabilities", "predict", "forward", "backward", "softmax", "found")

READING = '''\
def load(path=None):
    """The network's arrays by name, from the file beside this one unless another is given."""
    path = Path(__file__).with_suffix(".npz") if path is None else path
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def prepared(images):
    """What forward takes of images [N, C, H, W] as they are read from files."""
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[1:] != SHAPE:
        expected = ", ".join(map(str, ("N", *SHAPE)))
        raise ValueError(f"expected images of shape ({expected}), given {images.shape}")
    mean, deviation = (np.array(values, DTYPE)[:, None, None] for values in (MEAN, DEVIATION))
    return (np.divide(images, WHITE, dtype=DTYPE) - mean) / deviation


def probabilities(images, arrays=None, threads=None):
    """How likely each class is [N, C] for images as they are read from files."""
    logits = forward(prepared(images), load() if arrays is None else arrays, threads)
    return softmax(logits, threads=threads)


def predict(images, arrays=None, threads=None):
    """The likeliest class of each image, by name."""
    return [CLASSES[n] for n in probabilities(images, arrays, threads).argmax(1)]'''


def module_of(
    title: str, network: Network, preprocessing: Preprocessing, classes: Sequence[str]
) -> str:
    """The module of a network in evaluation, whose arrays are in a file beside it."""
    target = TARGETS.get(TARGET)
    dialect = target.DIALECT
    passes = Passes(network.parts, target, {*NAMES, *parts(dialect.helpers)})
    layer = derive.layer("softmax")
    softmax = function("softmax", layer, [e.name for e in layer.outputs], target)
    functions = [*passes.functions, softmax]
    texts = [
        "\n".join(_constants(network, preprocessing, classes)),
        READING,
        _written(_forward(passes)),
        _written(_backward(passes)),
        *(text for made in functions for text in _texts(made)),
    ]
    helpers = [helper for made in functions for helper in made.helpers]
    imports = (*dialect.imports, "from pathlib import Path")
    return module(_docstring(title, network), texts, helpers, dialect.helpers, imports)


def _docstring(title: str, network: Network) -> list[str]:
    text = [
        f"{title}: a trained network, as it is in evaluation.",
        "",
        "``predict(images)`` names the classes of images [N, C, H, W] as they are read from files,",
        "``probabilities(images)`` says how likely each class is.  ``forward(prepared(images),",
        "load())`` gives the logits, ``backward(g, prepared(images), load())`` the gradients.",
        "",
        "Generated from the layers' equations; needs NumPy and the standard library only.",
        "Do not edit: export it anew instead.  The network:",
        "",
        *(f"    {row}" for row in network.text.rstrip().splitlines()),
    ]
    return ['"""' + _inside("\n".join(text)), '"""']


def _inside(text: str) -> str:
    """What a string between three quotes must be written like to say this text."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _constants(
    network: Network, preprocessing: Preprocessing, classes: Sequence[str]
) -> Iterator[str]:
    """What is known of classes and images."""
    yield from folded(f"CLASSES = {tuple(classes)!r}")
    yield "#: channels, height and width of an image"
    yield f"SHAPE = {tuple(network.shape)!r}"
    yield "#: full brightness; mean and deviation of each channel where that is 1"
    yield f"WHITE = {preprocessing.white!r}"
    yield from folded(f"MEAN = {preprocessing.mean!r}")
    yield from folded(f"DEVIATION = {preprocessing.deviation!r}")
    yield f'DTYPE = "{network.dtype}"'


def _forward(passes: Passes) -> Iterator[str]:
    yield f"def forward({INPUT}, {ARRAYS}, {THREADS}=None):"
    yield '    """The logits [N, C] for prepared images; ``arrays`` are those of ``load()``."""'
    yield from (f"    {line}" for line in passes.forward)
    yield f"    return {passes.result}"


def _backward(passes: Passes) -> Iterator[str]:
    yield f"def backward({UPSTREAM}, {INPUT}, {ARRAYS}, {THREADS}=None):"
    yield '    """The gradients by all parameters and by the images (x), by name.'
    yield ""
    yield "    ``g`` is the upstream gradient, of the shape of forward's logits."
    yield '    """'
    yield from (f"    {line}" for line in passes.forward)
    yield "    found = {}"
    yield from (f"    {line}" for line in passes.backward)
    yield "    return found"


def _written(lines: Iterable[str]) -> str:
    """Lines of a function, the long ones broken."""
    cut = (folded(line.lstrip(), len(line) - len(line.lstrip())) for line in lines)
    return "\n".join(part.rstrip() for parts in cut for part in parts)


def _texts(made: Function) -> list[str]:
    return [made.text, *(made.body.definitions if made.body else ())]
