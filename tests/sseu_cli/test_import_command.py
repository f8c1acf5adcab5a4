"""`sseu import`, and what follows it: verify, run, report, compare; and the map in docs/import.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset import Settings, load_manifest
from sseu_dataset.importing.mapping import read_map
from tests.sseu_cli.conftest import Sseu, assert_refused
from tests.sseu_dataset.importing.exported import MAP, export, write_csv
from tests.sseu_dataset.tiny_corpora import TinyCorpora, build_partial

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import.md"


def _scores(folder: Path) -> dict[str, Any]:
    scores: dict[str, Any] = json.loads((folder / "scores.json").read_text())
    scores.pop("limitations")  # which name the recipe
    return scores


@pytest.fixture(params=["tiny", "stand-in", "real"])
def origin(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A built dataset: of tiny corpora, of stand-ins, of real recordings."""
    if request.param == "tiny":
        return Path(request.getfixturevalue("built"))
    if request.param == "real":
        corpora = request.getfixturevalue("real_corpora")
    else:
        corpora = TinyCorpora(request.getfixturevalue("demo"))
    build_partial(tmp_path / "origin", corpora, settings=Settings(pairs=9))
    return tmp_path / "origin"


def test_scores_on_an_imported_dataset_are_those_on_its_origin(sseu: Sseu, origin: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", export(origin, tmp_path / "audio"), quoted=False)
    (tmp_path / "map.toml").write_text(MAP)
    out = tmp_path / "imported"
    done = sseu("import", table, "--audio", tmp_path / "audio", "--map", tmp_path / "map.toml", "--out", out)
    assert done.returncode == 0, done.stderr
    pairs = load_manifest(origin).pairs
    assert done.stdout.startswith(f"t.csv: comma, {7 * pairs} clips\n")
    assert f"{out}: {7 * pairs} clips of {pairs} pairs, recipe imported\n" in done.stdout
    assert load_manifest(out).pcm_sha256 == load_manifest(origin).pcm_sha256
    assert "0 clips have samples at full scale, 0 in all\n" in done.stdout
    assert sseu("verify", out).stdout == f"{out}: {7 * pairs} clips agree with its manifest\n"
    results = {}
    for name, data in (("built", origin), ("imported", out)):
        results[name] = tmp_path / "results" / name
        words = ("--data", data, "--out", results[name], "--embedder", "exact", "--modes", "independent")
        assert sseu("run", "--system", "control:majority", *words).returncode == 0
    assert _scores(results["imported"]) == _scores(results["built"])
    report = sseu("report", results["imported"], "--out", tmp_path / "report")
    assert report.returncode == 0, report.stderr
    assert "imported dataset (its mixtures were made elsewhere and are taken from t.csv" in report.stdout
    paper = sseu("compare", results["imported"], "--paper", "Qwen2-Audio-Instruct")
    assert paper.returncode == 0, paper.stderr
    assert f"ours are imported, {pairs} pairs, and nobody has compared them with those" in paper.stdout + paper.stderr


def test_what_is_missing_is_said(sseu: Sseu, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "t.csv").write_text("audio,text\n")
    words = ("--map", tmp_path / "map.toml", "--out", tmp_path / "out")
    assert_refused(sseu("import", tmp_path / "t.csv", "--audio", tmp_path / "none", *words), "none: no such folder")
    assert_refused(sseu("import", tmp_path / "t.csv", "--audio", tmp_path, *words), "no column 'transcript'")
    assert_refused(sseu("import", tmp_path / "none.csv", "--audio", tmp_path, *words), "none.csv: no such table")


def test_the_maps_of_the_page_are_maps(tmp_path: Path) -> None:
    maps = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(maps) == 2
    for text in maps:
        (tmp_path / "map.toml").write_text(text)
        assert read_map(tmp_path / "map.toml")[0].licence
