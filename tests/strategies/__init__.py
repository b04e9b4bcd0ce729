"""Random layers and inputs for them."""

from tests.strategies.inputs import Inputs, from_layer, from_layer_with_ties
from tests.strategies.layers import layers, texts

__all__ = ["Inputs", "from_layer", "from_layer_with_ties", "layers", "texts"]
