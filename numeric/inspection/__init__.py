"""What a trained network does: its answers, its mistakes, and what it looks at.

images     files as the run's network is given them
judging    probabilities, confusion matrix, mistakes
seeing     kernels, feature maps, saliency: the gradient with respect to an image
letters    images as characters
predicting, inspecting, pictures, command   what is told and drawn
"""

from __future__ import annotations

from numeric.inspection.judging import Judgement, judgement, probabilities
from numeric.inspection.seeing import feature_maps, saliency

__all__ = ["Judgement", "feature_maps", "judgement", "probabilities", "saliency"]
