"""A network as text: a line a layer, read and never evaluated.

::

    input 3x32x32
    conv(kernel_size=3, padding=1) O=16
    relu
    add:
        path:
            batchnorm
            relu
            conv(kernel_size=3, padding=1) O=16
        path:
    head = linear O=10
    scale frozen O=4:
        scale(x[N, I], a[I]): y[n, i] = a[i]*x[n, i]

A line is a word of the catalog with its options in parentheses, as in a composition, and the sizes
that its input leaves open; ``frozen`` ones are not learnt.  ``add:`` and ``concat:`` join paths, an
empty one of which is what flows in, unchanged; any other line with a colon holds a layer in index
notation.  A layer goes by the name before ``=``, else by its kind and number: conv1, conv2, ….
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import derive
from derive.composition.calls import read
from derive.language.definition import Layer

#: what joins paths, by the word of its block
JOINTS = ("add", "concat")
INDENT = "    "
_NAME = r"[^\W\d]\w*"
_HEAD = re.compile(rf"(?:({_NAME})\s*=\s*)?({_NAME})\s*(\(.*\))?\s*([^():]*)(:?)", re.DOTALL)
_SIZE = re.compile(rf"({_NAME})=([0-9]{{1,9}})")

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """A layer: a ``word`` of the catalog with options, or a ``typed`` one in index notation."""

    word: str
    options: tuple[tuple[str, Any], ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    name: str = ""
    frozen: bool = False
    typed: str = ""

    @property
    def text(self) -> str:
        """The line as it is read again."""
        named = f"{self.name} = " if self.name else ""
        options = ", ".join(f"{name}={_written(value)}" for name, value in self.options)
        words = [named + self.word + (f"({options})" if options else "")]
        words += ["frozen"] if self.frozen else []
        words += [f"{name}={size}" for name, size in self.sizes]
        return " ".join(words) + (":" if self.typed else "")


@dataclass(frozen=True)
class Joined:
    """Paths from one input, whose outputs are joined: by ``add`` or ``concat``."""

    joint: str
    paths: tuple[tuple[Line | Joined, ...], ...]
    name: str = ""


Node = Line | Joined
Nodes = tuple[Node, ...]


def residual(*layers: Any) -> Joined:
    """What flows in, with what these layers make of it added.

    Source: He, Zhang, Ren & Sun, Deep residual learning (2016).
    """
    return branches("add", layers, ())


def branches(joint: str, *paths: Sequence[Any]) -> Joined:
    """Lists of layers side by side, their outputs joined by ``add`` or ``concat`` (of channels)."""
    if joint not in JOINTS:
        raise ValueError(f"paths are joined by {' or '.join(JOINTS)}, not {joint!r}")
    if len(paths) < 2:
        raise ValueError(f"{joint} joins two paths or more, not {len(paths)}")
    return Joined(joint, tuple(map(nodes, paths)))


def nodes(items: Iterable[Any]) -> Nodes:
    """A list of layers as a person writes it: lines, ``derive`` layers, (either, open sizes).

    A string with a bracket in its first line is one layer in index notation; lines have none.
    """
    return tuple(chain.from_iterable(_nodes(item) for item in items))


def _nodes(item: Any) -> Nodes:
    match item:
        case str() if "[" in item.lstrip().partition("\n")[0]:
            return _nodes(derive.parse(item))
        case str():
            return _lines(item)
        case Layer():
            return (Line(_word(item), typed=item.text),)
        case Line() | Joined():
            return (item,)
        case (inner, sizes):
            (one,) = _nodes(inner)
            if not isinstance(one, Line):
                raise ValueError("paths that are joined have no sizes of their own")
            return (replace(one, sizes=(*one.sizes, *sizes.items())),)
    raise ValueError(
        f"a network is a list of lines, layers and joined paths; {item!r} is none of them"
    )


def _word(layer: Layer) -> str:
    return layer.name if re.fullmatch(_NAME, layer.name) and layer.name not in JOINTS else "layer"


# --- reading ----------------------------------------------------------------------------------


def parsed(text: str) -> tuple[Shape | None, Nodes]:
    """The shape of one input, if the first line says it, and the layers.

    ``ValueError`` names the line that cannot be read.
    """
    rows = [row.split("#")[0].rstrip() for row in text.splitlines()]
    start = next((n for n, row in enumerate(rows) if row.strip()), len(rows))
    first = rows[start].split() if start < len(rows) else []
    if first[:1] != ["input"]:
        return None, _lines(text)
    if len(first) != 2:
        raise ValueError(f"line {start + 1}: the input is written like input 3x32x32")
    return shape(first[1]), _lines("\n".join([*rows[:start], "", *rows[start + 1 :]]))


def shape(text: str) -> Shape:
    """``3x32x32`` → (3, 32, 32)."""
    sizes = text.replace("×", "x").split("x")
    if not all(re.fullmatch("[1-9][0-9]{0,6}", size) for size in sizes):
        raise ValueError(f"the shape of an input is written like 3x224x224, not {text!r}")
    return tuple(map(int, sizes))


def _lines(text: str) -> Nodes:
    rows = [
        (number, row.split("#")[0].rstrip().expandtabs(4))
        for number, row in enumerate(text.splitlines(), 1)
    ]
    return tuple(_block([(n, row) for n, row in rows if row.strip()]))


def _block(rows: Sequence[tuple[int, str]]) -> Iterator[Node]:
    """The layers of rows, those that stand further in belonging to the one before."""
    starts = [n for n, (_, row) in enumerate(rows) if _depth(row) <= _depth(rows[0][1])]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        number, row = rows[start]
        try:
            head, colon = _head(row.strip())
        except ValueError as error:
            raise ValueError(f"line {number} of the network: {error}") from None
        within = rows[start + 1 : end]
        if within and not colon:
            raise ValueError(
                f"line {within[0][0]} of the network: it stands further in than the line before,"
                " which does not end in ':'"
            )
        yield _built(number, head, within) if colon else head


def _depth(row: str) -> int:
    return len(row) - len(row.lstrip())


def _built(number: int, head: Line, within: Sequence[tuple[int, str]]) -> Node:
    """A block: paths, or a layer in index notation."""
    if head.word not in JOINTS:
        if not within:
            raise ValueError(f"line {number} of the network: {head.word}: holds no layer")
        least = min(_depth(row) for _, row in within)
        return replace(head, typed="\n".join(row[least:] for _, row in within))
    heads = [n for n, (_, row) in enumerate(within) if _depth(row) <= _depth(within[0][1])]
    paths = []
    for start, end in zip(heads, [*heads[1:], len(within)], strict=True):
        line, row = within[start]
        if row.strip() != "path:":
            raise ValueError(
                f"line {line} of the network: {head.word}: holds paths, each under a line 'path:'"
            )
        inside = within[start + 1 : end]
        paths.append(tuple(_block(inside)) if inside else ())
    if len(paths) < 2:
        raise ValueError(f"line {number} of the network: {head.word} joins two paths or more")
    return Joined(head.word, tuple(paths), head.name)


def _head(row: str) -> tuple[Line, str]:
    """A line alone, and its colon."""
    found = _HEAD.fullmatch(row)
    if found is None:
        raise ValueError(f"cannot read {row!r}; a line is written like conv(kernel_size=3) O=16")
    name, word, options, rest, colon = found.groups()
    sizes, frozen = [], False
    for item in rest.split():
        size = _SIZE.fullmatch(item)
        if item == "frozen":
            frozen = True
        elif size is None:
            raise ValueError(f"cannot read {item!r}: sizes are written like O=16")
        else:
            sizes.append((size[1], int(size[2])))
    given = _options(word, options) if options else ()
    return Line(word, given, tuple(sizes), name or "", frozen), colon


def _options(word: str, written: str) -> tuple[tuple[str, Any], ...]:
    """The options in parentheses, each with its value."""
    call = read(f"{word}(; {written[1:-1]})").call
    return tuple((option.name, _hashable(option.value)) for option in call.options)


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


# --- writing ----------------------------------------------------------------------------------


def text(made: Nodes, given: Shape | None = None) -> str:
    """The layers as text, with the shape of one input in the first line if it is given."""
    first = [f"input {'x'.join(map(str, given))}"] if given is not None else []
    return "\n".join([*first, *_written_lines(made)]) + "\n"


def _written_lines(made: Nodes) -> Iterator[str]:
    for node in made:
        if isinstance(node, Line):
            yield node.text
            yield from (INDENT + row for row in node.typed.splitlines() if row.strip())
            continue
        yield f"{node.name} = {node.joint}:" if node.name else f"{node.joint}:"
        for path in node.paths:
            yield f"{INDENT}path:"
            yield from (2 * INDENT + row for row in _written_lines(path))


def _written(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_written, value))})"
    return f'"{value}"' if isinstance(value, str) else str(value)
