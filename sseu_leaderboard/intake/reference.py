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
    newest_first,
    parse_versions,
    statuses,
)
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
    """The versions of the dataset that a board holds, by the title of each (`DatasetIdentity.title`).

    Attributes:
        by_version: The reference of each version, newest first; after a version its other recipe and its editions.
        statuses: What became of each of these versions, but for editions.
        editions: Each of the editions.
    """

    by_version: Mapping[str, BoardReference]
    statuses: Mapping[str, VersionStatus]
    editions: Mapping[str, Edition]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions, editions after them, withdrawn ones last; a board shows the first by default."""

        def key(version: str) -> tuple[bool, bool]:
            return version in self.statuses and self.statuses[version].withdrawn, version in self.editions

        return tuple(sorted(self.by_version, key=key))


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
            announce(f"{dataset.title}: {len(made.rows)} rows of {dataset.pairs} pairs, recipe {dataset.recipe}")
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
            raise ValueError(f"{path}: it is of version {reference.dataset.title}, not what its name says; {_REMEDY}")
        held[reference.dataset.title] = reference
    said = folder / FILE_NAME
    known = parse_versions(said.read_bytes(), str(said)) if said.exists() else {}
    versions = {title: one.dataset.version for title, one in held.items() if one.dataset.edition is None}
    withdrawn = {version: status for version, status in known.items() if status.withdrawn}
    found = statuses({*known, *versions.values()}, withdrawn)
    newest = newest_first({one.dataset.version for one in held.values()})
    titles = sorted(held, key=lambda title: (newest.index(held[title].dataset.version), title))
    editions = {title: _edition_of(held[title].dataset, folder) for title in titles if title not in versions}
    return References(
        {title: held[title] for title in titles},
        {title: found[versions[title]] for title in titles if title in versions},
        editions,
    )


def _file_name(dataset: DatasetIdentity) -> str:
    return f"v{dataset.title.replace(' ', '-')}.jsonl"


def _edition_of(dataset: DatasetIdentity, folder: Path) -> Edition:
    """The edition of a reference, from its public file in the same folder."""
    name = f"{dataset.edition}{ENDING}"
    found = read_edition(folder / name)
    if (found.name, found.version) != (dataset.edition, dataset.version):
        raise ValueError(
            f"{folder / name}: it is of the edition {found.name} of {found.version}; put its own file there"
        )
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
        write_atomically(folder / f"{of}{ENDING}", read_edition(edition).to_json())
    elif of is not None:
        raise ValueError(f"{data}: it is of the edition {of}; give its public file with --edition {of}{ENDING}")
    opened = open_dataset(data, revision)
    columns = opened.rows.select_columns(["id", "pcm_sha256", *REFERENCE_COLUMNS]).with_format("arrow")[:]
    values = [opened.identity.json_values(), *columns.to_pylist()]
    path = folder / _file_name(opened.identity)
    _check_build(path, opened.identity)
    write_atomically(path, "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values))
    return read_reference(path)


def _check_build(path: Path, ours: DatasetIdentity) -> None:
    """Refuse to replace the reference of another build of the same version; a damaged one is replaced."""
    try:
        there = read_reference(path).dataset
    except ValueError:
        return
    if there.fingerprint != ours.fingerprint:
        raise ValueError(
            f"{path}: there is another build of {there.title} already (recipe {there.recipe}, {there.pairs} pairs; "
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
