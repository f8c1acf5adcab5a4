"""The command line of `run_model.py`: its commands, their arguments, and the text of `--help`."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COMMANDS = ("run", "score", "merge", "hearing", "compare", "report")

EXAMPLES = """\
examples:
  a model in this process, all modes of the paper, three runs
    python run_model.py --system hf:Qwen/Qwen2-Audio-7B-Instruct --data sseu-bench --modes independent,joint,cot
  the same behind an OpenAI-compatible server (vLLM, SGLang, ...), with settings
    python run_model.py --system api:Qwen/Qwen2-Audio-7B-Instruct@http://localhost:8000/v1 --setting temperature=0.7
  how much is it? count requests and hours first
    python run_model.py --system api:gpt-audio --dry-run --prices 2.5,10
  a quick look: 20 pairs, spread evenly over the scenes
    python run_model.py --system clap:laion/clap-htsat-unfused --limit 20 --out results/look
  does a separator in front help, and what would a perfect one give?
    python run_model.py --system asr:pocketsphinx --frontend my_module:enhance --out results/enhanced
    python run_model.py --system asr:pocketsphinx --frontend oracle-speech --out results/oracle
  does the model listen at all? the same system on silence, then side by side
    python run_model.py --system ... --frontend silence --out results/silence
    python run_model.py hearing results/a-run results/silence
  four machines
    python run_model.py --system ... --shard 1/4 --out results/part1        (2/4, 3/4, 4/4 elsewhere)
    python run_model.py merge results/part1 results/part2 results/part3 results/part4 --out results/whole
  or a Ray cluster, a copy of the system on each GPU
    RAY_ADDRESS=... python run_model.py --system hf:... --engine ray --gpus-per-actor 1
  score again, with the paper's embedder
    python run_model.py score results/whole --embedder paper

  tables, curves, findings and one page to look at; is A better than B; are we where the paper is?
    python run_model.py report results/* --out report
    python run_model.py compare results/a results/b
    python run_model.py compare results/qwen2-audio --paper Qwen2-Audio-Instruct

The same command continues a run that was stopped, and asks again what failed. --data defaults to sseu-bench.

exit codes: 0 done; 1 it failed (the system cannot answer, disk full); 2 wrong arguments or input; 3 requests failed and
the result is incomplete; 130 interrupted
"""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments, with the name of the command in `command`; `run` where none is named.

    Raises:
        SystemExit: They are wrong (2), or help was asked for (0).
    """
    if not words or words[0] not in (*COMMANDS, "-h", "--help"):
        words = ["run", *words]
    parser = make_parser()
    arguments = parser.parse_args(_joined(words))
    if arguments.command == "run":
        names = [name for name, _ in arguments.setting]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            parser.error(f"--setting {', '.join(doubled)}: given more than once")
        if arguments.prices is not None and not arguments.dry_run:
            parser.error("--prices goes with --dry-run")
    if arguments.command == "compare" and arguments.paper and arguments.cells:
        parser.error("--cells compares two results; it does not go with --paper")
    return arguments


def _joined(words: Sequence[str]) -> list[str]:
    """The words with `--conditions -inf` as one: argparse takes `-inf` for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--conditions":
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def make_parser() -> argparse.ArgumentParser:
    """The command line: `run` is what happens where no command is named."""
    parser = argparse.ArgumentParser(
        prog="run_model.py",
        description="Let a system answer SSEU-Bench, and score what it says.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="{" + ",".join(COMMANDS) + "}", required=True)

    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--data", metavar="DIR|REPO", help="dataset folder or Hub repository")
    scoring = argparse.ArgumentParser(add_help=False)
    scoring.add_argument(
        "--embedder", metavar="NAME", help="for scene and events: default, paper, exact, openai:..., ..."
    )
    scoring.add_argument("--normalizer", metavar="NAME", help="of transcripts: whisper-english (default), basic, none")

    command = commands.add_parser("run", parents=[data, scoring], help="the default")
    command.add_argument(
        "--system", required=True, metavar="KIND:NAME", help="api:, hf:, clap:, worker:, asr:, control:"
    )
    command.add_argument(
        "--setting", action="append", type=_setting, default=[], metavar="NAME=VALUE", help="of the system"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="default: results/<system>")
    command.add_argument("--revision", metavar="TAG", help="of the dataset on the Hub, such as v1.0.0")
    command.add_argument("--prompts", type=Path, metavar="FILE", help="TOML file in place of the project's prompts")
    command.add_argument(
        "--frontend", metavar="NAME", help="module:function, oracle-speech, oracle-background, silence, shuffled"
    )
    asked = command.add_argument_group("what is asked")
    asked.add_argument(
        "--modes", type=_words, default=("independent",), metavar="M,M", help="independent,joint,cot,likelihood"
    )
    asked.add_argument(
        "--conditions", type=_words, metavar="C,C", help="only these; `all` adds the ends to joint and cot"
    )
    asked.add_argument(
        "--runs", type=int, default=3, metavar="N", help="per question (3); a deterministic system runs once"
    )
    asked.add_argument("--limit", type=int, metavar="N", help="N pairs only, spread over the scenes")
    asked.add_argument("--shard", type=_shard, metavar="I/N", help="one of N parts, to be merged")
    asked.add_argument("--probe-noise", action="store_true", help="ask for words where nobody speaks (outside WER)")
    asked.add_argument("--seed", type=int, default=0, metavar="N", help="of sampling (0)")
    work = command.add_argument_group("how")
    work.add_argument("--dry-run", action="store_true", help="count requests, audio and tokens; ask nothing")
    work.add_argument("--prices", type=_prices, metavar="IN,OUT", help="USD per million tokens, for --dry-run")
    work.add_argument("--no-score", action="store_true", help="only ask; `score` does the rest later")
    work.add_argument("--fail-on", type=int, metavar="N", help="stop with exit code 3 after N failed requests")
    work.add_argument("--workers", type=int, metavar="N", help="threads that decode and resample (the cores)")
    work.add_argument(
        "--engine", default="local", metavar="NAME", help="local, or ray (at RAY_ADDRESS, or started here)"
    )
    work.add_argument("--actors", type=int, metavar="N", help="copies of the system on Ray")
    work.add_argument("--gpus-per-actor", type=float, default=0.0, metavar="G", help="of each copy on Ray (0)")

    command = commands.add_parser("score", parents=[data, scoring], help="score a results folder")
    command.add_argument("folder", type=Path)

    command = commands.add_parser("merge", parents=[data, scoring], help="put shards together")
    command.add_argument("folders", type=Path, nargs="+")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")

    command = commands.add_parser(
        "hearing", parents=[data], help="does the system listen? compare with its control run"
    )
    command.add_argument("run_folder", type=Path)
    command.add_argument("control_folder", type=Path, help="the same with --frontend silence or shuffled")
    command = commands.add_parser("compare", parents=[data], help="two results, or one and the paper's figures")
    command.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    command.add_argument("--paper", metavar="NAME", help="a system of the paper, such as Kimi-Audio")
    command.add_argument("--cells", action="store_true", help="each condition too, with Holm's correction (slow)")

    command = commands.add_parser("report", parents=[data], help="tables, curves, findings and a page")
    command.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    command.add_argument("--out", type=Path, default=Path("report"), metavar="DIR", help="default: report")
    command.add_argument("--clips", type=int, default=72, metavar="N", help="clips on the page (72)")
    command.add_argument("--embedders", type=_words, default=(), metavar="A,B", help="what would other embedders say?")
    command.add_argument("--reported", action="store_true", help="the paper's figures in the tables")
    return parser


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r}: NAME=VALUE is needed")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _shard(text: str) -> tuple[int, int]:
    number, _, total = text.partition("/")
    if not (number.isdigit() and total.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r}: I/N is needed, such as 1/4")
    return int(number), int(total)


def _prices(text: str) -> tuple[float, float]:
    into, _, out = text.partition(",")
    try:
        prices = float(into), float(out)
    except ValueError:
        prices = (math.nan, math.nan)
    if not all(0 <= price < math.inf for price in prices):
        raise argparse.ArgumentTypeError(f"{text!r}: IN,OUT in USD per million tokens is needed, 0 or more each")
    return prices
