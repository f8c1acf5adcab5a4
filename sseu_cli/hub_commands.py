"""`sseu publish dataset | withdraw | metric | leaderboard`, `sseu submit`, `sseu hub serve`."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sseu_cli import errors, options
from sseu_cli.command import Command, Group
from sseu_cli.options import FOLDER, option

if TYPE_CHECKING:
    from sseu_hub.audio_permissions import Audio

_repo_option = option("--repo", required=True, metavar="OWNER/NAME", help="Repository on the Hub; made if missing.")
_TOKEN = """The token is the one of `hf auth login`, or HF_TOKEN. The command may be repeated: what is there is not sent
again."""


@click.group(cls=Group)
def publish() -> None:
    """Publish dataset, metric and leaderboard on the Hugging Face Hub."""


@publish.command(
    resumes=True,
    epilog=_TOKEN,
    examples="""
see what would be published, then publish recipe, hashes, labels and transcripts (no audio)
  sseu publish dataset sseu-bench --repo my-lab/sseu-bench --dry-run
  sseu publish dataset sseu-bench --repo my-lab/sseu-bench
with the clean speech of the condition +inf, which VCTK's licence allows
  sseu publish dataset sseu-bench --repo my-lab/sseu-bench-speech --with-audio speech
an edition, once it is revealed (docs/editions.md)
  sseu publish dataset spring.2027 --repo my-lab/sseu-spring-2027 --edition spring.2027.edition.json
with all audio, for one's own use
  sseu publish dataset sseu-bench --repo my-lab/sseu-bench-audio --with-audio all --private
with all audio of a dataset that was built from tables, whose licences allow it
  sseu publish dataset free --repo my-lab/free --with-audio all --tables-redistributable
""",
)
@click.argument("folder", type=FOLDER)
@_repo_option
@option("--with-audio", type=options.OneOf(["none", "speech", "all"]), default="none", help="Audio to publish (none).")
@option(
    "--tables-redistributable",
    is_flag=True,
    help="You state that the licences of the tables allow their audio to be redistributed.",
)
@option("--yes", is_flag=True, help="The licences were read: do not ask.")
@options.edition_option
@option("--evaluation-framework", "framework", metavar="ID", help="Upload eval.yaml too; needs an id the Hub knows.")
@options.dry_run_option
@options.private_option
def dataset(
    folder: Path,
    repo: str,
    with_audio: Audio,
    tables_redistributable: bool,
    yes: bool,
    dry_run: bool,
    private: bool,
    **settings: Any,
) -> int:
    """Publish a dataset folder, by default without audio.

    What is published then: recipe, hashes, labels, transcripts.
    """
    from sseu_dataset.manifest import read_manifest
    from sseu_dataset.recipe import FILE_NAME, read_recipe
    from sseu_hub import prepare_dataset, push_dataset
    from sseu_hub.audio_permissions import check_audio, licence_table
    from sseu_hub.drafts import draft_folder

    if with_audio != "none" and not dry_run and read_manifest(folder).imported is None:
        recipe = read_recipe(folder / FILE_NAME)
        check_audio(recipe, with_audio, private=private, tables_redistributable=tables_redistributable)
        click.echo("\n".join(licence_table(recipe, with_audio)))
        if not yes and not (sys.stdin.isatty() and click.confirm(f"publish this audio in {repo}?")):
            click.echo("not confirmed, nothing was published; --yes confirms without a question", err=True)
            return errors.BAD_INPUT
    with draft_folder() as work:
        publication = prepare_dataset(
            folder,
            f"{work}/draft",
            audio=with_audio,
            private=private,
            tables_redistributable=tables_redistributable,
            **settings,
        )
        for line in publication.lines():
            click.echo(line)
        if dry_run:
            return errors.DONE
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        pushed = push_dataset(publication, repo, private=private, date=today, announce=click.echo)
    unchanged = "" if pushed.changed else " (nothing changed)"
    click.echo(f"{pushed.url} {publication.tag} at {pushed.commit[:12]}{unchanged}")
    return errors.DONE


@publish.command(
    resumes=True,
    epilog=_TOKEN,
    examples="""
the dataset's card and versions.json say so; whoever loads the version is warned, and no new result may be made with it
  sseu publish withdraw 1.0.0 --repo my-lab/sseu-bench --reason "37 clips have the scene of another recording"
""",
)
@click.argument("version")
@option("--repo", required=True, metavar="OWNER/NAME", help="The published dataset.")
@option("--reason", required=True, metavar="TEXT", help="One sentence for whoever has used it.")
@option("--successor", metavar="VERSION", help="What to use instead (default: the newest that is not withdrawn).")
def withdraw(version: str, repo: str, reason: str, successor: str | None) -> None:
    """Withdraw a published version of the dataset."""
    from sseu_hub import withdraw as take_back

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    found = take_back(repo, version, reason=reason, date=today, successor=successor, announce=click.echo)
    for name, status in found.items():
        click.echo(status.sentence(name))


@publish.command(
    resumes=True,
    epilog=_TOKEN,
    examples="""
  sseu publish metric --repo my-lab/sseu
""",
)
@_repo_option
@options.dry_run_option
@options.private_option
def metric(repo: str, dry_run: bool, private: bool) -> None:
    """Publish the metric as a Space.

    Afterwards evaluate.load("OWNER/sseu") works everywhere.
    """
    from sseu_hub.drafts import draft_folder
    from sseu_hub.publishing import metric_files, push_metric

    if dry_run:
        for name, data in metric_files().items():
            click.echo(f"{len(data):>14,}  {name}")
        return
    with draft_folder() as work:
        pushed = push_metric(repo, f"{work}/draft", private=private, announce=click.echo)
    click.echo(f'{pushed.url} at {pushed.commit[:12]}: evaluate.load("{repo}")')


@publish.command(
    resumes=True,
    epilog=_TOKEN,
    examples="""
  sseu publish leaderboard my-lab/sseu-bench --repo my-lab/sseu-leaderboard --results-repo my-lab/sseu-results
""",
)
@click.argument("data", metavar="DIR|REPO")
@_repo_option
@option("--results-repo", required=True, metavar="OWNER/NAME", help="Dataset of the submissions on the Hub.")
@options.dry_run_option
@options.private_option
@options.allow_custom_option
@options.edition_option
def leaderboard(data: str, repo: str, results_repo: str, dry_run: bool, private: bool, **settings: Any) -> None:
    """Publish the leaderboard as a Space.

    A dataset for what is submitted to it is made beside it.
    """
    from sseu_hub.drafts import draft_folder
    from sseu_leaderboard import prepare_space, push_space

    with draft_folder() as work:
        space = prepare_space(data, results_repo, f"{work}/draft", **settings)
        for line in space.lines():
            click.echo(line)
        if dry_run:
            return
        pushed = push_space(space, repo, private=private, announce=click.echo)
    click.echo(f"{pushed.url} at {pushed.commit[:12]}{'' if pushed.changed else ' (nothing changed)'}")


@click.command(
    cls=Command,
    resumes=True,
    epilog=_TOKEN,
    examples="""
  sseu submit results/qwen2-audio --model Qwen/Qwen2-Audio-7B-Instruct \\
      --leaderboard my-lab/sseu-results --dataset my-lab/sseu-bench
to a folder here, for `sseu board`; nothing is sent
  sseu submit results/qwen2-audio --model Qwen/Qwen2-Audio-7B-Instruct --out submissions
""",
)
@click.argument("result", type=FOLDER)
@option("--model", required=True, metavar="OWNER/NAME", help="Id of the model on the Hub.")
@option("--leaderboard", metavar="OWNER/NAME", help="Dataset repository of the results.")
@option("--out", type=FOLDER, metavar="DIR", help="Or a folder of submissions here; nothing is sent.")
@option("--dataset", metavar="OWNER/NAME", help="The benchmark on the Hub, where it was read from a folder.")
@option("--data", metavar="DIR|REPO", help="Where the dataset is now.")
@option("--leaderboard-only", is_flag=True, help="No pull request to the model's page.")
@options.dry_run_option
@options.allow_custom_option
def submit(
    result: Path,
    model: str,
    leaderboard: str | None,
    out: Path | None,
    leaderboard_only: bool,
    dry_run: bool,
    **settings: Any,
) -> None:
    """Submit a result to the leaderboard.

    It also becomes a pull request to the model's page. With --out it is written into a folder of this machine instead.
    """
    from sseu_hub import prepare_submission
    from sseu_hub import submit as send
    from sseu_hub.submission import write_submission

    if (leaderboard is None) == (out is None):
        raise ValueError("give one of --leaderboard (a dataset on the Hub) and --out (a folder of submissions here)")
    prepared = prepare_submission(result, model, date=f"{datetime.now(UTC):%Y-%m-%d}", out=out, **settings)
    for line in prepared.lines():
        click.echo(line)
    if dry_run:
        return
    if leaderboard is None:
        is_new = write_submission(Path(prepared.folder), prepared.files)
        click.echo(f"{prepared.folder}: written" if is_new else f"{out} already has these answers, nothing was written")
    else:
        send(prepared, leaderboard, leaderboard_only=leaderboard_only, announce=click.echo)


@click.group(cls=Group)
def hub() -> None:
    """Serve a small Hub on this machine, to try publishing."""


@hub.command(
    examples="""
in a terminal of its own; the first line is the address, for HF_ENDPOINT
  sseu hub serve --root hub
in the background of a shell script, which ends it; its clients are pointed at it
  eval "$(sseu hub serve --background --serve-for $$ --root hub)"
""",
)
@option("--root", type=FOLDER, required=True, metavar="DIR", help="Folder of the repositories, made if missing.")
@option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="TCP port (default: one that is free).")
@option("--background", is_flag=True, help="Return once it serves, and print the shell commands that point at it.")
@option("--serve-for", type=int, metavar="PID", help="End with this process.")
def serve(root: Path, port: int, background: bool, serve_for: int | None) -> None:
    """Serve a Hub for the real clients of Hugging Face until Ctrl-C."""
    from sseu_hub.local import serve as serve_hub
    from sseu_hub.local import serve_in_background

    if background:
        try:
            click.echo(serve_in_background(root, port, serve_for=serve_for), nl=False)
        except BaseException:
            click.echo("false")  # so that `eval "$(...)"` fails too, and no later command speaks to the real Hub
            raise
        return
    with contextlib.suppress(KeyboardInterrupt):
        serve_hub(root, port, serve_for=serve_for)
