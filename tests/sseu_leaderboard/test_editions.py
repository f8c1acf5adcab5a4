"""Editions on a board: tables of their own, sealed and revealed; nothing that systems leave behind holds the seed."""

from __future__ import annotations

import gzip
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sseu_dataset import DatasetError, new_edition, reveal_edition
from sseu_dataset.editions.edition import read_edition
from sseu_dataset.records import VERSION
from sseu_hub.publishing import prepare_dataset
from sseu_leaderboard import export_board, prepare_space, read_references, write_references
from sseu_leaderboard.entries.ranking import Ranking
from sseu_leaderboard.entries.rows import paper_rows
from sseu_leaderboard.entries.view import View
from sseu_leaderboard.intake.check import verify
from sseu_leaderboard.intake.store import add_submission
from sseu_metric.embedders import make_embedder
from sseu_report import report
from tests.sseu_dataset.editions.sealed import NAME, SealedEdition
from tests.sseu_hub.made_submissions import MODEL, make_submission

EDITION = f"{VERSION}+{NAME}"


@pytest.fixture(scope="module")
def answered(sealed: SealedEdition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of a run on the edition (`run`) and its `submission`."""
    root = tmp_path_factory.mktemp("answered")
    make_submission(sealed.folder, root, "scripted:plain")
    return root


@pytest.fixture
def both(sealed: SealedEdition, references: Path, tmp_path: Path) -> Path:
    """References of the benchmark and of the edition."""
    folder = Path(shutil.copytree(references, tmp_path / "references"))
    write_references(sealed.folder, folder, edition=sealed.public)
    return folder


def _files_with(root: Path, *secrets: str) -> list[str]:
    """Files below a folder, unpacked where they are packed, that hold one of the texts."""
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            content += gzip.decompress(content) if path.suffix == ".gz" else b""
            found += [path.name for secret in secrets if secret.encode() in content]
    return found


def test_nothing_that_a_run_leaves_behind_holds_the_seed(
    sealed: SealedEdition, answered: Path, both: Path, tmp_path: Path
) -> None:
    seed = sealed.seed, str(int(sealed.seed, 16))
    assert _files_with(sealed.folder, *seed) == ["manifest.json", "recipe.parquet"]
    report([answered / "run"], tmp_path / "report")
    results = tmp_path / "results"
    add_submission(results, answered / "submission", MODEL)
    export_board(both, tmp_path / "board", results=results, embedder="exact", allow_custom=True)
    assert "scripted:plain" in (tmp_path / "board" / "board.json").read_text()
    for folder in (answered, both, tmp_path / "report", results, tmp_path / "board", tmp_path):
        assert list(folder.rglob("*"))
        assert _files_with(folder, *seed) == []


def test_a_sealed_edition_is_published_nowhere(sealed: SealedEdition, tmp_path: Path) -> None:
    for given in (None, sealed.public):
        with pytest.raises(DatasetError, match=f"it is of the edition {NAME}, and holds its seed, transcripts and"):
            prepare_dataset(sealed.folder, tmp_path / "draft", edition=given, progress=False)
        with pytest.raises(DatasetError, match=f"it is of the edition {NAME}, and holds its seed, transcripts and"):
            prepare_space(str(sealed.folder), "lab/results", tmp_path / "space", edition=given)
    assert not (tmp_path / "draft").exists()
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_revealed_edition_is_published(sealed: SealedEdition, tmp_path: Path) -> None:
    copy = sealed.copied_to(tmp_path)
    reveal_edition(copy.public, copy.secret)
    publication = prepare_dataset(sealed.folder, tmp_path / "draft", edition=copy.public, progress=False)
    assert "manifest.json" in publication.sizes_bytes


def test_a_board_takes_an_edition_with_its_own_file_alone(sealed: SealedEdition, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=rf"it is of the edition {NAME}; give its public file with --edition {NAME}\.ed"
    ):
        write_references(sealed.folder, tmp_path / "references")
    other, _ = new_edition("autumn", tmp_path)
    with pytest.raises(DatasetError, match=rf"it is of the edition {NAME} .*not of autumn .*give the file of its own"):
        write_references(sealed.folder, tmp_path / "references", edition=other)
    assert not list((tmp_path / "references").iterdir())


def test_a_board_holds_editions_after_the_benchmark(both: Path) -> None:
    held = read_references(both)
    assert held.versions == (VERSION, EDITION)
    assert {path.name for path in both.iterdir()} == {
        f"v{VERSION}.jsonl", f"v{EDITION}.jsonl", f"{NAME}.edition.json"
    }  # fmt: skip
    assert (list(held.statuses), list(held.editions)) == ([EDITION, VERSION], [EDITION])
    (both / f"{NAME}.edition.json").unlink()
    with pytest.raises(DatasetError, match=rf"{NAME}\.edition\.json: no such edition"):
        read_references(both)


def test_a_board_holds_one_edition_of_a_name(sealed: SealedEdition, both: Path, tmp_path: Path) -> None:
    other, _ = new_edition(NAME, tmp_path / "other")
    shutil.copy(other, both / f"{NAME}.edition.json")
    before = (both / f"{NAME}.edition.json").read_bytes()
    with pytest.raises(
        ValueError, match=rf"{NAME}\.edition\.json: there is another edition of this name, {re.escape(EDITION)}"
    ):
        write_references(sealed.folder, both, edition=sealed.public)
    assert (both / f"{NAME}.edition.json").read_bytes() == before


def test_a_submission_is_about_its_edition(answered: Path, both: Path, references: Path) -> None:
    embedder = make_embedder("exact")
    known, only = read_references(both).by_version, read_references(references).by_version
    assert verify(answered / "submission", known, embedder=embedder, allow_custom=True).version == EDITION
    with pytest.raises(
        ValueError,
        match=re.escape(f"version '{EDITION}' of the dataset, the edition '{NAME}', this board has {VERSION}; run the"),
    ):
        verify(answered / "submission", only, embedder=embedder, allow_custom=True)


def test_a_submission_cannot_change_what_it_is_about(answered: Path, both: Path, tmp_path: Path) -> None:
    """An edition's answers under the benchmark's name are those of other clips."""
    folder = Path(shutil.copytree(answered / "submission", tmp_path / "submission"))
    values = json.loads((folder / "result.json").read_text())
    values["dataset"]["version"] = VERSION
    (folder / "result.json").write_text(json.dumps(values))
    with pytest.raises(
        ValueError, match=r"is about samples with the SHA-256 .*: the answers are about another dataset"
    ):
        verify(folder, read_references(both).by_version, embedder=make_embedder("exact"), allow_custom=True)


def test_the_page_says_what_is_secret_and_how_to_check_what_is_not(
    sealed: SealedEdition, answered: Path, both: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    add_submission(results, answered / "submission", MODEL)

    def page() -> str:
        paths = export_board(both, tmp_path / "board", results=results, embedder="exact", allow_custom=True)
        names = {path.name: path for path in paths}
        return names[f"{EDITION}-independent.html"].read_text()

    commitment, shown = read_edition(sealed.public).commitment, page()
    assert f"{EDITION} (sealed) independent" in shown
    assert f"<strong>Edition {NAME}, sealed</strong>: its mixtures and their transcripts are known to its org" in shown
    assert commitment in shown
    assert "scripted:plain" in shown
    reveal_edition(both / f"{NAME}.edition.json", sealed.secret)
    shown = page()
    assert f"{EDITION} (revealed) independent" in shown
    assert f"its seed is <code>{sealed.seed}</code>, and the SHA-256 <code>{commitment}</code> of name" in shown
    command = html.unescape(re.findall(r"<code>(printf .*?)</code>", shown)[0])
    printed = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert printed.split()[0] == commitment
    assert f"<code>sseu edition check FOLDER --edition {NAME}.edition.json --vctk" in shown
    dataset = json.loads((tmp_path / "board" / "board.json").read_text())["datasets"][EDITION]
    assert dataset["edition"]["seed"] == sealed.seed


def test_the_paper_s_rows_are_not_among_those_of_an_edition() -> None:
    ranking = Ranking.of(paper_rows())
    assert ranking.show(View())
    assert ranking.show(View(version=EDITION)) == []
