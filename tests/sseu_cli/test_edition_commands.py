"""`sseu edition`: the page of the docs from first to last, messages and exit codes."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from sseu_dataset import read_edition
from sseu_dataset.corpora.folders import STANDIN_MARKER
from tests.sseu_cli.conftest import Sseu, assert_refused
from tests.sseu_dataset.editions.sealed import NAME, SealedEdition
from tests.sseu_dataset.tiny_corpora import TinyCorpora

PAGE = Path(__file__).resolve().parents[2] / "docs" / "editions.md"
BLOCKS = re.findall(r"^```(bash|console)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
MADE_SHORT = {"hf:Qwen/Qwen2-Audio-7B-Instruct": "control:majority"}
ADDED = {"run": ["--embedder", "exact"], "export": ["--embedder", "exact", "--allow-custom"], "dataset": ["--dry-run"]}
"""So that it runs here: no model, no embedder, stand-ins, no Hub."""


def test_the_page_runs_from_first_to_last(
    sseu: Sseu, corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in corpora.folders.values():
        (folder / STANDIN_MARKER).touch()
        (tmp_path / folder.name).symlink_to(folder)
    (tmp_path / "submissions").mkdir()
    ran = []
    for language, block in BLOCKS:
        if "sha256sum" in block:
            printed = subprocess.run(["bash", "-c", block], capture_output=True, text=True, check=True).stdout
            assert printed.split()[0] == read_edition(NAME).commitment
            continue
        commands = re.findall(r"^(?:\$ )?sseu (.*)", block.replace("\\\n", ""), re.MULTILINE)
        assert commands
        for command in commands:
            words = [MADE_SHORT.get(word, word) for word in shlex.split(command)]
            ran += [words[:2]]
            done = sseu(*words, *(word for name in words[:2] for word in ADDED.get(name, [])))
            assert done.returncode == 0, done.stderr
        if language == "console":
            shown = [re.escape(line).replace(r"\.\.\.", ".*") for line in block.splitlines()[1:]]
            assert len(shown) > 1
            for line in shown:
                assert re.search(f"^{line}$", done.stdout, re.MULTILINE), line
    assert [" ".join(words) for words in ran if words[0] == "edition"] == [
        "edition new", "edition build", "edition reveal", "edition check"
    ]  # fmt: skip


def test_a_seed_file_that_does_not_fit_builds_nothing(sseu: Sseu, sealed: SealedEdition, tmp_path: Path) -> None:
    assert sseu("edition", "new", "autumn", "--out", tmp_path).returncode == 0
    wrong = tmp_path / "autumn.seed"
    for command, *more in (("build", "--out", tmp_path / "out"), ("reveal",)):
        done = sseu("edition", command, sealed.public, "--seed-file", wrong, *more)
        assert_refused(
            done, f"error: {wrong}: the commitment {read_edition(sealed.public).commitment[:12]}, the fields ("
        )
    assert not (tmp_path / "out").exists()
    assert read_edition(sealed.public).seed is None


def test_the_seed_is_printed_by_reveal_alone(
    sseu: Sseu, sealed: SealedEdition, pristine_corpora: TinyCorpora, tmp_path: Path
) -> None:
    copy = sealed.copied_to(tmp_path)
    files = ["--seed-file", copy.secret]
    build = [copy.public, *files, *pristine_corpora.options, "--allow-partial", "--out", tmp_path / "out"]
    done = [
        sseu("edition", "build", *build),
        sseu("edition", "build", *build),
        sseu("edition", "build", copy.public, *files, "--vctk", "x"),
        sseu("edition", "check", sealed.folder, "--edition", copy.public, *files),
        sseu("edition", "check", sealed.folder, "--edition", copy.public),
        sseu("verify", sealed.folder),
        sseu("publish", "dataset", sealed.folder, "--repo", "lab/x", "--dry-run"),
        sseu("publish", "leaderboard", sealed.folder, "--repo", "lab/x", "--results-repo", "lab/y", "--dry-run"),
        sseu("board", "reference", sealed.folder, tmp_path / "references", "--edition", copy.public),
    ]
    assert [one.returncode for one in done] == [0, 0, 2, 0, 2, 0, 2, 2, 0], [one.stderr for one in done]
    said = "".join(one.stdout + one.stderr for one in done)
    assert f"{tmp_path / 'out'}: keep it secret: recipe and manifest hold the seed" in said
    assert "--desed, --maestro missing: an edition is built from the three corpora" in said
    assert sealed.seed not in said
    assert str(int(sealed.seed, 16)) not in said
    revealed = sseu("edition", "reveal", copy.public, *files)
    assert f"seed {sealed.seed}\n" in revealed.stdout
    command = revealed.stdout.rsplit("check with: ", 1)[1]
    printed = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert printed.split()[0] == read_edition(copy.public).commitment
    again = sseu("edition", "reveal", copy.public, *files)
    assert "is revealed already, nothing was changed" in again.stdout
    assert (revealed.returncode, again.returncode) == (0, 0)


def test_a_folder_that_does_not_follow_fails_the_check(sseu: Sseu, built: Path, sealed: SealedEdition) -> None:
    done = sseu("edition", "check", built, "--edition", sealed.public, "--seed-file", sealed.secret)
    assert done.returncode == 1
    assert "WRONG: the recipe has another seed than the edition" in done.stdout
    assert f"{built} is not proved to be the edition {NAME} (sealed)" in done.stdout


def test_mistyped_words_are_guessed(sseu: Sseu, sealed: SealedEdition, tmp_path: Path) -> None:
    assert_refused(sseu("edition", "chek", "x"), "Did you mean 'check'?")
    assert_refused(sseu("edition", "new", "x", "--rule", "divers", "--out", tmp_path), "did you mean 'diverse'?")
    near = str(sealed.public).replace("2027.edition.json", "2026")
    assert_refused(
        sseu("edition", "reveal", near, "--seed-file", sealed.secret), f"did you mean '{NAME}.edition.json'?"
    )
