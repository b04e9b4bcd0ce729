"""What an image is taken to be outside itself, by the words of PyTorch's padding modes."""

from __future__ import annotations

#: where an entry at position u outside an axis of length h is read
CONTINUED = {
    "replicate": "min(max({u}, 0), {h} - 1)",
    "circular": "({u})%{h}",
    "reflect": "{h} - 1 - max({h} - 1 - max({u}, -({u})), max({u}, -({u})) + 1 - {h})",
}
#: what the continuation needs of the length h and a padding p
NEEDED = {"replicate": "{h} >= 1", "circular": "{p} <= {h}, {h} >= 1", "reflect": "{p} < {h}"}
