"""What each column of the dataset holds, for programs that read its description; `schema` has the types."""

from __future__ import annotations

from sseu_dataset.records import Recipe
from sseu_dataset.schema import STEMS

COLUMNS = {
    "id": "Id of the clip: pair and condition.",
    "pair_id": "Id of the pair of utterance and background, the same in all conditions.",
    "audio": "The clip as FLAC: 10 s, 44.1 kHz, mono, 16 bit; null where a published copy has no audio.",
    "condition": "The condition as a word: +inf (speech alone), an SNR in dB, or -inf (background alone).",
    "snr_db": "The nominal signal-to-noise ratio in dB; null for speech alone and background alone.",
    "scene": "Where the background was recorded, as an index into the record set `scenes`; null for speech alone.",
    "events": "Which events sound, as indices into the record set `events`; empty for speech alone.",
    "event_segments": "Each event with its times.",
    "event_segments/event": "Index into the record set `events`.",
    "event_segments/onset_s": "Start in seconds from the start of the clip.",
    "event_segments/offset_s": "End in seconds from the start of the clip.",
    "soft_labels": "How strongly each class was heard in each second; null where the corpus has no such values.",
    "soft_labels/event": "Index into the record set `events`.",
    "soft_labels/values": "One value per second, 0 to about 1.",
    "speech_segments": "Each utterance with its words and times.",
    "speech_segments/utterance_id": "Id of the recording in VCTK.",
    "speech_segments/transcript": "Its words.",
    "speech_segments/onset_s": "Start in seconds from the start of the clip.",
    "speech_segments/offset_s": "End in seconds from the start of the clip.",
    "transcript": "What is said; empty for background alone.",
    "transcript_raw": "The text as it stands in the corpus, before stray quotes and brackets were removed.",
    "utterance_id": "Id of the recording in VCTK.",
    "speaker_id": "The speaker's code in VCTK.",
    "speaker_gender": "As VCTK's table of speakers states it; null where it does not.",
    "speaker_accent": "As VCTK's table of speakers states it; null where it does not.",
    "speech_file": "Path of the recording in VCTK.",
    "speech_onset_s": "Where the recording starts in the clip, in seconds.",
    "speech_duration_s": "Length of the recording in seconds.",
    "background_corpus": "DESED or MAESTRO-Real.",
    "background_file": "Path of the background's file in its corpus.",
    "source_recording_id": "The recording from which the background was taken.",
    "background_offset_s": "Where the background starts in that file, in seconds.",
    "background_duration_s": "Length of the background's own samples in seconds; zeros follow them.",
    "gain_db": "The attenuation that all conditions of the pair share, in dB.",
    "snr_clip_db": "SNR measured on the clip's samples, over the own samples of both signals, in dB.",
    "snr_overlap_db": "The same over the span in which both sound.",
    "snr_active_db": "The same with the active speech level of ITU-T P.56; null until it is measured.",
    "snr_loudness_db": "The same with loudness after ITU-R BS.1770; null until it is measured.",
    "licence": "Licences of the clip's sources.",
    "pcm_sha256": "SHA-256 of the clip's samples as little-endian 16-bit integers.",
    "recipe": "`paper` for the whole benchmark, otherwise `partial`, `custom` or `imported`.",
    "version": "Version of the dataset.",
}
"""By the column's name; parts of a column stand below it as `column/part`."""

STEM_COLUMNS = {
    "id": "Id of the recording of speech, or of the pair of the background.",
    "signal": "`speech` or `background`.",
    "audio": "The signal before gain, FLAC or WAV: 44.1 kHz, mono, 16 bit; null where a published copy has none.",
    "speech_sha256": "SHA-256 of the samples of the speech, or of that of the background's pair, as 16-bit integers.",
    "speech_onset_s": "Of a background: where the speech of its pair starts in the clip, in seconds.",
    "speech_gain": "Of a background: the factor of the speech of its pair.",
    "background_gain": "Of a background: its factor at an SNR of 0 dB.",
    "licence": "Licence of its source.",
}
"""The columns of the configuration `stems`."""

_OF_TABLES = {
    "Id of the recording in VCTK.": "Id of the recording.",
    "The speaker's code in VCTK.": "The speaker's code in the corpus.",
    "As VCTK's table of speakers states it; null where it does not.": "As the table of speech states it.",
    "Path of the recording in VCTK.": "Path of the recording in its corpus.",
    "DESED or MAESTRO-Real.": "Name of the corpus of the background.",
}

_OF_CUTS = {
    "utterance_id": "Ids of the recordings in VCTK, in order, with ` + ` between them.",
    "speech_file": "Paths of the recordings in VCTK, in order, with ` + ` between them.",
    "speech_onset_s": "Where the first recording starts in the clip, in seconds.",
    "speech_duration_s": "Length of all recordings and the pauses between them in seconds.",
    "recipe": "`diverse` for the whole benchmark, otherwise `edition`, `partial` or `custom`.",
}


def column_text(config: str, column: str, recipe: Recipe) -> str:
    """What a column of a configuration holds; in one made of tables nothing is said of the official corpora."""
    text = (STEM_COLUMNS if config == STEMS else COLUMNS)[column]
    if config != STEMS and recipe.settings.rule == "diverse":
        text = _OF_CUTS.get(column, text)
    return _OF_TABLES.get(text, text).replace(" in VCTK", "") if recipe.tables else text
