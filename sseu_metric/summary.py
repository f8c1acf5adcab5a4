"""Every score of one mode as plain JSON values: what is printed, saved and published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from .conditions import ordered
from .floors import FLOORS, find_skill
from .hallucinations import find_hallucinated_events
from .labels import EVENTS, SCENES
from .lite import is_lite
from .matching import find_matching
from .memory import find_memory
from .normalisers import unit_of
from .scores import LeftOut, Replicates, Scores
from .spelling import SPELLING
from .tasks import CORPUS_METRICS, DIVISORS, METRICS, SPELLING_METRICS, metric_names
from .wer import runaway

if TYPE_CHECKING:
    from .jackknife import Jackknife


def summarise(scores: Scores, *, intervals: bool = True) -> dict[str, Any]:
    """Every score of one mode, in percent, as plain JSON values.

    Args:
        scores: Scores of a single mode.
        intervals: Compute 95 % intervals too, which takes most of the time.

    Returns:
        `wer`, `wer_capped`, `macc`, `map` (of the tasks asked), `pooled`, `by_condition`, `by_scene` (recall),
        `by_event` (AP), `by_corpus`, `spelling` (of the WER), `intervals`, `clusters`, `matching` (how much of `macc`
        and `map` is matching, of answers in words), `skill` (of `wer`, `macc` and `map` above each floor),
        `within_corpus` (mAP with classes ranked within the corpora that annotate them), `hallucinated_events` (of
        answers in words), `memory` (of utterances whose end was silenced), `counts`, `left_out`, `undefined` (why a
        task has no value), `embedder`, `normalizer`. The same scores give the same result on every run. Of a
        lite run (lite.py) nothing beside the scores themselves: no events, corpora, skill, spelling.

    Raises:
        ValueError: The scores hold several modes.
    """
    found: dict[str, Any] = dict(values_of(scores))
    found["pooled"] = {name: value for name in METRICS if (value := scores.pooled(name)) is not None}
    for name, column in (("by_condition", "condition"), ("by_corpus", "corpus")):
        names = {value for rows in scores.tables.values() for value in rows[column].tolist() if value}
        order = ordered(names) if column == "condition" else sorted(names)
        found[name] = {value: values_of(scores.where(**{column: value})) for value in order}
    found["by_scene"] = scores.class_values("macc")
    found["by_event"] = scores.class_values("map")
    found["left_out"] = {"scenes": _left_out(scores, "macc", SCENES), "events": _left_out(scores, "map", EVENTS)}
    found["undefined"] = undefined(scores)
    lite = is_lite(scores)
    left_out: LeftOut = "question" if lite else "cluster"
    replicates = {name: scores.replicates(name, left_out) for name in found["pooled"]} if intervals else {}
    if intervals:
        found["intervals"], found["clusters"] = {}, {}
        for name, those in replicates.items():
            by_key = scores.intervals_or_reasons(name, those)
            unknown = {key: one for key, one in by_key.items() if isinstance(one, str)}
            found["intervals"][name] = {
                key: None if isinstance(one, str) else asdict(one) for key, one in by_key.items()
            }
            found["clusters"][name] = clusters_of(scores, name, those.jackknife) | {"unknown": unknown}
    if lite:
        return found | {"by_corpus": {}, "by_event": {}} | _counts(scores)  # too few clips for a class or a corpus
    if "wer" in found and unit_of(scores.normalizer) == "word":
        found["spelling"] = spelling(scores, intervals=intervals)
    compared = {name: find_matching(scores, name, replicates.get(name)) for name in ("macc", "map")}
    if matching := {name: asdict(one) for name, one in compared.items() if one is not None}:
        found["matching"] = matching
    found["skill"] = {
        metric: {
            floor: {key: asdict(one) for key, one in skill.items()}
            for floor in floors
            if (skill := find_skill(scores, metric, floor, replicates.get(metric)))
        }
        for metric, floors in FLOORS.items()
        if metric in found["pooled"]
    }
    if (inside := within_corpus(scores, intervals=intervals)) is not None:
        found["within_corpus"] = inside
    if (events := find_hallucinated_events(scores, intervals=intervals)) is not None:
        found["hallucinated_events"] = events
    if (memory := find_memory(scores, intervals=intervals)) is not None:
        found["memory"] = memory
    return found | _counts(scores)


def _counts(scores: Scores) -> dict[str, Any]:
    """How many answers there are, and how they were scored."""
    counts = scores.counts()
    if "asr" in scores.tables:
        counts["asr"]["runaway"] = int(runaway(scores.tables["asr"]["counts"]).sum())
    complete = not any("missing" in statuses for statuses in counts.values())
    unit = unit_of(scores.normalizer)
    return {
        "counts": counts,
        "complete": complete,
        "embedder": scores.embedder,
        "normalizer": scores.normalizer,
    } | ({} if unit == "word" else {"asr_unit": unit})


def values_of(scores: Scores, metrics: Iterable[str] = tuple(METRICS)) -> dict[str, float]:
    """The value of each metric that is defined, in percent."""
    return {name: value for name in metrics if (value := scores.value(name)) is not None}


def _intervals(scores: Scores, metric: str, replicates: Replicates | None = None) -> dict[str, dict[str, Any] | None]:
    return {key: None if one is None else asdict(one) for key, one in scores.intervals(metric, replicates).items()}


def within_corpus(scores: Scores, *, intervals: bool = True) -> dict[str, Any] | None:
    """MAP of one mode with each class ranked only among the clips of the corpora that annotate it.

    Returns:
        `map_within_corpus` in percent, `by_condition`, `by_event`, and with `intervals` the 95 % intervals; None where
        a reference names no corpus.
    """
    found: dict[str, Any] = {}
    if "at" in scores.tables and scores.tables["at"]["corpus"].all():
        found = values_of(scores, CORPUS_METRICS)
    if not found:
        return None
    metric = next(iter(CORPUS_METRICS))
    found["by_condition"] = {
        condition: {metric: value}
        for condition in scores.conditions(metric)
        if (value := scores.value(metric, (condition,))) is not None
    }
    found["by_event"] = scores.class_values(metric)
    if intervals:
        found["intervals"] = _intervals(scores, metric)
    return found


def spelling(scores: Scores, *, intervals: bool = True) -> dict[str, Any]:
    """How much of the WER of one mode is spelling.

    Returns:
        `rule` (name and version), `cer` and `wer_lenient` in percent as far as they are defined, `words_lost` (how many
        of `word_errors`, over all answers, are spelling alone), `by_condition`, and with `intervals` the 95 % intervals
        of both.
    """
    rows = scores.tables["asr"]
    errors = int(rows["counts"][:, :3].sum())
    found: dict[str, Any] = {"rule": SPELLING, "word_errors": errors}
    found["words_lost"] = errors - int(rows["lenient_errors"].sum())
    found |= values_of(scores, SPELLING_METRICS)
    by_condition = replace(scores, tables={"asr": rows}).by("condition")
    found["by_condition"] = {
        name: values_of(by_condition[name], SPELLING_METRICS) for name in ordered(filter(None, by_condition))
    }
    if intervals:
        found["intervals"] = {name: _intervals(scores, name) for name in SPELLING_METRICS}
    return found


def _left_out(scores: Scores, metric: str, labels: Sequence[str]) -> list[str]:
    """The labels that no reference has, over which no mean is formed."""
    from .metrics import class_names

    rows = scores.tables.get(METRICS[metric])
    return [] if rows is None else [name for name in labels if name not in class_names(metric, rows)]


def undefined(scores: Scores) -> dict[str, str]:
    """For each task whose metrics have no value: why."""
    found = {}
    names = metric_names(unit_of(scores.normalizer))
    for task in scores.tables:
        metric = next(name for name, of in METRICS.items() if of == task)
        if scores.value(metric) is not None:
            continue
        cells, silent = scores.cells(metric), scores.unanswered(metric)
        if not silent:
            found[task] = f"{names[metric]} is undefined: no reference {DIVISORS[task]}"
        elif not cells:
            found[task] = f"{names[metric]} is undefined: no answer"
        else:
            partly = {condition for _, condition in cells}
            empty = [
                f"{condition} (run {run})".strip() if condition in partly else condition for run, condition in silent
            ]
            found[task] = f"{names[metric]} has no average: no answer in {', '.join(dict.fromkeys(empty))}"
    return found


def clusters_of(scores: Scores, metric: str, jackknife: Jackknife | None = None) -> dict[str, Any]:
    """What the intervals of a metric are about; `summarise` adds `unknown`: why an interval is null, by its key.

    Returns:
        `by`: the columns whose values were left out one by one, or `row`; `missing`: those that the references lack;
        `fixed_strata`: those with one cluster, such as scenes of one recording, which were held as they are.
    """
    from .clusters import missing_factors

    rows = scores.tables[METRICS[metric]]
    jackknife = scores.jackknife(METRICS[metric]) if jackknife is None else jackknife
    missing = () if is_lite(scores) else missing_factors(rows, METRICS[metric])
    return {"by": list(jackknife.names), "missing": list(missing), "fixed_strata": list(jackknife.fixed)}
