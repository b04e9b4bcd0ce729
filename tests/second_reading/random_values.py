"""Random values: sums, products, maxima, branches and functions of reads."""

from __future__ import annotations

from .random_terms import KINKED, SMOOTH, Index, Scope, Terms


def value(terms: Terms, scope: Scope, depth: int, exact: bool) -> str:
    """A sum of products."""
    count = terms.rng.choice([1, 1, 1, 2, 2]) if depth > 1 else 1
    written = product(terms, scope, depth, exact)
    for _ in range(count - 1):
        written += terms.rng.choice([" + ", " - ", " + "]) + product(terms, scope, depth, exact)
    return written


def product(terms: Terms, scope: Scope, depth: int, exact: bool) -> str:
    """A product; what is a sum or a maximum stands last or in parentheses."""
    rng = terms.rng
    factors = terms.read(scope, exact) if rng.random() < 0.75 else []
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        factors += other(terms, scope, exact)
    last = nested(terms, scope, depth, exact) if depth > 0 and rng.random() < 0.7 else []
    if not factors and not last:
        factors = terms.read(scope, exact)
    if last and rng.random() < 0.15:
        factors, last = [f"({'*'.join(last)})", *factors], []
    return "*".join(factors + last)


def other(terms: Terms, scope: Scope, exact: bool) -> list[str]:
    """A number, an index, a guard, a power, a quotient."""
    rng = terms.rng
    kind = rng.choice(["read", "read", "number", "integer", "guard", "guard", "power", "quotient"])
    if kind == "read":
        return terms.read(scope, exact)
    if kind == "number":
        return [rng.choice(["2", "3", "2", "3" if terms.whole else "0.5"])]
    if kind == "integer":
        return [f"({terms.integer(scope)})"]
    if kind == "power":
        *guards, read = terms.read(scope, exact)
        return [*guards, f"{read}^{rng.choice(['2', '2', '3'])}"]
    if kind == "quotient" and not terms.whole and not exact:
        *guards, read = terms.read(scope, exact)
        return [f"1/(1 + ({'*'.join([*guards, read])})^2)"]
    return [f"[{terms.condition(scope)}]"]


def nested(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """A sum, a maximum, a branch or a function, as factors."""
    kinds = [total] * 5 + [largest] * 2 + [branch, kinked, chosen]
    if not exact and not terms.whole:
        kinds += [smooth] * 3
    return terms.rng.choice(kinds)(terms, scope, depth, exact)


def total(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """``sum[i, a < i+1] body``."""
    ranges, inner = [], list(scope)
    for _ in range(terms.rng.choice([1, 1, 2])):
        written, index = terms.bound(inner)
        ranges.append(written)
        inner.append(index)
    body = closing(terms, inner, product(terms, inner, depth - 1, exact), exact)
    if len(ranges) == 2 and terms.rng.random() < 0.3:
        return [f"sum[{ranges[0]}] sum[{ranges[1]}] {body}"]
    return [f"sum[{', '.join(ranges)}] {body}"]


def closing(terms: Terms, scope: Scope, body: str, exact: bool) -> str:
    """The body with reads on whose axes each open index stands alone."""
    for index in scope:
        if index.size is None:
            index.size = terms.size()
            name = terms.fresh()
            terms.inputs[name] = [(index.size, "")]
            body = f"{name}[{index.name}]*{body}"
    return body


def largest(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """``max[a < K] body``, under a guard that keeps it from being empty if need be."""
    rng = terms.rng
    closed = [i for i in scope if i.size is not None and i.plain]
    if closed and rng.random() < 0.3:
        i, size, name = rng.choice(closed).name, terms.size(), terms.index()
        x = "*".join(terms.read([*scope], True))
        body = f"max[{name} < {size}-{i}] {x}*({name}+1)"
        return [f"[{i} < {size}]", body]
    ranges, inner = [], list(scope)
    for _ in range(rng.choice([1, 1, 2])):
        written, index = terms.filled(inner)
        ranges.append(written)
        inner.append(index)
    body = closing(terms, inner, product(terms, inner, depth - 1, True), True)
    return [f"max[{', '.join(ranges)}] {body}"]


def branch(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """``(if condition then a else b)``; the condition may depend on entries."""
    rng = terms.rng
    condition = terms.condition(scope)
    if rng.random() < 0.5:
        left, right = terms.read(scope, True), terms.read(scope, True)
        if len(left) == len(right) == 1:
            ops = [">", ">=", "<", "<=", "=="]
            condition = f"{left[0]} {rng.choice(ops)} {rng.choice([right[0], '0', '1'])}"
    first = value(terms, scope, depth - 1, exact)
    second = "0" if rng.random() < 0.5 else value(terms, scope, depth - 1, exact)
    return [f"(if {condition} then {first} else {second})"]


def chosen(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """``[i == argmax[a < K] body]``."""
    name = terms.index()
    bound = terms.rng.choice(["2", "3", "K"])
    if bound == "K":
        terms.hyperparameter("K")
    body = "*".join(terms.read([*scope, Index(name, bound)], True))
    return [f"[{terms.integer(scope, 1)} == argmax[{name} < {bound}] {body}]"]


def kinked(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """A function with a kink."""
    first = value(terms, scope, depth - 1, True)
    if terms.rng.random() < 0.4:
        second = value(terms, scope, 0, True)
        return [f"{terms.rng.choice(['max', 'min'])}({first}, {second})"]
    return [f"{terms.rng.choice(KINKED)}({first})"]


def smooth(terms: Terms, scope: Scope, depth: int, exact: bool) -> list[str]:
    """A smooth function where it is smooth."""
    rng, inner = terms.rng, value(terms, scope, depth - 1, exact)
    forms = [f"{name}({inner})" for name in SMOOTH]
    forms += [f"log(1 + ({inner})^2)", f"sqrt(1 + ({inner})^2)", f"log1p(({inner})^2)"]
    forms += [f"exp(tanh({inner}))", f"expm1(sin({inner}))", f"(2 + sin({inner}))^0.5"]
    return [rng.choice(forms)]
