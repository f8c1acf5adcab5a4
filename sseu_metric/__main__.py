"""Score answers from the shell: `python -m sseu_metric --help`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
NAMES = {"wer": "WER", "wer_capped": "WER capped", "macc": "mACC", "map": "mAP"}
FLOORS = ("no answer", "majority scene")

EXAMPLES = """\
examples:
  score a file with one {"prediction": ..., "reference": ...} in each line
    python -m sseu_metric score answers.jsonl
  the same with predictions and references in two files, events alone, with the paper's embedder, for a program
    python -m sseu_metric score --predictions p.jsonl --references r.jsonl --config at --embedder paper --json
  is system A better than system B on the same clips?
    python -m sseu_metric compare a.jsonl b.jsonl
  make evaluate.load("sseu") work in every folder; undo it
    python -m sseu_metric install
    python -m sseu_metric install --remove

A prediction is {"transcript": "...", "scene": "...", "events": ["...", ...]}, or the model's raw answer as a string, or
null for an answer that never came; a classifier gives "scene_scores" (6 numbers) and "event_scores" (18) instead.
A reference has the same first three keys, or is a row of the dataset.

exit codes: 0 done; 1 it failed (no embedding model, disk full, no permission); 2 wrong arguments or files;
130 interrupted
"""


@dataclass(frozen=True)
class Answers:
    """The encoded rows of a file.

    Attributes:
        source: Name of the file, or of both.
        predictions: JSON text, see `inputs`.
        references: JSON text.
        lines: Number of each row's line, from 1.
    """

    source: str
    predictions: list[str]
    references: list[str]
    lines: list[int]

    def place(self, error: ValueError) -> str:
        """The message of an error, with the line of the row it names."""
        named = re.match(r"(?:prediction|reference) (\d+)\b", str(error))
        at = f" line {self.lines[int(named[1])]}" if named and int(named[1]) < len(self.lines) else ""
        return f"{self.source}{at}: {error}"


def read_lines(path: Path) -> list[tuple[int, Any]]:
    """The values of a JSON Lines file with the numbers of their lines; blank lines are skipped.

    Raises:
        ValueError: The file cannot be read, or a line is not JSON.
    """
    found = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    found.append((number, _parse(line, f"{path} line {number}")))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    if not found:
        raise ValueError(f"{path}: no lines")
    return found


def _parse(line: bytes, place: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place}: not JSON ({error})") from None


def read_answers(path: Path | None, predictions: Path | None = None, references: Path | None = None) -> Answers:
    """Read one file of answers, or predictions and references apart.

    Raises:
        ValueError: Neither or both ways are given, a line is broken, or the two files have unequal numbers of lines.
    """
    if path is not None and predictions is None and references is None:
        rows = read_lines(path)
        for number, row in rows:
            for key in ("prediction", "reference"):
                if not isinstance(row, dict) or key not in row:
                    raise ValueError(f'{path} line {number}: an object with "prediction" and "reference" is needed')
        lines = [number for number, _ in rows]
        given = [row["prediction"] for _, row in rows], [row["reference"] for _, row in rows]
        return _encode(str(path), *given, lines)
    if path is None and predictions is not None and references is not None:
        first, second = read_lines(predictions), read_lines(references)
        if len(first) != len(second):
            raise ValueError(f"{predictions} has {len(first)} lines, {references} has {len(second)}")
        lines = [number for number, _ in first]
        return _encode(f"{predictions}, {references}", [row for _, row in first], [row for _, row in second], lines)
    raise ValueError("give FILE, or both --predictions and --references")


def _encode(source: str, predictions: list[Any], references: list[Any], lines: list[int]) -> Answers:
    from .encoding import encode_predictions, encode_references

    answers = Answers(source, [], [], lines)
    try:
        answers.predictions.extend(encode_predictions(predictions))
        answers.references.extend(encode_references(references))
    except ValueError as error:
        raise ValueError(answers.place(error)) from None
    return answers


def score_answers(answers: Answers, configuration: str, embedder: str | None, normalizer: str) -> Any:
    """`Scores` of a file; a fault is named by its line."""
    from .encoding import score_encoded

    try:
        return score_encoded(
            answers.predictions, answers.references, configuration, embedder=embedder, normalizer=normalizer
        )
    except ValueError as error:
        raise ValueError(answers.place(error)) from None


def floors(answers: Answers, configuration: str) -> dict[str, dict[str, float]]:
    """What `no answer` and `majority scene` score on the same references; neither depends on the embedder."""
    from .controls import CONTROLS
    from .encoding import tasks_of
    from .scoring import score
    from .tasks import METRICS

    references = [json.loads(reference) for reference in answers.references]
    found = {}
    for name in FLOORS:
        scores = score(CONTROLS[name](references), references, tasks=tasks_of(configuration), embedder="exact")
        found[name] = {metric: value for metric in METRICS if (value := scores.value(metric)) is not None}
    return found


def score(arguments: argparse.Namespace) -> int:
    """Score a file."""
    from .summary import summarise

    answers = read_answers(arguments.file, arguments.predictions, arguments.references)
    scores = score_answers(answers, arguments.config, arguments.embedder, arguments.normalizer)
    found = summarise(scores, resamples=arguments.resamples) | {"floors": floors(answers, arguments.config)}
    print(json.dumps(found, indent=2, allow_nan=False) if arguments.json else describe(found))
    return DONE


def describe(found: Mapping[str, Any]) -> str:
    """A result as a table, with what must stand beside it."""
    metrics = [name for name in NAMES if name in found]
    head = ["percent", "score", "95 % interval", *FLOORS]
    rows = [
        [
            NAMES[name],
            f"{found[name]:.2f}",
            _interval(found, name, "all"),
            *(f"{found['floors'][floor][name]:.2f}" for floor in FLOORS),
        ]
        for name in metrics
    ]
    text = [_table([head, *rows])]
    if found["by_condition"]:
        conditions = [
            [condition, *(f"{figures[name]:.2f}" if name in figures else "-" for name in metrics)]
            for condition, figures in found["by_condition"].items()
        ]
        text.append(_table([["SNR (dB)", *(NAMES[name] for name in metrics)], *conditions]))
    notes = [
        f"{task}: {counts['answers']} answers: "
        + ", ".join(f"{number} {status}" for status, number in counts.items() if status != "answers")
        for task, counts in found["counts"].items()
    ]
    if not found["complete"]:
        notes.append("incomplete: answers that never came (missing) count as empty ones")
    notes += [f"no reference, left out: {', '.join(names)}" for names in found["left_out"].values() if names]
    if found.get("resampled_by"):
        resampled = dict.fromkeys(found["resampled_by"].values())
        notes.append(f"intervals resample: {', '.join(resampled)}")
    embedder = found["embedder"]
    notes.append(f"embedder: {embedder['id']} {embedder['revision'] or ''}".rstrip() if embedder else "embedder: none")
    notes.append(f"normalizer: {found['normalizer'] or 'none'}")
    return "\n\n".join([*text, "\n".join(notes)])


def _interval(found: Mapping[str, Any], name: str, key: str) -> str:
    interval = found.get("intervals", {}).get(name, {}).get(key)
    return f"{interval['low']:.2f} to {interval['high']:.2f}" if interval else "-"


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in ([*zip(row, widths, strict=True)] for row in rows)
    )


def compare(arguments: argparse.Namespace) -> int:
    """Compare two files on the same references."""
    from .significance import compare as compare_scores
    from .tasks import METRICS

    first, second = (_with_ids(read_answers(path)) for path in (arguments.a, arguments.b))
    if sorted(first.references) != sorted(second.references):
        odd = sorted(set(first.references) ^ set(second.references))
        raise ValueError(f"{arguments.a} and {arguments.b} are not about the same clips: {odd[0]:.200}")
    a, b = (
        score_answers(answers, arguments.config, arguments.embedder, arguments.normalizer)
        for answers in (first, second)
    )
    found = [compare_scores(a, b, metric) for metric in METRICS if a.value(metric) is not None]
    if arguments.json:
        print(json.dumps([asdict(comparison) for comparison in found], indent=2, allow_nan=False))
        return DONE
    head = ["percentage points", "A", "B", "A - B", "95 % interval", "p"]
    rows = [
        [
            NAMES[one.metric],
            f"{a.value(one.metric):.2f}",
            f"{b.value(one.metric):.2f}",
            f"{one.difference:+.2f}",
            f"{one.interval.low:+.2f} to {one.interval.high:+.2f}",
            f"{one.p:.4f}",
        ]
        for one in found
    ]
    print(f"A: {arguments.a}\nB: {arguments.b}\n\n{_table([head, *rows])}\n")
    print(f"p: two-sided cluster sign-flip test, {found[0].draws} draws, not corrected for the number of metrics")
    return DONE


def _with_ids(answers: Answers) -> Answers:
    """The answers with the line's number as id where a reference has none, so that equal lines make a pair."""
    references = [json.loads(reference) for reference in answers.references]
    named = [
        json.dumps(row if row.get("id") else {"id": f"line {line}"} | {key: row[key] for key in row if key != "id"})
        for row, line in zip(references, answers.lines, strict=True)
    ]
    return Answers(answers.source, answers.predictions, named, answers.lines)


def install(arguments: argparse.Namespace) -> int:
    """Make `evaluate.load("sseu")` work, or undo it."""
    from .install import install as install_metric
    from .install import module_folder, remove

    if arguments.remove:
        print(f"removed {module_folder()}" if remove() else f"not installed: {module_folder()} does not exist")
        return DONE
    print(f'evaluate.load("sseu") now takes {install_metric()}')
    print("HF_EVALUATE_OFFLINE=1 spares evaluate the question to the Hub, which has no module of that bare name")
    return DONE


def parser() -> argparse.ArgumentParser:
    """The command line."""
    from .encoding import CONFIGURATIONS
    from .intervals import RESAMPLES
    from .normalisers import DEFAULT_NORMALISER, NORMALISERS

    whole = argparse.ArgumentParser(
        prog="python -m sseu_metric",
        description="Score answers to SSEU-Bench: WER, mACC and mAP with intervals.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", choices=tuple(CONFIGURATIONS), default="joint", help="tasks to score (joint: all)")
    shared.add_argument(
        "--embedder",
        metavar="NAME",
        help="default, paper, exact, openai:MODEL or sentence-transformers:ID_OR_FOLDER[@REVISION]",
    )
    shared.add_argument("--normalizer", choices=NORMALISERS, default=DEFAULT_NORMALISER, help="of transcripts")
    shared.add_argument("--json", action="store_true", help="print everything, as JSON")

    one = commands.add_parser("score", parents=[shared], help="score a file of answers")
    one.add_argument("file", nargs="?", type=Path, metavar="FILE", help="JSON Lines with prediction and reference")
    one.add_argument("--predictions", type=Path, metavar="FILE", help="JSON Lines, a prediction in each")
    one.add_argument("--references", type=Path, metavar="FILE", help="JSON Lines, a reference in each")
    one.add_argument(
        "--resamples", type=_count, default=RESAMPLES, metavar="N", help=f"for the intervals ({RESAMPLES}; 0: none)"
    )
    one.set_defaults(action=score)

    two = commands.add_parser("compare", parents=[shared], help="the difference of two systems on the same clips")
    two.add_argument("a", type=Path, metavar="A.jsonl")
    two.add_argument("b", type=Path, metavar="B.jsonl")
    two.set_defaults(action=compare)

    three = commands.add_parser("install", help='make evaluate.load("sseu") work in every folder')
    three.add_argument("--remove", action="store_true", help="undo it")
    three.set_defaults(action=install)
    return whole


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code."""
    from .embedder_protocol import EmbedderError

    chosen = parser().parse_args(arguments)
    try:
        code: int = chosen.action(chosen)
    except ValueError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except (EmbedderError, ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
