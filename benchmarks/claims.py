"""How long it takes to prove or to refute a claim, beside deriving the gradient itself.

Run: python -m benchmarks.claims
"""

from __future__ import annotations

import time

import derive
import verify
from benchmarks.derivation import median
from derive.language.definition import Layer

SYMBOLIC = {"stride": "s", "padding": "p", "dilation": "d"}

LAYERS: dict[str, dict[str, object]] = {
    "the lecture's": {},
    "stride 2, padding 1": {"stride": 2, "padding": 1},
    "3-d, stride 2": {"dims": 3, "stride": 2},
    "1-d, symbolic": {"dims": 1, **SYMBOLIC},
    "channels, groups": {"channels": True, "groups": "G", "stride": 2, "padding": "p"},
    "all symbolic": {"channels": True, "groups": "G", **SYMBOLIC},
}

CLAIMS: list[tuple[str, str, str]] = [
    ("the lecture's", "as derived", "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]"),
    ("the lecture's", "over g", "dL/dx[p,q] = sum[r,c] g[r,c]*k[p-r,q-c]"),
    ("the lecture's", "sum split", "dL/dx[p,q] = sum[b] g[p,q-b]*k[0,b]"
     " + sum[1 <= a < K1, b] g[p-a,q-b]*k[a,b]"),
    ("the lecture's", "not flipped", "dL/dx[p,q] = sum[a,b] g[p+a,q+b]*k[a,b]"),
    ("the lecture's", "exchanged", "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[b,a]"),
    ("the lecture's", "one short", "dL/dx[p,q] = sum[r < R-1, c] g[r,c]*k[p-r,q-c]"),
    ("the lecture's", "no known mistake", "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]*[a != 1]"),
    ("stride 2, padding 1", "over g", "dL/dx[p,q] = sum[r,c] g[r,c]*k[p+1-2*r,q+1-2*c]"),
    ("stride 2, padding 1", "floor", "dL/dx[p,q] = sum[a,b] g[(p+1-a)//2,(q+1-b)//2]*k[a,b]"),
    ("3-d, stride 2", "over g", "dL/dx[p,q,r] = sum[i,j,l] g[i,j,l]*k[p-2*i,q-2*j,r-2*l]"),
    ("3-d, stride 2", "exchanged", "dL/dx[p,q,r] = sum[i,j,l] g[i,j,l]*k[p-2*i,r-2*l,q-2*j]"),
    ("1-d, symbolic", "over g", "dL/dx[h] = sum[r] g[r]*k[(h+p-s*r)/d]"),
    ("1-d, symbolic", "dilation ignored", "dL/dx[h] = sum[a] g[(h+p-a)/s]*k[a]"),
    ("channels, groups", "over g", "dL/dx[n,c,h,w] = sum[o,i,r,q] g[n,o,r,q]"
     "*k[o,i,h+p-2*r,w+p-2*q]*[c == o//(O//G)*(C//G)+i]"),
    ("channels, groups", "groups ignored", "dL/dx[n,c,h,w] = sum[o,r,q] g[n,o,r,q]"
     "*k[o,c,h+p-2*r,w+p-2*q]"),
    ("all symbolic", "over g", "dL/dx[n,c,h,w] = sum[o,i,r,q] g[n,o,r,q]"
     "*k[o,i,(h+p-s*r)/d,(w+p-s*q)/d]*[c == o//(O//G)*(C//G)+i]"),
    ("all symbolic", "dilation ignored", "dL/dx[n,c,h,w] = sum[o,a,b]"
     " g[n,o,(h+p-a)/s,(w+p-b)/s]*k[o,c-o//(O//G)*(C//G),a,b]"),
]  # fmt: skip


def timed(layer: Layer, text: str) -> tuple[str, float]:
    """The verdict's word and how long it took, in seconds."""
    start = time.perf_counter()
    verdict = verify.claim(layer, text)
    return verdict.word, time.perf_counter() - start


def main() -> None:
    # what is loaded once in a process does not count
    timed(derive.layer("matmul"), "dL/dA[i,k] = sum[j] g[i,j]*B[k,j]")
    timed(derive.layer("matmul"), "dL/dA[i,k] = sum[j] g[i,j]*B[j,k]")
    print("layer                claim              verdict     first     again   again/derive")
    for name, words, text in CLAIMS:
        layer = derive.layer("conv", **LAYERS[name])
        word, first = timed(layer, text)
        again = median(lambda layer=layer, text=text: timed(layer, text), 3)
        deriving = median(lambda layer=layer: derive.gradient(layer, "x"), 3)
        ratio = again / deriving
        print(f"{name:<20} {words:<18} {word:<9} {first:6.3f} s  {again:6.3f} s  {ratio:8.1f}")


if __name__ == "__main__":
    main()
