"""The import: table and map -> clips -> rows -> Parquet -> card, manifest -> the folder.

As in a build everything is written below `<out>.partial` and renamed at the end. Samples are taken as they are: nothing
is mixed, scaled or dithered.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset.building.folder_checks import MAP
from sseu_dataset.building.shards import sizes_bytes
from sseu_dataset.building.work_folder import (
    DATASET,
    JOURNALS,
    absolute,
    check_output_folder,
    is_finished,
    remove,
    remove_leftover,
    work_folder,
    work_path,
)
from sseu_dataset.describing.card import CARD
from sseu_dataset.files import sync_folder, write_atomically
from sseu_dataset.fingerprints import sources_sha256
from sseu_dataset.importing.clips import checks_of, read_clips
from sseu_dataset.importing.describe import make_import_card, make_import_manifest
from sseu_dataset.importing.files import equal_files, look_at, write_clips
from sseu_dataset.importing.mapping import read_map
from sseu_dataset.importing.table import read_table
from sseu_dataset.manifest import FILE_NAME as MANIFEST
from sseu_dataset.manifest import Manifest, read_manifest
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.records import DatasetError, ImportRecord
from sseu_dataset.tables.delimited import Fault, describe_faults

_HIDDEN_DATA = ".data"  # as in a build


@dataclass(frozen=True)
class ImportResult:
    """What an import made: the folder as it was given, and its manifest, which says what was done to the files."""

    folder: Path
    manifest: Manifest


def import_mixtures(
    out: str | Path,
    table: str | Path,
    *,
    audio: str | Path,
    mapping: str | Path,
    workers: int | None = None,
    progress: bool = True,
    announce: Callable[[str], None] = lambda _: None,
) -> ImportResult:
    """Turn a table of ready mixtures into a dataset folder of the recipe `imported`.

    Args:
        out: A folder that does not exist yet or is empty. If it already holds an equal import, nothing is done.
        table: CSV (commas or semicolons), tab-separated text or JSON lines, with a line of column names; UTF-8.
        audio: The folder to which the table's file names are relative.
        mapping: The map, TOML (docs/import.md).
        workers: Number of threads; the available cores by default. The result does not depend on it.
        progress: Show progress bars on standard error, if that is a terminal.
        announce: Called with one line for each stage.

    Raises:
        DatasetError: Table or map do not exist; the map is invalid; the table or its files have faults, each of which
            is named with its lines; or `out` holds something else.
        OSError: The disk is full or not writable.
    """
    folder, table_path, audio_folder = absolute(out), Path(table), Path(audio)
    check_output_folder(folder)
    threads = worker_count(workers)
    for place, what in ((table_path, "table"), (Path(mapping), "map: --map is a TOML file as docs/import.md shows it")):
        if not place.is_file():
            raise DatasetError(f"{place}: no such {what}")
    rules, map_text = read_map(Path(mapping))
    content = table_path.read_bytes()
    if not audio_folder.is_dir():
        raise DatasetError(
            f"{audio_folder}: no such folder; --audio is the one to which the table's names are relative"
        )
    files = {path.relative_to(audio_folder).as_posix(): path for path in audio_folder.rglob("*") if path.is_file()}
    read = read_table(content, table_path.name, checks_of(rules, files))
    clips, faults, notes = read_clips(read, rules, files)
    announce(f"{table_path.name}: {read.form}, {len(clips)} clips")
    looks = ordered_map(
        lambda clip: look_at(files[clip.file], rules.audio),
        clips,
        workers=threads,
        title="looking at files",
        unit="file",
        progress=progress,
    )
    with closing(looks):
        found = list(looks)
    faults += [
        Fault(clip.line, f"{clip.file}: {one.fault}") for clip, one in zip(clips, found, strict=True) if one.fault
    ]
    faults += equal_files([one.sha256 for one in found], clips, "bytes")
    _refuse(faults, table_path)
    if not clips:
        raise DatasetError(f"{table_path}: no clip below the line of names")
    changes = Counter(change for one in found for change in one.changes)
    notes = [*(f"{count} files {change}." for change, count in sorted(changes.items())), *notes]
    sources = {f"audio/{clip.file}": one.sha256 for clip, one in zip(clips, found, strict=True)}
    sources[f"table/{table_path.name}"] = hashlib.sha256(content).hexdigest()
    sources[f"map/{MAP}"] = hashlib.sha256(map_text.encode()).hexdigest()
    identity = sources_sha256(sources)
    if is_finished(folder, identity, "full"):
        remove_leftover(work_path(folder), identity, "full")
        return ImportResult(Path(out), read_manifest(folder))
    with work_folder(folder, identity, "full", announce) as work:
        draft = work / DATASET
        shutil.rmtree(draft)  # of an import that was stopped: it begins anew
        data = draft / _HIDDEN_DATA
        data.mkdir(parents=True)
        written = write_clips(data, work / JOURNALS, clips, files, rules.licence, workers=threads, progress=progress)
        faults = written.faults
        if not faults:
            faults = equal_files([written.hashes[clip.row_id].pcm_sha256 for clip in clips], clips, "samples")
        if faults:
            remove(work)
        _refuse(faults, table_path)
        data.rename(draft / "data")
        record = ImportRecord(dict(sorted(written.clipped_samples.items())), notes)
        made = make_import_manifest(clips, table_path.name, sources, written.hashes, record)
        card = make_import_card(clips, made, record, rules.licence, sizes_bytes(draft / "data"))
        for name, text in ((MAP, map_text), (CARD, card), (MANIFEST, made.to_json())):
            write_atomically(draft / name, text)
        draft.replace(folder)
        sync_folder(folder.parent)
        remove(work)
    return ImportResult(Path(out), made)


def _refuse(faults: Sequence[Fault], table: Path) -> None:
    """Raise a DatasetError that names every fault with its lines, if there are any."""
    if faults:
        listed = "".join(f"\n  {text}" for text in describe_faults(faults))
        lines = len({fault.line for fault in faults})
        raise DatasetError(f"{table}: {lines} lines cannot be imported, and nothing is written:{listed}")
