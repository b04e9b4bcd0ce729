"""The convention of course cs231n: ``backward(dout, cache)``, with the cache of a forward pass.

The cache is what the file's own forward function returns last, if that takes all tensors of the
layer.  Else it is put together from the names into which the function unpacks it: ``x, w, b,
conv_param = cache``.  The file's text is only read for that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verify.trying.process.process import CannotRun, Loaded, SignatureParameter
from verify.trying.user.arguments import Filling, Numbers, Offers, Tensor, likeliest
from verify.trying.user.calls import bundle, call_of, made

#: words that the course's dictionaries of parameters hold
_WORDS = {"mode": "train"}
#: what such a dictionary may hold, where the function only passes it on
_KEYS = ("stride", "pad", "pool_height", "pool_width", "eps", "mode")


def given(
    function: str, loaded: Loaded, offers: Offers, source: str
) -> dict[str, dict[str, Filling]]:
    """What the cache and the dictionaries among the parameters receive."""
    defined = _definitions(source)
    found = {}
    for parameter in loaded.parameters or ():
        if "cache" in parameter.name or parameter.name == "ctx":
            cache = _Cache(function, parameter.name, offers, defined)
            found[parameter.name] = cache.filling(loaded)
        elif _is_dictionary(parameter):
            found[parameter.name] = _dictionary(function, parameter.name, offers, defined)
    if not found:
        raise CannotRun(f"{function} has no parameter `cache` and none such as `conv_param`")
    return {function: found}


def _is_dictionary(parameter: SignatureParameter) -> bool:
    return parameter.name.endswith(("param", "params", "config"))


def _definitions(source: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of a file, by their names with dots."""
    found = {}

    def look(body: list[ast.stmt], before: str) -> None:
        for statement in body:
            if isinstance(statement, ast.FunctionDef):
                found[before + statement.name] = statement
            elif isinstance(statement, ast.ClassDef):
                look(statement.body, f"{before}{statement.name}.")

    look(ast.parse(source).body, "")
    return found


@dataclass(frozen=True)
class _Cache:
    function: str
    parameter: str
    offers: Offers
    defined: Mapping[str, ast.FunctionDef]

    def filling(self, loaded: Loaded) -> Filling:
        """Of the file's own forward pass, or put together."""
        return self._run(loaded) or self._unpacked()

    def _run(self, loaded: Loaded) -> Filling | None:
        name = self._forward(loaded)
        parameters = loaded.functions[name] if name else None
        if name is None or parameters is None:
            return None
        settled = {
            p.name: _dictionary(name, p.name, self.offers, self.defined)
            for p in parameters
            if _is_dictionary(p)
        }
        try:
            call = call_of(name, parameters, self.offers, self.offers.inputs, settled)
        except CannotRun:
            return None
        taken = {a for s in call.sources for a in s.arrays}
        return made(call, -1) if taken >= {*self.offers.inputs} else None

    def _forward(self, loaded: Loaded) -> str | None:
        """``conv_forward_naive`` for ``conv_backward_naive``, else any ``conv_forward…``."""
        name = self.function.replace("backward", "forward")
        if name != self.function and name in loaded.functions:
            return name
        stem = self.function.partition("backward")[0] + "forward"
        return next((f for f in loaded.functions if f.startswith(stem)), None)

    def _unpacked(self) -> Filling:
        definition = self.defined.get(self.function)
        place = _unpacking(definition, self.parameter) if definition else None
        if place is None:
            raise CannotRun(
                f"{self.function} does not say into which names it unpacks `{self.parameter}`, and"
                " the file has no forward function of the matching name that takes the layer's"
                " tensors: say it in a recipe (--calls FILE.toml)"
            )
        names = [n for n in _names(place) if n]
        settled: dict[str, Filling] = {
            n: _dictionary(self.function, n, self.offers, self.defined)
            for n in names
            if n.endswith(("param", "params", "config"))
        }
        plain = [n for n in names if n not in settled]
        settled |= likeliest({n: self.offers.meanings(n) for n in plain}, self.offers)
        unknown = [n for n in names if n not in settled]
        if unknown:
            raise CannotRun(
                f"{self.function} unpacks `{self.parameter}` into {', '.join(names)}: nothing is"
                f" known that {' and '.join(unknown)} could be, and the file has no forward"
                " function of the matching name that takes the layer's tensors: say it in a recipe"
                " (--calls FILE.toml)"
            )
        used = {a for f in settled.values() for a in f.arrays}
        left = iter([t for t in self.offers.inputs if t not in used])

        def put(place: object) -> Filling:
            if isinstance(place, list):
                return bundle([put(inner) for inner in place])
            tensor = next(left, None) if not place else None
            if tensor is not None:
                return Tensor(tensor, tensor)
            return settled[str(place)] if place else Numbers("None", (None,))

        return put(place)


def _names(place: object) -> Iterator[str]:
    if isinstance(place, list):
        for inner in place:
            yield from _names(inner)
    else:
        yield str(place)


def _unpacking(definition: ast.FunctionDef, cache: str) -> object:
    """The names in ``x, w, _ = cache``, ``dx, x = None, cache`` and ``x = cache[0]``."""
    at: dict[int, str] = {}
    for node in ast.walk(definition):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        for target, value in _pairs(node.targets[0], node.value):
            if isinstance(value, ast.Name) and value.id == cache:
                return _place(target)
            match value, target:
                case ast.Subscript(ast.Name(id), ast.Constant(int(index))), ast.Name(name):
                    if id == cache:
                        at[index] = name
    return [at.get(i, "") for i in range(max(at) + 1)] if at else None


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def _place(target: ast.expr) -> object:
    if isinstance(target, ast.Tuple | ast.List):
        return [_place(inner) for inner in target.elts]
    name = target.id if isinstance(target, ast.Name) else ""
    return "" if not name.strip("_") else name


def _dictionary(
    function: str, name: str, offers: Offers, defined: Mapping[str, ast.FunctionDef]
) -> Filling:
    """``{"stride": s, "pad": p}``: the keys that the function reads, as far as they are known."""
    definition = defined.get(function)
    needed, optional = _keys(definition, name) if definition else ((), ())
    keys = dict.fromkeys((*needed, *optional)) if needed or optional else _KEYS
    found = {key: filling for key in keys if (filling := _entry(key, offers)) is not None}
    if missing := [key for key in needed if key not in found]:
        raise CannotRun(
            f"{function} reads {name}[{missing[0]!r}]: nothing is known that this could be; say it"
            " in a recipe (--calls FILE.toml)"
        )
    return bundle(list(found.values()), list(found))


def _entry(key: str, offers: Offers) -> Filling | None:
    if key in _WORDS:
        return Numbers(repr(_WORDS[key]), (_WORDS[key],))
    return offers.find(key)


def _keys(definition: ast.FunctionDef, name: str) -> tuple[list[str], list[str]]:
    """The keys that are read as ``param["stride"]``, and as ``param.get("eps", …)``."""
    needed, optional = [], []
    for node in ast.walk(definition):
        match node:
            case ast.Subscript(ast.Name(id), ast.Constant(str(key)), ast.Load()) if id == name:
                needed.append(key)
            case ast.Call(ast.Attribute(ast.Name(id)), [ast.Constant(str(key)), *_]) if id == name:
                optional.append(key)
    return needed, optional
