"""The rows of the layout `stems`: the two signals of each pair before gain, from which its mixtures follow.

Speech that several pairs share is stored once, as FLAC; each background is as WAV, since encoding 1,117 backgrounds
takes longer than mixing them, and decoding them longer than mixing them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sseu_dataset.building.render import Signals
from sseu_dataset.mixing import Mixtures, pcm_sha256
from sseu_dataset.records import RATE_HZ, Pair
from sseu_dataset.rows.flac import encode_flac
from sseu_dataset.rows.wav import encode_wav


def first_with_speech(pairs: Iterable[Pair]) -> frozenset[str]:
    """The ids of the pairs beside whose background their speech is stored: for each speech the first that has it."""
    first = {}
    for pair in pairs:
        first.setdefault(pair.speech, pair.pair_id)
    return frozenset(first.values())


def stem_rows(
    pair: Pair, signals: Signals, mixtures: Mixtures, rows: list[dict[str, Any]], *, with_speech: bool
) -> list[dict[str, Any]]:
    """The rows of a pair in the configuration `stems`: its background, after its speech unless that is stored already.

    Args:
        pair: The pair.
        signals: Its signals.
        mixtures: What was mixed of them.
        rows: Its rows, from `+inf` to `-inf`.
        with_speech: Whether it is the first of its speech (`first_with_speech`).
    """
    gains, speech_sha256 = mixtures.gains, pcm_sha256(signals.speech)
    if gains is None:
        raise AssertionError("made by `mix`")
    background = {
        "id": pair.pair_id,
        "signal": "background",
        "audio": {"bytes": encode_wav(signals.background), "path": f"{pair.pair_id}.wav"},
        "pcm_sha256": pcm_sha256(signals.background),
        "speech_sha256": speech_sha256,
        "speech_onset_s": pair.speech_onset_samples / RATE_HZ,
        "speech_gain": gains.speech,
        "background_gain": gains.background,
        "licence": rows[-1]["licence"],
    }
    if not with_speech:
        return [background]
    speech_id = pair.utterance.utterance_id
    speech = {
        **dict.fromkeys(background),
        "id": speech_id,
        "signal": "speech",
        "audio": {"bytes": encode_flac(signals.speech), "path": f"{speech_id}.flac"},
        "pcm_sha256": speech_sha256,
        "licence": rows[0]["licence"],
    }
    return [speech, background]
