"""A dataset folder that says it is of another version, which no code here builds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq


def as_version(built: Path, folder: Path, version: str) -> Path:
    """A copy of a dataset folder whose manifest and rows are of a version; samples and references are the same."""
    shutil.copytree(built, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": version}))
    for path in folder.glob("data/*/*.parquet"):
        table = pq.read_table(path)
        column = table.schema.get_field_index("version")
        pq.write_table(table.set_column(column, table.schema.field(column), [[version] * len(table)]), path)
    return folder
