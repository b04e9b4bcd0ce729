"""How parameters change, given gradients."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from numeric.networks.sequential import Parameters


@dataclass
class SGD:
    """Gradient descent with momentum: v ← μ·v + gradient, parameter ← parameter − rate·v.

    Source: Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in
    deep learning (2013); in the form PyTorch has it, where the rate scales v when it is used.
    """

    rate: float = 0.005
    momentum: float = 0.9
    velocity: Parameters = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.rate > 0:
            raise ValueError(f"the learning rate must be positive, not {self.rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"the momentum must be in 0 ≤ μ < 1, not {self.momentum}")

    def step(self, parameters: Parameters, gradients: Parameters) -> None:
        """Change, in place, the parameters that there are gradients for."""
        for name, gradient in gradients.items():
            v = self.velocity.setdefault(name, np.zeros_like(gradient))
            v *= self.momentum
            v += gradient
            parameters[name] -= self.rate * v
