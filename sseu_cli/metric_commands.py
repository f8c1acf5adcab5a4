"""`sseu metric score`, `read`, `match`, `compare`, `install`: the metric on files of answers and for `evaluate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from sseu_cli import options
from sseu_cli.command import Group
from sseu_cli.options import FOLDER, option
from sseu_metric.normalisers import DEFAULT_NORMALISER
from sseu_metric.tasks import CONFIGURATIONS

_TASKS = options.OneOf(CONFIGURATIONS)
_config_option = option("--config", "configuration", type=_TASKS, default="joint", help="Tasks to score (joint: all).")
_json_option = option("--json", "as_json", is_flag=True, help="Print everything, as JSON.")


@click.group(cls=Group)
def metric() -> None:
    """Score files of answers; look up names; make evaluate.load("sseu") work."""


@metric.command(
    examples="""
a file with one {"prediction": ..., "reference": ...} in each line
  sseu metric score answers.jsonl
predictions and references in two files, events alone, with the paper's embedder, for a program
  sseu metric score --predictions p.jsonl --references r.jsonl --config at --embedder paper --json
""",
)
@click.argument("file", type=FOLDER, required=False)
@option("--predictions", type=FOLDER, metavar="FILE", help="JSON Lines, a prediction in each.")
@option("--references", type=FOLDER, metavar="FILE", help="JSON Lines, a reference in each.")
@option("--no-intervals", "intervals", is_flag=True, default=True, flag_value=False, help="Scores alone, faster.")
@_config_option
@options.embedder_option
@options.normalizer_option
@_json_option
def score(file: Path | None, normalizer: str | None, as_json: bool, **settings: Any) -> None:
    """Score a file of answers: WER, mACC and mAP with intervals.

    A prediction is {"transcript": "...", "scene": "...", "events": ["...", ...]}, or the model's raw answer (a
    string), or null for an answer that never came; a classifier gives "scene_scores" (6 numbers) and "event_scores"
    (18) instead. A reference has the same first three keys, or is a row of the dataset.
    """
    from sseu_metric.answer_files import score_file
    from sseu_metric.result_tables import describe

    found = score_file(file, normalizer=normalizer or DEFAULT_NORMALISER, **settings)
    click.echo(json.dumps(found, indent=2, allow_nan=False) if as_json else describe(found))


@metric.command(
    examples="""
  sseu metric read "Transcript: hello. Scene: In a kitchen. Events: only speech"
one task, from a file or from another program
  sseu metric read --mode at --file answer.txt
  sseu metric read --mode at -- "- Dog"
  echo "I hear a dog" | sseu metric read --mode at --file -
""",
)
@click.argument("text", required=False)
@option("--file", type=FOLDER, metavar="FILE", help="Read the answer from it (-: standard input).")
@option(
    "--mode", type=options.OneOf(["asr", "asc", "at", "joint", "cot"]), default="joint", help="What was asked (joint)."
)
def read(text: str | None, file: Path | None, mode: Any) -> None:
    """Show what is read of a model's answer, by which rule, and why.

    TEXT is the answer; - reads it from standard input, and -- stands before one that begins with a dash. Shown as "-":
    nothing is read; as "(none)": the model says that there is none. The rules are on the documentation's page about
    answers.
    """
    from sseu_metric.answer_account import account

    if (text is None) == (file is None):
        raise click.UsageError("give the answer either as TEXT or with --file")
    if file is not None or text == "-":
        text = _text_of(file or Path("-"))
    click.echo(account(text or "", mode))


def _text_of(file: Path) -> str:
    """The text of a file, or of standard input for `-`."""
    source = "standard input" if str(file) == "-" else str(file)
    if str(file) == "-" and sys.stdin is None:
        raise ValueError("standard input is closed; give the answer as TEXT or name a file with --file")
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} of {len(raw)} (0x{raw[error.start]:02x})"
        raise ValueError(f"{source}: {place} is not UTF-8 text; save the answer as UTF-8") from None


@metric.command(
    examples="""
  sseu metric compare a.jsonl b.jsonl
""",
)
@click.argument("a", type=FOLDER, metavar="A.jsonl")
@click.argument("b", type=FOLDER, metavar="B.jsonl")
@_config_option
@options.embedder_option
@options.normalizer_option
@_json_option
def compare(a: Path, b: Path, normalizer: str | None, as_json: bool, **settings: Any) -> None:
    """Tell whether system A is better than system B on the same clips."""
    from dataclasses import asdict

    from sseu_metric.answer_files import compare_files
    from sseu_metric.result_tables import describe_comparison

    found = compare_files(a, b, normalizer=normalizer or DEFAULT_NORMALISER, **settings)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2, allow_nan=False))
    else:
        click.echo(describe_comparison(found, str(a), str(b)))


@metric.command(
    examples="""
  sseu metric match "a kettle boiling"
""",
)
@click.argument("text")
@options.embedder_option
def match(text: str, embedder: str | None) -> None:
    """Say what a name means, by the table of names and by the text embedder.

    Scores are through the embedder; the table of names says how much of them is matching names with labels.
    """
    from sseu_metric.embedders import make_embedder
    from sseu_metric.result_tables import describe_match

    if not text.strip():
        raise ValueError("the name is blank; give the name of a scene or of a sound")
    click.echo(describe_match(text, make_embedder(embedder)))


@metric.command(
    examples="""
  sseu metric install
  sseu metric install --remove
""",
)
@option("--remove", is_flag=True, help="Undo it.")
def install(remove: bool) -> None:
    """Make evaluate.load("sseu") work in every folder, offline."""
    from sseu_metric import install as module

    if remove:
        folder = module.module_folder()
        click.echo(f"removed {folder}" if module.remove() else f"not installed: {folder} does not exist")
        return
    click.echo(f'evaluate.load("sseu") now takes {module.install()}')
    click.echo("HF_EVALUATE_OFFLINE=1 spares evaluate the question to the Hub, which has no module of that bare name")
