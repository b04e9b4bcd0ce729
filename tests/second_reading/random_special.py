"""Random equations of special kinds: flattening, groups, unequal windows, places, exponentials."""

from __future__ import annotations

from .random_terms import Terms


def flattened(terms: Terms, name: str) -> str:
    """``x[m//M, m%M]`` and the like."""
    rng, x = terms.rng, terms.fresh()
    first, second = terms.size(), terms.size()
    terms.inputs[x] = [(first, ""), (second, "")]
    z = terms.fresh()
    factor = ""
    if rng.random() < 0.5:
        terms.inputs[z] = [(second, "")]
        factor = f"*{z}[i%{second}]"
    size = f"{first}*{second}"
    body = f"x[i//{second}, i%{second}]".replace("x[", f"{x}[") + factor
    return f"{name}[i < {size}] = {body}"


def grouped(terms: Terms, name: str) -> str:
    """A matrix product in groups, with an exact quotient in a shape."""
    x, k = terms.fresh(), terms.fresh(1)
    outs, ins = terms.size(positive=True), terms.size(positive=True)
    terms.hyperparameters.setdefault("G", terms.rng.choice(["G", "G=1", "G=2"]))
    terms.divided |= {outs, ins}
    terms.inputs[x] = [(ins, "")]
    terms.inputs[k] = [(outs, ""), (f"{ins}//G", "")]
    a = terms.index()
    place = f"i//({outs}//G)*({ins}//G) + {a}"
    return f"{name}[i] = sum[{a}] {x}[{place}]*{k}[i, {a}]"


def unequal(terms: Terms, name: str) -> str:
    """Adaptive pooling: windows whose bounds are quotients."""
    x, rng = terms.fresh(), terms.rng
    size, e = terms.size(positive=rng.random() < 0.5), terms.hyperparameter("K")
    terms.inputs[x] = [(size, "")]
    a = terms.index()
    low, high = f"r*{size}//{e}", f"((r+1)*{size} + {e}-1)//{e}"
    mean = ""
    if size in terms.positive and rng.random() < 0.5:
        terms.whole = False
        terms.inexact.add(name)
        mean = f"/({high} - {low})"
    kind = "max" if size in terms.positive and rng.random() < 0.4 else "sum"
    return f"{name}[r < {e}] = {kind}[{low} <= {a} < {high}] {x}[{a}]{mean}"


def placed(terms: Terms, name: str) -> str:
    """What stands at the first place of a maximum over two indices."""
    x, k, rng = terms.fresh(), terms.fresh(1), terms.rng
    terms.inputs[x] = [(terms.size(positive=True), ""), (terms.size(positive=True), "pad 1")]
    first, second = (size for size, _ in terms.inputs[x])
    terms.inputs[k] = [(first, ""), (second, "")]
    a, b = terms.index(), terms.index()
    argmax = f"argmax[{a} < {first}, {b} < {second}] {x}[{a}, {b}{rng.choice(['', '-1', '+1'])}]"
    value = rng.choice([f"{k}[i, j]", f"{k}[i, j]^2", f"{x}[i, j]*{k}[i, j]"])
    if rng.random() < 0.5:
        return f"{name}[i < {first}, j < {second}] = [(i, j) == {argmax}]*{value}"
    return f"{name}[i < {first}, j < {second}] = if (i, j) == {argmax} then {value} else 0"


def scaled(terms: Terms, name: str) -> str:
    """Reals as hyperparameters, branches to infinity, and a table's numbers as values."""
    x, rng = terms.fresh(), terms.rng
    size = terms.size()
    terms.inputs[x] = [(size, rng.choice(["pad (1, 2)", "pad (0, 1)", ""]))]
    terms.whole = False
    terms.inexact.add(name)
    terms.hyperparameters.setdefault("E", rng.choice(["E=0.5", "E real", "E=1.25"]))
    shift = "+1" if terms.inputs[x][0][1] else ""
    below = terms.size()
    t = terms.table(size, below)
    reads = [f"{x}[i{shift}]*E", f"(E + {x}[i])^2*{t}[i]", f"{x}[i]/(1 + E^2)*[{t}[i] > i]"]
    body = " + ".join(rng.sample(reads, 2))
    if rng.random() < 0.3:
        a = terms.index()
        bound = rng.choice(["2", "3"])
        body = f"max[{a} < {bound}] (if i+{a} < {size} then {x}[i+{a}]*E else -inf)"
    return f"{name}[i < {size}] = {body}"


def classes(terms: Terms, name: str) -> str:
    """Cross entropy with class numbers."""
    x = terms.fresh()
    count, kinds = terms.size(positive=True), terms.size(positive=True)
    terms.inputs[x] = [(count, ""), (kinds, "")]
    t = terms.table(count, kinds)
    terms.whole = False
    terms.inexact.add(name)
    a, b = terms.index(), terms.index()
    loss = f"log(sum[{b}] exp({x}[{a}, {b}])) - {x}[{a}, {t}[{a}]]"
    return f"{name} = sum[{a}] ({loss}) / {count}"


def parts(terms: Terms, name: str) -> str:
    """Two equations or three: one formula over two ranges, and what reads both."""
    rng, x = terms.rng, terms.fresh()
    size = terms.size(positive=True)
    terms.inputs[x] = [(size, "")]
    terms.whole = False
    terms.inexact.add(name)
    summand = rng.choice(
        [f"exp({x}[%s])", f"exp(-2*{x}[%s])", f"exp({x}[%s])*{x}[%s]", f"{x}[%s]^2"]
    )
    kinds = ["log(1 + %s)", "sqrt(1 + %s)", "1/(1 + %s)", "%s", "tanh(%s)", "log(%s)", "1/%s"]
    around = rng.choice(kinds)
    ranges = [f"%s < {size}", f"%s < {size}-1", f"1 <= %s < {size}", "%s <= i", f"i <= %s < {size}"]
    written = []
    for letter in (name + "1", name + "2")[: rng.choice([1, 2, 2])]:
        a, bound = terms.index(), rng.choice(ranges)
        total = f"sum[{bound % a}] " + summand.replace("%s", a)
        i = "i" if " i" in bound or bound.startswith("i") else rng.choice(["i", ""])
        where = f"[i < {rng.choice([size, size, f'{size}-1'] if i else [size])}]" if i else ""
        written.append((letter + where, around % f"({total})"))
    reads = [head.partition("[")[0] + ("[i]" if "[" in head else "") for head, _ in written]
    least = f"{size}-1" if any("-1]" in head for head, _ in written) else size
    body = " * ".join([*reads, rng.choice([f"exp({x}[i])", f"{x}[i]", "1", f"sigmoid({x}[i])"])])
    body += rng.choice(["", f" + {reads[0]}", f" - {reads[-1]}^2"])
    return "; ".join(
        [*(f"{head} = {text}" for head, text in written), f"{name}[i < {least}] = {body}"]
    )
