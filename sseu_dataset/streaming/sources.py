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
from sseu_dataset.corpora.source import Backgrounds, Corpus, Speech
from sseu_dataset.licences import STANDIN_LICENCE
from sseu_dataset.recipe_rows import label_fault
from sseu_dataset.records import CLIP_S, OFFICIAL_CORPORA, Background, CorpusError, Settings, Utterance
from sseu_dataset.tables.background import read_background_table
from sseu_dataset.tables.speech import read_speech_table


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


def read_speech(
    vctk_folder: str | Path | None = None,
    *,
    table: str | Path | None = None,
    licence: str | None = None,
    min_s: float = 1.0,
    max_s: float = 10.0,
) -> list[SpeechRecording]:
    """Every recording of VCTK, or of a table, with text that lasts `min_s` to `max_s` seconds, by any speaker.

    Args:
        vctk_folder: The folder VCTK was unpacked into.
        table: A table of other speech in its place (docs/tables.md).
        licence: The licence of that speech.
        min_s: Minimum length of a file in seconds.
        max_s: Maximum length of a file in seconds, at most 10.

    Raises:
        CorpusError: There is no VCTK in the folder, or the table cannot be used.
        ValueError: Neither or both are given, or a table without a licence.

    Warns:
        UserWarning: Files are broken or missing; the others are used.
    """
    settings, cache = Settings(speech_min_s=min_s, speech_max_s=max_s), default_cache()
    if (vctk_folder is None) == (table is None):
        raise ValueError("read_speech needs the folder of VCTK or a table, one of them")
    speech: Speech
    if vctk_folder is not None:
        speech = vctk.read_vctk(Path(vctk_folder), settings, cache)
    else:
        speech = read_speech_table(Path(str(table)), _stated(table, licence), settings, cache)
    _warn(speech)
    licence = _licence(speech)
    return [SpeechRecording(speech.root, utterance, licence) for utterance in speech.utterances]


def read_backgrounds(
    *,
    desed_folder: str | Path | None = None,
    maestro_folder: str | Path | None = None,
    table: str | Path | None = None,
    licence: str | None = None,
) -> list[BackgroundClip]:
    """The backgrounds of DESED, MAESTRO-Real and a table that a benchmark of all their files would use.

    Args:
        desed_folder: The folder of the DESED public evaluation set, or of other clips in its layout.
        maestro_folder: The folder of MAESTRO-Real, or of other recordings in its layout.
        table: A table of other backgrounds (docs/tables.md).
        licence: The licence of those.

    Raises:
        CorpusError: There is no such corpus in a folder, or the table cannot be used.
        ValueError: The table is given without a licence.

    Warns:
        UserWarning: Files are broken or missing; the others are used.
    """
    cache, read = default_cache(), list[Backgrounds]()
    if desed_folder is not None:
        read.append(desed.read_desed(Path(desed_folder), cache))
    if maestro_folder is not None:
        read.append(maestro.read_maestro(Path(maestro_folder), cache))
    if table is not None:
        read.append(read_background_table(Path(table), _stated(table, licence), cache))
    for corpus in read:
        _warn(corpus)
    return [BackgroundClip(corpus.root, item, _licence(corpus)) for corpus in read for item in corpus.selected]


def _stated(table: str | Path | None, licence: str | None) -> str:
    if not licence:
        raise ValueError(f"{table}: give its licence too, which stands in every row: licence='CC BY 4.0', say")
    return licence


def _licence(corpus: Corpus) -> str:
    return STANDIN_LICENCE if corpus.corpus in OFFICIAL_CORPORA and is_standin(corpus.root) else corpus.licence


def _warn(corpus: Corpus) -> None:
    problems = corpus.issues.problems
    if problems:
        first = problems[0]
        warnings.warn(
            f"{corpus.corpus}: {len(problems)} files are left out, the first of them {first.path}: {first.reason}",
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
