"""VCTK 0.92 and 0.80: the utterances from which the benchmark draws.

Layouts (https://doi.org/10.7488/ds/2645): 0.92 has `wav48_silence_trimmed/p225/p225_001_mic1.flac`, 0.80 has
`wav48/p225/p225_001.wav`; both `txt/p225/p225_001.txt` and `speaker-info.txt`. The pool is every mic1 recording with
text whose file lasts 8.0 to 10.0 s, which agrees with the paper's 104 speakers and 2.71 h (docs/protocol.md).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sseu_dataset.corpora.folders import (
    LEADS_OUT,
    files_below,
    leads_outside,
    locate,
    missing,
    read_text,
    readable,
    reason,
)
from sseu_dataset.corpora.headers import read_headers
from sseu_dataset.corpora.source import Speech
from sseu_dataset.records import PAPER_SPEECH, RATE_HZ, CorpusError, Settings, SourceIssue, SourceIssues, Utterance

CORPUS = "VCTK"
EXPECTED_SPEAKERS = 109
"""Speakers of release 0.92 with text and a first microphone: 109 `p...` and `s5`, without p315."""

LICENCE = "VCTK: CC BY 4.0"
_PAPERS = "0.92"
_AUDIO = {"0.92": PAPER_SPEECH, "0.80": "wav48"}
LAYOUTS = {release: (audio, "txt", "speaker-info.txt") for release, audio in _AUDIO.items()}
_NAMES = {"0.92": re.compile(r"([ps]\d+)_(\d{3})_mic([12])\.flac"), "0.80": re.compile(r"([ps]\d+)_(\d{3})()\.wav")}
_ENDINGS = {"0.92": "_mic1.flac", "0.80": ".wav"}
_TEXT = re.compile(r"([ps]\d+_\d{3})\.txt")
_WITHOUT_TEXT, _TEXTS_ALONE = "p315", "p362"  # release 0.92 lost the texts of the one and many recordings of the other
_EXPECTED_RATE_HZ = 48_000
_SHARED_LINES = 24
_QUOTE = '"'


@dataclass(frozen=True, slots=True)
class _Speaker:
    gender: str | None
    accent: str | None


def read_vctk(
    folder: Path, settings: Settings, cache: Path, *, only: Collection[str] | None = None, progress: bool = True
) -> Speech:
    """Read the header of every mic1 recording and keep those of the required length that have text.

    Args:
        folder: The corpus, or the folder above it.
        settings: Minimum and maximum length.
        cache: The cache of headers (`read_headers`).
        only: Read the headers and texts of these utterances only; their pool then holds no other.
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        CorpusError: There is no VCTK corpus in `folder`.
    """
    root, release = locate(CORPUS, folder, LAYOUTS)
    speakers = _read_speakers(root / "speaker-info.txt")
    issues = SourceIssues()
    recordings = _scan(root, release, issues)
    texts = {entry.name for speaker in _folders(root / "txt") for entry in os.scandir(speaker)}
    with_text = {name: path for name, path in recordings.items() if f"{name}.txt" in texts}
    speakers_with_text = {name.split("_")[0] for name in with_text}
    for name in sorted(recordings.keys() - with_text.keys()):
        speaker = name.split("_")[0]
        by_rule = speaker in speakers_with_text or speaker == _WITHOUT_TEXT
        why = "no text" if by_rule else f"its speaker has no text: txt/{speaker}/{name}.txt and all others are missing"
        issue = SourceIssue(_relative(root, recordings[name]), why)
        (issues.excluded if by_rule else issues.problems).append(issue)
    _add_texts_alone(root, release, texts, recordings, issues)
    wanted = {name: path for name, path in with_text.items() if only is None or name in only}
    headers = read_headers(wanted.values(), cache, progress=progress)
    min_s, max_s = settings.recording_bounds_s
    utterances: list[Utterance] = []
    max_samples: dict[str, int] = {}
    for name, path in wanted.items():
        header = headers[path]
        if isinstance(header, CorpusError):
            issues.problems.append(SourceIssue(_relative(root, path), reason(header, path)))
            continue
        length_s = Fraction(header.frames, header.rate_hz)
        if not min_s <= length_s <= max_s:
            continue
        utterance = _read_utterance(root, name, path, speakers, issues)
        if utterance is None:
            continue
        if header.rate_hz != _EXPECTED_RATE_HZ:
            found = f"{header.rate_hz} Hz instead of {_EXPECTED_RATE_HZ} Hz"
            issues.notes.append(SourceIssue(utterance.file, found))
        utterances.append(utterance)
        max_samples[name] = math.ceil(length_s * RATE_HZ)
    return Speech(
        corpus=CORPUS,
        licence=LICENCE,
        root=root,
        utterances=utterances,
        max_samples=max_samples,
        issues=issues,
        deviations=() if release == _PAPERS else (f"VCTK {release} instead of {_PAPERS}",),
        shortfalls=_shortfalls(release, len(speakers_with_text)),
        shared={one.utterance_id for one in utterances if is_shared(one.utterance_id)},
    )


def is_shared(utterance_id: str) -> bool:
    """Whether its line is among the 24 that every speaker reads: the elicitation paragraph and the Rainbow Passage.

    >>> is_shared("p225_024"), is_shared("p225_025")
    (True, False)
    """
    return int(utterance_id.rpartition("_")[2]) <= _SHARED_LINES


def _shortfalls(release: str, speakers: int) -> tuple[str, ...]:
    if release != _PAPERS or speakers == EXPECTED_SPEAKERS:
        return ()
    return (f"VCTK speakers with text: {EXPECTED_SPEAKERS} expected, {speakers} found",)


def clean_transcript(raw: str) -> str:
    """The sentence without the double quotes or the unmatched closing bracket around it in some speakers' files."""
    text = raw.strip()
    while True:
        if text.endswith(")") and text.count(")") > text.count("("):
            text = text[:-1].rstrip()
        elif len(text) > 1 and text.startswith(_QUOTE) and text.endswith(_QUOTE):
            text = text[1:-1].strip()
        else:
            return text


def _scan(root: Path, release: str, issues: SourceIssues) -> dict[str, str]:
    """The path of every mic1 recording by utterance id, sorted by id; adds to `issues`."""
    recordings: dict[str, str] = {}
    for folder in _folders(root / _AUDIO[release]):
        if folder.is_symlink() and leads_outside(root, folder):
            issues.problems.append(SourceIssue(_relative(root, folder), LEADS_OUT))
            continue
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            match = _NAMES[release].fullmatch(entry.name)
            if match is None or match[1] != folder.name:
                issues.notes.append(SourceIssue(_relative(root, entry.path), "not named like a recording, not used"))
            elif match[3] == "2":
                continue
            elif entry.is_symlink() and leads_outside(root, Path(entry.path)):
                issues.problems.append(SourceIssue(_relative(root, entry.path), LEADS_OUT))
            else:
                recordings[f"{match[1]}_{match[2]}"] = entry.path
    return dict(sorted(recordings.items()))


def _add_texts_alone(
    root: Path, release: str, texts: Collection[str], recordings: Collection[str], issues: SourceIssues
) -> None:
    """Add every recording that has a text and is not there, with what is there in its stead."""
    alone = sorted(match[1] for text in texts if (match := _TEXT.fullmatch(text)) and match[1] not in recordings)
    audio = root / _AUDIO[release]
    found = {path.stem.split("_mic")[0]: _relative(root, path) for path in files_below(audio)} if alone else {}
    known = {issue.path for issue in issues.problems}
    for name in alone:
        folder = f"{_AUDIO[release]}/{name.split('_')[0]}"
        file = f"{folder}/{name}{_ENDINGS[release]}"
        if file not in known and folder not in known:
            by_rule = release != "0.92" or folder.endswith(f"/{_TEXTS_ALONE}")
            issue = SourceIssue(file, f"it has a text but is {missing(found.get(name))}")
            (issues.excluded if by_rule else issues.problems).append(issue)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _read_utterance(
    root: Path, name: str, path: str, speakers: Mapping[str, _Speaker], issues: SourceIssues
) -> Utterance | None:
    """The utterance with its text; None if it has none, which is added to `issues`."""
    speaker_id = name.split("_")[0]
    file, text_path = _relative(root, path), root / "txt" / speaker_id / f"{name}.txt"
    problem = LEADS_OUT if leads_outside(root, text_path) else ""
    try:
        raw = "" if problem else read_text(text_path).rstrip("\r\n")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text ({error.reason})"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    if problem:
        issues.problems.append(SourceIssue(_relative(root, text_path), problem))
        return None
    transcript = clean_transcript(raw)
    if not transcript:
        issues.excluded.append(SourceIssue(file, "its text is empty"))
        return None
    if speaker_id not in speakers:
        unknown = "its speaker is not in speaker-info.txt: gender and accent are unknown"
        issues.notes.append(SourceIssue(file, unknown))
    speaker = speakers.get(speaker_id, _Speaker(None, None))
    return Utterance(name, speaker_id, speaker.gender, speaker.accent, transcript, raw, file)


def _read_speakers(path: Path) -> dict[str, _Speaker]:
    """Read `speaker-info.txt`: ID AGE GENDER ACCENTS REGION, separated by blanks; in 0.80 ids lack their `p`."""
    speakers = {}
    for line in read_text(path, errors="replace").splitlines():
        fields = line.split()
        if len(fields) < 3 or fields[0] == "ID":
            continue
        speaker_id = f"p{fields[0]}" if fields[0].isdigit() else fields[0]
        gender = fields[2] if fields[2] in ("F", "M") else None
        speakers[speaker_id] = _Speaker(gender, fields[3] if len(fields) > 3 else None)
    return speakers


def _relative(root: Path, path: str | Path) -> str:
    return readable(Path(path).relative_to(root).as_posix())
