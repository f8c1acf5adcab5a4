"""What the card says of the speech: how many sentences, recordings and speakers."""

from __future__ import annotations

from collections import Counter
from statistics import mean, median

from sseu_dataset.records import RATE_HZ, Recipe
from sseu_metric.text_table import markdown

_MAX_SENTENCES = 15


def speech_section(recipe: Recipe) -> str:
    """How varied the speech is, which matters to anyone who scores on it."""
    return _of_few_sentences(recipe) if recipe.settings.rule == "paper" else _of_many_sentences(recipe)


def _of_many_sentences(recipe: Recipe) -> str:
    pairs = recipe.pairs
    parts = [part for pair in pairs for part in pair.speech]
    sentences = {part.utterance.transcript for part in parts}
    words = sum(len(part.utterance.transcript.split()) for part in parts)
    clips = Counter(pair.utterance.speaker_id for pair in pairs)
    genders = Counter(pair.utterance.speaker_gender or "not stated" for pair in pairs)
    lengths_s = [
        sum(part.cut.pause_samples + part.cut.samples for part in pair.speech if part.cut is not None) / RATE_HZ
        for pair in pairs
    ]
    per_clip = Counter(len(pair.speech) for pair in pairs)
    table = markdown([("utterances in a clip", "pairs"), *((str(n), str(per_clip[n])) for n in sorted(per_clip))])
    by_gender = ", ".join(f"{gender} {genders[gender]}" for gender in sorted(genders))
    return (
        f"The speech: **no sentence is said twice**. {len(sentences)} sentences of {words} words "
        f"({words / len(pairs):.1f} a clip) by {len(clips)} speakers, who speak in {min(clips.values())} to "
        f"{max(clips.values())} clips each (median {median(clips.values()):g}; clips by gender: {by_gender}). The "
        f"speech of a clip lasts {min(lengths_s):.1f} to {max(lengths_s):.1f} s, {mean(lengths_s):.2f} s on average."
        f"\n\n{table}\n\n"
        "Every recording is cut to its speech with up to 0.2 s of its own before and after. The pauses between, of 0.2 "
        "to 0.6 s, are filled with room noise of the recording that follows; `speech_segments` has all times.\n\n"
        "Whoever builds this without one of the recordings may get other speech in a few other clips too, since every "
        "sentence goes to one clip only; `sseu build --recipe recipe.parquet` gives these clips.\n"
    )


def _of_few_sentences(recipe: Recipe) -> str:
    pairs = recipe.pairs
    utterances = Counter(pair.utterance.utterance_id for pair in pairs)
    speakers = {pair.utterance.speaker_id for pair in pairs}
    sentences = Counter(pair.utterance.transcript for pair in pairs)
    shown = sentences.most_common(_MAX_SENTENCES)
    rest = f"\nand {len(sentences) - len(shown)} more sentences.\n" if len(sentences) > len(shown) else ""
    table = markdown([("sentence", "pairs"), *((_plain(sentence), str(count)) for sentence, count in shown)])
    variety = (
        f"**Low text diversity**: only {len(sentences)} different sentences are spoken. In VCTK the long lines are "
        "texts that every speaker reads, the Rainbow Passage among them, and a system may have memorised them."
        if recipe.table("speech") is None
        else f"{len(sentences)} different sentences are spoken; a system may know those that are published elsewhere."
    )
    return (
        f"The speech: {len(utterances)} different recordings by {len(speakers)} speakers, each used "
        f"{len(pairs) / len(utterances):.1f} times on average and at most {max(utterances.values())} times.\n\n"
        f"{variety}\n\n{table}\n{rest}"
    )


def _plain(text: str) -> str:
    """A sentence without markup, at most 200 characters: transcripts are not trusted to be plain text."""
    return " ".join(text.replace("<", "&lt;").replace("`", "'").split())[:200]
