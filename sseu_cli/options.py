"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from sseu_cli.help_pages import Option

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)
"""No check here: the packages say what a folder lacks, and which command makes it."""


class Parsed(click.ParamType[Any]):
    """The value of an option, read by a function that raises `ValueError`."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read text; what is no text was read before."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class OneOf(click.Choice[str]):
    """A choice that says what was probably meant."""

    def fail(self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None) -> NoReturn:
        """Refuse the value with the nearest choice."""
        word = message.partition("'")[2].partition("'")[0]
        near = get_close_matches(word, self.choices, 1)
        super().fail(message + (f" Did you mean {near[0]!r}?" if near else ""), param, ctx)


def words_of(text: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(text.split(","))


def numbers_of(text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{text!r}: numbers with commas between them are needed") from None


def setting_of(text: str) -> tuple[str, Any]:
    """`NAME=VALUE`; a value that is JSON is read as such."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"{text!r}: NAME=VALUE is needed")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def shard_of(text: str) -> tuple[int, int]:
    """`I/N`."""
    number, _, total = text.partition("/")
    if not (number.isdecimal() and total.isdecimal()):
        raise ValueError(f"{text!r}: I/N is needed, such as 1/4")
    return int(number), int(total)


def prices_of(text: str) -> tuple[float, float]:
    """`IN,OUT`, each finite and not negative."""
    into, _, out = text.partition(",")
    try:
        prices = float(into), float(out)
    except ValueError:
        prices = (math.nan, math.nan)
    if not all(0 <= price < math.inf for price in prices):
        raise ValueError(f"{text!r}: IN,OUT in USD per million tokens is needed, 0 or more each")
    return prices


WORDS = Parsed("words", words_of)
NUMBERS = Parsed("numbers", numbers_of)
SETTING = Parsed("setting", setting_of)
SHARD = Parsed("shard", shard_of)
PRICES = Parsed("prices", prices_of)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option; `section` puts it under a title of its own."""
    return click.option(*names, cls=Option, **settings)


def all_of(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, in this order on the help page."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


corpora_options = all_of(
    *(
        option(f"--{name}", type=FOLDER, metavar="DIR", help=f"Where {corpus} was unpacked.")
        for name, corpus in (("vctk", "VCTK"), ("desed", "DESED"), ("maestro", "MAESTRO-Real"))
    )
)
threads_option = option(
    "--workers", type=int, metavar="N", help="Threads (default: the cores of the machine; changes no sample)."
)
data_option = option("--data", metavar="DIR|REPO", help="Dataset folder or Hub repository.")
embedder_option = option(
    "--embedder",
    metavar="NAME",
    help="Text embedder for scene and events: default, paper, exact, openai:MODEL or "
    "sentence-transformers:ID_OR_FOLDER[@REVISION].",
)
dry_run_option = option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
private_option = option("--private", is_flag=True, help="Into a private repository.")
allow_custom_option = option(
    "--allow-custom", is_flag=True, help="Builds other than the benchmark; only with a Hub on this machine."
)


def normalizer_option(function: F) -> F:
    """`--normalizer`."""
    from sseu_metric.normalisers import DEFAULT_NORMALISER, NORMALISERS

    text = f"Normaliser of transcripts (default: {DEFAULT_NORMALISER})."
    return option("--normalizer", type=OneOf(NORMALISERS), help=text)(function)
