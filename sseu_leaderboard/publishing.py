"""The board as a Space on the Hub, and the dataset of its submissions."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset.editions.edition import refuse_sealed
from sseu_dataset.loading import load_manifest
from sseu_dataset.records import OFFICIAL
from sseu_hub.client import (
    Announce,
    Pushed,
    check_repo_id,
    hub_errors,
    make_repo,
    push_folder,
    require_local_hub,
    sizes_bytes,
)
from sseu_leaderboard.intake.reference import read_references, write_references

PACKAGES = ("sseu_dataset", "sseu_hub", "sseu_leaderboard", "sseu_metric", "sseu_models", "sseu_report")
REFERENCES = "references"
RESULTS_REPO, ALLOW_CUSTOM = "SSEU_RESULTS_REPO", "SSEU_ALLOW_CUSTOM"
EMBEDDER, LOOK_EVERY_S = "SSEU_EMBEDDER", "SSEU_EVERY_S"
"""Variables of the Space; see `web.app`."""


@dataclass(frozen=True)
class Space:
    """A draft that is ready to be pushed.

    Attributes:
        folder: Everything in it is pushed.
        sizes_bytes: Size of each file by path.
        variables: Environment variables of the Space.
    """

    folder: Path
    sizes_bytes: dict[str, int]
    variables: dict[str, str]

    def lines(self) -> list[str]:
        """One line for each file with its size, and for each variable."""
        files = [f"{size:>14,}  {path}" for path, size in self.sizes_bytes.items()]
        return [*files, *(f"variable {name}={value}" for name, value in self.variables.items())]


def prepare_space(
    data: str,
    results_repo: str,
    folder: str | Path,
    *,
    allow_custom: bool = False,
    edition: str | Path | None = None,
) -> Space:
    """Write the Space's files to a new folder; nothing is sent.

    Args:
        data: Dataset folder or Hub repository that the board scores with; of the latter every published version.
        results_repo: Dataset repository of the submissions.
        folder: A new folder.
        allow_custom: Accept a dataset that is not the benchmark; only with a Hub on this machine, for demonstrations.
        edition: The public file of the edition that the dataset is of, with its seed: a Space holds references openly.

    Raises:
        DatasetError: The dataset cannot be loaded, does not match its manifest, or is of a sealed edition.
        ValueError: The dataset is not the benchmark, or `results_repo` is no `owner/name`.
        FileExistsError: `folder` exists.
    """
    check_repo_id(results_repo, "dataset")
    refuse_sealed(load_manifest(data).settings, edition, str(data))
    folder = Path(folder)
    folder.mkdir(parents=True)
    held = write_references(data, folder / REFERENCES, edition=edition).by_version
    variables = {RESULTS_REPO: results_repo}
    others = {version: one.dataset.recipe for version, one in held.items() if one.dataset.recipe not in OFFICIAL}
    if others:
        if not allow_custom:
            version, recipe = next(iter(others.items()))
            raise ValueError(
                f"{data} {version} is a {recipe} build: a board on it would not rank systems on SSEU-Bench"
            )
        require_local_hub()
        variables[ALLOW_CUSTOM] = "1"
    for name, path in space_files(folder / REFERENCES).items():
        if not name.startswith(f"{REFERENCES}/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
    return Space(folder, sizes_bytes(folder), variables)


def space_files(references: Path) -> dict[str, Path]:
    """Every file of the Space by its path there; `app.py`, the card and the requirements are also at its root.

    Args:
        references: Folder of references, from `write_references`.

    Raises:
        ValueError: It is none.
    """
    read_references(references)
    project = Path(__file__).resolve().parents[1]
    files = {f"{REFERENCES}/{path.name}": path for path in sorted(references.iterdir()) if path.is_file()}
    files |= {name: project / "sseu_leaderboard" / name for name in ("README.md", "requirements.txt")}
    files["app.py"] = project / "sseu_leaderboard" / "web" / "app.py"
    for package in PACKAGES:
        for path in sorted((project / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                files[path.relative_to(project).as_posix()] = path
    return files


def push_space(space: Space, repo: str, *, private: bool, announce: Announce) -> Pushed:
    """Push the board as a Space and set its variables; the dataset of the submissions is made if missing.

    Args:
        space: From `prepare_space`.
        repo: `owner/name` of the Space; made if missing.
        private: Whether the Space, and the dataset if it is made, are private.
        announce: Called with one line for each stage.

    Raises:
        ValueError: It is no `owner/name`, or exists with the other visibility.
        HubError: The Hub refuses, or cannot be reached.
    """
    from huggingface_hub import HfApi

    api = HfApi()
    results_repo = space.variables[RESULTS_REPO]
    with hub_errors(results_repo):
        if not api.repo_exists(results_repo, repo_type="dataset"):
            api.create_repo(results_repo, repo_type="dataset", private=private, exist_ok=True)
            announce(f"made the results dataset {results_repo}")
        if api.dataset_info(results_repo).private:
            announce(f"{results_repo} is private: give the Space a secret HF_TOKEN with read access to it")
    make_repo(repo, "space", private=private)
    with hub_errors(repo):  # before the code, since the Space's first start reads them
        there = {name: variable.value for name, variable in api.get_space_variables(repo).items()}
        for name, value in space.variables.items():
            if there.get(name) != value:
                api.add_space_variable(repo, name, value)
                announce(f"variable {name}={value}")
    return push_folder(space.folder, repo, "space", tag=None, message="The leaderboard", announce=announce)
