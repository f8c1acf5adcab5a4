#!/usr/bin/env python3
"""Publish dataset, metric and leaderboard on the Hugging Face Hub, submit results. No logic lives here."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

EXAMPLES = """\
examples:
  see what would be published, then publish recipe, hashes, labels and transcripts (no audio)
    python push_to_hub.py dataset sseu-bench --repo my-lab/sseu-bench --dry-run
    python push_to_hub.py dataset sseu-bench --repo my-lab/sseu-bench
  with the speech of the condition +inf, which VCTK's licence allows
    python push_to_hub.py dataset sseu-bench --repo my-lab/sseu-bench-speech --with-audio vctk
  with all audio, for one's own use
    python push_to_hub.py dataset sseu-bench --repo my-lab/sseu-bench-audio --with-audio all --private
  the metric, afterwards evaluate.load("my-lab/sseu")
    python push_to_hub.py metric --repo my-lab/sseu
  a result, to the leaderboard and as a pull request to the model's page
    python push_to_hub.py submit results/qwen2-audio --model Qwen/Qwen2-Audio-7B-Instruct \\
        --leaderboard my-lab/sseu-results --dataset my-lab/sseu-bench
  the leaderboard as a Space, with a dataset for what is submitted to it
    python push_to_hub.py leaderboard my-lab/sseu-bench --repo my-lab/sseu-leaderboard \\
        --results-repo my-lab/sseu-results

The token is the one of `hf auth login`, or HF_TOKEN. Every command may be repeated: what is there is not sent again.

exit codes: 0 done; 1 the Hub refused or cannot be reached; 2 wrong arguments, or something that may not be published;
130 interrupted (run the same command again)
"""


def dataset(arguments: argparse.Namespace) -> int:
    """Publish a dataset folder."""
    from sseu_hub.licences import check_visibility, licence_table
    from sseu_hub.publishing import prepare_dataset, push_dataset

    check_visibility(arguments.with_audio, arguments.private)
    if arguments.with_audio != "none" and not arguments.dry_run:
        for line in licence_table(arguments.with_audio):
            print(line)
        if not arguments.yes and not _confirmed(f"publish this audio in {arguments.repo}?"):
            print("not confirmed, nothing was published; --yes confirms without a question", file=sys.stderr)
            return BAD_INPUT
    with tempfile.TemporaryDirectory(prefix="sseu-publish-") as work:
        publication = prepare_dataset(
            arguments.folder,
            Path(work) / "repository",
            audio=arguments.with_audio,
            private=arguments.private,
            framework=arguments.evaluation_framework,
        )
        for line in publication.lines():
            print(line)
        if arguments.dry_run:
            return DONE
        pushed = push_dataset(publication, arguments.repo, private=arguments.private, announce=print)
    print(f"{pushed.url} {publication.tag} at {pushed.commit[:12]}{'' if pushed.changed else ' (nothing changed)'}")
    return DONE


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [yes/no] ").strip().lower() == "yes"


def metric(arguments: argparse.Namespace) -> int:
    """Publish the metric."""
    from sseu_hub.publishing import metric_files, push_metric

    if arguments.dry_run:
        for name, data in metric_files().items():
            print(f"{len(data):>14,}  {name}")
        return DONE
    with tempfile.TemporaryDirectory(prefix="sseu-publish-") as work:
        pushed = push_metric(arguments.repo, Path(work) / "space", private=arguments.private, announce=print)
    print(f'{pushed.url} at {pushed.commit[:12]}: evaluate.load("{arguments.repo}")')
    return DONE


def submit(arguments: argparse.Namespace) -> int:
    """Submit a result."""
    from datetime import UTC, datetime

    from sseu_hub.submitting import prepare
    from sseu_hub.submitting import submit as send

    prepared = prepare(
        arguments.result,
        arguments.model,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        data=arguments.data,
        dataset=arguments.dataset,
        allow_custom=arguments.allow_custom,
    )
    for line in prepared.lines():
        print(line)
    if not arguments.dry_run:
        send(prepared, arguments.leaderboard, leaderboard_only=arguments.leaderboard_only, announce=print)
    return DONE


def leaderboard(arguments: argparse.Namespace) -> int:
    """Publish the leaderboard."""
    from sseu_leaderboard.publishing import prepare_space, push_space

    with tempfile.TemporaryDirectory(prefix="sseu-publish-") as work:
        space = prepare_space(
            arguments.data, arguments.results_repo, Path(work) / "space", allow_custom=arguments.allow_custom
        )
        for line in space.lines():
            print(line)
        if arguments.dry_run:
            return DONE
        pushed = push_space(space, arguments.repo, private=arguments.private, announce=print)
    print(f"{pushed.url} at {pushed.commit[:12]}{'' if pushed.changed else ' (nothing changed)'}")
    return DONE


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="push_to_hub.py",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="{dataset,metric,submit,leaderboard}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    private = argparse.ArgumentParser(add_help=False)
    private.add_argument("--private", action="store_true", help="into a private repository")
    custom = argparse.ArgumentParser(add_help=False)
    custom.add_argument("--allow-custom", action="store_true", help="other builds; only with a Hub on this machine")

    command = commands.add_parser("dataset", parents=[common, private], help="publish a dataset folder")
    command.set_defaults(run=dataset)
    command.add_argument("folder", type=Path)
    command.add_argument("--repo", required=True, metavar="OWNER/NAME")
    command.add_argument("--with-audio", choices=("none", "vctk", "all"), default="none", help="default: none")
    command.add_argument("--yes", action="store_true", help="the licences were read: do not ask")
    command.add_argument(
        "--evaluation-framework", metavar="ID", help="upload eval.yaml too; only with an id that the Hub knows"
    )

    command = commands.add_parser("metric", parents=[common, private], help="publish the metric as a Space")
    command.set_defaults(run=metric)
    command.add_argument("--repo", required=True, metavar="OWNER/sseu")

    command = commands.add_parser("submit", parents=[common, custom], help="submit a result")
    command.set_defaults(run=submit)
    command.add_argument("result", type=Path, help="results folder of run_model.py")
    command.add_argument("--model", required=True, metavar="OWNER/NAME", help="id of the model on the Hub")
    command.add_argument("--leaderboard", required=True, metavar="OWNER/NAME", help="dataset repository of the results")
    command.add_argument(
        "--dataset", metavar="OWNER/NAME", help="the benchmark on the Hub, where it was read from a folder"
    )
    command.add_argument("--data", metavar="DIR|REPO", help="where the dataset is now")
    command.add_argument("--leaderboard-only", action="store_true", help="no pull request to the model's page")

    command = commands.add_parser("leaderboard", parents=[common, private, custom], help="publish the leaderboard")
    command.set_defaults(run=leaderboard)
    command.add_argument("data", metavar="DIR|REPO", help="the dataset that it scores with")
    command.add_argument("--repo", required=True, metavar="OWNER/NAME", help="the Space")
    command.add_argument("--results-repo", required=True, metavar="OWNER/NAME", help="the dataset of the submissions")
    return parser


def main(words: list[str]) -> int:
    """Parse, run, and turn what goes wrong into one message and an exit code."""
    arguments = make_parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("interrupted; the same command continues", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"error: {error.filename or 'disk or network'}: {error.strerror or error}", file=sys.stderr)
        return FAILED
    except RuntimeError as error:
        from sseu_hub.client import HubError

        if not isinstance(error, HubError):
            raise
        print(f"error: {error}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
