"""What the board scores with: the rows of one dataset without their audio, in a file of a few hundred kilobytes.

Written once from a dataset folder by `sseu board reference`. The file carries the dataset's fingerprint and
the hash of its labels and transcripts, and is refused where its rows do not give both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sseu_dataset.manifest import fingerprint
from sseu_metric.conditions import CONDITIONS
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.job import Reference, read_references, references_sha256

SCHEMA = 1


@dataclass(frozen=True)
class Dataset:
    """Which dataset the rows are of; the same names as in `result.json`.

    Attributes:
        version: Of the benchmark.
        recipe: `paper`, `partial` or `custom`.
        fingerprint: SHA-256 of the sorted `id,pcm_sha256` lines.
        references_sha256: Of transcripts and labels (`sseu_models.results.folder.references_sha256`).
        pairs: Number of pairs.
    """

    version: str
    recipe: str
    fingerprint: str
    references_sha256: str
    pairs: int


@dataclass(frozen=True)
class BoardReference:
    """The rows the board scores with, in the dataset's order, and the dataset they are of."""

    dataset: Dataset
    rows: Sequence[Reference]


def write_reference(data: str, path: Path) -> BoardReference:
    """Make the file from a dataset folder or Hub repository.

    Raises:
        DatasetError: The dataset cannot be loaded, or is not what its manifest says.
    """
    from sseu_dataset.loading import load, load_manifest

    manifest = load_manifest(data)
    rows = [dict(row) for row in read_references(load(data, "all"))]
    dataset = Dataset(
        manifest.version, manifest.recipe, manifest.fingerprints["all"], references_sha256(rows), manifest.pairs
    )
    head = json.dumps({"schema": SCHEMA, **asdict(dataset)})
    unfinished = path.with_name(path.name + ".partial")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(head + "\n")
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    os.replace(unfinished, path)
    return read_reference(path)


def read_reference(path: Path) -> BoardReference:
    """The content of such a file.

    Raises:
        ValueError: It is none, of another schema, or its rows do not give its fingerprint.
    """
    again = "make it with: python -m sseu_leaderboard reference DATASET FILE"
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
    labels = (scene is None or 0 <= scene < len(SCENES)) and all(0 <= event < len(EVENTS) for event in row["events"])
    if not labels or row["snr"] not in CONDITIONS:
        raise ValueError(f"{path}: {row['id']}: a label or condition that this version does not know")
