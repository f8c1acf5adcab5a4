"""What the board scores with: the rows of one dataset without their audio, in a file of a few hundred kilobytes.

Written once from a dataset by `sseu board reference`. The file carries the dataset's fingerprint and the hash of its
labels and transcripts, and is refused if its rows do not give both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sseu_dataset.files import write_atomically
from sseu_dataset.manifest import fingerprint
from sseu_metric.conditions import ordered, snr_db_of
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.job import Reference, read_references, references_sha256

SCHEMA = 1


@dataclass(frozen=True)
class Dataset:
    """Identity of the dataset, with the field names of `result.json`.

    Attributes:
        version: Benchmark version.
        recipe: `paper`, `partial` or `custom`.
        fingerprint: SHA-256 of the sorted `id,pcm_sha256` lines.
        references_sha256: SHA-256 of transcripts and labels (`sseu_models.job.references_sha256`).
        pairs: Number of pairs.
    """

    version: str
    recipe: str
    fingerprint: str
    references_sha256: str
    pairs: int


@dataclass(frozen=True)
class BoardReference:
    """The rows the board scores with, in the dataset's order, and the identity of their dataset."""

    dataset: Dataset
    rows: Sequence[Reference]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The dataset's conditions, from `+inf` down to `-inf`."""
        return ordered(row["snr"] for row in self.rows)


def write_reference(data: str | Path, path: str | Path) -> BoardReference:
    """Write the file that the board scores with.

    Args:
        data: Dataset folder or Hub repository.
        path: The file.

    Raises:
        DatasetError: The dataset cannot be loaded, or does not match its manifest.
        OSError: The file cannot be written.
    """
    from sseu_dataset.loading import load, load_manifest

    manifest = load_manifest(str(data))
    rows = [dict(row) for row in read_references(load(str(data), "all"))]
    dataset = Dataset(
        manifest.version, manifest.recipe, manifest.fingerprints["all"], references_sha256(rows), manifest.pairs
    )
    lines = [json.dumps({"schema": SCHEMA, **asdict(dataset)}), *(json.dumps(row, ensure_ascii=False) for row in rows)]
    write_atomically(Path(path), "".join(f"{line}\n" for line in lines))
    return read_reference(Path(path))


def read_reference(path: Path) -> BoardReference:
    """Read a reference file.

    Raises:
        ValueError: It is none, has another schema version, or its rows do not give its fingerprint.
    """
    again = "make it with: sseu board reference DATASET FILE"
    try:
        with path.open(encoding="utf-8") as file:
            head, *rows = [json.loads(line) for line in file]
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file; {again}") from None
    except ValueError as error:
        raise ValueError(f"{path}: no reference file ({error}); {again}") from None
    if not isinstance(head, dict) or head.pop("schema", None) != SCHEMA:
        raise ValueError(f"{path}: no reference file of schema {SCHEMA}; {again}")
    dataset = Dataset(**head)
    found = {
        "fingerprint": fingerprint((row["id"], row["pcm_sha256"]) for row in rows),
        "references_sha256": references_sha256(rows),
    }
    for name, value in found.items():
        if value != getattr(dataset, name):
            raise ValueError(
                f"{path}: its rows give the {name} {value[:12]}, its head says {getattr(dataset, name)[:12]}; {again}"
            )
    for row in rows:
        _check_labels(row, path)
    return BoardReference(dataset, rows)


def _check_labels(row: dict[str, Any], path: Path) -> None:
    scene = row["scene"]
    known = (scene is None or 0 <= scene < len(SCENES)) and all(0 <= event < len(EVENTS) for event in row["events"])
    if not known:
        raise ValueError(f"{path}: {row['id']} has a scene or event that this version does not know")
    try:
        snr_db_of(row["snr"])
    except ValueError as error:
        raise ValueError(f"{path}: {row['id']}: {error}") from None
