"""The audio files of an import: a look at each, then its samples, its row and the Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sseu_dataset.building.shards import blocks_of, shard_paths, write_block
from sseu_dataset.corpora.audio import Header, file_sha256, read_clip, read_header
from sseu_dataset.fingerprints import RowHashes
from sseu_dataset.importing.clips import Clip
from sseu_dataset.importing.mapping import AudioRules
from sseu_dataset.mixing import pcm_sha256
from sseu_dataset.parallel import ordered_map
from sseu_dataset.records import CLIP_S, CLIP_SAMPLES, RATE_HZ, VERSION, CorpusError
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.samples import full_scale_samples
from sseu_dataset.schema import config_name, features
from sseu_dataset.tables.delimited import Fault
from sseu_metric.conditions import SPEECH_ALONE, is_finite, ordered, snr_db_of
from sseu_metric.labels import EVENTS, SCENES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AudioFile:
    """What a look at an audio file gives: its SHA-256, what has to be done to it, and why it cannot be used."""

    sha256: str
    changes: tuple[str, ...]
    fault: str | None


def look_at(path: Path, rules: AudioRules) -> AudioFile:
    """Read the header and hash the bytes; no sample is decoded."""
    try:
        header = _header(path)
    except (CorpusError, OSError) as error:
        return AudioFile("", (), str(error).removeprefix(f"{path}: "))
    length_s = header.frames / header.rate_hz
    shorter, longer = header.frames < CLIP_S * header.rate_hz, header.frames > CLIP_S * header.rate_hz
    needed = (
        (header.channels > 1, "average_channels", f"{header.channels} channels", "are the mean of their channels"),
        (shorter, "pad_shorter", f"{length_s:g} s instead of {CLIP_S}", "are padded with zeros at the end"),
        (longer, "cut_longer", f"{length_s:g} s instead of {CLIP_S}", f"are cut after {CLIP_S} s"),
    )
    refused = [
        f"{what}; set {rule} = true in [audio] of the map if that may be done"
        for applies, rule, what, _ in needed
        if applies and not getattr(rules, rule)
    ]
    changes = [done for applies, _, _, done in needed if applies]
    if header.rate_hz != RATE_HZ:
        changes.append(f"of {header.rate_hz} Hz are resampled to {RATE_HZ} Hz")
    return AudioFile(file_sha256(path), tuple(changes), "; ".join(refused) or None)


def _header(path: Path) -> Header:
    """The header of any file that libsndfile reads; WAV and FLAC are checked for missing bytes too."""
    if path.suffix.lower() in (".wav", ".flac"):
        return read_header(str(path))
    import soundfile

    try:
        info = soundfile.info(str(path))
    except soundfile.LibsndfileError as error:
        raise CorpusError(f"{path}: not readable as audio ({error.error_string})") from error
    return Header(info.frames, info.samplerate, info.channels)


def equal_files(hashes: Sequence[str], clips: Sequence[Clip], what: str) -> list[Fault]:
    """A fault for every clip whose hash an earlier one has, though its file has another name.

    Speech alone may be there once for each background that it is paired with, if its text is the same.
    """
    first: dict[str, Clip] = {}
    faults = []
    for sha256, clip in zip(hashes, clips, strict=True):
        other = first.setdefault(sha256, clip)
        speech_again = {clip.condition, other.condition} == {SPEECH_ALONE} and clip.transcript == other.transcript
        if sha256 and other.file != clip.file and not speech_again:
            faults.append(Fault(clip.line, f"{clip.file} has the {what} of {other.file}, line {other.line}"))
    return faults


@dataclass(frozen=True)
class Written:
    """What was written: the hashes of each row, its samples at full scale where there are any, and unreadable files."""

    hashes: dict[str, RowHashes]
    clipped_samples: dict[str, int]
    faults: list[Fault]


def write_clips(
    data: Path,
    journals: Path,
    clips: Sequence[Clip],
    files: Mapping[str, Path],
    licence: str,
    *,
    workers: int,
    progress: bool,
) -> Written:
    """Decode every clip and write the Parquet files, one for each condition and 64 clips.

    A file that cannot be decoded becomes a fault; the others are read all the same, so that all faults are named.
    """
    written = Written({}, {}, [])
    conditions = ordered(clip.condition for clip in clips)
    by_condition = {name: [clip for clip in clips if clip.condition == name] for name in conditions}

    def row_of(clip: Clip) -> tuple[dict[str, Any], int] | Fault:
        try:
            samples = _samples(files[clip.file])
        except (CorpusError, OSError) as error:
            return Fault(clip.line, str(error).removeprefix(f"{files[clip.file]}: "))
        return _row(clip, samples, licence), full_scale_samples(samples)

    everything = [clip for name in conditions for clip in by_condition[name]]
    rows = ordered_map(row_of, everything, workers=workers, title="importing", unit="clip", progress=progress)
    with closing(rows):
        for name in conditions:
            paths = [path for (path,) in shard_paths(data, [config_name(name)], len(by_condition[name]))]
            for number, (clips_of_block, path) in enumerate(zip(blocks_of(by_condition[name]), paths, strict=True)):
                block = _usable(islice(rows, len(clips_of_block)), written)
                journal = write_block(data, [path], journals / f"{path.parent.name}-{number:05d}.json", block)
                written.hashes.update(journal.rows)
    return written


def _usable(
    rows: Iterator[tuple[dict[str, Any], int] | Fault], written: Written
) -> Iterator[list[list[dict[str, Any]]]]:
    for found in rows:
        if isinstance(found, Fault):
            written.faults.append(found)
            continue
        row, clipped = found
        if clipped:
            written.clipped_samples[row["id"]] = clipped
        yield [[row]]


def _samples(path: Path) -> NDArray[np.int16]:
    """The samples of a file, shape (441,000,), with zeros after its end."""
    import numpy as np

    samples = np.zeros(CLIP_SAMPLES, dtype=np.int16)
    found = read_clip(path)
    samples[: len(found)] = found
    return samples


def _row(clip: Clip, samples: NDArray[np.int16], licence: str) -> dict[str, Any]:
    """The row of a clip; what an import does not know is null."""
    onset_s, duration_s = clip.speech_onset_s, clip.speech_duration_s
    segments = []
    if onset_s is not None and duration_s is not None:
        ends = {"onset_s": onset_s, "offset_s": onset_s + duration_s}
        segments = [{"utterance_id": clip.ids["utterance_id"], "transcript": clip.transcript, **ends}]
    known = {
        "id": clip.row_id,
        "pair_id": clip.pair_id,
        "audio": {"bytes": encode_flac(samples), "path": f"{clip.row_id}.flac"},
        "condition": clip.condition,
        "snr_db": snr_db_of(clip.condition) if is_finite(clip.condition) else None,
        "scene": None if clip.scene is None else SCENES.index(clip.scene),
        "events": [EVENTS.index(event) for event in clip.events],
        "event_segments": [],
        "speech_segments": segments,
        "transcript": clip.transcript,
        "transcript_raw": clip.transcript,
        **clip.ids,
        "speech_onset_s": onset_s,
        "speech_duration_s": duration_s,
        "licence": licence,
        "pcm_sha256": pcm_sha256(samples),
        "recipe": "imported",
        "version": VERSION,
    }
    return dict.fromkeys(features()) | known
