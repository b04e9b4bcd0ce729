"""Random expressions whose reads are inside by the way they are written."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

SMOOTH = ("tanh", "sigmoid", "sin", "cos", "erf", "erfc")
KINKED = ("abs", "relu", "sign")


@dataclass
class Index:
    """An index in scope; ``size`` is the exclusive bound as text, None while it is open.

    An index that does not begin at 0, or whose bound is no bound of an axis, is not ``plain``.
    """

    name: str
    size: str | None
    plain: bool = True


Scope = list[Index]
Axes = list[tuple[str, str]]  # sizes and what stands behind them: paddings


class Terms:
    """What a layer consists of so far; methods write expressions and add what these need."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.sizes: list[str] = []
        self.positive: set[str] = set()
        self.inputs: dict[str, Axes] = {}
        self.tables: dict[str, str] = {}
        self.computed: dict[str, Axes] = {}
        self.inexact: set[str] = set()
        self.hyperparameters: dict[str, str] = {}
        self.divided: set[str] = set()
        self.whole = rng.random() < 0.55
        self.count = 0

    # names

    def index(self, letters: str = "abcefh") -> str:
        """A new name for an index."""
        self.count += 1
        name = letters[self.count % len(letters)]
        return name + "'" * (self.count // len(letters) if self.count >= len(letters) else 0)

    def size(self, positive: bool = False) -> str:
        """A size, sometimes a new one."""
        known = self.sizes
        if not known or (len(known) < 4 and self.rng.random() < 0.25):
            known.append("NMHC"[len(known)])
        chosen = self.rng.choice(known)
        if positive:
            self.positive.add(chosen)
        return chosen

    def hyperparameter(self, name: str) -> str:
        """One of the hyperparameters s, p, q."""
        written = {"s": ["s=2", "s", "s=1"], "p": ["p=0", "p=1 >= 0"], "q": ["q int", "q=-1"]}
        written |= {"K": ["K", "K=2"], "d": ["d=1", "d=2", "d"]}
        self.hyperparameters.setdefault(name, self.rng.choice(written[name]))
        return name

    def drawn(self, name: str) -> Fraction:
        """A value of a hyperparameter."""
        values = {"p": [0, 1, 2], "q": [-2, -1, 0, 1, 3], "G": [1, 2]}
        values |= {"E": [Fraction(1, 2), Fraction(-3, 2), Fraction(2)]}
        return Fraction(self.rng.choice(values.get(name, [1, 2, 2, 3])))

    def declaration(self, name: str) -> str:
        """A tensor in the header."""
        axes = ", ".join(f"{size} {padding}".strip() for size, padding in self.inputs[name])
        below = f" int < {self.tables[name]}" if name in self.tables else ""
        return f"{name}[{axes}]{below}"

    # integers

    def integer(self, scope: Scope, depth: int = 2) -> str:
        """An integer expression, negative values included."""
        closed = [i for i in scope if i.size is not None]
        if not closed or depth == 0 or self.rng.random() < 0.15:
            if closed and self.rng.random() < 0.8:
                return self.rng.choice(closed).name
            return self.rng.choice(["1", "2", self.size(), self.hyperparameter("q")])
        i, other = self.rng.choice(closed).name, self.integer(scope, depth - 1)
        small = self.rng.choice(["1", "1", "2", "3"])
        stride = self.rng.choice(["2", "2", "3", self.hyperparameter("s")])
        forms = [f"{i}+{small}", f"{i}-{small}", f"{stride}*{i}-{small}", f"{i}-({other})"]
        forms += [f"{i}+{other}", f"({other}-{small})//{stride}", f"({i}-({other}))%{stride}"]
        forms += [f"{stride}*{i}+{other}", f"-{i}+{other}", f"-({other})//{stride}", f"-{i}%3"]
        return self.rng.choice(forms)

    def condition(self, scope: Scope, depth: int = 1) -> str:
        """A condition on integers."""
        e, f = self.integer(scope), self.integer(scope)
        forms = [f"{e} < {f}", f"{e} <= {f}", f"{e} == {f}", f"{e} != {f}", f"0 <= {e} < 2"]
        forms += [f"2 divides {e}", f"({e})%2 == 0", f"({e})//2 > -1", f"({e})%3 < 2"]
        if depth:
            a, b = self.condition(scope, 0), self.condition(scope, 0)
            forms += [f"{a} and {b}", f"{a} or {b}", f"not ({a})"]
        return self.rng.choice(forms)

    # reads

    def read(self, scope: Scope, exact: bool = False) -> list[str]:
        """Factors: guards that keep a read inside, and the read."""
        name = self.tensor(exact)
        axes = self.computed.get(name) or self.inputs.get(name, [])
        guards: list[str] = []
        indices = [self.place(scope, size, padding, guards) for size, padding in axes]
        return [*guards, f"{name}[{', '.join(indices)}]" if indices else name]

    def tensor(self, exact: bool) -> str:
        """A tensor that is there, or a new one."""
        there = [n for n in self.inputs if n not in self.tables]
        there += [n for n in self.computed if not (exact and n in self.inexact)]
        if there and (self.rng.random() < 0.6 or len(self.inputs) >= 5):
            chosen = self.rng.choice(there)
            if chosen in self.computed or self.rng.random() < 0.9:
                return chosen
        free = [n for n in "xkwbc" if n not in self.inputs]
        if not free:
            return self.rng.choice(there)
        rank = self.rng.choice([0, 1, 1, 1, 2, 2])
        pads = ["", "", "", "", "pad all", "pad 1"]
        self.inputs[free[0]] = [(self.size(), self.rng.choice(pads)) for _ in range(rank)]
        return free[0]

    def place(self, scope: Scope, size: str, padding: str, guards: list[str]) -> str:
        """An index of an axis; guards are added where it could be outside."""
        rng = self.rng
        opened = [i for i in scope if i.size is None]
        if opened and padding == "":
            chosen = rng.choice(opened)
            chosen.size = size
            return chosen.name
        if padding == "pad all" and rng.random() < 0.8:
            e = self.integer(scope)
            if not any(i.name in e for i in scope):
                return e
            return rng.choice([e, e, f"({e})/2", f"({e})/{self.hyperparameter('s')}"])
        alone = [i.name for i in scope if i.size == size and i.plain]
        if alone and rng.random() < 0.65:
            i = rng.choice(alone)
            forms = [i, i, i, i, f"{size}-1-{i}" if "-" not in size else i]
            forms += [f"{i}//2", f"{i}//{self.hyperparameter('s')}"]
            if padding == "pad 1":
                forms += [f"{i}-1", f"{i}+1", f"{i} + ({i}%3) - 1"]
            return rng.choice(forms)
        if size in self.sizes and rng.random() < 0.4:
            chain = self.through_tables(scope, size)
            if chain:
                return chain
        e = self.integer(scope)
        if size in self.sizes and rng.random() < 0.25:
            self.positive.add(size)
            return f"({e})%{size}" if rng.random() < 0.7 else rng.choice(["0", f"{size}-1"])
        if rng.random() < 0.12 and any(i.name in e for i in scope):
            guards.append(f"[0 <= {e} < 2*({size})]")
            return f"({e})/2"
        guards.append(f"[0 <= {e} < {size}]")
        return e

    def through_tables(self, scope: Scope, size: str) -> str:
        """``t[i]`` or ``u[t[i]]`` with entries below a size; empty if there is no such table."""
        plain = [i for i in scope if i.plain and i.size in self.sizes]
        if not plain:
            return ""
        i = self.rng.choice(plain)
        inner, axis = i.name, i.size or ""
        if self.rng.random() < 0.3:
            middle = self.size()
            inner, axis = f"{self.table(axis, middle)}[{inner}]", middle
        return f"{self.table(axis, size)}[{inner}]"

    def table(self, axis: str, below: str) -> str:
        """A table on an axis with entries below a size."""
        for name, bound in self.tables.items():
            if bound == below and self.inputs[name] == [(axis, "")]:
                return name
        name = "tuv"[len(self.tables) % 3] + "'" * (len(self.tables) // 3)
        self.inputs[name], self.tables[name] = [(axis, "")], below
        return name

    # ranges

    def bound(self, scope: Scope) -> tuple[str, Index]:
        """A range for a sum, and the index that it binds."""
        name, rng = self.index(), self.rng
        closed = [i.name for i in scope if i.size is not None]
        size = self.size()
        forms = [(name, None, True)] * 3 + [(f"{name} < {size}", size, True)] * 2
        forms += [(f"{name} < {size}//2", f"{size}//2", True), (f"{name} <= 1", "2", True)]
        forms += [(f"1 <= {name} < {size}", size, True)]
        if closed:
            i = rng.choice(closed)
            forms += [(f"{name} < {i}+1", "", False), (f"{name} <= {i}", "", False)] * 2
            forms += [(f"{i} <= {name} < 2*{i}", "", False), (f"{name} < {size}-{i}", size, True)]
            forms += [(f"{i}//2 <= {name} < ({i}+3)//2", "", False)]
            forms += [(f"{i} <= {name} < {size}", "", False)]
        written, bound, plain = rng.choice(forms)
        return written, Index(name, bound, plain)

    def filled(self, scope: Scope) -> tuple[str, Index]:
        """A range for a maximum, which must not be empty."""
        name, rng = self.index(), self.rng
        closed = [i.name for i in scope if i.size is not None and i.plain]
        size = self.size(positive=rng.random() < 0.9)
        forms = [(f"{name} < 2", "2", True), (f"{name} < 3", "3", True), (name, None, True)]
        forms += [(f"{name} < {self.hyperparameter('K')}", "K", True)]
        if size in self.positive:
            forms += [(f"{name} < {size}", size, True)] * 2
        if closed:
            i = rng.choice(closed)
            forms += [(f"{name} <= {i}", "", False), (f"{i} <= {name} < 2*{i}+1", "", False)]
        written, bound, plain = rng.choice(forms)
        return written, Index(name, bound, plain)

    def fresh(self, ahead: int = 0) -> str:
        """A tensor name that is not taken."""
        names = ["x", "k", "w", "b", "c", *(f"x{i}" for i in range(20))]
        return [name for name in names if name not in self.inputs][ahead]
