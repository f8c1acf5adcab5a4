"""A table of speech: one line for each recording."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from pathlib import Path, PurePosixPath

from sseu_dataset.corpora.audio import Header
from sseu_dataset.corpora.headers import read_headers
from sseu_dataset.corpora.source import Speech
from sseu_dataset.records import CLIP_S, RATE_HZ, CorpusError, Settings, SourceIssue, SourceIssues, Utterance
from sseu_dataset.tables.delimited import Faults
from sseu_dataset.tables.rows import (
    Row,
    audio_fault,
    format_notes,
    id_of,
    read_rows,
    refuse_faults,
    relative_file,
    table_name,
)

COLUMNS = ("file", "text", "speaker", "language")
OPTIONAL = ("utterance", "gender", "accent")
MIN_S = 1.0
"""Length in seconds from which the recordings of a table are used by default: most corpora have few of 8 to 10 s."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def read_speech_table(
    path: Path,
    licence: str,
    settings: Settings,
    cache: Path,
    *,
    only: Collection[str] | None = None,
    progress: bool = True,
) -> Speech:
    """Read a table of speech and the header of each of its files, and keep those of the required length.

    Args:
        path: The table; its files are named relative to its folder.
        licence: That of its audio and texts.
        settings: Minimum and maximum length.
        cache: The cache of headers (`read_headers`).
        only: Read the files of these utterances only; their pool then holds no other.
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        CorpusError: The table, or a line of it, cannot be used; every such line is named.
        DatasetError: The table is not UTF-8, or empty.
    """
    name, root = table_name(path), path.parent
    table = read_rows(path, COLUMNS, OPTIONAL)
    faults = Faults(table.faults)
    read: dict[str, tuple[Row, Utterance]] = {}
    files: dict[str, int] = {}
    languages: dict[str, list[int]] = {}
    for row in table.rows:
        if language := faults.of(row.number, _language, row["language"]):
            languages.setdefault(language, []).append(row.number)
        if (utterance := _parse(row, root, faults)) is None:
            continue
        if utterance.file in files:
            line = files[utterance.file]
            faults.add(row.number, f"the file {utterance.file} is on line {line} too; each recording has one line")
            continue
        files[utterance.file] = row.number
        if first := read.get(utterance.utterance_id):
            faults.add(
                row.number,
                f"the id {utterance.utterance_id} is that of {first[1].file} on line {first[0].number} too; give each "
                "an id of its own in the column 'utterance'",
            )
        else:
            read[utterance.utterance_id] = (row, utterance)
    found = ", ".join(f"{tag} on {len(lines)} (the first is line {lines[0]})" for tag, lines in languages.items())
    many = f"{len(languages)} languages: {found}; a dataset has one: make a table and a dataset of each"
    wanted = [(row, item) for row, item in read.values() if only is None or item.utterance_id in only]
    places = {item.file: f" (line {row.number} of {path.name})" for row, item in wanted}
    present = [str(root / file) for file in places if (root / file).is_file()]
    headers = read_headers(present, cache, progress=progress)
    issues = SourceIssues(notes=list(table.notes))
    kept = _select([item for _, item in wanted], root, places, headers, settings, issues)
    unusable = [f"{issue.path}: {issue.reason}" for issue in issues.problems]
    refuse_faults(path, faults.found, [many] if len(languages) > 1 else [], unusable)
    issues.notes.extend(format_notes(path.name, [header for _, header in kept]))
    kept.sort(key=lambda item: item[0].utterance_id)
    return Speech(
        corpus=name,
        licence=f"{name}: {licence}",
        root=root,
        utterances=[utterance for utterance, _ in kept],
        max_samples={item.utterance_id: math.ceil(_length_s(header) * RATE_HZ) for item, header in kept},
        issues=issues,
        language=next(iter(languages)),
        places=places,
        deviations=(f"speech of the table {name} instead of VCTK",),
    )


def _language(tag: str) -> str:
    """A tag with the letters that RFC 5646 recommends: `en`, `en-GB`, `zh-Hant`."""
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"the language {tag!r:.40} is no tag such as en, de or zh (BCP 47)")
    first, *others = tag.lower().split("-")
    cased = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in others]
    return "-".join([first, *cased])


def _parse(row: Row, root: Path, faults: Faults) -> Utterance | None:
    """The utterance of a row; None if it cannot be read or its file's name is wrong. All that is wrong is added."""
    file = faults.of(row.number, relative_file, root, row["file"])
    if not any(map(str.isalnum, row["text"])):
        faults.add(row.number, f"the text is empty: {row['text']!r}; give what is said, or leave the recording out")
    if not row["speaker"]:
        faults.add(row.number, "the speaker is empty; give each person an id, of any kind")
    name = faults.of(row.number, id_of, row["utterance"], PurePosixPath(file).stem, "utterance") if file else None
    if file is None or name is None:
        return None
    return Utterance(
        utterance_id=name,
        speaker_id=row["speaker"],
        speaker_gender=row["gender"] or None,
        speaker_accent=row["accent"] or None,
        transcript=" ".join(row["text"].split()),
        transcript_raw=row["text"],
        file=file,
    )


def _select(
    wanted: Iterable[Utterance],
    root: Path,
    places: Mapping[str, str],
    headers: Mapping[str, Header | CorpusError],
    settings: Settings,
    issues: SourceIssues,
) -> list[tuple[Utterance, Header]]:
    """The utterances whose files can be read and last as long as the settings ask; adds the others to `issues`."""
    min_s, max_s = settings.recording_bounds_s
    kept = []
    for utterance in wanted:
        path = root / utterance.file
        header = headers.get(str(path))
        if fault := audio_fault(path, header, places[utterance.file]):
            issues.problems.append(SourceIssue(utterance.file, fault))
            continue
        assert isinstance(header, Header)
        length_s = _length_s(header)
        lasts = f"lasts {float(length_s):.3f} s,"
        if length_s > CLIP_S:
            issues.excluded.append(SourceIssue(utterance.file, f"{lasts} longer than a clip of {CLIP_S} s"))
        elif length_s > max_s:
            issues.excluded.append(SourceIssue(utterance.file, f"{lasts} longer than {float(max_s):g} s"))
        elif length_s < min_s:
            issues.excluded.append(SourceIssue(utterance.file, f"{lasts} shorter than {float(min_s):g} s"))
        else:
            kept.append((utterance, header))
    return kept


def _length_s(header: Header) -> Fraction:
    return Fraction(header.frames, header.rate_hz)
