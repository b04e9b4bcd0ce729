"""The packages as Python objects: copies, short names, and what wrong types are told."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

import derive
import numeric
import verify
from derive import catalog
from derive.language.terms import Index, Parameter, RealParameter, Size
from tests.suites import every


@pytest.mark.parametrize("name", every(4, catalog.names()))
def test_layers_and_derivations_can_be_copied(name: str) -> None:
    layer = derive.layer(name)
    for tensor in layer.tensors:
        if tensor.integer:
            continue
        derivation = derive.gradient(layer, tensor.name)
        for thing in (layer, derivation):
            for other in (copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):
                assert other == thing
                assert hash(other) == hash(thing)
                assert str(other) == str(thing)
        assert verify.check(copy.deepcopy(derivation)).word == "checked"
        assert len(repr(layer)) < 80
        assert len(repr(derivation)) < 120


@pytest.mark.parametrize("kind", [Index, Size, Parameter, RealParameter])
def test_symbols_can_be_copied(kind: Callable[[str], object]) -> None:
    symbol = kind("n'")
    assert pickle.loads(pickle.dumps(symbol)) == symbol == copy.deepcopy(symbol)
    assert type(copy.deepcopy(symbol)) is kind


def test_different_layers_differ() -> None:
    layers = [derive.layer("conv", stride=s) for s in (1, 2, "s")]
    assert len({*layers, *map(copy.deepcopy, layers)}) == 3


def test_the_version_is_known() -> None:
    assert derive.__version__
    assert not hasattr(derive, "nothing")


WRONG = [
    (lambda x: numeric.compile(x), "conv", r"expected a layer.*derive\.layer\('conv'\) makes one"),
    (lambda x: numeric.code(x), "y[i] = x[i]", r"expected a layer.*derive\.parse"),
    (lambda x: numeric.compile(x), None, "expected a layer, given NoneType"),
    (lambda x: verify.check(x), "conv", r"expected a derivation, as derive\.gradient"),
    (lambda x: verify.check(x), derive.layer("relu"), r"derive\.gradient\(layer, 'x'\)"),
    (lambda x: verify.certificate(x), derive.layer("relu"), r"derive\.gradient\(layer, 'x'\)"),
    (lambda x: verify.claim(x, "dL/dx[p] = 0"), "conv", "expected a layer"),
    (lambda x: verify.claim(derive.layer("relu"), x), 3, "expected a text such as 'dL/dx"),
    (lambda x: verify.candidate(x, "f.py", "f"), "conv", "expected a layer"),
    (lambda x: derive.gradient(x, "x"), "conv", "expected a layer"),
    (lambda x: derive.gradient(derive.layer("relu"), x), 0, "expected a text such as 'x'"),
    (lambda x: derive.parse(x), derive.layer("relu"), "expected a text"),
    (lambda x: derive.layer(x), 3, "expected a text such as 'conv'"),
]


@pytest.mark.parametrize(("call", "given", "said"), WRONG)
def test_a_wrong_type_is_told_what_was_expected(
    call: Callable[[object], object], given: object, said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        call(given)


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
def test_tensors_by_their_places(target: str) -> None:
    kernel = numeric.compile(derive.layer("linear"), target=target)
    x, w, b, g = np.ones((2, 3)), np.ones((4, 3)), np.arange(4.0), np.ones((2, 4))
    named = kernel.forward(x=x, w=w, b=b)
    assert np.array_equal(kernel.forward(x, w, b), named)
    assert np.array_equal(kernel.forward(x, w, b=b), named)
    for name, found in kernel.backward(g, x, w, b).items():
        assert np.array_equal(found, kernel.backward(g, x=x, w=w, b=b)[name])
    with pytest.raises(ValueError, match="given twice"):
        kernel.forward(x, w, b, x=x)
    with pytest.raises(ValueError, match="takes 3 tensors, x, w, b"):
        kernel.forward(x, w, b, g)
