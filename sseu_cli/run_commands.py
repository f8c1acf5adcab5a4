"""`sseu run`, `score`, `merge`, `ablate`: answers of a system, and what they are worth."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from sseu_cli import errors, options
from sseu_cli.command import Command
from sseu_cli.options import FOLDER, option, prices_of, setting_of, shard_of, words_of
from sseu_models.job import LITE_QUESTIONS

if TYPE_CHECKING:
    from sseu_models import Result

_asked = partial(option, section="What is asked")
_work = partial(option, section="How")
_JOB = ("modes", "conditions", "runs", "limit", "lite", "shard", "probe_noise", "seed")


def _conditions_of(text: str) -> tuple[str, ...] | Literal["all"]:
    return "all" if text == "all" else words_of(text)


@click.command(
    cls=Command,
    resumes=True,
    examples="""
a model in this process, all modes of the paper, three runs
  sseu run --system hf:Qwen/Qwen2-Audio-7B-Instruct --data sseu-bench --modes independent,joint,cot
the same behind an OpenAI-compatible server (vLLM, SGLang, ...), with settings
  sseu run --system api:Qwen/Qwen2-Audio-7B-Instruct@http://localhost:8000/v1 --setting temperature=0.7
how much is it? count requests and hours first
  sseu run --system api:gpt-audio --dry-run
  sseu run --system hf:Qwen/Qwen2-Audio-7B-Instruct --modes independent,joint,cot --dry-run --estimate-from 5
a quick look: 20 pairs, from each scene in proportion to its size
  sseu run --system clap:laion/clap-htsat-unfused --limit 20 --out results/look
what would the whole benchmark say? an estimate within about two points, from an eighth of the questions
  sseu run --system hf:Qwen/Qwen2-Audio-7B-Instruct --lite --out results/lite
does a separator in front help, and what would a perfect one give?
  sseu run --system asr:pocketsphinx --frontend my_module:enhance --out results/enhanced
  sseu run --system asr:pocketsphinx --frontend oracle-speech --out results/oracle
does the model listen at all? the same system on silence, then side by side
  sseu run --system ... --frontend silence --out results/silence
  sseu ablate results/a-run results/silence
how much is the wording of the question? a run with each prompt set, in results/mine/project-1 to project-3
  sseu run --system ... --prompts all --out results/mine
does it know the sentences by heart? the second half of every utterance is silenced
  sseu run --system ... --frontend cut-speech --out results/cut
four machines
  sseu run --system ... --shard 1/4 --out results/part1        (2/4, 3/4, 4/4 elsewhere)
  sseu merge results/part1 results/part2 results/part3 results/part4 --out results/whole
or a Ray cluster, a copy of the system on each GPU
  RAY_ADDRESS=... sseu run --system hf:... --engine ray --gpus-per-actor 1
""",
)
@option("--system", required=True, metavar="KIND:NAME", help="System to ask; `sseu systems list` shows the kinds.")
@option("--setting", "settings", type=setting_of, multiple=True, metavar="NAME=VALUE", help="Setting of the system.")
@option("--data", default="sseu-bench", metavar="DIR|REPO", help="Dataset folder or Hub repository (sseu-bench).")
@option("--out", type=FOLDER, metavar="DIR", help="Results folder (default: results/<system>).")
@option("--revision", metavar="TAG", help="Revision of the dataset on the Hub, such as v1.0.0.")
@option(
    "--prompts",
    type=FOLDER,
    metavar="SET",
    help="project-1 (default), project-2, project-3, a TOML file, or `all`: a run with each of the three.",
)
@option(
    "--frontend",
    metavar="NAME",
    help="module:function, oracle-speech, oracle-background, silence, shuffled or cut-speech.",
)
@options.embedder_option
@options.run_normalizer_option
@_asked(
    "--modes",
    type=words_of,
    default="independent",
    metavar="M,M",
    help="independent (default), joint, cot, likelihood.",
)
@_asked(
    "--conditions",
    type=_conditions_of,
    metavar="C,C",
    help="Only these conditions of the dataset, such as +inf,10; `all` adds the ends to joint and cot.",
)
@_asked("--runs", type=int, default=3, metavar="N", help="Runs per question (3); a deterministic system runs once.")
@_asked("--not-deterministic", is_flag=True, help="All runs even of a system that states that it always answers alike.")
@_asked("--limit", type=int, metavar="N", help="N pairs only, of each scene in proportion to its size.")
@_asked(
    "--lite",
    type=int,
    is_flag=False,
    flag_value=LITE_QUESTIONS,
    metavar="[N]",
    help=f"About N questions ({LITE_QUESTIONS}) chosen to stand for all; an estimate with its interval.",
)
@_asked("--shard", type=shard_of, metavar="I/N", help="One of N parts, to be merged.")
@_asked(
    "--probe-noise", is_flag=True, help="Ask for words where nobody speaks, and for events where there is speech alone."
)
@_asked("--seed", type=int, default=0, metavar="N", help="Seed of sampling (0).")
@_work("--dry-run", is_flag=True, help="Count requests, audio and tokens; ask nothing.")
@_work("--estimate-from", "first", type=int, metavar="N", help="For --dry-run: hours from N answers of each kind.")
@_work(
    "--prices",
    type=prices_of,
    metavar="TEXT,AUDIO,OUT",
    help="For --dry-run: USD per million tokens of text in, audio in, text out (known for OpenAI's audio models).",
)
@_work(
    "--gpu-price-per-hour",
    "gpu_usd_per_h",
    type=options.price_of,
    metavar="USD",
    help="For --estimate-from: the price of a GPU (known for some cards).",
)
@_work("--overwrite", is_flag=True, help="Start anew: what is in the results folder is deleted.")
@_work("--restart-changed", is_flag=True, help="After a change of code, prompts or data: ask again what it affects.")
@_work("--no-score", is_flag=True, help="Only ask; `sseu score` does the rest later.")
@_work("--fail-on", type=int, metavar="N", help="Stop with exit code 3 after N failed requests.")
@_work("--workers", type=int, metavar="N", help="Threads that decode and resample (the cores).")
@_work("--engine", default="local", metavar="NAME", help="local or ray (at RAY_ADDRESS, or started).")
@_work("--actors", type=int, metavar="N", help="Copies of the system on Ray.")
@_work("--gpus-per-actor", type=float, default=0.0, metavar="G", help="GPUs of each copy on Ray (0).")
def run(
    system: str,
    settings: tuple[tuple[str, Any], ...],
    out: Path | None,
    frontend: str | None,
    normalizer: str | None,
    dry_run: bool,
    prices: tuple[float, float, float] | None,
    first: int | None,
    gpu_usd_per_h: float | None,
    no_score: bool,
    **others: Any,
) -> int:
    """Let a system answer the benchmark and score what it says.

    Every answer is kept; the same command continues a run that was stopped, and asks again what failed.
    """
    from sseu_models.cost.estimate import estimate_request
    from sseu_models.job import Job
    from sseu_models.running.evaluation import evaluate
    from sseu_models.running.request import Request, default_folder, each_prompt_set

    names = [name for name, _ in settings]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise click.UsageError(f"--setting {', '.join(doubled)}: given more than once")
    for name, value in (("--prices", prices), ("--estimate-from", first)):
        if value is not None and not dry_run:
            raise click.UsageError(f"{name} goes with --dry-run")
    if gpu_usd_per_h is not None and first is None:
        raise click.UsageError("--gpu-price-per-hour goes with --dry-run --estimate-from N, which says how many hours")
    if first is not None and first < 1:
        raise click.UsageError(f"--estimate-from {first}: at least 1 is needed")
    if others["overwrite"] and others["restart_changed"]:
        raise click.UsageError("--overwrite keeps nothing, --restart-changed what is still valid: give one of them")
    request = Request(
        system=system,
        out=out or default_folder(system, frontend),
        settings=dict(settings),
        job=Job(**{name: others.pop(name) for name in _JOB}),
        frontend=frontend,
        normalizer=normalizer,
        score=not no_score,
        **others,
    )
    exit_code = errors.DONE
    for one in each_prompt_set(request):
        if one is not request:
            click.echo(f"prompts {one.prompts}")
        if dry_run:
            found = estimate_request(one, prices, first=first, gpu_usd_per_h=gpu_usd_per_h, announce=click.echo)
            for line in found.lines():
                click.echo(line)
        else:
            exit_code = max(exit_code, _print_result(one.out, evaluate(one, announce=click.echo)))
    return exit_code


def _print_result(out: Path, result: Result) -> int:
    from sseu_models.results.folder import read_scores
    from sseu_models.results.terminal import answer_lines, score_lines

    for line in answer_lines(result):
        click.echo(line)
    for line in score_lines(read_scores(out)) if result.scoring else ():
        click.echo(line)
    click.echo(f"results in {out}")
    return errors.INCOMPLETE if result.answers.missing else errors.DONE


@click.command(
    cls=Command,
    examples="""
again, with the paper's embedder
  sseu score results/qwen2-audio --embedder paper
what was asked with --no-score
  sseu score results/qwen2-audio
""",
)
@click.argument("folder", type=FOLDER)
@options.data_option
@options.rescoring_embedder_option
@options.rescoring_normalizer_option
def score(folder: Path, **settings: Any) -> int:
    """Score a results folder again; nothing is asked."""
    from sseu_models.results.folder_scoring import score_folder

    return _print_result(folder, score_folder(folder, **settings))


@click.command(
    cls=Command,
    examples="""
  sseu merge results/part1 results/part2 results/part3 results/part4 --out results/whole
""",
)
@click.argument("folders", type=FOLDER, nargs=-1, required=True, metavar="FOLDER...")
@option("--out", type=FOLDER, required=True, metavar="DIR", help="Results folder to make.")
@options.data_option
@options.rescoring_embedder_option
@options.rescoring_normalizer_option
def merge(folders: tuple[Path, ...], out: Path, **settings: Any) -> int:
    """Put the shards of a run together and score them."""
    from sseu_models.running.merge import merge as merge_shards

    return _print_result(out, merge_shards(folders, out, **settings))


@click.command(
    cls=Command,
    examples="""
  sseu run --system hf:Qwen/Qwen2-Audio-7B-Instruct --frontend silence --out results/silence
  sseu ablate results/hf-Qwen-Qwen2-Audio-7B-Instruct results/silence
""",
)
@click.argument("run_folder", type=FOLDER)
@click.argument("control_folder", type=FOLDER)
@options.data_option
def ablate(run_folder: Path, control_folder: Path, data: str | None) -> None:
    """Audio ablation: does a system listen?

    Compares its run with the same on silence or on shuffled audio.
    """
    from sseu_models.running.ablation import ablate as compare_runs

    for line in compare_runs(run_folder, control_folder, data=data).lines():
        click.echo(line)
