"""Rows on disk: one Parquet file per configuration and block of pairs, written atomically.

A block's files get their names only when all of them are complete; a small journal, written last, records that and
holds what the manifest needs. Row groups are small, for random access.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sseu_dataset.files import UNFINISHED, sync_folder, write_atomically
from sseu_dataset.fingerprints import RowHashes, references_sha256
from sseu_dataset.schema import STEMS, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

T = TypeVar("T")
PAIRS_PER_SHARD = 64
_ROWS_PER_GROUP = 8
_PAGE_BYTES = 1 << 16
_REPETITIVE = [
    "speaker_gender",
    "speaker_accent",
    "speaker_id",
    "transcript",
    "transcript_raw",
    "background_corpus",
    "condition",
    "licence",
    "recipe",
    "version",
]


@dataclass(frozen=True)
class Journal:
    """Record of a complete block.

    Attributes:
        file_sizes: The size of each file in bytes.
        rows: The hashes of each row.
        gain_db: The gain of each pair.
        overlap_snrs_db: By condition, the SNRs over the span where both signals sound.
    """

    file_sizes: dict[str, int]
    rows: dict[str, RowHashes]
    gain_db: dict[str, float]
    overlap_snrs_db: dict[str, list[float]]


def blocks_of(items: Sequence[T]) -> list[Sequence[T]]:
    """The pairs of each block, or whatever there is one of for each pair."""
    return [items[first : first + PAIRS_PER_SHARD] for first in range(0, len(items), PAIRS_PER_SHARD)]


def shard_paths(data: Path, configs: Sequence[str], pairs: int) -> list[list[Path]]:
    """The files of each block of pairs, in the order of the configurations (`schema.data_configs`)."""
    blocks = -(-pairs // PAIRS_PER_SHARD)
    return [
        [data / config / f"test-{block:05d}-of-{blocks:05d}.parquet" for config in configs] for block in range(blocks)
    ]


def write_block(
    data: Path, paths: Sequence[Path], journal_path: Path, pairs: Iterable[list[list[dict[str, Any]]]]
) -> Journal:
    """Write a block of pairs (for each file a list of rows) to its files, and then its journal.

    Raises:
        OSError: The disk is full or not writable; the block's files do not get their names.
    """
    schemas = [arrow_schema(path.parent.name) for path in paths]
    hashes: dict[str, RowHashes] = {}
    gain_db: dict[str, float] = {}
    overlap_snrs_db: dict[str, list[float]] = {}
    with ExitStack() as stack:
        writers = []
        for path, schema in zip(paths, schemas, strict=True):
            path.parent.mkdir(exist_ok=True)  # without `parents`: a work folder that was removed stays so
            writers.append(stack.enter_context(_writer(_unfinished(path), schema)))
        waiting: list[list[dict[str, Any]]] = [[] for _ in paths]
        for group in _batches(pairs, _ROWS_PER_GROUP):
            for number, (writer, schema) in enumerate(zip(writers, schemas, strict=True)):
                waiting[number] += [row for files in group for row in files[number]]
                if any(row["audio"] for row in waiting[number]):  # rows without audio may wait for the whole block
                    writer.write_table(to_table(waiting[number], schema))
                    waiting[number] = []
            for files in group:
                rows = [
                    row for path, found in zip(paths, files, strict=True) for row in found if path.parent.name != STEMS
                ]
                for row, reference in zip(rows, references_sha256(rows), strict=True):
                    hashes[row["id"]] = RowHashes(row["pcm_sha256"], reference)
                    if row["snr_overlap_db"] is not None:
                        overlap_snrs_db.setdefault(row["condition"], []).append(row["snr_overlap_db"])
                gain_db[rows[0]["pair_id"]] = rows[0]["gain_db"]
        for rows, writer, schema in zip(waiting, writers, schemas, strict=True):
            if rows:
                writer.write_table(to_table(rows, schema))
    for path in paths:
        _sync(_unfinished(path))
        os.replace(_unfinished(path), path)
        sync_folder(path.parent)
    sizes = {path.relative_to(data).as_posix(): path.stat().st_size for path in paths}
    journal = Journal(sizes, hashes, gain_db, overlap_snrs_db)
    write_atomically(journal_path, json.dumps(vars(journal)))
    return journal


def _sync(path: Path) -> None:
    """Flush a file to the disk before anything relies on it; then drop it from the page cache, for the next file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of uncompressed pages: FLAC does not shrink further, and only repetitive columns gain from a dictionary.

    A page is full after one clip, so that it is written while the clip is still in the processor's cache.
    """
    import pyarrow.parquet as pq

    return pq.ParquetWriter(
        path,
        schema,
        compression="none",
        use_dictionary=[name for name in _REPETITIVE if name in schema.names],
        write_statistics=False,
        write_batch_size=1,
        data_page_size=_PAGE_BYTES,
    )


def replace_columns(path: Path, columns: dict[str, list[float | None]], draft: Path) -> None:
    """Replace numeric columns of a Parquet file, atomically.

    The new file is written as `draft`, on the same file system, and flushed to the disk before it replaces the old one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.float64()))
    with _writer(draft, table.schema) as writer:
        writer.write_table(table, row_group_size=_ROWS_PER_GROUP)
    _sync(draft)
    os.replace(draft, path)


def read_journal(journal_path: Path, data: Path) -> Journal | None:
    """The journal of a complete block; None if the block has to be written (again)."""
    try:
        journal = Journal(**json.loads(journal_path.read_text(encoding="utf-8")))
        rows = {row: RowHashes(*hashes) for row, hashes in journal.rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    complete = all(
        (data / name).is_file() and (data / name).stat().st_size == size for name, size in journal.file_sizes.items()
    )
    return replace(journal, rows=rows) if complete else None


def sizes_bytes(data: Path) -> Counter[str]:
    """Size of the Parquet files of each configuration."""
    sizes: Counter[str] = Counter()
    for path in data.glob("*/*.parquet"):
        name = path.parent.name
        for config in (name,) if name == STEMS else (name, "all"):
            sizes[config] += path.stat().st_size
    return sizes


def to_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table; the clips' bytes are not copied, each is a chunk of its own."""
    import pyarrow as pa

    columns = []
    for field in schema:
        values = [row[field.name] for row in rows]
        if field.name == "audio" and all(values):
            columns.append(pa.chunked_array([_clip(value["bytes"], value["path"]) for value in values], field.type))
        else:
            columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _clip(data: bytes, path: str) -> pa.StructArray:
    """One value of the audio column that wraps `data` without copying it."""
    import pyarrow as pa

    _, offsets = pa.array([0, len(data)], pa.int32()).buffers()
    clip = pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(data)])
    return pa.StructArray.from_arrays([clip, pa.array([path])], names=["bytes", "path"])


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + UNFINISHED)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
