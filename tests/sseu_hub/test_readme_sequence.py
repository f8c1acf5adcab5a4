"""The README's way from a dataset folder to a verified row of the leaderboard, against the local Hub (`make hub`)."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sseu_hub.local import running_hub
from sseu_hub.local.repository import Store
from tests.headless import chromium, free_port, needs_chromium, serving, wait
from tests.test_readme import HUB_BLOCKS

pytestmark = [pytest.mark.hub, pytest.mark.timeout(600)]
PROJECT = Path(__file__).resolve().parents[2]
CORPORA = {"vctk": "VCTK-Corpus-0.92", "desed": "DESED", "maestro": "MAESTRO_Real_development"}


@dataclass(frozen=True)
class Way:
    """What the commands left: their folder, what they printed, the Hub's repositories in that folder."""

    folder: Path
    printed: str
    store: Store


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """All lines but the last, which serves until it is killed, in a folder with the demo dataset."""
    pytest.importorskip("espeakng_loader", reason="the extra `demo` (speech synthesis) is not installed")
    folder = tmp_path_factory.mktemp("way")
    for path in PROJECT.iterdir():
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            (folder / path.name).symlink_to(path)
    build = [sys.executable, "-m", "sseu_cli"]
    corpora = [word for name, place in CORPORA.items() for word in (f"--{name}", f"corpora/{place}")]
    subprocess.run([*build, "standin", "--out", "corpora", "--size", "demo"], cwd=folder, check=True)
    subprocess.run([*build, "build", *corpora, "--out", "demo/sseu-bench"], cwd=folder, check=True)
    *lines, last = HUB_BLOCKS[0].splitlines()
    assert last.startswith("sseu board serve --results-repo sseu/results ")
    (folder / "bin").mkdir()
    (folder / "bin" / "sseu").write_text(f'#!/bin/sh\nexec {sys.executable} -m sseu_cli "$@"\n')
    (folder / "bin" / "sseu").chmod(0o755)
    own = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    own["PATH"] = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    script = "\n".join(lines)
    done = subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0.0\n" in done.stdout  # the WER of the truth, by the published metric
    return Way(folder, done.stdout, Store(folder / "hub"))


def test_everything_is_on_the_hub(way: Way) -> None:
    assert way.store.require("datasets", "sseu/sseu-bench").tags.keys() == {"v1.0.0rc1"}
    assert way.store.require("datasets", "sseu/sseu-bench").gated == "manual"
    assert {"sseu.py", "app.py", "requirements.txt"} <= way.store.files("spaces", "sseu/sseu").keys()
    space = way.store.files("spaces", "sseu/leaderboard")
    assert {"app.py", "references/v1.0.0rc1.jsonl", "README.md", "sseu_leaderboard/web/app.py"} <= space.keys()
    page = way.store.files("models", "sseu/pocketsphinx", "refs/pr/1")
    assert b"asr_wer" in page[".eval_results/sseu-bench.yaml"]
    sent = {
        path.rsplit("/", 1)[1]: data
        for path, data in way.store.files("datasets", "sseu/results").items()
        if "/" in path
    }
    assert sent.keys() == {"answers.jsonl.gz", "result.json", "scores.json", "submission.json"}
    assert len(gzip.decompress(sent["answers.jsonl.gz"]).splitlines()) == 40 * 6
    local = json.loads((way.folder / "results" / "hub" / "scores.json").read_text())
    assert json.loads(sent["scores.json"])["modes"] == local["modes"]


def test_a_training_script_on_another_machine_loads_and_scores(way: Way, tmp_path: Path) -> None:
    """From an empty cache, by the published names alone, outside the project."""
    with running_hub(way.folder / "hub") as hub:
        code = """
import datasets, evaluate, sseu_dataset
rows = sseu_dataset.load("sseu/sseu-bench", "snr_0")
print(sseu_dataset.load_audio(rows[0]).shape)
plain = datasets.load_dataset("sseu/sseu-bench", "snr_0", split="test")
print(plain.remove_columns("audio")["id"] == rows["id"])
answers = [{"transcript": row["transcript"], "scene": "Home", "events": []} for row in rows.remove_columns("audio")]
found = evaluate.load("sseu/sseu").compute(predictions=answers, references=rows.remove_columns("audio").to_list())
print(found["wer"])
"""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=hub.env(tmp_path / "clean") | {"PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == ["(441000,)", "True", "0.0"]


@contextmanager
def board(way: Way) -> Iterator[str]:
    """The last line, on a port of its own."""
    port, log = free_port(), way.folder / "board.log"
    command = [sys.executable, "-m", "sseu_cli", *HUB_BLOCKS[0].splitlines()[-1].split()[1:], "--port", str(port)]
    with (
        running_hub(way.folder / "hub") as hub,
        serving(command, port, log, cwd=way.folder, env=hub.env(way.folder / "hub" / "cache")),
    ):
        yield f"http://127.0.0.1:{port}/"
    assert "is refused" not in log.read_text()


@needs_chromium
def test_the_entry_stands_on_the_page_verified(way: Way, tmp_path: Path) -> None:
    local = json.loads((way.folder / "results" / "hub" / "scores.json").read_text())
    with board(way) as address, chromium(tmp_path / "profile") as browser:
        browser.get(address)
        row = wait(lambda: browser.find_elements("xpath", "//tr[contains(., 'pocketsphinx')]"), 60)[0]
        assert "verified" in str(row.get_dom_attribute("class"))
        assert f"{local['modes']['independent']['wer']:.2f}" in row.text
        assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
        row.find_element("css selector", "button.entry").click()
        wait(lambda: browser.find_elements("css selector", "#board .opened svg .chosen"))
