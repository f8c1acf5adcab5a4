#!/usr/bin/env python3
"""Let a system answer SSEU-Bench, and score what it says. No logic lives here."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sseu_models.evaluation import Request
    from sseu_models.job import Job
    from sseu_models.results_folder import Result

DONE, FAILED, BAD_INPUT, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
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


def run(arguments: argparse.Namespace) -> int:
    """Ask, score, and print what came out."""
    from sseu_models.evaluation import Request, evaluate
    from sseu_models.job import Job

    conditions = arguments.conditions
    if conditions == ("all",):
        from sseu_metric.labels import CONDITIONS

        conditions = CONDITIONS
    job = Job(
        modes=arguments.modes,
        conditions=conditions,
        runs=arguments.runs,
        limit=arguments.limit,
        shard=arguments.shard,
        probe_noise=arguments.probe_noise,
        seed=arguments.seed,
    )
    request = Request(
        system=arguments.system,
        data=arguments.data or "sseu-bench",
        out=arguments.out or Path("results") / _folder_name(arguments.system, arguments.frontend),
        settings=dict(arguments.setting),
        job=job,
        revision=arguments.revision,
        frontend=arguments.frontend,
        prompts=arguments.prompts,
        embedder=arguments.embedder,
        normalizer=arguments.normalizer or "whisper-english",
        score=not arguments.no_score,
        fail_on=arguments.fail_on,
        workers=arguments.workers,
        engine=arguments.engine,
        actors=arguments.actors,
        gpus_per_actor=arguments.gpus_per_actor,
    )
    if arguments.dry_run:
        return _dry_run(request, job, arguments.prices)
    result = evaluate(request, announce=print)
    return _report(request.out, result)


def _folder_name(system: str, frontend: str | None) -> str:
    """A folder name for a system: `hf:Qwen/Qwen2-Audio` -> `hf-Qwen-Qwen2-Audio`."""
    words = system.partition("@http")[0] + (f"-{frontend}" if frontend else "")
    return "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in words).strip("-.")


def _dry_run(request: Request, job: Job, prices: tuple[float, float] | None) -> int:
    from sseu_models.cost import estimate
    from sseu_models.evaluation import open_request
    from sseu_models.job import plan
    from sseu_models.records import Traits

    opened = open_request(request)
    try:
        traits = opened.system.traits
    except (ValueError, RuntimeError):
        print(f"{opened.system.id} says what it can when it starts; counted as if it answered every mode, every run")
        traits = Traits(rate_hz=None)
    clips = plan(opened.references, job, modes=traits.modes, deterministic=traits.deterministic)
    for line in estimate(clips, opened.prompts, traits.family, prices).lines():
        print(line)
    return DONE


def _report(out: Path, result: Result) -> int:
    answers = result.answers
    print(f"{result.system}: {answers['ok']} of {answers['asked']} questions answered")
    for condition, counts in answers["by_condition"].items():
        if set(counts) != {"ok"}:
            print(f"  {condition:>5} dB: {', '.join(f'{count} {status}' for status, count in counts.items())}")
    if answers["cut_short"]:
        print(f"  {answers['cut_short']} answers were cut at the length limit")
    if "latency_median_s" in answers:
        median, late = answers["latency_median_s"], answers["latency_95_s"]
        tokens = f"; {answers['input_tokens']} tokens in, {answers['output_tokens']} out"
        print(f"  latency {median} s (median), {late} s (95 %){tokens if answers['output_tokens'] else ''}")
    for reason in result.incomplete:
        print(f"  incomplete: {reason}")
    if result.scoring:
        from sseu_models.results_folder import read_scores

        _print_scores(read_scores(out))
    print(f"results in {out}")
    return INCOMPLETE if answers["ok"] < answers["asked"] else DONE


_NAMES = {"wer": "WER", "macc": "mACC", "map": "mAP"}


def _print_scores(scores: Mapping[str, Any]) -> None:
    """The metric of every mode: average with its interval, then each condition."""
    from sseu_metric.labels import CONDITIONS

    print(f"{'%':<22}{'average':>8} {'95 % interval':>15}" + "".join(f"{name:>8}" for name in CONDITIONS))
    for mode, figures in scores["modes"].items():
        for metric, name in _NAMES.items():
            if metric not in figures:
                continue
            interval = figures["intervals"][metric]["all"]
            spread = f"{interval['low']:.1f} to {interval['high']:.1f}"
            values = [figures["by_condition"].get(condition, {}).get(metric) for condition in CONDITIONS]
            cells = "".join(f"{'-':>8}" if value is None else f"{value:>8.2f}" for value in values)
            print(f"{mode + ' ' + name:<22}{figures[metric]:>8.2f} {spread:>15}{cells}")
        if figures["embedder"]:
            print(f"  embedder {figures['embedder']['id']}")
    if "noise_probe" in scores:
        probe = scores["noise_probe"]
        print(f"words heard where nobody speaks: {probe['words']} in {probe['answered']} clips")


def score(arguments: argparse.Namespace) -> int:
    """Score a results folder again."""
    from sseu_models.evaluation import score_folder

    result = score_folder(
        arguments.folder, data=arguments.data, embedder=arguments.embedder, normalizer=arguments.normalizer
    )
    return _report(arguments.folder, result)


def merge(arguments: argparse.Namespace) -> int:
    """Put shards together and score them."""
    from sseu_models.evaluation import score_folder
    from sseu_models.merging import merge as merge_shards

    merge_shards(arguments.folders, arguments.out, data=arguments.data)
    result = score_folder(
        arguments.out, data=arguments.data, embedder=arguments.embedder, normalizer=arguments.normalizer
    )
    return _report(arguments.out, result)


def hearing(arguments: argparse.Namespace) -> int:
    """Compare a run with the same system on silence or on shuffled audio."""
    from sseu_models.hearing import check_hearing

    for line in check_hearing(arguments.run_folder, arguments.control_folder, data=arguments.data).lines():
        print(line)
    return DONE


def compare(arguments: argparse.Namespace) -> int:
    """Two results on the same clips, or one beside the published figures."""
    from sseu_report.compare_paper import compare_folder_with_paper
    from sseu_report.compare_results import compare_folders

    folders, paper = arguments.folders, arguments.paper
    if len(folders) != (1 if paper else 2):
        raise ValueError("compare takes two results folders, or one and --paper NAME")
    if paper:
        lines = compare_folder_with_paper(folders[0], paper, data=arguments.data, progress=True).lines()
    else:
        lines = compare_folders(*folders, data=arguments.data, cells=arguments.cells, progress=True).lines()
    for line in lines:
        print(line)
    return DONE


def report(arguments: argparse.Namespace) -> int:
    """Tables, curves, findings and a page."""
    from sseu_report.report import write_report
    from sseu_report.table_formats import to_text

    made = write_report(
        arguments.folders,
        arguments.out,
        data=arguments.data,
        clips=arguments.clips,
        embedders=arguments.embedders,
        reported=arguments.reported,
    )
    if made.main_table is not None:
        print(to_text(made.main_table))
    for warning in made.warnings:
        print(f"warning: {warning}")
    print(made.page)
    return DONE


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
        return float(into), float(out)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: IN,OUT in USD per million tokens is needed") from None


def make_parser() -> argparse.ArgumentParser:
    """The command line: `run` is what happens where no command is named."""
    parser = argparse.ArgumentParser(
        prog="run_model.py",
        description=__doc__,
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
    command.set_defaults(run=run)
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
    command.set_defaults(run=score)
    command.add_argument("folder", type=Path)

    command = commands.add_parser("merge", parents=[data, scoring], help="put shards together")
    command.set_defaults(run=merge)
    command.add_argument("folders", type=Path, nargs="+")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")

    command = commands.add_parser(
        "hearing", parents=[data], help="does the system listen? compare with its control run"
    )
    command.set_defaults(run=hearing)
    command.add_argument("run_folder", type=Path)
    command.add_argument("control_folder", type=Path, help="the same with --frontend silence or shuffled")
    command = commands.add_parser("compare", parents=[data], help="two results, or one and the paper's figures")
    command.set_defaults(run=compare)
    command.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    command.add_argument("--paper", metavar="NAME", help="a system of the paper, such as Kimi-Audio")
    command.add_argument("--cells", action="store_true", help="each condition too, with Holm's correction (slow)")

    command = commands.add_parser("report", parents=[data], help="tables, curves, findings and a page")
    command.set_defaults(run=report)
    command.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    command.add_argument("--out", type=Path, default=Path("report"), metavar="DIR", help="default: report")
    command.add_argument("--clips", type=int, default=72, metavar="N", help="clips on the page (72)")
    command.add_argument("--embedders", type=_words, default=(), metavar="A,B", help="what would other embedders say?")
    command.add_argument("--reported", action="store_true", help="the paper's figures in the tables")
    return parser


def _joined(words: list[str]) -> list[str]:
    """The words with `--conditions -inf` as one: argparse takes `-inf` for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--conditions":
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def main(words: list[str]) -> int:
    """Parse, run, and turn what goes wrong into one message and an exit code."""
    if not words or words[0] not in (*COMMANDS, "-h", "--help"):
        words = ["run", *words]
    arguments = make_parser().parse_args(_joined(words))
    from sseu_models.records import SystemDownError

    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("interrupted; the same command continues", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except SystemDownError as error:
        print(f"error: {error}\nwhat was answered is kept; the same command continues", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        place = error.filename or getattr(arguments, "out", None) or "the results folder"
        print(f"error: {place}: {error.strerror or error}; mend it, then the same command continues", file=sys.stderr)
        return FAILED
    except RuntimeError as error:
        from sseu_metric.embedders import EmbedderError
        from sseu_models.runner import TooManyFailedError

        if not isinstance(error, TooManyFailedError | EmbedderError):
            raise
        print(f"error: {error}; the same command continues", file=sys.stderr)
        return INCOMPLETE if isinstance(error, TooManyFailedError) else FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
