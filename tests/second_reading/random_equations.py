"""Random equations: windows, maxima over windows, transposed windows, and anything."""

from __future__ import annotations

from .random_special import classes, flattened, grouped, parts, placed, scaled, unequal
from .random_terms import Index, Terms
from .random_values import value


def equation(terms: Terms, name: str) -> str:
    """One equation, of a kind drawn at random."""
    kinds = [general] * 9 + [window] * 2 + [pooling, transposed]
    kinds += [flattened, grouped, unequal, placed, scaled, classes, parts, parts]
    return terms.rng.choice(kinds)(terms, name)


def finish(terms: Terms, name: str, outputs: list[tuple[str, Index]], body: str) -> str:
    """An equation, whose tensor others may read."""
    written = ", ".join(text for text, _ in outputs)
    terms.computed[name] = [(index.size or "", "") for _, index in outputs]
    if any(not size for size, _ in terms.computed[name]):
        del terms.computed[name]
    return f"{name}[{written}] = {body}" if written else f"{name} = {body}"


def general(terms: Terms, name: str) -> str:
    """``y[i < N, j < N//2]`` = anything."""
    outputs = []
    for letter in "ijlm"[: terms.rng.choice([0, 1, 1, 1, 2, 2])]:
        size = terms.size()
        bounds = [size, size, size, f"{size}//2", f"{size}+1", "2", f"2*{size}", f"{size}-1"]
        bound = terms.rng.choice(bounds)
        outputs.append((f"{letter} < {bound}", Index(letter, bound)))
    exact = terms.whole or terms.rng.random() < 0.3
    if not exact:
        terms.inexact.add(name)
    depth = terms.rng.choice([1, 1, 2, 2, 3])
    body = value(terms, [index for _, index in outputs], depth, exact)
    outputs = [perhaps_inferred(terms, written, index, body) for written, index in outputs]
    return finish(terms, name, outputs, body)


def perhaps_inferred(terms: Terms, written: str, index: Index, body: str) -> tuple[str, Index]:
    """An output index without its size, where it stands alone on an axis of that size."""
    first = body.split("*")[0]
    name, _, inner = first.partition("[")
    places = inner.rstrip("]").split(", ")
    axes = terms.inputs.get(name, [])
    alone = any(
        place == index.name and axis == (index.size, "")
        for place, axis in zip(places, axes, strict=False)
    )
    return (index.name if alone and terms.rng.random() < 0.5 else written), index


def window(terms: Terms, name: str) -> str:
    """A convolution-like sum with an inferred or written output size."""
    rng = terms.rng
    stride, spread = rng.choice(["", "", "2*", "s*"]), rng.choice(["", "", "2*", "d*"])
    pad = rng.choice(["", "", "p"])
    for letter in (stride, spread, pad):
        if letter[:1] in ("s", "d", "p"):
            terms.hyperparameter(letter[0])
    signal, kernel = terms.fresh(), terms.fresh(1)
    size, width = terms.size(), terms.size(positive=True)
    terms.inputs[signal] = [(size, f"pad {pad}".strip() if pad else "")]
    terms.inputs[kernel] = [(width, "")]
    a = terms.index()
    place = f"{stride}r+{spread}{a}" + (f"-{pad}" if pad else "")
    extra = rng.choice(["", "", f"*[{terms.condition([Index('r', '')])}]"])
    extra += rng.choice(["", "", f" + {signal}[0]" if not pad and size in terms.positive else ""])
    body = f"sum[{a}] {signal}[{place}]*{kernel}[{a}]{extra}"
    reach = f"{size}{'+2*p' if pad else ''}-{spread}({width}-1)-1"
    bound = f"({reach})//{stride[:-1]}+1" if stride else f"{reach}+1"
    written = f"r < {bound}" if "[" in extra or rng.random() < 0.5 else "r"
    size_known = bound if written != "r" else None
    return finish(terms, name, [(written, Index("r", size_known))], body)


def pooling(terms: Terms, name: str) -> str:
    """A maximum over padded windows."""
    rng, x = terms.rng, terms.fresh()
    fill = rng.choice(["", "by -inf", "by -inf", "by -1"])
    if fill == "by -inf":
        terms.whole = False
        terms.inexact.add(name)
    size = terms.size()
    terms.inputs[x] = [(size, f"pad all {fill}".strip())]
    s, k = terms.hyperparameter("s"), terms.hyperparameter("K")
    a = terms.index()
    body = f"max[{a} < {k}] {x}[{s}*r+{a}-{rng.choice(['0', '1'])}]"
    bound = rng.choice([size, f"{size}//{s}", f"({size}-1)//{s}+1"])
    return finish(terms, name, [(f"r < {bound}", Index("r", bound))], body)


def transposed(terms: Terms, name: str) -> str:
    """A transposed convolution with an exact division."""
    x, k = terms.fresh(), terms.fresh(1)
    size, width = terms.size(), terms.size(positive=True)
    terms.inputs[x], terms.inputs[k] = [(size, "pad all")], [(width, "")]
    s, a = terms.hyperparameter("s"), terms.index()
    bound = f"({size}-1)*{s}+{width}"
    body = f"sum[{a}] {x}[(r-{a})/{s}]*{k}[{a}]"
    return finish(terms, name, [(f"r < {bound}", Index("r", bound))], body)
