"""What the board scores with: for each version of the dataset its rows without their audio, a line of JSON for each.

`sseu board reference` writes them into a folder, as `v<version>.jsonl`. The first line of a file is the dataset's
identity as in `result.json`; it is refused if its rows do not give the same fingerprint. Beside them lies the
`versions.json` of the repository they are from, if there is one: what became of each version; and for each edition its
public file, which says whether it is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.editions.edition import ENDING, Edition, check_is_of, read_edition
from sseu_dataset.files import write_atomically
from sseu_dataset.fingerprints import REFERENCE_COLUMNS, RowHashes, fingerprint, pcm_fingerprint, reference_sha256
from sseu_dataset.loading import load_manifest
from sseu_dataset.published.versions import (
    FILE_NAME,
    VersionsFile,
    VersionStatus,
    benchmark_of,
    newest_first,
    parse_versions,
    statuses,
)
from sseu_dataset.records import edition_of
from sseu_hub.client import Announce
from sseu_hub.versions import read_versions, tagged_versions
from sseu_metric.conditions import ordered
from sseu_models.planning import Reference

if TYPE_CHECKING:
    from sseu_models.results.records import DatasetIdentity

_REMEDY = "make it with: sseu board reference DATASET FOLDER"


@dataclass(frozen=True)
class BoardReference:
    """The rows the board scores with, in the dataset's order, and the identity of their dataset."""

    dataset: DatasetIdentity
    rows: Sequence[Reference]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The dataset's conditions, from `+inf` down to `-inf`."""
        return self.dataset.conditions


@dataclass(frozen=True)
class References:
    """The versions of the dataset that a board holds.

    Attributes:
        by_version: The reference of each version, newest first.
        statuses: What became of each of these versions.
        editions: Those of the versions that are of editions.
    """

    by_version: Mapping[str, BoardReference]
    statuses: Mapping[str, VersionStatus]
    editions: Mapping[str, Edition]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions, the paper's recipe first, withdrawn ones last; a board shows the first by default."""
        return tuple(sorted(self.by_version, key=lambda one: (self.statuses[one].withdrawn, bool(benchmark_of(one)))))


def write_references(
    data: str | Path, folder: str | Path, announce: Announce | None = None, *, edition: str | Path | None = None
) -> References:
    """Write the rows that the board scores with into a folder; every published version of a Hub repository.

    References of other versions that are there stay.

    Args:
        data: Dataset folder or Hub repository.
        folder: Made if missing.
        announce: Called with one line for each version.
        edition: The public file of the edition that the dataset is of; it is copied, sealed or revealed.

    Returns:
        All that the folder then holds.

    Raises:
        DatasetError: A version cannot be loaded, does not match its manifest, or is of another edition.
        ValueError: The folder holds what is no reference, or another build of the same version.
        HubError: The Hub refuses, or cannot be reached.
        OSError: A file cannot be written.
    """
    folder = Path(folder)
    tagged: list[str] = []
    published: dict[str, VersionStatus] = {}
    if not Path(data).is_dir():
        load_manifest(data)  # says what a mistyped folder may have meant
        tagged, published = newest_first(tagged_versions(str(data))), read_versions(str(data))
    folder.mkdir(parents=True, exist_ok=True)
    revisions: list[str | None] = [f"v{version}" for version in tagged]
    for revision in revisions or [None]:
        made = write_reference(data, folder, revision, edition)
        if announce is not None:
            dataset = made.dataset
            announce(f"{dataset.version}: {len(made.rows)} rows of {dataset.pairs} pairs, recipe {dataset.recipe}")
    if published:
        write_atomically(folder / FILE_NAME, VersionsFile(published).to_json())
    return read_references(folder)


def read_references(folder: str | Path) -> References:
    """Read the references of a board.

    Raises:
        ValueError: The folder holds none, or a file that is not what its name says.
    """
    folder = Path(folder)
    files = sorted(folder.glob("v*.jsonl"))
    if not files:
        raise ValueError(f"{folder}: no such folder of references, or an empty one; {_REMEDY}")
    held: dict[str, BoardReference] = {}
    for path in files:
        reference = read_reference(path)
        if path.name != _file_name(reference.dataset):
            raise ValueError(f"{path}: it is of version {reference.dataset.version}, not what its name says; {_REMEDY}")
        held[reference.dataset.version] = reference
    said = folder / FILE_NAME
    known = parse_versions(said.read_bytes(), str(said)) if said.exists() else {}
    found = statuses({*known, *held}, {version: status for version, status in known.items() if status.withdrawn})
    ordered_ones = newest_first(held)
    editions = {one: _read_edition(one, folder) for one in ordered_ones if edition_of(one) is not None}
    return References({one: held[one] for one in ordered_ones}, {one: found[one] for one in ordered_ones}, editions)


def _file_name(dataset: DatasetIdentity) -> str:
    return f"v{dataset.version}.jsonl"


def _read_edition(version: str, folder: Path) -> Edition:
    """The edition that has a version, from its public file in the same folder."""
    path = folder / f"{edition_of(version)}{ENDING}"
    found = read_edition(path)
    if found.dataset_version != version:
        raise ValueError(f"{path}: its dataset is {found.dataset_version}, the reference is of {version}; {_REMEDY}")
    return found


def write_reference(
    data: str | Path, folder: Path, revision: str | None = None, edition: str | Path | None = None
) -> BoardReference:
    """Write the reference of one dataset into a folder.

    Raises:
        DatasetError, OSError: As `write_references`.
        ValueError: The folder holds another build of the same version.
    """
    from sseu_models.results.opened_dataset import open_dataset

    manifest = load_manifest(data, revision)
    of = None if manifest.settings is None else manifest.settings.edition
    if edition is not None:
        check_is_of(manifest.settings, read_edition(edition), str(data))
    elif of is not None:
        raise ValueError(f"{data}: it is of the edition {of}; give its public file with --edition {of}{ENDING}")
    opened = open_dataset(data, revision)
    columns = opened.rows.select_columns(["id", "pcm_sha256", *REFERENCE_COLUMNS]).with_format("arrow")[:]
    values = [opened.identity.json_values(), *columns.to_pylist()]
    path = folder / _file_name(opened.identity)
    _check_build(path, opened.identity)
    if edition is not None:
        _write_edition(read_edition(edition), folder / f"{of}{ENDING}")
    write_atomically(path, "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values))
    return read_reference(path)


def _write_edition(edition: Edition, path: Path) -> None:
    """Copy the public file of an edition; one of another edition is not replaced."""
    if path.exists() and (there := read_edition(path)).commitment != edition.commitment:
        raise ValueError(
            f"{path}: there is another edition of this name, {there.dataset_version}; give each a folder of its own"
        )
    write_atomically(path, edition.to_json())


def _check_build(path: Path, ours: DatasetIdentity) -> None:
    """Refuse to replace the reference of another build of the same version; a damaged one is replaced."""
    try:
        there = read_reference(path).dataset
    except ValueError:
        return
    if there.fingerprint != ours.fingerprint:
        raise ValueError(
            f"{path}: there is another build of {there.version} already (recipe {there.recipe}, {there.pairs} pairs; "
            f"this one: {ours.recipe}, {ours.pairs} pairs); give each build a folder of its own"
        )


def read_reference(path: Path) -> BoardReference:
    """Read a reference file.

    Raises:
        ValueError: It is none, or its rows do not give its fingerprint.
    """
    from sseu_models.results.record import parse_record
    from sseu_models.results.records import DatasetIdentity

    try:
        head, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file; {_REMEDY}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: no reference file ({error}); {_REMEDY}") from None
    dataset = parse_record(DatasetIdentity, head, f"{path}: no reference file", _REMEDY)
    try:
        rows = [json.loads(line) for line in lines]
        found = {
            "fingerprint": fingerprint(
                {row["id"]: RowHashes(row["pcm_sha256"], reference_sha256(row)) for row in rows}
            ),
            "pcm_fingerprint": pcm_fingerprint({row["id"]: row["pcm_sha256"] for row in rows}),
            "conditions": ordered(row["condition"] for row in rows),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: a row is damaged ({error!r:.80}); {_REMEDY}") from None
    for name, value in found.items():
        if value != getattr(dataset, name):
            raise ValueError(
                f"{path}: its rows give the {name} {value!s:.40}, its first line says "
                f"{getattr(dataset, name)!s:.40}; {_REMEDY}"
            )
    return BoardReference(dataset, rows)
