"""The dataset behind results, opened once: its rows, what is scored against, and its identity."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_models.planning import Reference, read_references

if TYPE_CHECKING:
    from datasets import Dataset

    from sseu_dataset.manifest import Manifest
    from sseu_models.results.records import DatasetIdentity, Result


@dataclass(frozen=True)
class OpenedDataset:
    """A dataset that was loaded and checked against its manifest.

    Attributes:
        place: Folder or Hub repository.
        rows: All rows, their audio undecoded.
        references: The same rows without audio (`planning.read_references`).
        identity: What a result says of it.
    """

    place: str
    rows: Dataset
    references: list[Reference]
    identity: DatasetIdentity


def open_dataset(place: str | Path, revision: str | None = None) -> OpenedDataset:
    """Load a dataset with its manifest.

    Args:
        place: Dataset folder or Hub repository.
        revision: Tag or commit of the Hub repository.

    Raises:
        DatasetError: It cannot be loaded, or is not what its manifest says.
        ValueError: It is no SSEU-Bench dataset.
    """
    from sseu_dataset.loading import load_with_manifest
    from sseu_models.results.records import DatasetIdentity

    rows, manifest = load_with_manifest(place, "all", revision)
    return OpenedDataset(str(place), rows, read_references(rows), DatasetIdentity.of(manifest))


def own_revision(result: Result, place: str | None = None) -> str | None:
    """The revision of a Hub repository that holds the very dataset of a result: its own, or the tag of its version.

    Args:
        result: The result.
        place: Where the dataset is now; by default where the result read it.

    Returns:
        The revision; None for a folder, and where the newest is the result's own.
    """
    from sseu_dataset.loading import load_manifest
    from sseu_dataset.records import DatasetError

    place = place or result.data
    if Path(place).is_dir():
        return None
    if place == result.data and result.revision is not None:
        return result.revision
    with suppress(DatasetError):  # the newest may be of another format, and a cache may hold only the tag
        newest = load_manifest(place)
        if (newest.version, newest.fingerprints["all"]) == (result.dataset.version, result.dataset.fingerprint):
            return None
    return f"v{result.dataset.version}"


def dataset_difference(one: Result, other: Result) -> str | None:
    """How the datasets of two results differ, and in which rows if both are at hand; None if they are the same."""
    ours, theirs = one.dataset, other.dataset
    if ours.fingerprint == theirs.fingerprint:
        return None
    same_audio = ours.pcm_fingerprint == theirs.pcm_fingerprint
    what = "the same audio with other transcripts or labels" if same_audio else "other clips"
    manifests = [manifest for result in (one, other) if (manifest := _manifest_of(result)) is not None]
    if len(manifests) < 2:
        return f"{what} (which rows differ cannot be said: not both datasets are where they were)"
    from sseu_dataset.fingerprints import compare_rows

    return f"{what}: {compare_rows(manifests[0].row_hashes, manifests[1].row_hashes)}"


def _manifest_of(result: Result) -> Manifest | None:
    """The manifest of a result's dataset; None if another dataset or none is there now."""
    from sseu_dataset.loading import load_manifest
    from sseu_dataset.records import DatasetError

    try:
        manifest = load_manifest(result.data, own_revision(result))
    except DatasetError:
        return None
    return manifest if manifest.fingerprints["all"] == result.dataset.fingerprint else None
