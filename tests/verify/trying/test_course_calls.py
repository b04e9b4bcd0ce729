"""The sixty course functions are called as their labels say, with the options a user would give."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from derive.console.arguments import layer_from
from tests.places import ROOT
from tests.suites import every
from verify.trying.process.children import Children
from verify.trying.process.process import Process
from verify.trying.subject import LayerUnderTest
from verify.trying.user.arguments import settings
from verify.trying.user.conventions import convention

COURSE = ROOT / "tests" / "course"
LABELS = json.loads((COURSE / "labels.json").read_text(encoding="utf-8"))
#: the calls of the functions that are not plain
CALLS = {
    "affine_backward": "affine_backward(dout=g, cache=(x, w, b))",
    "batchnorm_backward_alt": "batchnorm_backward_alt(dout=g, cache=batchnorm_forward(x, gamma,"
    ' beta, bn_param={"eps": eps})[-1])',
    "softmax_loss": "softmax_loss(x, y=t)",
    "max_pool_backward_naive": "max_pool_backward_naive(dout=g, cache=(x, {"
    '"pool_height": K1, "pool_width": K2, "stride": s}))',
    "conv_nhwc_backward": "conv_nhwc_backward(dy=g, x, w=k, b)",
    "Conv2D.backward": "Conv2D(w=k, b, stride=s, pad=p); Conv2D.forward(x);"
    " Conv2D.backward(dout=g)",
    "FullyConnected.backward": "FullyConnected(w, b); FullyConnected.forward(x);"
    " FullyConnected.backward(dout=g)",
    "Sigmoid.backward": "Sigmoid(); Sigmoid.forward(x); Sigmoid.backward(dout=g)",
} | {
    f"conv_backward_{how}": f"conv_backward_{how}(dout=g, cache=(x, k, b,"
    ' {"stride": s, "pad": p}))'
    for how in ("naive", "vectorised")
}  # fmt: skip


def call_of(label: dict[str, Any]) -> str:
    options: dict[str, Any] = {}
    words = iter(label["options"])
    for word in words:
        flag = {"--channels": ("channels", True), "--no-bias": ("bias", False)}.get(word)
        name, value = flag or (word[2:].replace("-", "_"), None)
        options[name] = next(words) if value is None else value
    layer = layer_from(label["of"], options, [])
    file, function = str(COURSE / label["file"]), label["function"]
    cached = label["convention"] == "cs231n" and function != "softmax_loss"
    layout = "NHWC,HWIO" if label["convention"] == "channels-last" else None
    given = settings(label["of"], options)
    with Children() as children:
        process = Process(file, function, children)
        how = convention(
            LayerUnderTest(layer), file, function, process.load(), label["wrt"], given,
            "cs231n" if cached else None, layout,
        )  # fmt: skip
    return how.plan.text


@pytest.mark.parametrize("label", every(6, LABELS), ids=lambda label: label["function"])
def test_course_functions_are_called_as_labelled(label: dict[str, Any]) -> None:
    found = call_of(label)
    if label["convention"] != "plain":
        assert found == CALLS[label["function"]]
        return
    texts = (found, label["call"].partition(";")[0])
    made, meant = (re.sub(r"(?<=[(, ])\w+=", "", text) for text in texts)
    assert made == meant
