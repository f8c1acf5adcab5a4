"""The dataset behind results, opened once: its rows, what is scored against, and its identity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_models.planning import Reference, read_references, references_sha256

if TYPE_CHECKING:
    from datasets import Dataset

    from sseu_models.results.records import DatasetIdentity


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
    references = read_references(rows)
    identity = DatasetIdentity(
        version=manifest.version,
        recipe=manifest.recipe,
        fingerprint=manifest.fingerprints["all"],
        references_sha256=references_sha256(references),
        pairs=manifest.pairs,
        conditions=ordered(manifest.conditions),
    )
    return OpenedDataset(str(place), rows, references, identity)
