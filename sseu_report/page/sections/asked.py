"""What was asked, and how it was scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sseu_report.entries import Entry, id_of
from sseu_report.page.render import PageTable

if TYPE_CHECKING:
    from sseu_models.results.scores_file import EmbedderIdentity

HOW_TO_READ = (
    (
        "Each clip is speech and a real background, mixed at a signal-to-noise ratio (SNR) in dB: the lower, the "
        "louder the background. +inf is speech alone, -inf background alone."
    ),
    (
        "Three tasks: speech (asr) by word error rate (WER), in languages other than English by character error rate "
        "(CER), lower is better; the scene among six (asc) by mean recall (mACC), and the events among eighteen (at) "
        "by mean average precision (mAP), higher is better. Mode independent asks one task at a time, joint all three "
        "at once, cot all three step by step; likelihood takes "
        "the probabilities that a model gives to the labels."
    ),
    (
        "A (baseline) is what a system should beat: a constant or random answer (control:...) and a language model "
        "without the audio (text-only:...), which hear nothing, so that their scores show what guessing achieves; and "
        "a recogniser and a tagger in one (cascade:...), which hears. A (control) is a system from which the clip is "
        "hidden, by silence or another clip, or half of its speech: what it still says of that is no hearing. An "
        "(oracle) knows what it should not, and is an upper bound: the references (control:ground-truth, "
        "control:paraphrased-truth), the true scene, from which alone it names events (control:scene), or speech and "
        "background before they were mixed (oracle-speech, oracle-background)."
    ),
)
"""The words of the page."""


def overview_table(entries: Sequence[Entry]) -> PageTable:
    """What each system was asked, and how its answers were scored."""
    rows = []
    for entry in entries:
        result, modes = entry.result, entry.modes.values()
        runs = max((len(scores.by_run) for scores in modes), default=0)
        embedders = {_embedder(scores.embedder) for scores in modes if scores.embedder}
        normalisers = {scores.normalizer for scores in modes if scores.normalizer}
        rows.append(
            (
                entry.name,
                id_of(result),
                ", ".join(entry.modes),
                f"{runs}, deterministic" if result.deterministic else str(runs),
                f"{result.answers.ok} of {result.answers.asked}" if result.answers else "none",
                "; ".join(result.incomplete) or "complete",
                ", ".join(sorted(embedders)) or "none",
                ", ".join(sorted(normalisers)) or "none",
                f"{result.prompts.set}, for {'all models' if result.family == '*' else result.family}",
            )
        )
    header = ("System", "Id", "Modes", "Runs", "Answered", "Result", "Text embedder", "Text normaliser", "Prompts")
    dataset = entries[0].result.dataset
    reasons = f" ({'; '.join(dataset.reasons)})" if dataset.reasons else ""
    note = f"Dataset {dataset.version}, recipe {dataset.recipe}{reasons}, fingerprint {dataset.fingerprint}."
    return PageTable("What was asked, and how it was scored", header, rows, words=8, notes=(note,))


def _embedder(embedder: EmbedderIdentity) -> str:
    size = f", {embedder.dimension} dimensions" if embedder.dimension is not None else ""
    return f"{embedder.id}{size}" + (f", at {embedder.revision:.12}" if embedder.revision else "")
