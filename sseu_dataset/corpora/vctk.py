"""VCTK 0.92 and 0.80: which utterances the benchmark may draw from.

Layouts (https://doi.org/10.7488/ds/2645): 0.92 has `wav48_silence_trimmed/p225/p225_001_mic1.flac`, 0.80 has
`wav48/p225/p225_001.wav`; both `txt/p225/p225_001.txt` and `speaker-info.txt`. The pool is every mic1 recording with
text whose file lasts 8.0 to 10.0 s: what fits the paper's 104 speakers and 2.71 h (docs/protocol.md).
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
from sseu_dataset.records import RATE_HZ, CorpusError, Finding, Findings, Settings, Utterance

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
_USUAL_RATE_HZ = 48_000
_QUOTE = '"'


@dataclass(frozen=True)
class VctkPool:
    """The utterances of the pool, and what the whole corpus looked like.

    `longest_samples` bounds each utterance's length at 44,100 Hz from above.
    """

    root: Path
    release: str
    utterances: tuple[Utterance, ...]
    longest_samples: Mapping[str, int]
    recordings: int
    speakers_with_text: int
    findings: Findings


@dataclass(frozen=True, slots=True)
class _Speaker:
    gender: str | None
    accent: str | None


def find_root(folder: Path) -> Path:
    """The corpus root in `folder` or one folder below; raises CorpusError where there is none."""
    return locate(CORPUS, folder, _LAYOUTS)[0]


def read_vctk(folder: Path, settings: Settings, cache: Path, *, progress: bool = True) -> VctkPool:
    """Index every mic1 recording by its header and keep those of the wanted length that have text.

    With `progress` a bar shows on a terminal.

    Raises:
        CorpusError: There is no VCTK corpus in `folder`.
    """
    root, release = locate(CORPUS, folder, _LAYOUTS)
    speakers = _read_speakers(root / "speaker-info.txt")
    recordings, findings = _scan(root, release)
    texts = {entry.name for speaker in _folders(root / "txt") for entry in os.scandir(speaker)}
    without_text = [path for name, path in recordings.items() if f"{name}.txt" not in texts]
    with_text = {name: path for name, path in recordings.items() if f"{name}.txt" in texts}
    findings += Findings(excluded=tuple(Finding(_relative(root, Path(path)), "no text") for path in without_text))

    headers = read_headers(with_text.values(), cache, progress=progress)
    bounds_s = Fraction(str(settings.speech_min_s)), Fraction(str(settings.speech_max_s))
    utterances: list[Utterance] = []
    longest_samples: dict[str, int] = {}
    for name, path in with_text.items():
        header = headers[path]
        if isinstance(header, CorpusError):
            findings += Findings(problems=(Finding(_relative(root, Path(path)), reason(header, Path(path))),))
            continue
        if not _within(header.frames, header.rate_hz, *bounds_s):
            continue
        utterance, found = _utterance(root, name, Path(path), speakers)
        findings += found
        if utterance is None:
            continue
        if header.rate_hz != _USUAL_RATE_HZ:
            findings += Findings(
                notes=(Finding(utterance.file, f"{header.rate_hz} Hz instead of {_USUAL_RATE_HZ} Hz"),)
            )
        utterances.append(utterance)
        longest_samples[name] = -(-header.frames * RATE_HZ // header.rate_hz)  # rounded up
    return VctkPool(
        root=root,
        release=release,
        utterances=tuple(utterances),
        longest_samples=longest_samples,
        recordings=len(recordings),
        speakers_with_text=len({name.split("_")[0] for name in with_text}),
        findings=findings,
    )


def _within(frames: int, rate_hz: int, shortest_s: Fraction, longest_s: Fraction) -> bool:
    """Exactly, in integers."""
    return (
        shortest_s.numerator * rate_hz <= frames * shortest_s.denominator
        and frames * longest_s.denominator <= longest_s.numerator * rate_hz
    )


def clean_transcript(raw: str) -> str:
    """The sentence without what surrounds it in some speakers' files: double quotes, an unmatched closing bracket."""
    text = raw.strip()
    while True:
        if text.endswith(")") and text.count(")") > text.count("("):
            text = text[:-1].rstrip()
        elif len(text) > 1 and text.startswith(_QUOTE) and text.endswith(_QUOTE):
            text = text[1:-1].strip()
        else:
            return text


def _scan(root: Path, release: str) -> tuple[dict[str, str], Findings]:
    """The path of every mic1 recording by its utterance id, in order of id."""
    recordings: dict[str, str] = {}
    problems, notes = [], []
    for folder in _folders(root / _AUDIO[release]):
        if folder.is_symlink() and leads_outside(root, folder):
            problems.append(Finding(readable(_relative(root, folder)), LEADS_OUT))
            continue
        for entry in os.scandir(folder):
            match = _NAMES[release].fullmatch(entry.name)
            if match is None or match[1] != folder.name:
                notes.append(
                    Finding(readable(_relative(root, Path(entry.path))), "not named like a recording, not used")
                )
            elif match[3] == "2":
                continue
            elif entry.is_symlink() and leads_outside(root, Path(entry.path)):
                problems.append(Finding(_relative(root, Path(entry.path)), LEADS_OUT))
            else:
                recordings[f"{match[1]}_{match[2]}"] = entry.path
    notes.sort(key=lambda finding: finding.path)
    return dict(sorted(recordings.items())), Findings(problems=tuple(problems), notes=tuple(notes))


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _utterance(
    root: Path, name: str, path: Path, speakers: Mapping[str, _Speaker]
) -> tuple[Utterance | None, Findings]:
    speaker_id = name.split("_")[0]
    file, text_path = _relative(root, path), root / "txt" / speaker_id / f"{name}.txt"
    text_file = _relative(root, text_path)
    if leads_outside(root, text_path):
        return None, Findings(problems=(Finding(text_file, LEADS_OUT),))
    try:
        raw = text_path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return None, Findings(problems=(Finding(text_file, f"not UTF-8 text ({error.reason})"),))
    except OSError as error:
        return None, Findings(problems=(Finding(text_file, f"cannot be read ({error.strerror})"),))
    transcript = clean_transcript(raw)
    if not transcript:
        return None, Findings(excluded=(Finding(file, "its text is empty"),))
    speaker = speakers.get(speaker_id)
    findings = Findings()
    if speaker is None:
        findings = Findings(notes=(Finding(file, "its speaker is not in speaker-info.txt: no gender, no accent"),))
        speaker = _Speaker(None, None)
    return Utterance(name, speaker_id, speaker.gender, speaker.accent, transcript, raw, file), findings


def _read_speakers(path: Path) -> dict[str, _Speaker]:
    """`speaker-info.txt`: ID AGE GENDER ACCENTS REGION, in columns of blanks; ids lack their `p` in 0.80."""
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
