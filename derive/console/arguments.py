"""From the words of a command line to a layer: catalog names, typed definitions, files.

Everything here raises ``OptionError`` or ``NotationError``, both of them ``ValueError``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from derive import catalog
from derive.catalog.options import OptionError

if TYPE_CHECKING:
    from pathlib import Path

    from derive.engine.record import Derivation
    from derive.language.definition import Layer

_WHOLE = r"[+-]?[0-9]{1,40}"


def layer_from(
    word: str, options: Mapping[str, Any], given: Sequence[str], others: Sequence[str] = ()
) -> Layer:
    """The layer that a word means: a name of the catalog, a FILE.layer, or a definition.

    ``options`` are those of a catalog layer, ``given`` the NAME=VALUE of a typed one; ``others``
    are words that may have been meant instead.
    """
    import derive  # local: start-up time

    options = {name: v for name, v in options.items() if v is not None}
    if word in catalog.names():
        if given:
            raise OptionError(
                "--set is for typed layers; a catalog layer has options of its own (--help)"
            )
        return derive.layer(word, **{k: value(v) for k, v in options.items()})
    text, file = text_of(word, others)
    from derive.composition.calls import is_composition  # local: start-up time

    composed = is_composition(text)
    if options:
        name = next(iter(options)).replace("_", "-")
        where = "write it into the definition, or use --set"
        if composed:
            where = f"write it into its parentheses: conv(x, k; {name}=…)"
        raise OptionError(f"--{name} is an option of catalog layers; {where}")
    settings = dict(_assignment(item) for item in given)
    if composed and settings:
        raise OptionError(
            "--set is for typed layers; options stand in parentheses: conv(x, k; stride=2)"
        )
    try:
        return derive.compose(text) if composed else derive.parse(text, **settings)
    except ValueError as error:
        if file is None:
            raise
        raise OptionError(f"in {str(file)!r}: {error}") from None


def derivations(layer: Layer, wrt: str | None) -> Iterator[Derivation]:
    """One gradient a name; names joined by a comma are differentiated by one after the other."""
    import derive  # local: start-up time

    if wrt is None:
        names = [t.name for t in layer.tensors if not t.integer]
        for name in (*names[1:], *names[:1]):
            yield derive.gradient(layer, name)
        return
    for name in wrt.split(","):
        derivation = derive.gradient(layer, name.strip())
        yield derivation
        layer = derivation.layer


def text_of(word: str, others: Sequence[str]) -> tuple[str, Path | None]:
    """The definition that is typed, or that a file holds, and the file."""
    from pathlib import Path  # local: start-up time

    path = Path(word)
    typed = any(mark in word for mark in "=[(")
    named = path.suffix == ".layer" or (not typed and (path.suffix or len(path.parts) > 1))
    if named or (len(word) < 200 and path.is_file()):
        try:
            return path.read_text(encoding="utf-8-sig"), path
        except OSError as error:
            raise OptionError(f"cannot read {word!r}: {error.strerror}") from None
        except UnicodeDecodeError as error:
            reason = f"it is not written in UTF-8 ({error.reason})"
            raise OptionError(f"cannot read {word!r}: {reason}") from None
    if typed:
        return word, None
    if len(word) < 200 and word.strip() and path.is_dir():
        raise OptionError(f"{word!r} is a folder; name a file in it that holds a definition")
    from derive.catalog.elsewhere import advice  # local: start-up time

    raise OptionError(
        f"there is no layer {word!r}{advice(word, [*catalog.names(), *others])}\n"
        'See `derive list`, or type one: derive "y[i] = sum[j] A[i,j]*x[j]" --show'
    )


def _assignment(item: str) -> tuple[str, int | str]:
    name, equals, written = item.partition("=")
    if not equals or not name or not written:
        raise OptionError(f"--set takes NAME=VALUE, not {item!r}")
    return name, _number(written)


def integers(written: str) -> dict[str, int]:
    """``N=16,H=32`` → {"N": 16, "H": 32}."""
    made = {}
    for item in written.split(","):
        name, equals, number = (part.strip() for part in item.partition("="))
        if not (name and equals and re.fullmatch(_WHOLE, number) and int(number) >= 0):
            raise OptionError(f"--at takes NAME=NUMBER,NAME=NUMBER,…, not {item!r} in it")
        made[name] = int(number)
    return made


def value(written: Any) -> Any:
    """``2`` → 2, ``s`` → "s", ``2,1`` → [2, 1], ``1:2,0:0`` → [(1, 2), (0, 0)]."""
    if not isinstance(written, str):
        return written
    parts: list[Any] = [
        tuple(_number(p) for p in part.split(":")) if ":" in part else _number(part)
        for part in written.split(",")
    ]
    return parts if len(parts) > 1 or isinstance(parts[0], tuple) else parts[0]


def _number(text: str) -> int | str:
    text = text.strip()
    return int(text) if re.fullmatch(_WHOLE, text) else text
