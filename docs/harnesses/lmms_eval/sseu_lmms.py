"""SSEU-Bench as lmms-eval tasks, with this project's audio, prompts, parser and scores; see harnesses.md."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sseu_dataset import load_audio
from sseu_metric import score
from sseu_metric.answers import parse_answer
from sseu_metric.conditions import counts_for, is_finite
from sseu_models.prompts import load_prompts

RATE_HZ = 16_000


def _docs(dataset: Any, task: str) -> Any:
    """The rows to ask about; their audio stays undecoded, so that torchcodec is not needed."""
    import datasets

    is_asked = {
        name: is_finite(name) if task == "all" else counts_for(task, name) for name in dataset.unique("condition")
    }
    chosen = dataset.select([number for number, name in enumerate(dataset["condition"]) if is_asked[name]])
    return chosen.cast_column("audio", datasets.Audio(decode=False))


def _text(doc: Any, kwargs: Any = None, *, mode: str, task: str) -> str:
    """The project's prompt; lmms-eval has no place for a system message, so it is put before the prompt."""
    prompt = load_prompts().find(mode, task, "*")  # type: ignore[arg-type]
    return prompt.user if prompt.system is None else f"{prompt.system}\n\n{prompt.user}"


def _results(doc: Any, results: Sequence[str], *, how: str, metrics: Sequence[str]) -> dict[str, Any]:
    """The parsed answer and its reference, for each metric."""
    parsed = parse_answer(results[0] if results else "", how)  # type: ignore[arg-type]
    prediction = {
        "transcript": parsed.transcript,
        "scene": parsed.scene,
        "events": parsed.events,
        "status": parsed.status,
    }
    reference = {name: doc[name] for name in doc if name != "audio"}
    return dict.fromkeys(metrics, (prediction, reference))


def _score(pairs: Sequence[tuple[Any, Any]], args: Any = None, *, metric: str, task: str) -> float | None:
    """WER, mACC or mAP over all rows."""
    predictions, references = zip(*pairs, strict=True)
    return score(list(predictions), list(references), tasks=(task,)).value(metric)


def doc_to_audio(doc: Any) -> list[dict[str, Any]]:
    """The clip at 16 kHz."""
    return [{"array": load_audio(doc, RATE_HZ), "sampling_rate": RATE_HZ}]


asr_docs, asc_docs, at_docs, all_docs = (partial(_docs, task=task) for task in ("asr", "asc", "at", "all"))
asr_text, asc_text, at_text = (partial(_text, mode="independent", task=task) for task in ("asr", "asc", "at"))
joint_text, cot_text = (partial(_text, mode=mode, task="all") for mode in ("joint", "cot"))
asr_results = partial(_results, how="asr", metrics=("wer",))
asc_results = partial(_results, how="asc", metrics=("macc",))
at_results = partial(_results, how="at", metrics=("map",))
joint_results = partial(_results, how="joint", metrics=("wer", "macc", "map"))
cot_results = partial(_results, how="cot", metrics=("wer", "macc", "map"))
wer = partial(_score, metric="wer", task="asr")
macc = partial(_score, metric="macc", task="asc")
mean_ap = partial(_score, metric="map", task="at")
