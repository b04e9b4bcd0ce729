"""Random layers, inputs and cases.  The only user of hypothesis."""

from verify.strategies.inputs import Inputs, from_layer, from_layer_with_ties
from verify.strategies.layers import layers, texts

__all__ = ["Inputs", "from_layer", "from_layer_with_ties", "layers", "texts"]
