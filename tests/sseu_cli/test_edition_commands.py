"""`sseu edition`: the page of the docs from first to last, messages and exit codes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from sseu_dataset import read_edition
from sseu_dataset.corpora.folders import STANDIN_MARKER
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_cli.conftest import Sseu, assert_refused
from tests.sseu_dataset.editions.sealed import NAME, SealedEdition
from tests.sseu_dataset.tiny_corpora import TinyCorpora
from tests.sseu_models.scripted import ScriptedSystem

PAGE = Path(__file__).resolve().parents[2] / "docs" / "editions.md"
BLOCKS = re.findall(r"^```(bash|console)\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
MADE_SHORT = {"hf:Qwen/Qwen2-Audio-7B-Instruct": "python:tests.sseu_models.scripted:ScriptedSystem"}
ADDED = {
    "run": ["--embedder", "exact"],
    "submit": ["--allow-custom"],
    "export": ["--embedder", "exact", "--allow-custom"],
    "dataset": ["--dry-run"],
}
"""So that it runs here: no model, no embedder, stand-ins, no Hub."""


def test_the_page_runs_from_first_to_last(
    sseu: Sseu, corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in corpora.folders.values():
        (folder / STANDIN_MARKER).touch()
        (tmp_path / folder.name).symlink_to(folder)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")  # whoever asks the Hub fails
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
    entries = json.loads((tmp_path / "board" / "board.json").read_text())["entries"]
    assert [(one["kind"], one["version"].partition("+")[2]) for one in entries] == [("verified", NAME)]
    assert entries[0]["submissions"][0].startswith("Qwen--Qwen2-Audio-7B-Instruct/")


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


def test_a_result_gets_onto_a_board_without_the_hub_once(
    sseu: Sseu, sealed: SealedEdition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    run, submissions = tmp_path / "run", tmp_path / "submissions"
    evaluate(Request(ScriptedSystem(), str(sealed.folder), run, embedder="exact"), progress=False)
    submit = ["submit", run, "--model", "lab/m", "--allow-custom"]
    assert_refused(sseu(*submit), "give one of --leaderboard (a dataset on the Hub) and --out (a folder of submissions")
    assert_refused(sseu(*submit, "--leaderboard", "a/b", "--out", "c"), "give one of --leaderboard")
    assert_refused(
        sseu(*submit, "--leaderboard", "a/b"), "or give --out for a folder of submissions, if it is not publ"
    )
    assert_refused(sseu(*submit[:-1], "--out", submissions), "scores on it are not scores on SSEU-Bench")
    assert sseu(*submit, "--out", submissions, "--dry-run").returncode == 0
    assert not submissions.exists()
    first, again = (sseu(*submit, "--out", submissions) for _ in range(2))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    (folder,) = (submissions / "lab--m").iterdir()
    assert f"{folder}: written" in first.stdout
    assert f"{submissions} already has these answers, nothing was written" in again.stdout
    result = json.loads((folder / "result.json").read_text())
    assert (result["data"], result["revision"]) == (NAME, None)
    assert not [path for path in folder.iterdir() if str(tmp_path).encode() in path.read_bytes()]

    references, out = tmp_path / "references", tmp_path / "board"
    sseu("board", "reference", sealed.folder, references, "--edition", sealed.public)
    export = ["board", "export", "--references", references, "--out", out, "--embedder", "exact", "--allow-custom"]
    nothing = tmp_path / "nothing"
    assert_refused(
        sseu(*export, "--results", nothing),
        f"{nothing}: no such folder of submissions; `sseu submit RESULTS --out {nothing}` makes it",
    )
    assert_refused(sseu("board", "serve", "--references", references, "--results", nothing), "no such folder of subm")
    assert not out.exists()
    wrong = tmp_path / "wrong"
    shutil.copytree(run, wrong / "qwen2-audio")
    shutil.copytree(run, wrong / "lab--m" / "2026-11-28-abcdef0")
    shutil.copytree(folder, wrong / "lab--m" / "mine")
    (wrong / "notes.txt").touch()
    done = sseu(*export, "--results", wrong)
    assert done.returncode == 0
    remedy = "`sseu submit RESULTS --model OWNER/NAME --out DIR` makes a submission of results"
    assert done.stderr.splitlines() == [
        f"{wrong}/lab--m/2026-11-28-abcdef0 is skipped: it has no answers.jsonl.gz; {remedy}",
        f"{wrong}/lab--m/mine is skipped: it is no folder named <date>-<hash>, such as 2026-03-04-0123abcd; {remedy}",
        f"{wrong}/notes.txt is skipped: it is no folder named as a model, <owner>--<name>",
        f"{wrong}/qwen2-audio is skipped: it is no folder of a model, but holds a result.json itself; {remedy}",
        f"{wrong}: it holds no submission, so the board has no rows of its own",
    ]
    assert json.loads((out / "board.json").read_text())["entries"] == []
    done = sseu(*export, "--results", submissions)
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["system"] for one in json.loads((out / "board.json").read_text())["entries"]] == ["scripted:one"]
