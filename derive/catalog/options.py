"""What the options of catalog layers may be given as, and what is said of anything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from derive.plugins import meant

#: what a hyperparameter may be given as: a number, a symbol's name, or one of either per axis
Value = int | str | Sequence[int | str]

#: what names of a layer's text stand for: a number, or another name
Settings = Mapping[str, int | str]

_WORD = r"[A-Za-z]\w*"
_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"

#: a number from here on has more digits than the notation reads
TOO_LARGE = 10**40


class OptionError(ValueError):
    """An unknown layer, an option the layer does not have, or a value it cannot take."""


class Definition(NamedTuple):
    """Notation text, and what each option says the names in it stand for.

    ``hyperparameters`` are declared in the header, ``sizes`` are lengths of axes that an option
    fixes or renames; both map an option to its names.
    """

    template: str
    hyperparameters: Mapping[str, Settings] = {}
    sizes: Mapping[str, Settings] = {}

    @property
    def text(self) -> str:
        """The text with the sizes that were given."""
        given = _together(self.sizes)
        return re.sub(_WORD, lambda word: str(given.get(word[0], word[0])), self.template)

    @property
    def values(self) -> dict[str, int | str]:
        """What the hyperparameters of the text are replaced by."""
        return _together(self.hyperparameters)

    def check_names(self) -> None:
        """Refuse a symbol whose name already means something else in the layer.

        One name may stand for the same option along several axes, and for nothing else: otherwise
        two hyperparameters, or a hyperparameter and a size, would silently become one.
        """
        words = set(re.findall(_WORD, self.template))
        option_of: dict[str, str] = {}
        for option, settings in (*self.hyperparameters.items(), *self.sizes.items()):
            symbols = dict.fromkeys(v for v in settings.values() if isinstance(v, str))
            for taken in (v for v in symbols if v in words.difference(settings)):
                usual = next(iter(settings)).rstrip("0123456789")
                raise OptionError(
                    f"{option} cannot be called {taken!r}: that name has a meaning of its own"
                    f" in this layer; its usual name is {usual!r}"
                )
            for shared in (v for v in symbols if v in option_of):
                raise OptionError(
                    f"{option_of[shared]} and {option} cannot both be called {shared!r}:"
                    " choose another name for one of them"
                )
            option_of |= dict.fromkeys(symbols, option)


def _together(options: Mapping[str, Settings]) -> dict[str, int | str]:
    return {name: value for settings in options.values() for name, value in settings.items()}


def declared(hyperparameters: Mapping[str, Settings], defaults: Mapping[str, int]) -> str:
    """The header's hyperparameters, ``s1=1 >= 1, p1=0 >= 0``, each option's with its default.

    The smallest value is written because a kernel size in a padding would else be allowed to be 0.
    """
    return ", ".join(
        f"{name}={defaults[option]} >= {min(defaults[option], 1)}"
        for option, settings in hyperparameters.items()
        for name in settings
    )


def one(option: str, value: object, minimum: int) -> int | str:
    """A single value: an integer that is not below the minimum, or a name that stays symbolic."""
    if isinstance(value, str):
        return _name(option, value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise OptionError(f"{option} must be a whole number or a name, not {value!r}")
    if value < minimum:
        raise OptionError(f"{option} must be at least {minimum}, not {value}")
    if value >= TOO_LARGE:
        raise OptionError(f"{option} is too large: numbers have at most 40 digits")
    return value


def real(option: str, value: object, least: float | None = None) -> str:
    """A real hyperparameter as a header declares it: ``eps=1e-05`` with its default, or a name.

    ``option`` is the hyperparameter's name; ``alpha real`` where it is to stay symbolic.
    """
    if isinstance(value, str) and not re.fullmatch(_NUMBER, value):
        return f"{_name(option, value)} real"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise OptionError(f"{option} must be a number or a name, not {value!r}")
    number = float(value)
    if not abs(number) < TOO_LARGE:
        raise OptionError(f"{option} must be a finite number, not {value!r}")
    if least is not None and number < least:
        raise OptionError(f"{option} must be at least {least:g}, not {value}")
    return f"{option}={number!r}"


def name_of(declared: str) -> str:
    """The name that a header declares: ``eps`` of ``eps=1e-05`` and of ``eps real``."""
    return re.split("[= ]", declared)[0]


def word(option: str, value: object, known: Sequence[str]) -> str:
    """One of the words that an option knows."""
    if isinstance(value, str) and value in known:
        return value
    near = meant(value, known) if isinstance(value, str) else ""
    raise OptionError(f"{option} must be one of {', '.join(known)}, not {value!r}{near}")


def _name(option: str, text: str) -> str:
    # imported late: listing the catalog needs no parser
    from derive.language.notation.limits import RESERVED, WORDS  # local: start-up time
    from derive.language.notation.names import is_name

    if text.lower() in RESERVED or text in WORDS:
        raise OptionError(f"{option} cannot be called {text!r}, which is a word of the notation")
    if not is_name(text):
        raise OptionError(
            f"{option} must be a whole number or a name, not {text!r};"
            " a name is made of letters, digits, _ and ', and starts with a letter"
        )
    return text


def per_axis(option: str, value: object, dims: int, minimum: int) -> list[int | str]:
    """One value an axis: a single one is repeated, a list or tuple must have one for each axis."""
    if not isinstance(value, list | tuple):
        return [one(option, value, minimum)] * dims
    if len(value) != dims:
        raise OptionError(f"{option} has {len(value)} values for {dims} axes; give one or {dims}")
    return [one(option, v, minimum) for v in value]
