"""The rows of the layout `stems`: the two signals of each pair before gain, from which its mixtures follow.

Speech that several pairs share is stored once. All is WAV, since encoding FLAC takes longer than mixing, and decoding
longer than mixing again; but speech cut from several recordings, which every pair has of its own, would be nearly half
of the bytes, and is FLAC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sseu_dataset.building.render import Signals
from sseu_dataset.mixing import Mixtures, pcm_sha256
from sseu_dataset.records import RATE_HZ, Pair, SpeechPart
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.wav import encode_wav


def first_with_speech(pairs: Iterable[Pair]) -> frozenset[str]:
    """The ids of the pairs beside whose background their speech is stored: for each speech the first that has it."""
    first: dict[tuple[SpeechPart, ...], str] = {}
    for pair in pairs:
        first.setdefault(pair.speech, pair.pair_id)
    return frozenset(first.values())


def stem_rows(
    pair: Pair,
    signals: Signals,
    mixtures: Mixtures,
    rows: list[dict[str, Any]],
    *,
    speech_sha256: str,
    with_speech: bool,
) -> list[dict[str, Any]]:
    """The rows of a pair in the configuration `stems`: its background, after its speech unless that is stored already.

    Args:
        pair: The pair.
        signals: Its signals.
        mixtures: What was mixed of them.
        rows: Its rows, from `+inf` to `-inf`.
        speech_sha256: SHA-256 of the speech's samples (`mixing.pcm_sha256`).
        with_speech: Whether it is the first of its speech (`first_with_speech`).
    """
    speech, background = _columns(pair, mixtures, rows, speech_sha256)
    background["audio"]["bytes"] = encode_wav(signals.background)
    if not with_speech:
        return [background]
    speech["audio"]["bytes"] = (encode_flac if _is_cut(pair) else encode_wav)(signals.speech)
    return [speech, background]


def _columns(
    pair: Pair, mixtures: Mixtures, rows: list[dict[str, Any]], speech_sha256: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of speech and background (`stem_rows`), without the bytes of their audio."""
    gains, speech_id = mixtures.gains, pair.utterance.utterance_id
    if gains is None:
        raise AssertionError("`mix` says them")
    background = {
        "id": pair.pair_id,
        "signal": "background",
        "audio": {"bytes": None, "path": f"{pair.pair_id}.wav"},
        "speech_sha256": speech_sha256,
        "speech_onset_s": pair.speech_onset_samples / RATE_HZ,
        "speech_gain": gains.speech,
        "background_gain": gains.background,
        "licence": rows[-1]["licence"],
    }
    speech = {
        **dict.fromkeys(background),
        "id": speech_id,
        "signal": "speech",
        "audio": {"bytes": None, "path": f"{speech_id}.{'flac' if _is_cut(pair) else 'wav'}"},
        "speech_sha256": speech_sha256,
        "licence": rows[0]["licence"],
    }
    return speech, background


def _is_cut(pair: Pair) -> bool:
    """Whether the speech is cut from its recordings."""
    return pair.speech[0].cut is not None


def check_stems(
    pair: Pair, stored: Sequence[dict[str, Any]], signals: Signals, mixtures: Mixtures, rows: list[dict[str, Any]]
) -> list[str]:
    """What the stored rows of a pair's speech and background say otherwise than its signals and the recipe.

    Args:
        pair: The pair.
        stored: Its rows of speech and background.
        signals: What was decoded of them.
        mixtures: What was mixed of that.
        rows: The rows of the pair, from `+inf` to `-inf`.
    """
    made = _columns(pair, mixtures, rows, pcm_sha256(signals.speech))
    return [
        f"{found['id']}, {found['signal']}: {name} is {shown!r}, recipe and samples imply {value!r}"
        for found, expected in zip(stored, made, strict=True)
        for name, wanted in expected.items()
        for shown, value in [(found[name]["path"], wanted["path"]) if name == "audio" else (found[name], wanted)]
        if shown != value
    ]
