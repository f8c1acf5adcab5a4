"""The stand-in of VCTK 0.92: speakers, their recordings from two microphones, and what they read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sseu_dataset.pairing import draw
from sseu_dataset.standin.drawn_sentences import drawn_sentence
from sseu_dataset.standin.draws import generator, unit_draw
from sseu_dataset.standin.files import Size, Task, link_once, write_once
from sseu_dataset.standin.speech import SENTENCES, SHORT_SENTENCES, Voice, silent_flac, speak, to_flac, voice

_POOL_S = (8.0, 10.0)
_TEXTLESS, _NO_MIC2 = "p315", ("p280", "p315")  # the official release lacks these files
_FULL_POOL = (76, 43, 31, 30, 13, 12, 11, 9, 9, 4, 1, 1)
"""Recordings of 8 to 10 s for each of a dozen shared sentences, as counted in the real corpus."""
_FULL_POOL_SPEAKERS = 104
_FIRST_OWN_LINE = 25
"""The lines before it are the same for all speakers."""
_DEMO_OWN = 8
_FULL_SENTENCES = 13_500
"""Different sentences read by somebody, as in the real corpus."""
_FULL_COPIED = 3


@dataclass(frozen=True, slots=True)
class Recording:
    """One utterance: speech, within `bounds_s` if given; silence of `silent_s` seconds; or a copy.

    `copy_of` is the number of a short sentence that its speaker says in its place, whatever its text is: speaking every
    sentence would take an hour.
    """

    line: int
    text: str
    bounds_s: tuple[float, float] | None = None
    silent_s: float | None = None
    copy_of: int | None = None
    has_text: bool = True


def vctk_tasks(root: Path, size: Size, seed: int) -> list[Task]:
    """The tasks that write the table of speakers and each speaker's recordings and texts below `root`."""
    speakers = _demo_speakers() if size == "demo" else full_speakers(seed)
    voices = {
        speaker: voice(index, 35 + int(30 * unit_draw(seed, "pitch", speaker)))
        for index, speaker in enumerate(speakers)
    }
    rows = ["ID  AGE  GENDER  ACCENTS  REGION COMMENTS"]
    for speaker, who in voices.items():
        comment = "(Text and mic2 files unavailable)" if speaker == _TEXTLESS else ""
        age = 18 + int(20 * unit_draw(seed, "age", speaker))
        rows.append(f"{speaker:4}  {age}  {who.gender}    {who.accent}  {who.region} {comment}".rstrip())
    return [
        partial(write_once, root / "speaker-info.txt", "\n".join(rows) + "\n"),
        *(
            partial(_write_speaker, root, speaker, voices[speaker], recordings, seed)
            for speaker, recordings in speakers.items()
        ),
    ]


def _demo_speakers() -> dict[str, list[Recording]]:
    """Eight speakers with five sentences and nine short ones each, one without text, and p315 without any."""
    names = [f"p{number}" for number in range(225, 232)] + ["s5"]
    speakers = {}
    for index, name in enumerate(names):
        long = [Recording(line, SENTENCES[5 * index + line - 1], _POOL_S) for line in range(1, 6)]
        own = [Recording(_FIRST_OWN_LINE + line, drawn_sentence(_DEMO_OWN * index + line)) for line in range(_DEMO_OWN)]
        speakers[name] = [*long, Recording(6, SHORT_SENTENCES[index]), *own]
    speakers["p225"].append(Recording(7, SHORT_SENTENCES[8], has_text=False))
    speakers[_TEXTLESS] = [Recording(1, SENTENCES[0], _POOL_S, has_text=False)]
    return dict(sorted(speakers.items()))


def full_speakers(seed: int) -> dict[str, list[Recording]]:
    """As many speakers and recordings as the real corpus.

    Speech are those of 8 to 10 s, and from line 25 on copies of a few short ones; the rest is silence.
    """
    names = [f"p{number}" for number in range(225, 334)] + ["s5"]
    readers = [name for name in names if name != _TEXTLESS][:_FULL_POOL_SPEAKERS]
    # each sentence is read by the next readers in turn
    lines = [line for line, count in enumerate(_FULL_POOL, 1) for _ in range(count)]
    pool = {(readers[index % len(readers)], line) for index, line in enumerate(lines)}
    return {name: _full_recordings(name, pool, seed) for name in names}


def _full_recordings(speaker: str, pool: set[tuple[str, int]], seed: int) -> list[Recording]:
    recordings = []
    for line in range(1, 320 + int(168 * unit_draw(seed, "lines", speaker))):
        name = f"{speaker}_{line:03}"
        if (speaker, line) in pool:
            recordings.append(Recording(line, SENTENCES[line - 1], _POOL_S))
            continue
        if draw(seed, "long", name) % 360 == 0:
            length_s = 10.05 + 5 * unit_draw(seed, "length", name)
        else:  # a logistic distribution
            chance = min(max(unit_draw(seed, "length", name), 1e-6), 1 - 1e-6)
            length_s = min(max(3.5 + 0.6 * math.log(chance / (1 - chance)), 1.2), 7.95)
        has_text = speaker != _TEXTLESS and draw(seed, "text", name) % 256 != 0
        if line >= _FIRST_OWN_LINE and length_s < _POOL_S[0]:
            text = drawn_sentence(draw(seed, "sentence", name) % _FULL_SENTENCES)
            copy_of = draw(seed, "copy", name) % _FULL_COPIED
            recordings.append(Recording(line, text, copy_of=copy_of, has_text=has_text))
            continue
        text = SENTENCES[line - 1] if line <= len(_FULL_POOL) else SHORT_SENTENCES[line % len(SHORT_SENTENCES)]
        recordings.append(Recording(line, text, silent_s=length_s, has_text=has_text))
    return recordings


def _write_speaker(root: Path, speaker: str, who: Voice, recordings: list[Recording], seed: int) -> None:
    first_copy: dict[int, Path] = {}
    for recording in recordings:
        name = f"{speaker}_{recording.line:03}"
        mics = [root / "wav48_silence_trimmed" / speaker / f"{name}_mic{mic}.flac" for mic in (1, 2)]
        mics = mics[: 1 if speaker in _NO_MIC2 else 2]
        number = recording.copy_of
        if number is None:
            _write_recording(mics, name, who, recording, seed)
        elif number in first_copy:
            for mic in mics:
                link_once(first_copy[number], mic)
        else:
            spoken = Recording(
                recording.line, SHORT_SENTENCES[(draw(seed, "short", speaker) + number) % len(SHORT_SENTENCES)]
            )
            _write_recording(mics[:1], f"{speaker} {number}", who, spoken, seed)
            first_copy[number] = mics[0]
            for mic in mics[1:]:
                link_once(mics[0], mic)
        if recording.has_text:
            text = _with_quirks(speaker, recording.text)
            write_once(root / "txt" / speaker / f"{name}.txt", text + "\n")


def _with_quirks(speaker: str, text: str) -> str:
    """The text as in the real corpus, where some speakers' files end in a stray bracket or stand in quotes."""
    return {"p228": f"{text}  )", "p230": f'"{text}"'}.get(speaker, text)


def _write_recording(mics: list[Path], name: str, who: Voice, recording: Recording, seed: int) -> None:
    if all(mic.exists() for mic in mics):
        return
    if recording.silent_s is not None:
        for mic in mics:
            write_once(mic, silent_flac(round(100 * recording.silent_s)))
        return
    pcm = speak(recording.text, who, generator(seed, "speech", name), recording.bounds_s)
    for mic, level in zip(mics, (1, 0.6), strict=False):
        write_once(mic, to_flac((pcm * level).astype("int16")))
