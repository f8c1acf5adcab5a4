#!/usr/bin/env python3
"""Let a system answer SSEU-Bench, and score what it says. No logic lives here."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.running.arguments import parse

if TYPE_CHECKING:
    from sseu_models.job import Job
    from sseu_models.results.folder import Result
    from sseu_models.running.request import Request

DONE, FAILED, BAD_INPUT, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130


def run(arguments: argparse.Namespace) -> int:
    """Ask, score, and print what came out."""
    from sseu_metric.normalisers import DEFAULT_NORMALISER
    from sseu_models.job import Job
    from sseu_models.running.evaluation import evaluate
    from sseu_models.running.request import Request

    job = Job(
        modes=arguments.modes,
        conditions="all" if arguments.conditions == ("all",) else arguments.conditions,
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
        normalizer=arguments.normalizer or DEFAULT_NORMALISER,
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
    from sseu_models.job import plan
    from sseu_models.records import Capabilities
    from sseu_models.running.cost import estimate
    from sseu_models.running.request import open_request

    opened = open_request(request)
    try:
        capabilities = opened.system.capabilities
    except (ValueError, RuntimeError):
        print(f"{opened.system.id} says what it can when it starts; counted as if it answered every mode, every run")
        capabilities = Capabilities(rate_hz=None)
    clips = plan(opened.references, job, modes=capabilities.modes, deterministic=capabilities.deterministic)
    for line in estimate(clips, opened.prompts, capabilities.family, prices).lines():
        print(line)
    return DONE


def _report(out: Path, result: Result) -> int:
    from sseu_models.results.folder import read_scores
    from sseu_models.results.terminal import answer_lines, score_lines

    for line in answer_lines(result):
        print(line)
    for line in score_lines(read_scores(out)) if result.scoring is not None else ():
        print(line)
    print(f"results in {out}")
    return INCOMPLETE if result.answers.missing else DONE


def score(arguments: argparse.Namespace) -> int:
    """Score a results folder again."""
    from sseu_models.results.folder_scoring import score_folder

    result = score_folder(
        arguments.folder, data=arguments.data, embedder=arguments.embedder, normalizer=arguments.normalizer
    )
    return _report(arguments.folder, result)


def merge(arguments: argparse.Namespace) -> int:
    """Put shards together and score them."""
    from sseu_models.running.merge import merge as merge_shards

    result = merge_shards(
        arguments.folders,
        arguments.out,
        data=arguments.data,
        embedder=arguments.embedder,
        normalizer=arguments.normalizer,
    )
    return _report(arguments.out, result)


def hearing(arguments: argparse.Namespace) -> int:
    """Compare a run with the same system on silence or on shuffled audio."""
    from sseu_models.running.ablation import ablate

    for line in ablate(arguments.run_folder, arguments.control_folder, data=arguments.data).lines():
        print(line)
    return DONE


def compare(arguments: argparse.Namespace) -> int:
    """Two results on the same clips, or one beside the published figures."""
    from sseu_report.comparison.published import compare_folder_with_paper
    from sseu_report.comparison.systems import compare_folders

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
    from sseu_report.tables.formats import to_text
    from sseu_report.writing import write_report

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


HANDLERS = {"run": run, "score": score, "merge": merge, "hearing": hearing, "compare": compare, "report": report}


def main(words: list[str]) -> int:
    """Parse, run, and turn what goes wrong into one message and an exit code."""
    arguments = parse(words)
    from sseu_models.records import SystemDownError

    try:
        return HANDLERS[arguments.command](arguments)
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
        from sseu_metric.embedder_protocol import EmbedderError
        from sseu_models.running.runner import TooManyFailedError

        if not isinstance(error, TooManyFailedError | EmbedderError):
            raise
        print(f"error: {error}; the same command continues", file=sys.stderr)
        return INCOMPLETE if isinstance(error, TooManyFailedError) else FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
