"""Ways to change the files of a dataset folder as someone who knows the formats would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sseu_dataset.recipe import read_recipe, recipe_sha256

Rows = list[dict[str, Any]]
_KEY = b"sseu_recipe"


def shard(folder: Path, config: str) -> Path:
    """The only file of a configuration of a small dataset."""
    return folder / "data" / config / "test-00000-of-00001.parquet"


def change_rows(folder: Path, config: str, edit: Callable[[Rows], Rows]) -> None:
    """Rewrite one file with other rows and the same schema."""
    table = pq.read_table(shard(folder, config))
    pq.write_table(pa.Table.from_pylist(edit(table.to_pylist()), schema=table.schema), shard(folder, config))


def change_manifest(folder: Path, **values: Any) -> None:
    """Replace values of the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | values))


def change_recipe(path: Path, edit: Callable[[Rows], Rows] = lambda rows: rows, **head: Any) -> None:
    """Rewrite `recipe.parquet` with other rows, and other values in its head."""
    table = pq.read_table(path)
    values = json.loads(table.schema.metadata[_KEY]) | head
    schema = table.schema.with_metadata({_KEY: json.dumps(values)})
    pq.write_table(pa.Table.from_pylist(edit(table.to_pylist()), schema=schema), path)


def first_pair(**values: Any) -> Callable[[Rows], Rows]:
    """Other values in the first row."""
    return lambda rows: [rows[0] | values, *rows[1:]]


def adapt_manifest(folder: Path) -> None:
    """Make the manifest say what the recipe says, as a careful forger would."""
    recipe = read_recipe(folder / "recipe.parquet")
    change_manifest(
        folder, recipe_sha256=recipe_sha256(recipe), recipe=recipe.name, reasons=recipe.reasons, sources=recipe.sources
    )
