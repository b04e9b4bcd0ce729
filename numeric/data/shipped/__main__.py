"""Write ``digits.npz`` anew from the copy in scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from numeric.data.shipped import FOLDER

digits = load_digits()
np.savez_compressed(
    FOLDER / "digits.npz",
    x=digits.images.astype(np.uint8),
    y=digits.target.astype(np.uint8),
)
