"""Checks of an imported dataset: what its folder shows, since nothing says how it was mixed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sseu_dataset.building.folder_checks import MAP, check_card
from sseu_dataset.describing.card import CARD
from sseu_dataset.fingerprints import reference_sha256
from sseu_dataset.manifest import FILE_NAME as MANIFEST
from sseu_dataset.manifest import Manifest
from sseu_dataset.mixing import pcm_sha256
from sseu_dataset.parallel import ordered_map, worker_count
from sseu_dataset.records import CLIP_SAMPLES, DatasetError, ImportRecord
from sseu_dataset.rows.samples import decode_pcm, full_scale_samples
from sseu_dataset.schema import arrow_schema, config_name, mixture_id
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE, is_finite, snr_db_of

_FILES = (CARD, MANIFEST, MAP)


def check_imported(
    folder: Path, manifest: Manifest, record: ImportRecord, *, workers: int | None, progress: bool
) -> tuple[int, list[str]]:
    """The number of rows checked, and what is wrong: files, hashes, lengths, labels by condition, clipped samples."""
    problems = _check_files(folder, manifest)
    seen: set[str] = set()

    def check(row: dict[str, Any]) -> tuple[str, list[str]]:
        return row["id"], _check_row(row, manifest, record)

    checks = ordered_map(
        check,
        _rows(folder, manifest, problems),
        workers=worker_count(workers),
        title="verifying",
        unit="clip",
        progress=progress,
        total=len(manifest.pcm_sha256),
    )
    with closing(checks):
        for row_id, found in checks:
            problems += [f"{row_id}: {reason}" for reason in [*found, *["is there twice"] * (row_id in seen)]]
            seen.add(row_id)
    problems += [f"{row_id}: missing" for row_id in sorted(manifest.pcm_sha256.keys() - seen)]
    return len(seen), problems


def _check_files(folder: Path, manifest: Manifest) -> list[str]:
    present = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    problems = [f"{name}: missing" for name in sorted({*_FILES, "data"} - present)]
    problems += [f"{name}: does not belong here; move it elsewhere" for name in sorted(present - {*_FILES, "data"})]
    if CARD in present:
        problems += check_card((folder / CARD).read_bytes(), manifest)
    if MAP in present:
        stated = manifest.sources.get(f"map/{MAP}")
        if hashlib.sha256((folder / MAP).read_bytes()).hexdigest() != stated:
            problems.append(f"{MAP}: not the map whose SHA-256 is in the manifest")
    return problems


def _rows(folder: Path, manifest: Manifest, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Every stored row, few of which are in memory at a time; unreadable files are added to the problems."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {config_name(condition) for condition in manifest.conditions}
    for path in sorted(path for path in (folder / "data").rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.parent.name not in names or path.suffix != ".parquet":
            problems.append(f"{name}: does not belong here")
            continue
        try:
            with pq.ParquetFile(path) as file:
                if not file.schema_arrow.equals(arrow_schema(), check_metadata=True):
                    problems.append(f"{name}: its columns or their types are not those of the dataset")
                    continue
                for batch in file.iter_batches(batch_size=8):
                    for row in batch.to_pylist():
                        if config_name(str(row["condition"])) != path.parent.name:
                            problems.append(f"{row['id']}: stored in {name}, but its condition is {row['condition']}")
                        yield row
        except (pa.ArrowException, OSError) as error:
            problems.append(f"{name}: not readable as Parquet ({error})")


def _check_row(row: dict[str, Any], manifest: Manifest, record: ImportRecord) -> list[str]:
    row_id, condition = row["id"], row["condition"]
    if row_id not in manifest.pcm_sha256:
        return ["not in the manifest"]
    try:
        samples = decode_pcm(row)
    except DatasetError as error:
        return [str(error).removeprefix(f"{row_id}: ")]
    sha256, clipped = pcm_sha256(samples), full_scale_samples(samples)
    stated = record.clipped_samples.get(row_id, 0)
    try:
        references_differ = reference_sha256(row) != manifest.reference_sha256[row_id]
    except (TypeError, ValueError) as error:
        return [f"an impossible value ({error})"]
    has_speech, has_background = condition != BACKGROUND_ALONE, condition != SPEECH_ALONE
    faults = {
        f"{len(samples)} samples instead of {CLIP_SAMPLES}": len(samples) != CLIP_SAMPLES,
        "its samples do not have the SHA-256 in the manifest": sha256 != manifest.pcm_sha256[row_id],
        "its audio is not the row's own (pcm_sha256)": sha256 != row["pcm_sha256"],
        "its references do not have the SHA-256 in the manifest": references_differ,
        f"{clipped} samples at full scale, the manifest says {stated}": clipped != stated,
        "its id is not that of its pair and condition": row_id != mixture_id(row["pair_id"], condition),
        f"snr_db is {row['snr_db']}, the condition {condition}": row["snr_db"]
        != (snr_db_of(condition) if is_finite(condition) else None),
        "a transcript though nobody speaks, or none though somebody does": bool(row["transcript"]) != has_speech,
        "a scene though speech is alone, or none though it is not": (row["scene"] is not None) != has_background,
        "events though speech is alone": bool(row["events"]) and not has_background,
        f"recipe {row['recipe']}, version {row['version']}, the manifest says otherwise": (
            row["recipe"],
            row["version"],
        )
        != (manifest.recipe, manifest.version),
    }
    return [reason for reason, is_so in faults.items() if is_so]
