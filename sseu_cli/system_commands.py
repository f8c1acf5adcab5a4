"""`sseu systems list | setup | check`: what can be asked, the environments that some systems need, whether they run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from sseu_cli.command import Group
from sseu_cli.options import FOLDER, dry_run_option, option


@click.group(cls=Group)
def systems() -> None:
    """List systems; set up their environments."""


@systems.command(
    "list",
    examples="""
  sseu systems list
""",
)
def list_systems() -> None:
    """List what `sseu run --system` takes, and the environments on this machine."""
    from sseu_models.systems.spec import known_systems
    from sseu_models.systems.worker.environments import default_folder, interpreter

    rows = []
    for system in known_systems():
        needs = f" (extra {system.extra})" if system.extra else ""
        if system.environment:
            ready = interpreter(default_folder(system.environment)).is_file()
            needs = " (environment ready)" if ready else f" (first: sseu systems setup {system.environment})"
        rows.append((system.name, f"{system.summary}{needs}"))
    formatter = click.HelpFormatter(width=120)
    formatter.write_dl(rows, col_max=44)
    click.echo(formatter.getvalue(), nl=False)


@systems.command(
    resumes=True,
    examples="""
  sseu systems setup ltu-as --dry-run
  sseu systems setup msclap-2023 --python /usr/bin/python3.11
""",
)
@click.argument("name")
@option("--out", type=FOLDER, metavar="DIR", help="Folder (default: in $SSEU_WORKERS or ~/.local/share/sseu-bench).")
@option("--python", metavar="PATH", help="Interpreter to make it from (default: found by its version).")
@dry_run_option
def setup(name: str, out: Path | None, python: str | None, dry_run: bool) -> None:
    """Make the Python environment of a system.

    Packages are installed; weights and checkouts that no package index has are never fetched, the steps that remain
    are printed.
    """
    from sseu_models.systems.worker.environments import set_up

    set_up(name, folder=out, python=python, dry_run=dry_run, announce=click.echo)


@systems.command(
    examples="""
msclap, whose package holds all that is needed
  sseu systems check msclap-2023
with the clone of MGA-CLAP in ~/clones
  sseu systems check mga-clap --upstream ~/clones
""",
)
@click.argument("name")
@option("--upstream", type=FOLDER, metavar="DIR", help="Folder that holds the clone of the system's repository.")
@option("--out", type=FOLDER, metavar="FILE", help="Write what was seen to this JSON file.")
def check(name: str, upstream: Path | None, out: Path | None) -> None:
    """See whether a system's environment, code and worker run: random weights, one question for each task.

    Makes the environment if it is missing. Says nothing about the published weights, which are never fetched.
    """
    from sseu_models.systems.worker.check import check_worker

    seen = check_worker(name, upstream=upstream, announce=click.echo)
    for step in seen.steps:
        click.echo(f"{'passed' if step.passed else 'FAILED'}  {step.name}{': ' + step.seen if step.seen else ''}")
    click.echo(", ".join(f"{package} {version or 'absent'}" for package, version in seen.versions.items()))
    if out is not None:
        out.write_text(json.dumps(asdict(seen), indent=1) + "\n", encoding="utf-8")
    if not seen.passed:
        raise click.exceptions.Exit(1)
