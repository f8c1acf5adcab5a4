"""What a stream of mixtures is made of: recordings of speech and clips of background, of any corpus."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sseu_dataset.corpora import desed, maestro, vctk
from sseu_dataset.corpora.audio import Header
from sseu_dataset.corpora.folders import is_standin
from sseu_dataset.corpora.headers import default_cache, read_headers
from sseu_dataset.licences import STANDIN_LICENCE
from sseu_dataset.recipe_rows import label_fault
from sseu_dataset.records import CLIP_S, Background, CorpusError, Settings, SourceIssues, Utterance


@dataclass(frozen=True, slots=True)
class SpeechRecording:
    """One recording of at most 10 s with its text: FLAC or WAV, of any rate and number of channels.

    Attributes:
        root: The folder to which `utterance.file` is relative.
        utterance: Ids, text and file. The speaker's gender and accent may be None.
        licence: What the rows say of it.
    """

    root: Path
    utterance: Utterance
    licence: str

    @property
    def path(self) -> Path:
        """Where the recording lies."""
        return self.root / self.utterance.file


@dataclass(frozen=True, slots=True)
class BackgroundClip:
    """At most 10 s of a recording without target speech: FLAC or WAV, of any rate and number of channels.

    Attributes:
        root: The folder to which `background.file` is relative.
        background: Ids, file, start in it, and labels, with the benchmark's names.
        licence: What the rows say of it.
    """

    root: Path
    background: Background
    licence: str

    @property
    def path(self) -> Path:
        """Where the recording lies."""
        return self.root / self.background.file


def read_speech(vctk_folder: str | Path, *, min_s: float = 1.0, max_s: float = 10.0) -> list[SpeechRecording]:
    """Every recording of VCTK with text that lasts `min_s` to `max_s` seconds, by any speaker.

    Args:
        vctk_folder: The folder VCTK was unpacked into.
        min_s: Minimum length of a file in seconds.
        max_s: Maximum length of a file in seconds, at most 10.

    Raises:
        CorpusError: There is no VCTK in the folder.

    Warns:
        UserWarning: Files are broken or missing; the others are used.
    """
    pool = vctk.read_vctk(Path(vctk_folder), Settings(speech_min_s=min_s, speech_max_s=max_s), default_cache())
    _warn(vctk.CORPUS, pool.issues)
    licence = STANDIN_LICENCE if is_standin(pool.root) else vctk.LICENCE
    return [SpeechRecording(pool.root, utterance, licence) for utterance in pool.utterances]


def read_backgrounds(
    *, desed_folder: str | Path | None = None, maestro_folder: str | Path | None = None
) -> list[BackgroundClip]:
    """The backgrounds of DESED and MAESTRO-Real that a benchmark of all their files would use.

    Args:
        desed_folder: The folder of the DESED public evaluation set, or of other clips in its layout.
        maestro_folder: The folder of MAESTRO-Real, or of other recordings in its layout.

    Raises:
        CorpusError: There is no such corpus in a folder.

    Warns:
        UserWarning: Files are broken or missing; the others are used.
    """
    found = []
    for folder, corpus, read in (
        (desed_folder, desed, desed.read_desed),
        (maestro_folder, maestro, maestro.read_maestro),
    ):
        if folder is not None:
            backgrounds = read(Path(folder), default_cache())
            _warn(corpus.CORPUS, backgrounds.issues)
            licence = STANDIN_LICENCE if is_standin(backgrounds.root) else corpus.LICENCE
            found += [BackgroundClip(backgrounds.root, item, licence) for item in backgrounds.selected]
    return found


def _warn(corpus: str, issues: SourceIssues) -> None:
    if issues.problems:
        first = issues.problems[0]
        warnings.warn(
            f"{corpus}: {len(issues.problems)} files are left out, the first of them {first.path}: {first.reason}",
            stacklevel=3,
        )


def check_sources(speech: Sequence[SpeechRecording], background: Sequence[BackgroundClip]) -> None:
    """Refuse what could not be mixed, or not be told apart.

    Raises:
        CorpusError: A file is missing, is not FLAC or WAV, is incomplete, or ends before the clip begins; a recording
            of speech lasts longer than a clip or has no text.
        ValueError: An id is there twice, or a label is none of the benchmark's.
    """
    _check_ids("utterance", (item.utterance.utterance_id for item in speech))
    _check_ids("background", (item.background.background_id for item in background))
    for item in background:
        labels = item.background
        if fault := label_fault(labels.scene, labels.segments, labels.soft_labels or ()):
            raise ValueError(f"the background {labels.background_id}: {fault}")
    paths = list(dict.fromkeys([str(item.path) for item in speech] + [str(item.path) for item in background]))
    if gone := [path for path in paths if not os.path.isfile(path)]:
        raise CorpusError(f"{gone[0]}: no such file ({len(gone)} of {len(paths)} are missing); fetch the corpus again")
    headers = read_headers(paths, default_cache())
    for recording in speech:
        name, length_s = recording.utterance.utterance_id, _length_s(headers[str(recording.path)])
        if length_s > CLIP_S:
            raise CorpusError(
                f"the utterance {name} lasts {length_s:.2f} s ({recording.path}), more than the {CLIP_S} s of a clip; "
                "leave it out or cut it with its text"
            )
        if not recording.utterance.transcript.strip():
            raise CorpusError(f"the utterance {name} has no text; leave it out")
    for item in background:
        length_s, offset_s = _length_s(headers[str(item.path)]), item.background.offset_s
        if not 0 <= offset_s < length_s:
            raise CorpusError(
                f"the background {item.background.background_id} begins at {offset_s} s of {item.path}, which lasts "
                f"{length_s:.2f} s"
            )


def _check_ids(kind: str, ids: Iterable[str]) -> None:
    if twice := [name for name, count in Counter(ids).items() if count > 1]:
        raise ValueError(f"the {kind} {twice[0]} is there twice, and {len(twice) - 1} others; give each id once")


def _length_s(header: Header | CorpusError) -> float:
    if isinstance(header, CorpusError):
        raise header
    return header.frames / header.rate_hz
