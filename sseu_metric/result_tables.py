"""Results and comparisons as text for a terminal: tables, with what must stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .floors import FLOOR_NAMES
from .interval_notes import cluster_notes
from .label_rules import AS_LABELLED, MIN_ACTIVITY_S, THRESHOLDS, LabelCounts, LabelRule
from .match_table import VERSION, meaning_of
from .normalisers import unit_of
from .similarity import similarities
from .tasks import METRIC_NAMES, metric_names
from .text_table import aligned, p_text, percent, percent_range, points, points_range, score_cell, skill_range

if TYPE_CHECKING:
    from .answer_files import FileComparison
    from .embedder_protocol import Embedder

_TASK_NAMES = {"asc": "scene", "at": "event"}
_NEAREST = 3
ABOUT_SKILL = (
    "skill: share of the way from the floor to the truth; 0 in its interval: not told apart from the floor (of ASR it "
    "is held fixed)"
)
NO_SKILL_INTERVAL = (
    "a skill without an interval: nothing tells how much it varies, since too few speakers, sentences or recordings "
    "were asked about, or leaving out any of them changes nothing; a fixed floor itself has none either"
)


def describe(found: Mapping[str, Any]) -> str:
    """The result of `answer_files.score_file` (or of `summarise`) as tables and notes."""
    metrics = [
        name for name in METRIC_NAMES if name in found or any(name in row for row in found["by_condition"].values())
    ]
    whole, names = found["complete"], metric_names(found.get("asr_unit", "word"))
    floors: Mapping[str, Mapping[str, float]] = found.get("floors", {})
    rows = [["percent", "score", "95 % interval", *floors]]
    for name in metrics:
        interval = found.get("intervals", {}).get(name, {}).get("all")
        spread = percent_range(interval["low"], interval["high"]) if interval else None
        below = [score_cell(values.get(name), whole=True) for values in floors.values()]
        rows.append([names[name], score_cell(found.get(name), whole=whole), score_cell(spread, whole=whole), *below])
    parts = [aligned(rows)] if metrics else []
    if metrics and found["by_condition"]:
        head = ["SNR (dB)", *(names[name] for name in metrics)]
        conditions = [
            [condition, *(score_cell(values.get(name), whole=whole) for name in metrics)]
            for condition, values in found["by_condition"].items()
        ]
        parts.append(aligned([head, *conditions]))
    parts += filter(None, [skill_table({"": found.get("skill", {})}, whole=whole, names=names)])
    return "\n\n".join([*parts, "\n".join(_notes(found))])


def _notes(found: Mapping[str, Any]) -> list[str]:
    notes = list(found["undefined"].values())
    notes += [spelling_note(found["spelling"], whole=found["complete"])] if "spelling" in found else []
    if "within_corpus" in found:
        notes.append(within_corpus_note(found["within_corpus"], whole=found["complete"]))
    if events := found.get("hallucinated_events"):
        interval = events.get("intervals", {}).get("all")
        notes.append(hallucination_note("events", events["per_clip"], interval, whole=found["complete"]))
    if "map" in found and "within_corpus" not in found:
        notes.append("no floor of the corpus, no mAP within corpora: not every reference names its background_corpus")
    notes += [
        f"{task}: {counts['answers']} {'answer' if counts['answers'] == 1 else 'answers'}: "
        + ", ".join(f"{number} {status}" for status, number in counts.items() if status != "answers")
        for task, counts in found["counts"].items()
    ]
    if not found["complete"]:
        notes.append("in parentheses, since incomplete: answers that never came (missing) count as empty ones")
    notes += [f"no reference, left out: {', '.join(names)}" for names in found["left_out"].values() if names]
    names = metric_names(found.get("asr_unit", "word"))
    notes += cluster_notes(found.get("clusters", {}), found.get("intervals", {}), names)
    return notes + _scored_by(found["embedder"], found["normalizer"])


def spelling_note(found: Mapping[str, Any], *, whole: bool) -> str:
    """How much of WER is spelling, in a sentence (`summary.spelling`); `whole` as for `text_table.score_cell`."""
    interval = (found.get("intervals", {}).get("wer_lenient") or {}).get("all")
    cells = [found.get("wer_lenient"), interval and percent_range(interval["low"], interval["high"]), found.get("cer")]
    lenient, spread, cer = (score_cell(cell, whole=whole) for cell in cells)
    return (
        f"spelling alone (rule {found['rule']}: blanks, hyphens, marks, contractions of the same sound): "
        f"{found['words_lost']} of {found['word_errors']} word errors; lenient WER {lenient}, 95 % interval {spread}; "
        f"CER {cer}"
    )


def skill_rows(
    found: Mapping[str, Mapping[str, Mapping[str, Any]]], *, whole: bool, names: Mapping[str, str] = METRIC_NAMES
) -> list[list[str]]:
    """How far each average is above its floors, with a head; empty where there is no floor.

    A floor is over the same answers as the score, so both are `whole` or neither.

    Args:
        found: `summary.summarise`'s `skill`, by the name of the mode; "" for scores of one mode.
        whole: As for `text_table.score_cell`.
        names: How metrics are written (`tasks.metric_names`).
    """
    rows = [
        [
            f"{mode} {names[metric]}".strip(),
            FLOOR_NAMES[floor],
            score_cell(one["floor"], whole=whole),
            score_cell(one["floor_interval"] and percent_range(**one["floor_interval"]), whole=whole),
            score_cell(one["skill"], whole=whole),
            score_cell(one["interval"] and skill_range(**one["interval"]), whole=whole),
        ]
        for mode, metrics in found.items()
        for metric, floors in metrics.items()
        for floor, by_key in floors.items()
        if (one := by_key.get("all")) is not None
    ]
    head = ["skill, %", "floor", "its score", "95 % interval", "skill", "95 % interval"]
    return [head, *rows] if rows else []


def skill_table(
    found: Mapping[str, Mapping[str, Mapping[str, Any]]], *, whole: bool, names: Mapping[str, str] = METRIC_NAMES
) -> str:
    """`skill_rows` as text, with what a missing interval means; "" where there is no floor."""
    rows = skill_rows(found, whole=whole, names=names)
    notes = [ABOUT_SKILL]
    by_floor = [by_key for metrics in found.values() for floors in metrics.values() for by_key in floors.values()]
    if any(one["all"]["skill"] is not None and one["all"]["interval"] is None for one in by_floor if "all" in one):
        notes.append(NO_SKILL_INTERVAL)
    return "\n  ".join([aligned(rows, left=2), *notes]) if rows else ""


def within_corpus_note(found: Mapping[str, Any], *, whole: bool) -> str:
    """MAP with classes ranked within the corpora that annotate them, in a sentence (`summary.within_corpus`)."""
    interval = found.get("intervals", {}).get("all")
    spread = f" [{percent_range(interval['low'], interval['high'])}]" if interval else ""
    value = score_cell(f"{percent(found['map_within_corpus'])}{spread}", whole=whole)
    return f"mAP with each event ranked only within the corpora that annotate it: {value}"


def hallucination_note(what: str, per_clip: float, interval: Mapping[str, float] | None, *, whole: bool) -> str:
    """What is named per clip where it is not (`hallucinations`), in a sentence; `what` is it, such as `words`."""
    spread = f" [{percent_range(interval['low'], interval['high'])}]" if interval else ""
    return f"hallucinated {what}: {score_cell(f'{percent(per_clip)}{spread}', whole=whole)} per clip"


def memory_note(found: Mapping[str, Any], *, whole: bool, unit: str = "word") -> str:
    """How many silenced words, or characters, are given (`memory.find_memory`), in a sentence."""
    interval = found.get("intervals", {}).get("all")
    spread = f" [{percent_range(interval['low'], interval['high'])}]" if interval else ""
    value = score_cell(f"{percent(found['words_remembered'])}{spread}", whole=whole)
    text = f"{unit}s remembered: {value} % of {found['silenced']} that were silenced"
    if found["difference"] is None:
        return f"{text}; there is no other sentence to tell what chance gives"
    above = found["interval"]
    beyond = f" [{points_range(above['low'], above['high'])}]" if above else ""
    chance = score_cell(found["by_chance"], whole=whole)
    return (
        f"{text}; {chance} by chance, {score_cell(points(found['difference']) + beyond, whole=whole)} points above it"
    )


def label_counts_text(counts: Mapping[LabelRule, LabelCounts]) -> str:
    """The counts of labels by rule (`label_ceiling.Relevances.counts`): durations down, thresholds across."""
    head = ["labels (clips without)", *(f"> {threshold:g}" for threshold in THRESHOLDS)]
    rows = [
        [
            "as labelled" if least is None else f"{least:g} s or more",
            *(f"{one.labels} ({one.unlabelled})" for rule, one in counts.items() if rule.min_activity_s == least),
        ]
        for least in MIN_ACTIVITY_S
    ]
    own = counts[AS_LABELLED]
    return (
        f"{own.labels} pairs of clip and event, {own.events} events; by the threshold of MAESTRO's soft labels and the "
        f"time an event must be active:\n{aligned([head, *rows])}"
    )


def describe_match(text: str, embedder: Embedder) -> str:
    """What a name means, by the table of names and by a text embedder.

    Raises:
        ValueError: The text is blank.
        EmbedderError: The embedder cannot answer.
    """
    from .predictions import CLASSES  # loads the patterns of answers, which a table does not need

    rows = []
    for task, labels in CLASSES.items():
        meaning = meaning_of(task, text)
        meant = (
            "unknown to the table"
            if meaning is None
            else f"{' or '.join(meaning.labels) or 'no label'}: {meaning.reason}"
        )
        cosines = similarities(embedder, [text], labels)[0].tolist()
        nearest = sorted(zip(labels, cosines, strict=True), key=lambda pair: -pair[1])[:_NEAREST]
        near = "; ".join(f"{label} {cosine:.3f}" for label, cosine in nearest)
        rows += [[_TASK_NAMES[task], "table", meant], ["", "embedder", near]]
    used = {"id": embedder.id, "revision": embedder.revision}
    return "\n".join([aligned(rows, left=3), "", _scored_by(used, None)[0], f"table of names: version {VERSION}"])


def _scored_by(embedder: Mapping[str, Any] | None, normalizer: str | None) -> list[str]:
    return [
        f"embedder: {embedder['id']} {embedder['revision'] or ''}".rstrip() if embedder else "embedder: none",
        f"normalizer: {normalizer or 'none'}",
    ]


def describe_comparison(found: FileComparison, a: str = "A", b: str = "B") -> str:
    """The comparison of two files as a table and notes.

    Args:
        found: What `answer_files.compare_files` returns.
        a: What the first system is called.
        b: What the second system is called.
    """
    head = ["percentage points", "A", "B", "A - B", "95 % interval", "p"]
    whole = not any("missing" in counts for tasks in found.counts for counts in tasks.values())
    rows = [
        [
            one.name,
            score_cell(one.a, whole=whole),
            score_cell(one.b, whole=whole),
            score_cell(points(one.difference), whole=whole),
            score_cell(
                None if one.interval is None else points_range(one.interval.low, one.interval.high), whole=whole
            ),
            p_text(one.p),
        ]
        for one in found.comparisons
    ]
    return (
        f"A: {a}\nB: {b}\n\n{aligned([head, *rows])}\n\n"
        "p: two-sided t test of the paired difference, not corrected for the number of metrics\n"
        + "\n".join(_comparison_notes(found, a, b))
    )


def _comparison_notes(found: FileComparison, a: str, b: str) -> list[str]:
    notes = []
    for name, tasks in zip((a, b), found.counts, strict=True):
        missing, answers = max((counts.get("missing", 0), counts["answers"]) for counts in tasks.values())
        if missing:
            notes.append(
                f"in parentheses, since incomplete: {name} has no answer for {missing} of {answers} clips; they count "
                "as empty answers"
            )
    notes += found.undefined.values()
    names = metric_names(unit_of(found.normalizer))
    notes += cluster_notes(found.clusters, {one.metric: {"all": one.interval} for one in found.comparisons}, names)
    return notes + _scored_by(found.embedder, found.normalizer)
