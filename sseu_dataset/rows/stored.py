"""The rows of a dataset folder or repository as they are stored, checked against the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.fingerprints import REFERENCE_COLUMNS, RowHashes, compare_rows, fingerprint, reference_sha256
from sseu_dataset.library_output import bars_on_terminals_only, full_disk
from sseu_dataset.manifest import Manifest
from sseu_dataset.records import DatasetError
from sseu_dataset.schema import STEMS, check_columns, config_name, features

if TYPE_CHECKING:
    from datasets import Dataset, Features

FETCH_AGAIN = "build or fetch the dataset again, or clear the cache of `datasets`"
"""What to do about rows that are not those of the manifest."""


def read_folder(folder: Path, config: str, manifest: Manifest) -> Dataset:
    """The rows of a dataset folder as they are now.

    `datasets.load_dataset` finds rows it has read before by the folder's name and its card: it does not notice a file
    that has changed since, nor another folder of that name. By the files it does.
    """
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    if (manifest.layout == "stems") != (folder / "data" / STEMS).is_dir():
        there = "missing" if manifest.layout == "stems" else "there"
        raise DatasetError(
            f"{folder}: its manifest says the layout {manifest.layout}, and data/{STEMS} is {there}; {FETCH_AGAIN}"
        )
    names = map(config_name, manifest.conditions) if config == "all" else [config]
    files = [str(path) for name in names for path in sorted((folder / "data" / name).glob("*.parquet"))]
    if not files:
        raise DatasetError(f"{folder}: no Parquet files of {config} in its data; {FETCH_AGAIN}")
    for file in files:
        try:
            check_columns(pq.read_schema(file), file, FETCH_AGAIN, config)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(file, error) from error
    try:
        rows: Dataset = datasets.Dataset.from_parquet(files, split="test")
    except (pa.ArrowException, datasets.exceptions.DatasetGenerationError, OSError) as error:
        why = error.__cause__ or error
        raise full_disk(why, datasets.config.HF_DATASETS_CACHE) or _unreadable(f"{folder}, {config}", why) from error
    return rows


def _unreadable(place: str, why: BaseException) -> Exception:
    """The error of a Parquet file that is damaged; that of the system, if it is the disk that fails."""
    if isinstance(why, OSError) and why.errno is not None:
        return why
    return DatasetError(f"{place}: it cannot be read as Parquet ({why}); {FETCH_AGAIN}")


def check_rows(rows: Dataset, manifest: Manifest, config: str, place: str) -> None:
    """Check a configuration's references, its name, and the hashes of its samples against the manifest.

    The samples themselves are checked where they are decoded (`samples.read_pcm`).
    """
    check_columns(rows.features.arrow_schema, place, FETCH_AGAIN)
    columns = rows.select_columns(["id", "pcm_sha256", *REFERENCE_COLUMNS]).with_format("arrow")[:]
    found: dict[str, RowHashes] = {}
    for row in columns.to_pylist():
        if row["id"] in found:
            raise DatasetError(f"{place}: the row {row['id']} is there twice; {FETCH_AGAIN}")
        try:
            found[row["id"]] = RowHashes(row["pcm_sha256"], reference_sha256(row))
        except (TypeError, ValueError) as error:
            raise DatasetError(
                f"{place}: the row {row['id']} has an impossible value ({error}); {FETCH_AGAIN}"
            ) from None
    if fingerprint(found) != manifest.fingerprints[config]:
        stated = manifest.row_hashes
        if config != "all":
            stated = {row: stated[row] for row in stated if row.endswith(f"_{config}")}
        raise DatasetError(f"{place}: not the rows of its manifest: {compare_rows(stated, found)}; {FETCH_AGAIN}")
    for name, value in (("recipe", manifest.recipe), ("version", manifest.version)):
        if other := [one for one in rows.unique(name) if one != value]:
            raise DatasetError(f"{place}: rows of the {name} {other[0]}, the manifest says {value}; {FETCH_AGAIN}")


def generated_rows(generator: Callable[..., Iterator[dict[str, Any]]], arguments: dict[str, Any]) -> Dataset:
    """The rows that `generator` yields for `arguments`, kept in the cache of `datasets` like those of a folder.

    Raises:
        OSError: The cache cannot be written.
    """
    import datasets

    with bars_on_terminals_only():
        try:
            rows: Dataset = datasets.Dataset.from_generator(
                generator,
                features=plain_features(),
                gen_kwargs=arguments,
                split="test",
            )
        except datasets.exceptions.DatasetGenerationError as error:
            why = error.__cause__ or error
            raise full_disk(why, datasets.config.HF_DATASETS_CACHE) or why from None
    return rows.cast_column("audio", datasets.Audio(decode=False))


def plain_features() -> Features:
    """The columns, audio as a plain structure: to store an `Audio` column, `datasets` needs torch and torchcodec."""
    import datasets

    text = {"dtype": "string", "_type": "Value"}
    return datasets.Features.from_dict(
        features() | {"audio": {"bytes": {"dtype": "binary", "_type": "Value"}, "path": text}}
    )
