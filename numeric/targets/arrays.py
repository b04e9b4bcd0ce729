"""Whole arrays: views, matrix products and masks, after the layer's array program."""

from __future__ import annotations

from derive.language.definition import Layer
from numeric.closed import in_closed_form
from numeric.emission.dialect import NUMPY, Body, Comment
from numeric.emission.identifiers import Identifiers
from numeric.emission.statements import body_of

SUMMARY = "NumPy on whole arrays: views and matrix products"
DIALECT = NUMPY
gradient = in_closed_form


def body(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    return body_of(layer, outputs, names, comment, DIALECT)
