"""Networks: layers of the notation put together, with their parameters.

No gradient is stated here: a network's is the chain rule over its layers, and each layer's comes
from its derivation.
"""

from numeric.networks.classifier import Classifier
from numeric.networks.sequential import Sequential
from numeric.networks.stage import Stage, stages

__all__ = ["Classifier", "Sequential", "Stage", "stages"]
