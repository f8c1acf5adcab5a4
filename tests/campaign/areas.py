"""The areas of the campaign, and all trials of one."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.campaign.broken import CORPORA, RECIPES, RESULTS, mutated_corpora, mutated_recipes, mutated_results
from tests.campaign.kills import BUILDS, PUBLISHES, RUNS, killed_builds, killed_publications, killed_runs
from tests.campaign.servers import SERVERS, hostile_servers
from tests.campaign.trials import Trial
from tests.sseu_dataset.tiny_corpora import build_partial, make_tiny_corpora

COUNTS = {
    BUILDS: 60,
    RUNS: 60,
    PUBLISHES: 60,
    RESULTS: 300,
    RECIPES: 200,
    CORPORA: 150,
    SERVERS: 90,
}
"""Trials of each area."""


def trials_of(area: str, root: Path, seeds: range) -> Iterator[Trial]:
    """The trials of an area, in a folder of its own."""
    with contextlib.redirect_stdout(sys.stderr):
        corpora = make_tiny_corpora(root / "pristine")
        dataset = root / "sseu-bench"
        build_partial(dataset, corpora)
    made: dict[str, Callable[[], Iterator[Trial]]] = {
        BUILDS: lambda: killed_builds(root, corpora, seeds),
        RUNS: lambda: killed_runs(root, dataset, seeds),
        PUBLISHES: lambda: killed_publications(root, dataset, seeds),
        RESULTS: lambda: mutated_results(root, dataset, seeds),
        RECIPES: lambda: mutated_recipes(root, dataset, corpora, seeds),
        CORPORA: lambda: mutated_corpora(root, dataset, corpora, seeds),
        SERVERS: lambda: hostile_servers(root, dataset, seeds),
    }
    yield from made[area]()


def run_area(area: str, seeds: range) -> list[Trial]:
    """All trials of an area; each fault is printed as it is found, and a line every 20 trials."""
    found, begun_s = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sseu-campaign-") as folder:
        for trial in trials_of(area, Path(folder), seeds):
            found.append(trial)
            if trial.faults:
                print(f"{area}, seed {trial.seed}: {', '.join(trial.faults)}: {trial.what}", file=sys.stderr)
                print("    " + trial.detail.replace("\n", "\n    "), file=sys.stderr, flush=True)
            if len(found) % 20 == 0 or len(found) == len(seeds):
                spent = time.monotonic() - begun_s
                print(f"{area}: {len(found)} of {len(seeds)} trials, {spent:.0f} s", file=sys.stderr, flush=True)
    return found
