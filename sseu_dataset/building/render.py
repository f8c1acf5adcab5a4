"""From a pair of the recipe to its rows: read, mix, measure, hash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.corpora.utterances import UtteranceCache
from sseu_dataset.diverse.composition import compose
from sseu_dataset.licences import row_licence
from sseu_dataset.mixing import SNR_TOLERANCE_DB, Mixtures, Placement, mix, pcm_sha256
from sseu_dataset.planning.plan import Plan
from sseu_dataset.records import JOINT, RATE_HZ, Background, CorpusError, Pair, Recipe, Utterance, joined
from sseu_dataset.schema import mixture_id
from sseu_metric.conditions import BACKGROUND_ALONE, SPEECH_ALONE
from sseu_metric.labels import EVENTS, SCENES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Signals(NamedTuple):
    """The two signals of a pair before gain, int16, mono, 44,100 Hz."""

    speech: NDArray[np.int16]
    background: NDArray[np.int16]


def read_signals(plan: Plan, pair: Pair, utterances: UtteranceCache) -> Signals:
    """Read both sources of a pair.

    Raises:
        CorpusError: A source cannot be read.
        ValueError: A cut is not within its recording.
    """
    root = plan.roots[plan.recipe.speech_corpus]
    cuts = [(root / part.utterance.file, part.cut) for part in pair.speech if part.cut is not None]
    speech = (
        compose([(read_clip(path), cut) for path, cut in cuts])  # each recording is used once: no cache
        if cuts
        else utterances.read(root / pair.utterance.file)
    )
    source = pair.background
    return Signals(speech, read_clip(plan.roots[source.corpus] / source.file, source.offset_s))


def render(pair: Pair, signals: Signals, recipe: Recipe) -> Mixtures:
    """Mix every condition of a pair.

    Raises:
        ValueError: The speech does not fit at its onset.
    """
    return mix(signals.speech, signals.background, pair.speech_onset_samples, recipe.settings.snrs_db)


def to_rows(
    pair: Pair, mixtures: Mixtures, recipe: Recipe, encode: Callable[[NDArray[np.int16]], bytes] | None
) -> list[dict[str, Any]]:
    """The dataset rows of a pair, one per condition, in order (columns of `schema.features`).

    Without `encode` their audio is null, as it is in the layout `stems`.

    Raises:
        CorpusError: A measured SNR differs from its nominal value by more than 0.05 dB, because the background's crest
            factor is too high for 16 bits at that SNR.
    """
    pcm, placement, settings = mixtures.pcm, mixtures.placement, recipe.settings
    for nominal_db, measured in zip(settings.snrs_db, mixtures.snrs_db, strict=True):
        if abs(measured.clip - nominal_db) > SNR_TOLERANCE_DB:
            raise CorpusError(
                f"{pair.pair_id}: an SNR of {nominal_db:g} dB came out as {measured.clip} dB; 16-bit samples cannot "
                "represent it"
            )
    snrs_db: list[float | None] = [None, *settings.snrs_db, None]
    speech = speech_columns(spans_of(pair, placement), placement)
    background = background_columns(pair.background, placement)
    rows = []
    for number, condition in enumerate(settings.conditions):
        has_speech, has_background = condition != BACKGROUND_ALONE, condition != SPEECH_ALONE
        snr = mixtures.snrs_db[number - 1] if has_speech and has_background else None
        row_id = mixture_id(pair.pair_id, condition)
        licences = [row_licence(recipe, "speech", recipe.speech_corpus)] * has_speech
        licences += [row_licence(recipe, "background", pair.background.corpus)] * has_background
        rows.append(
            {
                "id": row_id,
                "pair_id": pair.pair_id,
                "audio": encode and {"bytes": encode(pcm[number]), "path": f"{row_id}.flac"},
                "condition": condition,
                "snr_db": snrs_db[number],
                **(speech if has_speech else absent(speech)),
                **(background if has_background else absent(background)),
                "gain_db": mixtures.gain_db,
                "snr_clip_db": snr and snr.clip,
                "snr_overlap_db": snr and snr.overlap,
                "snr_active_db": None,
                "snr_loudness_db": None,
                "licence": JOINT.join(dict.fromkeys(licences)),
                "pcm_sha256": pcm_sha256(pcm[number]),
                "recipe": recipe.name,
                "version": recipe.version,
            }
        )
    return rows


class Span(NamedTuple):
    """An utterance and where it is in the clip, in samples at 44,100 Hz."""

    utterance: Utterance
    onset: int
    end: int


def spans_of(pair: Pair, placement: Placement) -> list[Span]:
    """Where each utterance of a pair is; one without a cut fills the speech."""
    spans, end = [], placement.speech_onset
    for part in pair.speech:
        onset = end + (part.cut.pause_samples if part.cut is not None else 0)
        end = onset + part.cut.samples if part.cut is not None else placement.speech_end
        spans.append(Span(part.utterance, onset, end))
    return spans


def speech_columns(spans: Sequence[Span], placement: Placement) -> dict[str, Any]:
    """What a row says of its speech."""
    return {
        **joined([span.utterance for span in spans]).columns(),
        "speech_onset_s": placement.speech_onset / RATE_HZ,
        "speech_duration_s": (placement.speech_end - placement.speech_onset) / RATE_HZ,
        "speech_segments": [
            {
                "utterance_id": span.utterance.utterance_id,
                "transcript": span.utterance.transcript,
                "onset_s": span.onset / RATE_HZ,
                "offset_s": span.end / RATE_HZ,
            }
            for span in spans
        ],
    }


def label_columns(background: Background) -> dict[str, Any]:
    """What the rows of a background say of its events (`label_rules.LABEL_COLUMNS`)."""
    segments = [
        {"event": EVENTS.index(segment.event), "onset_s": segment.onset_s, "offset_s": segment.offset_s}
        for segment in background.segments
    ]
    soft_labels = background.soft_labels and [
        {"event": EVENTS.index(label.event), "values": list(label.values)} for label in background.soft_labels
    ]
    return {
        "events": sorted({segment["event"] for segment in segments}),
        "event_segments": segments,
        "soft_labels": soft_labels,
    }


def background_columns(background: Background, placement: Placement) -> dict[str, Any]:
    """What a row says of its background."""
    return {
        "scene": SCENES.index(background.scene),
        **label_columns(background),
        "background_corpus": background.corpus,
        "background_file": background.file,
        "source_recording_id": background.source_recording_id,
        "background_offset_s": float(background.offset_s),
        "background_duration_s": placement.background_end / RATE_HZ,
    }


def absent(columns: dict[str, Any]) -> dict[str, Any]:
    """The same columns for a mixture without the signal: empty text and lists, null otherwise."""
    empty = {"transcript": "", "transcript_raw": "", "events": [], "event_segments": [], "speech_segments": []}
    return {name: empty.get(name) for name in columns}
