"""A dataset of the layout `stems` on the local Hub: pushed by the command, loaded and mixed by a client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseu_hub.local import MAINTAINER, RunningHub, running_hub

pytestmark = pytest.mark.hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A Hub without repositories."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.mark.parametrize(
    ("options", "audible"),
    [(["--with-audio", "speech"], "['+inf']"), (["--with-audio", "all", "--private"], "['+inf', '-5', '-inf', '10']")],
)
def test_what_was_published_is_mixed_on_loading(
    built_stems: Path, hub: RunningHub, tmp_path: Path, options: list[str], audible: str
) -> None:
    repo = f"sseu/stems-{options[1]}"
    env = hub.env(tmp_path, MAINTAINER)
    command = [sys.executable, "-m", "sseu_cli", "publish", "dataset", str(built_stems), "--repo", repo, "--yes"]
    pushed = subprocess.run([*command, *options], env=env, capture_output=True, text=True, timeout=300)
    assert pushed.returncode == 0, pushed.stderr
    code = f"""
from sseu_dataset import load, load_audio, remix
rows = load({repo!r}).filter(lambda name: name in ("+inf", "10", "-5", "-inf"), input_columns="condition")
heard = [row for row in rows if row["audio"] is not None]
print(sorted({{row["condition"] for row in heard}}), {{load_audio(row).shape for row in heard}})
pair = {{row["condition"]: row for row in rows if row["pair_id"] == rows[0]["pair_id"]}}
try:
    print(remix(pair, 7.5)["condition"])
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == f"{audible} {{(441000,)}}"
    assert second == "7.5" if options[1] == "all" else "no audio bytes" in second
