"""The recipe file: `recipe.parquet`, one row per pair and utterance, with the SHA-256 of every source file.

It travels inside the dataset; with the corpora it determines every sample. Settings, name and version stand in the
metadata of its Parquet schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sseu_dataset import manifest
from sseu_dataset.library_output import retries_unlogged
from sseu_dataset.recipe_rows import RecipeRow, pairs_of
from sseu_dataset.records import (
    STRICT,
    Cut,
    DatasetError,
    Pair,
    Recipe,
    RecipeName,
    Settings,
    SpeechPart,
    Table,
    version_of,
    written,
)
from sseu_dataset.validation import parse_json
from sseu_metric.secret_transport import hub_url

FILE_NAME = "recipe.parquet"
EXCLUDED = "excluded.tsv"
_METADATA_KEY = b"sseu_recipe"
_ON_HUB = re.compile(r"hf:/{1,2}datasets/([^/@]+/[^/@]+)(?:@([^/]+))?/recipe\.parquet")
_REMEDY = "fetch the recipe again"


@dataclass(frozen=True)
class RecipeHead:
    """What stands in the metadata of the file's schema: a recipe without its pairs, and the format."""

    __pydantic_config__ = STRICT

    name: RecipeName
    reasons: tuple[str, ...]
    settings: Settings
    version: str
    schema_version: int
    language: str = "en"
    tables: tuple[Table, ...] = ()


def recipe_sha256(recipe: Recipe) -> str:
    """SHA-256 of the recipe's content (not of its Parquet bytes), in hex."""
    values = written(recipe) | {"pairs": [_content(pair, part) for pair in recipe.pairs for part in pair.speech]}
    text = json.dumps(values, default=written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(pair: Pair, part: SpeechPart) -> dict[str, Any]:
    """What is hashed of a row."""
    return {
        "background": pair.background,
        "background_sha256": pair.background_sha256,
        "utterance": part.utterance,
        "speech_sha256": part.sha256,
        "speech_onset_samples": pair.speech_onset_samples,
        **({} if part.cut is None else {"cut": part.cut}),
    }


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write one row per pair and utterance; settings, name and version go into the schema's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    head = RecipeHead(
        name=recipe.name,
        reasons=recipe.reasons,
        settings=recipe.settings,
        version=recipe.version,
        schema_version=manifest.FORMAT,
        language=recipe.language,
        tables=recipe.tables,
    )
    rows = [row.columns() for pair in recipe.pairs for row in RecipeRow.of_pair(pair)]
    has_cuts = any(row["pause_samples"] is not None for row in rows)
    segment = pa.struct([("event", pa.string()), ("onset_s", pa.float64()), ("offset_s", pa.float64())])
    soft_label = pa.struct([("event", pa.string()), ("values", pa.list_(pa.float64()))])
    types = {
        "int": pa.int64(),
        "int | None": pa.int64(),
        "list[EventSegment]": pa.list_(segment),
        "list[SoftLabel] | None": pa.list_(soft_label),
    }
    columns = fields(RecipeRow) if has_cuts else fields(RecipeRow)[: -len(fields(Cut))]
    schema = pa.schema([(field.name, types.get(str(field.type), pa.string())) for field in columns])
    table = pa.Table.from_pylist(rows, schema=schema)
    table = table.replace_schema_metadata({_METADATA_KEY: json.dumps(head, default=written)})
    pq.write_table(table, path, compression="zstd")


def read_recipe(path: Path) -> Recipe:
    """Read what `write_recipe` wrote.

    Raises:
        DatasetError: The file is not a recipe of this benchmark, is of another format or version, is named `paper` but
            is not the paper's, has no pair, or a pair in it has a value of another type or out of range.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DatasetError(f"{path}: no such recipe; a dataset folder holds it as {FILE_NAME}")
    try:
        table = pq.read_table(path)
        text = (table.schema.metadata or {})[_METADATA_KEY]
        values = json.loads(text)
        rows_text = json.dumps(table.to_pylist(), default=lambda value: [repr(value)])  # bytes, say: no field is such
    except (pa.ArrowException, KeyError, TypeError, ValueError, RecursionError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk; Arrow's own for damage has no number
            raise
        raise DatasetError(f"{path}: not a recipe of this benchmark ({error!r}); {_REMEDY}") from error
    manifest.check_format(values.get("schema_version", 1), str(path))
    head = parse_json(RecipeHead, text, str(path), _REMEDY)
    if head.version != (built := version_of(head.settings)):
        raise DatasetError(
            f"{path} is a recipe of version {head.version}, this code builds {built}; use version {head.version} of "
            "the code"
        )
    rows = parse_json(list[RecipeRow], rows_text, str(path), _REMEDY)
    if not rows:
        raise DatasetError(f"{path}: it has no pair; {_REMEDY}")
    try:
        return Recipe(
            name=head.name,
            reasons=head.reasons,
            settings=head.settings,
            pairs=pairs_of(rows),
            version=head.version,
            language=head.language,
            tables=head.tables,
        )
    except ValueError as error:
        raise DatasetError(f"{path}: {error}; {_REMEDY}") from None


@dataclass(frozen=True)
class PublishedRecipe:
    """A recipe and the files beside it: the manifest and the text of `excluded.tsv`, None where missing."""

    recipe: Recipe
    manifest: manifest.Manifest | None
    excluded: str | None


def read_published(location: Path | str) -> PublishedRecipe:
    """Read a recipe, on disk or on the Hub, and the files beside it.

    Raises:
        DatasetError: See `local_recipe` and `read_recipe`; or the manifest beside it is invalid or of another recipe,
            or the list of exclusions is not the manifest's.
    """
    path = local_recipe(location)
    recipe = read_recipe(path)
    stated, listed = path.with_name(manifest.FILE_NAME), path.with_name(EXCLUDED)
    made = manifest.read_manifest(path.parent) if stated.exists() else None
    excluded = listed.read_bytes() if listed.exists() else None
    if made is not None:
        manifest.check_version(made, str(stated))
        if made.recipe_sha256 != (found := recipe_sha256(recipe)):
            raise DatasetError(
                f"{path} is not the recipe of {stated}: its content has the SHA-256 {found[:12]}, the manifest says "
                f"{made.recipe_sha256[:12]}: one of the two was changed, or they are of different builds; fetch both "
                "again"
            )
        if excluded is None:
            raise DatasetError(f"{listed} is missing, which {stated} was made with; fetch it too")
        if made.excluded_sha256 != hashlib.sha256(excluded).hexdigest():
            raise DatasetError(f"{listed} is not the list that {stated} was made with; fetch both again")
    return PublishedRecipe(recipe, made, None if excluded is None else excluded.decode("utf-8", "replace"))


def local_recipe(location: Path | str) -> Path:
    """The local path of a recipe; one on the Hub is fetched first, with manifest and list of exclusions.

    Args:
        location: A file, or `hf://datasets/<owner>/<name>[@<tag or commit>]/recipe.parquet` (as a `Path` it has one
            slash less, which is accepted).

    Raises:
        DatasetError: There is no such recipe on the Hub, or the Hub cannot be reached.
    """
    if not str(location).startswith("hf:"):
        return Path(location)
    match = _ON_HUB.fullmatch(str(location))
    if match is None:
        raise DatasetError(f"{location}: a recipe on the Hub is hf://datasets/<owner>/<name>[@<tag>]/{FILE_NAME}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    hub_url()  # refuses to send a token unencrypted
    try:
        with retries_unlogged():
            files = [FILE_NAME, manifest.FILE_NAME, EXCLUDED]
            folder = snapshot_download(match[1], repo_type="dataset", revision=match[2], allow_patterns=files)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise DatasetError(f"{location}: it cannot be fetched from the Hub: {error}") from error
    recipe = Path(folder) / FILE_NAME
    if not recipe.is_file():
        raise DatasetError(f"{location}: the repository holds no {FILE_NAME} at this revision")
    return recipe
