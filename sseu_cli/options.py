"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sseu_cli.command import Option
from sseu_metric.normalisers import DEFAULT_NORMALISER, NORMALISERS, OTHER_LANGUAGES
from sseu_metric.suggestions import did_you_mean

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)
"""No check here: the packages say what a folder lacks, and which command makes it."""


class OneOf(click.Choice[str]):
    """A choice that says what was probably meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Click's message, with the nearest choice."""
        message = super().get_invalid_choice_message(value, ctx)
        return message.removesuffix(".") + (did_you_mean(value, self.choices) or ".")


def words_of(text: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(word.strip() for word in text.split(","))


def numbers_of(text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise click.BadParameter(f"{text!r}: numbers with commas between them are needed") from None


def setting_of(text: str) -> tuple[str, Any]:
    """`NAME=VALUE`; a value that is JSON is read as such."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r}: NAME=VALUE is needed")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def shard_of(text: str) -> tuple[int, int]:
    """`I/N`."""
    number, _, total = text.partition("/")
    if not (number.isdecimal() and total.isdecimal()):
        raise click.BadParameter(f"{text!r}: I/N is needed, such as 1/4")
    return int(number), int(total)


def prices_of(text: str) -> tuple[float, float, float]:
    """`TEXT,AUDIO,OUT`, each finite and not negative."""
    try:
        prices = tuple(map(float, text.split(",")))
    except ValueError:
        prices = ()
    if len(prices) != 3 or not all(0 <= price < math.inf for price in prices):
        raise click.BadParameter(
            f"{text!r}: TEXT,AUDIO,OUT in USD per million tokens is needed (text, audio, text out), 0 or more each"
        )
    return prices


def price_of(text: str) -> float:
    """USD, finite and not negative."""
    try:
        price = float(text)
    except ValueError:
        price = math.nan
    if not 0 <= price < math.inf:
        raise click.BadParameter(f"{text!r}: USD per hour of one GPU is needed, 0 or more, such as 2.50")
    return price


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option; `section` puts it under a title of its own."""
    return click.option(*names, cls=Option, **settings)


def corpora_options(function: F) -> F:
    """`--vctk`, `--desed`, `--maestro`."""
    for name, corpus in (("maestro", "MAESTRO-Real"), ("desed", "DESED"), ("vctk", "VCTK")):
        function = option(f"--{name}", type=FOLDER, metavar="DIR", help=f"Where {corpus} was unpacked.")(function)
    return function


def table_options(section: str = "Options") -> Callable[[F], F]:
    """`--speech`, `--background`."""

    def decorate(function: F) -> F:
        for name, replaced in (("background", "DESED and MAESTRO-Real"), ("speech", "VCTK")):
            words = f"Table of other {name}{'s' * (name == 'background')}, in place of {replaced}."
            function = option(f"--{name}", type=FOLDER, metavar="TABLE", section=section, help=words)(function)
        return function

    return decorate


threads_option = option(
    "--workers", type=int, metavar="N", help="Threads (default: the cores of the machine; changes no sample)."
)
data_option = option("--data", metavar="DIR|REPO", help="Dataset folder or Hub repository.")


def _scoring_options(embedder_default: str, normalizer_default: str) -> tuple[Callable[[F], F], Callable[[F], F]]:
    """`--embedder` and `--normalizer`."""
    return (
        option(
            "--embedder",
            metavar="NAME",
            help="Text embedder for scene and events: default, paper, exact, openai:MODEL or "
            f"sentence-transformers:ID_OR_FOLDER[@REVISION]{embedder_default}.",
        ),
        option(
            "--normalizer",
            type=OneOf(NORMALISERS),
            help=f"Normaliser of transcripts (default: {normalizer_default}).",
        ),
    )


embedder_option, normalizer_option = _scoring_options("", DEFAULT_NORMALISER)
_, run_normalizer_option = _scoring_options(
    "", f"that of the dataset's language: {DEFAULT_NORMALISER} for English, else {OTHER_LANGUAGES}"
)
rescoring_embedder_option, rescoring_normalizer_option = _scoring_options(
    " (default: as scored before)", "as scored before"
)
edition_option = option(
    "--edition", type=FOLDER, metavar="FILE", help="Of the dataset of an edition: its .edition.json (docs/editions.md)."
)
dry_run_option = option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
private_option = option("--private", is_flag=True, help="Into a private repository.")
allow_custom_option = option(
    "--allow-custom", is_flag=True, help="Builds other than the benchmark; only with a Hub on this machine."
)
