"""VCTK 0.92 and 0.80: the utterances from which the benchmark draws.

Layouts (https://doi.org/10.7488/ds/2645): 0.92 has `wav48_silence_trimmed/p225/p225_001_mic1.flac`, 0.80 has
`wav48/p225/p225_001.wav`; both `txt/p225/p225_001.txt` and `speaker-info.txt`. The pool is every mic1 recording with
text whose file lasts 8.0 to 10.0 s, which agrees with the paper's 104 speakers and 2.71 h (docs/protocol.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sseu_dataset.corpora.folders import LEADS_OUT, leads_outside, locate, readable, reason
from sseu_dataset.corpora.headers import read_headers
from sseu_dataset.records import RATE_HZ, CorpusError, Settings, SourceIssue, SourceIssues, Utterance

CORPUS = "VCTK"
EXPECTED_SPEAKERS = 109
"""Speakers of release 0.92 with text and a first microphone: 109 `p...` and `s5`, without p315."""

LICENCE = "VCTK: CC BY 4.0"
_AUDIO = {"0.92": "wav48_silence_trimmed", "0.80": "wav48"}
_LAYOUTS = {release: (audio, "txt", "speaker-info.txt") for release, audio in _AUDIO.items()}
_NAMES = {
    "0.92": re.compile(r"([ps]\d+)_(\d{3})_mic([12])\.flac"),
    "0.80": re.compile(r"([ps]\d+)_(\d{3})()\.wav"),
}
_EXPECTED_RATE_HZ = 48_000
_QUOTE = '"'


@dataclass(frozen=True)
class VctkPool:
    """The utterances from which the benchmark draws, and facts about the whole corpus.

    Attributes:
        root: The corpus root.
        release: `0.92` or `0.80`.
        utterances: The utterances, sorted by id.
        max_samples: Upper bound of each utterance's length in samples at 44,100 Hz.
        speakers_with_text: Number of speakers who have a recording with text.
        issues: What was found while reading the corpus.
    """

    root: Path
    release: str
    utterances: tuple[Utterance, ...]
    max_samples: Mapping[str, int]
    speakers_with_text: int
    issues: SourceIssues


@dataclass(frozen=True, slots=True)
class _Speaker:
    gender: str | None
    accent: str | None


def find_root(folder: Path) -> Path:
    """The corpus root, which is `folder` or one folder below.

    Raises:
        CorpusError: There is none.
    """
    return locate(CORPUS, folder, _LAYOUTS)[0]


def read_vctk(folder: Path, settings: Settings, cache: Path, *, progress: bool = True) -> VctkPool:
    """Read the header of every mic1 recording and keep those of the required length that have text.

    Args:
        folder: The corpus, or the folder above it.
        settings: Minimum and maximum length.
        cache: The cache of headers (`read_headers`).
        progress: Show a progress bar on standard error, if that is a terminal.

    Raises:
        CorpusError: There is no VCTK corpus in `folder`.
    """
    root, release = locate(CORPUS, folder, _LAYOUTS)
    speakers = _read_speakers(root / "speaker-info.txt")
    recordings, issues = _scan(root, release)
    texts = {entry.name for speaker in _folders(root / "txt") for entry in os.scandir(speaker)}
    without_text = [path for name, path in recordings.items() if f"{name}.txt" not in texts]
    with_text = {name: path for name, path in recordings.items() if f"{name}.txt" in texts}
    issues += SourceIssues(excluded=tuple(SourceIssue(_relative(root, Path(path)), "no text") for path in without_text))

    headers = read_headers(with_text.values(), cache, progress=progress)
    bounds_s = Fraction(str(settings.speech_min_s)), Fraction(str(settings.speech_max_s))
    utterances: list[Utterance] = []
    max_samples: dict[str, int] = {}
    for name, path in with_text.items():
        header = headers[path]
        if isinstance(header, CorpusError):
            issues += SourceIssues(problems=(SourceIssue(_relative(root, Path(path)), reason(header, Path(path))),))
            continue
        if not _within(header.frames, header.rate_hz, *bounds_s):
            continue
        utterance, found = _utterance(root, name, Path(path), speakers)
        issues += found
        if utterance is None:
            continue
        if header.rate_hz != _EXPECTED_RATE_HZ:
            issues += SourceIssues(
                notes=(SourceIssue(utterance.file, f"{header.rate_hz} Hz instead of {_EXPECTED_RATE_HZ} Hz"),)
            )
        utterances.append(utterance)
        max_samples[name] = -(-header.frames * RATE_HZ // header.rate_hz)  # rounded up
    return VctkPool(
        root=root,
        release=release,
        utterances=tuple(utterances),
        max_samples=max_samples,
        speakers_with_text=len({name.split("_")[0] for name in with_text}),
        issues=issues,
    )


def _within(frames: int, rate_hz: int, min_s: Fraction, max_s: Fraction) -> bool:
    """Whether the length is within the bounds, computed exactly in integers."""
    return (
        min_s.numerator * rate_hz <= frames * min_s.denominator
        and frames * max_s.denominator <= max_s.numerator * rate_hz
    )


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


def _scan(root: Path, release: str) -> tuple[dict[str, str], SourceIssues]:
    """The path of every mic1 recording by utterance id, sorted by id."""
    recordings: dict[str, str] = {}
    problems, notes = [], []
    for folder in _folders(root / _AUDIO[release]):
        if folder.is_symlink() and leads_outside(root, folder):
            problems.append(SourceIssue(readable(_relative(root, folder)), LEADS_OUT))
            continue
        for entry in os.scandir(folder):
            match = _NAMES[release].fullmatch(entry.name)
            if match is None or match[1] != folder.name:
                notes.append(
                    SourceIssue(readable(_relative(root, Path(entry.path))), "not named like a recording, not used")
                )
            elif match[3] == "2":
                continue
            elif entry.is_symlink() and leads_outside(root, Path(entry.path)):
                problems.append(SourceIssue(_relative(root, Path(entry.path)), LEADS_OUT))
            else:
                recordings[f"{match[1]}_{match[2]}"] = entry.path
    notes.sort(key=lambda issue: issue.path)
    return dict(sorted(recordings.items())), SourceIssues(problems=tuple(problems), notes=tuple(notes))


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _utterance(
    root: Path, name: str, path: Path, speakers: Mapping[str, _Speaker]
) -> tuple[Utterance | None, SourceIssues]:
    speaker_id = name.split("_")[0]
    file, text_path = _relative(root, path), root / "txt" / speaker_id / f"{name}.txt"
    text_file = _relative(root, text_path)
    if leads_outside(root, text_path):
        return None, SourceIssues(problems=(SourceIssue(text_file, LEADS_OUT),))
    try:
        raw = text_path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return None, SourceIssues(problems=(SourceIssue(text_file, f"not UTF-8 text ({error.reason})"),))
    except OSError as error:
        return None, SourceIssues(problems=(SourceIssue(text_file, f"cannot be read ({error.strerror})"),))
    transcript = clean_transcript(raw)
    if not transcript:
        return None, SourceIssues(excluded=(SourceIssue(file, "its text is empty"),))
    speaker = speakers.get(speaker_id)
    issues = SourceIssues()
    if speaker is None:
        issues = SourceIssues(
            notes=(SourceIssue(file, "its speaker is not in speaker-info.txt: gender and accent are unknown"),)
        )
        speaker = _Speaker(None, None)
    return Utterance(name, speaker_id, speaker.gender, speaker.accent, transcript, raw, file), issues


def _read_speakers(path: Path) -> dict[str, _Speaker]:
    """Read `speaker-info.txt`: ID AGE GENDER ACCENTS REGION, separated by blanks; in 0.80 ids lack their `p`."""
    speakers = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split()
        if len(fields) < 3 or fields[0] == "ID":
            continue
        speaker_id = f"p{fields[0]}" if fields[0].isdigit() else fields[0]
        speakers[speaker_id] = _Speaker(
            gender=fields[2] if fields[2] in ("F", "M") else None,
            accent=fields[3] if len(fields) > 3 else None,
        )
    return speakers


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
