"""LaTeX that needs amsmath only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.language.functions import FUNCTIONS
from derive.language.printing.layout import Atom, Chain, Doc, Headed, Joint, Row, comma_chain, solid
from derive.language.printing.style import Level, Piece, Unicode

GREEK = {
    "alpha": r"\alpha",
    "beta": r"\beta",
    "gamma": r"\gamma",
    "delta": r"\delta",
    "eps": r"\varepsilon",
    "epsilon": r"\varepsilon",
    "lambda": r"\lambda",
    "mu": r"\mu",
    "rho": r"\rho",
    "sigma": r"\sigma",
    "tau": r"\tau",
    "theta": r"\theta",
}
EXTREMES = ("min", "max")
#: a numerator wider than this is written behind its fraction instead of in it
WIDE = 40
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
RELATION = re.compile(r"\\(le|ge|ne|mid|nmid|bmod|land|lor)$")


def measure(tex: str) -> int:
    """The rough width of a formula in halves of an em."""
    width = 0.0
    depth = 0
    scripts: list[int] = []
    pending = False
    for token in TOKEN.findall(tex):
        scale = 0.7 if scripts or pending else 1.0
        if token in "_^":
            pending = True
            continue
        if token == "{":
            depth += 1
            if pending:
                scripts.append(depth)
            pending = False
            continue
        if token == "}":
            if scripts and scripts[-1] == depth:
                scripts.pop()
            depth -= 1
            continue
        pending = False
        width += scale * _token_width(token, bool(scripts))
    return round(width + 0.4)


def _token_width(token: str, script: bool) -> float:
    if token in " '":
        return 0.0 if token == " " else 0.5
    if token in "+-=<" or RELATION.match(token):
        return 1.6 if script else 2.6
    if token == "\\quad":
        return 2.0
    if token in "[](),|/" or token in ("\\,", "\\cdot", "\\sum"):
        return 0.6
    return 1.1


def _letters(word: str) -> str:
    if word in GREEK:
        return GREEK[word]
    return word if len(word) == 1 else rf"\mathit{{{word}}}"


def _taken_apart(name: str) -> tuple[str, str, str]:
    """A name's letters, its digits or what follows ``_``, and its primes."""
    found = re.fullmatch(r"([A-Za-z]+)_?(.*?)('*)", name)
    return (found[1], found[2], found[3]) if found else (name, "", "")


def symbol(name: str) -> str:
    """``K1`` → ``K_1``, ``r'`` → ``r'``, ``eps`` → ``\\varepsilon``."""
    word, rest, primes = _taken_apart(name)
    if not rest:
        return _letters(word) + primes
    below = symbol(rest) if rest[0].isalpha() else rest
    return f"{_letters(word)}_{below if len(below) == 1 else f'{{{below}}}'}{primes}"


class Tex(Unicode):
    """LaTeX math: indices as subscripts, quotients as fractions, breaks allowed between factors."""

    minus, infinity, pi = "-", r"\infty", r"\pi"
    less, at_most, equal, differ = " < ", r" \le ", " = ", r" \ne "
    divides, not_divides = r" \mid ", r" \nmid "
    modulo = r" \bmod "
    sum_sign, max_sign, argmax_sign = r"\sum", r"\max", r"\mathop{\mathrm{arg\,max}}\limits"

    def atom(self, text: str) -> Atom:
        return Atom(text, measure(text))

    def times(self, tight: bool) -> Joint:
        return self.joint(" ") if tight else self.joint(r"\, ", "", r"\cdot ")

    @property
    def comma(self) -> Joint:
        return self.joint(r",\, ", ",")

    def sign(self, negative: bool, tight: bool) -> Joint:
        text = self.minus if negative else "+"
        return self.joint(text, "", text) if tight else self.joint(f" {text} ", "", f"{text} ")

    def words(self, word: str) -> Joint:
        return self.joint(rf" \text{{ {word} }} ", rf" \text{{ {word}}}")

    def word(self, text: str) -> Doc:
        return self.atom(rf"\text{{{text}}}")

    def name(self, name: str) -> Doc:
        return self.atom(symbol(name))

    def function(self, name: str) -> Doc:
        if name in FUNCTIONS and FUNCTIONS[name].tex:
            return self.atom(FUNCTIONS[name].tex)
        return self.atom(f"\\{name}" if name in EXTREMES else rf"\operatorname{{{name}}}")

    def read(self, tensor: str, indices: Sequence[Doc]) -> Doc:
        """``x_{i,\\, j}``; what follows a tensor's letters moves up, ``g^{(y)}_{i}``."""
        word, rest, primes = _taken_apart(tensor)
        above = f"^{{({symbol(rest) if rest[:1].isalpha() else rest}){primes}}}" if rest else primes
        inside = r",\, ".join(i.text for i in indices)
        return self.atom(f"{_letters(word)}{above}" + (f"_{{{inside}}}" if indices else ""))

    def parenthesised(self, doc: Doc) -> Doc:
        tall = any(sign in doc.text for sign in (r"\frac", r"\sum", r"\max"))
        return self.row(r"\bigl(", doc, r"\bigr)") if tall else self.row("(", doc, ")")

    def guard(self, doc: Doc) -> Doc:
        return self.row(r"[\,", doc, r"\,]")

    def delta(self, a: Doc, b: Doc) -> Doc:
        return self.atom(rf"\delta_{{{a.text},\, {b.text}}}")

    def floor(self, over: Piece, under: Piece, tight: bool) -> Piece:
        left, right = ("", "") if tight else (r"\left", r"\right")
        quotient = self.quotient(over, under, tight).doc
        return Piece(solid(self.row(rf"{left}\lfloor ", quotient, rf" {right}\rfloor")), Level.ATOM)

    def absolute(self, doc: Doc) -> Doc:
        return self.row(r"\lvert ", doc, r" \rvert")

    def applied(self, function: Doc, arguments: Sequence[Doc]) -> Doc:
        return self.row(function, self.parenthesised(comma_chain(arguments, self.comma)))

    def root(self, doc: Doc) -> Piece:
        return Piece(solid(self.row(r"\sqrt{", doc, "}")), Level.ATOM)

    def big(self, sign: str, ranges: Sequence[Doc], body: Doc) -> Doc:
        below = r",\, ".join(r.text for r in ranges)
        return Headed(self.atom(f"{sign}_{{{below}}}"), self.atom(" "), body, hangs=True)

    def in_range(self, low: Doc | None, index: Doc, high: Doc) -> Doc:
        start = () if low is None else (low, r" \le ")
        return self.row(*start, index, "<", high)

    def derivative(self, of: Piece, by: Doc) -> Piece:
        bottom = rf"\partial {by.text}"
        if of.level == Level.ATOM:
            top = rf"\partial {of.doc.text}"
            width = max(measure(top), measure(bottom)) + 1
            return Piece(Atom(rf"\frac{{{top}}}{{{bottom}}}", width), Level.ATOM)
        head = Atom(rf"\frac{{\partial}}{{{bottom}}}", measure(bottom) + 1)
        row = Row((head, self.parenthesised(of.doc)))
        return Piece(row, Level.PRODUCT, derivative=True)

    def repeated_derivative(self, by: Sequence[Doc]) -> Piece:
        top = rf"\partial^{{{len(by)}}} L"
        bottom = r"\,".join(rf"\partial {doc.text}" for doc in by)
        width = max(measure(top), measure(bottom)) + 1
        return Piece(Atom(rf"\frac{{{top}}}{{{bottom}}}", width), Level.ATOM)

    def quotient(self, over: Piece, under: Piece, tight: bool) -> Piece:
        if tight:
            return super().quotient(over, under, tight)
        if over.doc.width > WIDE:
            one = Piece(self.atom("1"), Level.ATOM)
            fraction = self.quotient(one, under, tight)
            body = over.doc if over.level >= Level.PRODUCT else self.parenthesised(over.doc)
            both = Chain(fraction.doc, ((self.times(tight), body),))
            return Piece(both, Level.PRODUCT, over.open)
        width = max(over.doc.width, under.doc.width) + 1
        text = rf"\frac{{{over.doc.text}}}{{{under.doc.text}}}"
        return Piece(Atom(text, width), Level.ATOM)

    def power(self, base: Doc, exponent: Piece) -> Piece:
        below = base if base.text.isalnum() else self.row("{", base, "}")
        return Piece(solid(self.row(below, "^{", exponent.doc, "}")), Level.POWER)

    def choice(self, condition: Doc, yes: Doc, no: Doc) -> Doc:
        first = self.row(r"\text{if }", condition, r"\text{ then }", yes)
        return Chain(first, ((self.joint(r"\ ", "", ""), self.row(r"\text{else }", no)),))


class InlineTex(Tex):
    """LaTeX math within a line of words: quotients are written with a slash."""

    def derivative(self, of: Piece, by: Doc) -> Piece:
        top = of.doc if of.level == Level.ATOM else self.parenthesised(of.doc)
        row = self.row(r"\partial ", top, r"/\partial ", by)
        return Piece(row, Level.PRODUCT, derivative=True)

    def repeated_derivative(self, by: Sequence[Doc]) -> Piece:
        bottom = [part for doc in by for part in (r"\,\partial ", doc)]
        row = self.row(rf"\partial^{{{len(by)}}} L/", *bottom)
        return Piece(row, Level.PRODUCT, derivative=True)

    def quotient(self, over: Piece, under: Piece, tight: bool) -> Piece:
        return Unicode.quotient(self, over, under, tight)
