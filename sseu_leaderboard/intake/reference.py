"""What the board scores with: the rows of one dataset without their audio, a line of JSON for each.

Written once by `sseu board reference`. Its first line is the dataset's identity as in `result.json`; the file is
refused if its rows do not give the same fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sseu_dataset.files import write_atomically
from sseu_dataset.fingerprints import REFERENCE_COLUMNS, RowHashes, fingerprint, pcm_fingerprint, reference_sha256
from sseu_metric.conditions import ordered
from sseu_models.planning import Reference

if TYPE_CHECKING:
    from sseu_models.results.records import DatasetIdentity

_REMEDY = "make it with: sseu board reference DATASET FILE"


@dataclass(frozen=True)
class BoardReference:
    """The rows the board scores with, in the dataset's order, and the identity of their dataset."""

    dataset: DatasetIdentity
    rows: Sequence[Reference]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The dataset's conditions, from `+inf` down to `-inf`."""
        return self.dataset.conditions


def write_reference(data: str | Path, path: str | Path) -> BoardReference:
    """Write the file that the board scores with.

    Args:
        data: Dataset folder or Hub repository.
        path: The file.

    Raises:
        DatasetError: The dataset cannot be loaded, or does not match its manifest.
        OSError: The file cannot be written.
    """
    from sseu_models.results.opened_dataset import open_dataset

    opened = open_dataset(data)
    columns = opened.rows.select_columns(["id", "pcm_sha256", *REFERENCE_COLUMNS]).with_format("arrow")[:]
    values = [opened.identity.json_values(), *columns.to_pylist()]
    write_atomically(Path(path), "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values))
    return read_reference(Path(path))


def read_reference(path: Path) -> BoardReference:
    """Read a reference file.

    Raises:
        ValueError: It is none, or its rows do not give its fingerprint.
    """
    from sseu_models.results.records import DatasetIdentity, parse_record

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
