"""When two values are the same to everybody."""

from __future__ import annotations

from typing import Any

import numpy as np


def key(value: Any) -> Any:
    """What is equal for values that nothing can tell apart."""
    if isinstance(value, np.ndarray):
        strides = value.strides if value.size else ()
        laid = (value.shape, strides, value.dtype.str, value.flags.writeable)
        if value.dtype == object:
            return (*laid, tuple((type(v).__name__, str(v)) for v in value.ravel().tolist()))
        return (*laid, value.tobytes())
    if isinstance(value, tuple | list):
        return (type(value).__name__, *map(key, value))
    if isinstance(value, dict):
        return ("dict", *((k, key(v)) for k, v in value.items()))
    return (type(value).__name__, str(value))
