"""What people write who think in LaTeX, NumPy or Python: what is meant, and how it is written here.

Nothing here decides whether a text is refused: only what is said of one that is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from derive.language.notation.errors import Span

PRODUCT = "write the indices: y[i] = sum[j] A[i, j]*x[j]"
MEAN = "write sum[i] x[i]/N, with the size of the axis"
#: what is no function and no reduction of the notation, and what to write for it
INSTEAD: Mapping[str, str] = {
    "mean": MEAN,
    "avg": MEAN,
    "average": MEAN,
    "var": "write two equations: m = sum[i] x[i]/N; v = sum[i] (x[i] - m)^2/N",
    "std": "write sqrt(v), with v = sum[i] (x[i] - m)^2/N in an equation of its own",
    "norm": "write sqrt(sum[i] x[i]^2)",
    "prod": "write exp(sum[i] log(x[i])), for positive factors",
    "min": "write -(max[i] (-x[i]))",
    "argmin": "write [i == argmax[j] (-x[j])]",
    "argmax": "write [i == argmax[j] x[j]], which is 1 at the first maximum",
    "softmax": "write exp(x[i])/(sum[j] exp(x[j])), or s = sum[j] exp(x[j]) as an equation",
    "log_softmax": "write x[i] - log(sum[j] exp(x[j]))",
    "logsumexp": "write log(sum[j] exp(x[j]))",
    "gelu": "write x[i]*(1 + erf(x[i]/sqrt(2)))/2",
    "silu": "write x[i]*sigmoid(x[i])",
    "softplus": "write log1p(exp(x[i]))",
    "leaky_relu": "write max(x[i], 0.01*x[i])",
    "where": "write (if condition then a else b)",
    "maximum": "write max(a, b)",
    "minimum": "write min(a, b)",
    "square": "write x[i]^2",
    "pow": "write x[i]^2",
    "power": "write x[i]^2",
    "dot": PRODUCT,
    "matmul": PRODUCT,
    "einsum": PRODUCT,
    "mm": PRODUCT,
    "outer": "write the indices: y[i, j] = a[i]*b[j]",
    "sum": "write sum[i] x[i], the index in brackets",
    "transpose": "swap the indices: A[j, i]",
    "zeros": "write 0",
    "round": "write // to round a quotient of integers down",
}


class Mistake(NamedTuple):
    """Something recognisable: the caret stands at the group ``here``."""

    pattern: re.Pattern[str]
    message: str
    hint: str


def _mistake(pattern: str, message: str, hint: str) -> Mistake:
    return Mistake(re.compile(pattern), message, hint)


_LATEX = (
    "LaTeX is not read here",
    r"write sum[j] for \sum_j, A[i, j] for A_{ij}, a/b for \frac{a}{b}, a*b for a \cdot b",
)
_MISTAKES = (
    _mistake(r"^\s*(?P<here>[a-z]+(,\s*[a-z]+)*\s*->\s*[a-z]*)\s*$", "this is einsum's", ""),
    _mistake(
        r"\beinsum\b(?P<here>.?)", "einsum is not read here", "write ij,j->i as y[i] = sum[j] …"
    ),
    _mistake(r"(?P<here>\\[A-Za-z]+|\$)", *_LATEX),
    _mistake(r"(?P<here>[\w\]](_|\^)\{)", *_LATEX),
    _mistake(r"(?P<here>@)", "there is no @ between matrices", PRODUCT),
    _mistake(
        r"(?P<here>(sum|max|[Σ∑])_\w+)",
        "an index of a sum stands in brackets",
        "write sum[j] x[j], or sum[j < N] x[j]",
    ),
    _mistake(
        r"(?P<here>\.T\b)",
        "a transposed matrix is not written with .T",
        "swap the indices: A[j, i]",
    ),
    _mistake(
        r"\b(?P<here>(sum|[Σ∑])\s*\()",
        "a sum names its index in brackets",
        "write sum[i] x[i]; a longer body in parentheses: sum[i] (x[i] - m)",
    ),
    _mistake(
        r"\b(?P<here>(sum|max|[Σ∑])\s+[^\W\d])",
        "a sum or maximum names its index in brackets",
        "write sum[i] x[i], or max[i] x[i]",
    ),
    _mistake(
        r"(?P<here>\b(for|def|return|import)\b)\s",
        "this is Python",
        "write an equation: y[i] = 2*x[i]; an index needs no loop",
    ),
    _mistake(
        r"[\])\w](?<!\belse)(?<!\bthen)\s+(?P<here>if)\b",
        "a choice is written with then",
        "write (if x[i] > 0 then x[i] else 0)",
    ),
    _mistake(
        r"(?P<here>[<>]=?[^?\n]*\?)",
        "a choice is written in words",
        "write (if x[i] > 0 then x[i] else 0)",
    ),
    _mistake(
        r"(?P<here>\(([^()=]|\[[^\]]*\])*[^<>=!](<|>|<=|>=|==|!=)[^<>=()]*\))\s*\*",
        "a condition as a factor stands in brackets",
        "write [x[i] > 0]*x[i]",
    ),
    _mistake(r"(?P<here>&&|&|\|\||!(?!=))", "conditions are joined in words", "write and, or, not"),
    _mistake(
        r"(?P<here>\]\s*\[)(?!.*\b(if|sum|max)\b.*\[)",
        "the indices of one read stand together",
        "write x[i, j], not x[i][j]",
    ),
    _mistake(r"^\s*\w+\s*(?P<here>\([^()]*\))\s*=", "indices stand in brackets", "write y[i] = …"),
    _mistake(r"(?P<here>:=|←)", "an equation has one sign, =", "write y[i] = 2*x[i]"),
    _mistake(r"^[^=]*[^=<>!]\s?(?P<here>==)", "an equation has one sign, =", "write y[i] = 2*x[i]"),
    _mistake(
        r"\[[^\]]*(?P<here>\.\.\.|…|(?<![<>=!]):(?!=))",
        "a slice is not read here",
        "name every index: y[i] = x[i + 1]",
    ),
    _mistake(
        r"(?P<here>∂\w*(\[[^\]]*\])?\s*/\s*∂\w+)",
        "a derivative stands on the left-hand side alone",
        "the upstream gradient ∂L/∂y is called g: write g[p], its indices in brackets",
    ),
    _mistake(r"(?P<here>[{}])", "braces mean nothing here", "write ( and )"),
)
_LIBRARY = re.compile(r"(?P<here>\b(np|numpy|torch|jnp|jax|tf|math|F|nn)\.(?:\w+\.)*(?P<name>\w+))")
_REDUCTION = re.compile(r"(?P<here>\b(?P<name>\w+))\s*\[[^\[\]]*\]\s*[^\W\d]")
_LAST = re.compile(r"(?P<here>[^\W\d][\w']*\s*(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\])?)\s*$")

Explanation = tuple[str, Span, str]


def recognised(text: str, position: int, functions: Collection[str]) -> Explanation | None:
    """What is wrong with a text that the grammar refuses at a position, where, what to write."""
    text = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), text)
    library = _LIBRARY.search(text)
    if library is not None and library.start() <= position:
        name = library["name"].lower()
        known = f"write {name}(x[i])" if name in functions else PRODUCT
        return (
            f"{library['here']} is not read here",
            library.span("here"),
            INSTEAD.get(name, known),
        )
    for found in _MISTAKES:
        match = found.pattern.search(text)
        if match is not None and match.start("here") <= position:
            if "einsum's" in found.message:
                return "this is einsum's notation", match.span("here"), _einsum(match["here"])
            return found.message, match.span("here"), found.hint
    for match in _REDUCTION.finditer(text):
        if match["name"] in INSTEAD and match["name"] != "sum" and match.start() <= position:
            hint = INSTEAD[match["name"]]
            return f"there is no {match['name']} over an index", match.span("here"), hint
    return _missing_sign(text, position)


def _missing_sign(text: str, position: int) -> Explanation | None:
    """``A[i, j] x[j]``: two factors without a * between them."""
    end = len(text.rstrip())
    after = text[position:end]
    last = _LAST.search(text[:position]) if not after or after[0] not in "([" else None
    start = last.start("here") if last is not None else position
    before = text[:start].rstrip()
    if "\n" in text[len(before) : start] or "=" not in before:
        return None
    if not before or not (before[-1].isalnum() or before[-1] in "])'"):
        return None
    word = re.search(r"[\w']*$", before)
    if word is not None and word[0] in _WORDS:
        return None
    stop = last.end("here") if last is not None else start + 1
    left = re.search(r"[\w']+\s*(\[(?:[^\[\]]|\[[^\[\]]*\])*\])?$|\)$", before)
    shown = left[0] if left is not None and left[0] != ")" else "the factor before"
    return (
        "a sign is missing between two factors",
        (start, len(text[:stop].rstrip())),
        f"write {shown}*{' '.join(text[start:stop].split())}"
        if last is not None
        else "a product needs a *, as in x[i]*(k[i] + 1)",
    )


_WORDS = {"and", "or", "not", "if", "then", "else", "divides", "sum", "max", "where", "by", "pad"}


def missing_sign_before(text: str, span: Span) -> Explanation | None:
    """``2 x[0]``, where x[0] seemed to begin an equation: the span is that of its index."""
    closing = text.find("]", span[1])
    return None if closing < 0 else _missing_sign(text, closing + 1)


def _einsum(written: str) -> str:
    """The equation that a text such as ``ij,j->i`` stands for."""
    left, result = (part.strip() for part in written.split("->"))
    operands = [part.strip() for part in left.split(",")]
    factors = "*".join(
        f"{name}[{', '.join(indices)}]"
        for name, indices in zip("AxBCDEFGH", operands, strict=False)
    )
    bound = [i for i in dict.fromkeys("".join(operands)) if i not in result]
    total = f"sum[{', '.join(bound)}] " if bound else ""
    shown = f"[{', '.join(result)}]" if result else ""
    return f"write y{shown} = {total}{factors}"


def goes_on(index: str, text: str, position: int) -> str:
    """What to say of a sum whose index stands alone in no read of its body, but in one after it."""
    later = rf"[-−–+][^=;]*\[[^\]]*(?<![\w']){re.escape(index)}(?![\w'])"
    if not re.search(later, text[position:]):
        return ""
    return (
        f"; the sum ends before the next + or −: is sum[{index}] (… - …) meant,"
        " the body in parentheses?"
    )


def ended(index: str, text: str, position: int) -> str:
    """What to say of an index that is unknown where it stands, though a sum before ran over it."""
    opening = re.compile(
        rf"(sum|max|[Σ∑])(_\{{|\[)[^\]}}]*\b{re.escape(index)}(?![\w'])[^\]}}]*[\]}}]"
    )
    before = list(opening.finditer(text[:position]))
    if not before:
        return ""
    sign = re.search(r"[-−+](?=[^-−+]*$)", text[before[-1].end() : position])
    kind = "maximum" if before[-1][1] == "max" else "sum"
    word = before[-1][1] if before[-1][1] in ("sum", "max") else "sum"
    at = f" at the {'+' if sign[0] == '+' else 'minus'}" if sign is not None else ""
    return (
        f"the {kind} over {index} ended{at}: it takes in the product that follows it;"
        f" write {word}[{index}] (… - …), the body in parentheses"
    )
