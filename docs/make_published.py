"""Write docs/published.md: the paper's Tables 1 and 2 beside floors, with skill. `--metadata DIR` renews the floors."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sseu_metric import score, summarise
from sseu_metric.controls import CONTROLS
from sseu_metric.floors import CEILINGS, FLOOR_NAMES, FLOORS, ap_by_lot, find_skill
from sseu_metric.labels import EVENTS
from sseu_metric.text_table import percent, percent_range
from sseu_report.naming import METRIC_NAMES
from sseu_report.paper import PublishedRow, published_rows

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "published.md"
FOLDER = PROJECT / "sseu_report" / "published"
FLOORS_FILE = FOLDER / "floors.json"

MARGINS = {"wer": 11.4, "macc": 5.7, "map": 3.9}
"""Differences of two systems that the full benchmark shows with 80 % power, in points.

`pytest -m slow -s tests/sseu_metric/test_power.py -k whole_benchmark` prints them.
"""
_STANDARD_ERRORS = 1.96 + 0.84  # in such a difference: the normal quantiles of 97.5 and 80 %

_SCENE_OF = {
    "cafe_restaurant": "Restaurant",
    "city_center": "City Center",
    "grocery_store": "Grocery Store",
    "metro_station": "Metro Station",
    "residential_area": "Residential Area",
}
_LABELS = {name.casefold().replace(" ", "_"): name for name in EVENTS} | {"cutlery_and_dishes": "Dishes"}
_TAIL_S = 0.47  # silence behind the speech of a VCTK file, on average


def official_references(metadata: Path) -> list[dict[str, Any]]:
    """The 1,117 backgrounds of the official labels, each with its utterance; no audio is needed."""
    clips: dict[str, set[str]] = defaultdict(set)
    for row in _table(metadata / "desed_public_eval.tsv"):
        clips[row["filename"].removesuffix(".wav")].add(row["event_label"].casefold())
    found = [
        _reference(name, name, "DESED", "Home", {_LABELS[label] for label in labels})
        for name, labels in clips.items()
        if "speech" not in labels
    ]
    seconds: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in _table(metadata / "maestro_dev_hard_labels.csv"):
        second = int(float(row["onset"]))
        seconds[row["filename"].removesuffix(".wav")][second].add(row["event_label"].replace(" ", "_"))
    for name, active in seconds.items():
        for start in range(0, (max(active) + 1) // 10 * 10, 10):
            labels = set().union(*(active.get(second, set()) for second in range(start, start + 10)))
            if events := {_LABELS[label] for label in labels - {"people_talking"}}:
                scene = _SCENE_OF[name.rpartition("_")[0]]
                found.append(_reference(f"{name}@{start}", name, "MAESTRO", scene, events))
    return _with_utterances(found, _table(metadata / "vctk_utterances.tsv"))


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _reference(clip: str, recording: str, corpus: str, scene: str, events: set[str]) -> dict[str, Any]:
    names = sorted(events, key=EVENTS.index)
    where = {"background_corpus": corpus, "source_recording_id": recording}
    return {"id": clip, "pair_id": clip, "scene": scene, "events": names} | where


def _with_utterances(references: list[dict[str, Any]], table: list[dict[str, str]]) -> list[dict[str, Any]]:
    pool = {
        f"{row['speaker']}_{row['line']}": row
        for row in table
        if row["transcript"] and 8 <= float(row["speech_end_s"]) + _TAIL_S <= 10
    }
    for reference in references:
        prefix = f"0|utterance|{reference['id']}|"
        chosen = max(sorted(pool), key=lambda name: hashlib.sha256((prefix + name).encode()).digest()[:8])
        text = pool[chosen]["transcript"].strip('"')
        reference["transcript"] = text.removesuffix(")").strip() if "(" not in text else text
        reference["speaker_id"] = pool[chosen]["speaker"]
    return references


def floors_of(references: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """For each metric and floor its value and interval on these references, in percent."""
    scores = score(CONTROLS["no-answer"](references), references, embedder="exact")
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for metric, floors in FLOORS.items():
        for floor in floors:
            skill = find_skill(scores, metric, floor, scores.replicates(metric))
            if skill is None:
                raise AssertionError(f"the official references name what the floor {floor} needs")
            interval = skill["all"].floor_interval
            bounds = None if interval is None else {name: round(end, 2) for name, end in asdict(interval).items()}
            found.setdefault(metric, {})[floor] = {"value": round(skill["all"].floor, 2), "interval": bounds}
    plain = summarise(scores, intervals=False)
    shares = {
        "all clips": plain["map"],
        "within corpus": plain["within_corpus"]["map_within_corpus"],
        "by lot": 100 * _by_lot(references, within=False),
        "within corpus by lot": 100 * _by_lot(references, within=True),
    }
    return found | {
        "prevalence": {name: {"value": round(value, 2), "interval": None} for name, value in shares.items()}
    }


def _by_lot(references: Sequence[dict[str, Any]], *, within: bool) -> float:
    """Expected mAP of a random order of all clips, or of those of the corpora that annotate an event."""
    found = []
    for event in EVENTS:
        corpora = {row["background_corpus"] for row in references if event in row["events"]}
        clips = [row for row in references if not within or row["background_corpus"] in corpora]
        found.append(ap_by_lot(sum(event in row["events"] for row in clips), len(clips)))
    return sum(found) / len(found)


def page(floors: dict[str, dict[str, dict[str, Any]]]) -> str:
    """The text of docs/published.md."""
    lines = []
    for metric in FLOORS:
        for floor, one in floors[metric].items():
            spread = one["interval"] and percent_range(one["interval"]["low"], one["interval"]["high"])
            lines.append(
                f"| {METRIC_NAMES[metric]} | {FLOOR_NAMES[floor]} | {percent(one['value'])} | {spread or '-'} |"
            )
    prevalence = floors["prevalence"]
    tables = [_skill_table(published_rows(table), floors) for table in (1, 2)]
    return _TEMPLATE.format(
        floors="\n".join(lines),
        prevalence=percent(prevalence["all clips"]["value"]),
        within=percent(prevalence["within corpus"]["value"]),
        lot=percent(prevalence["by lot"]["value"]),
        lot_within=percent(prevalence["within corpus by lot"]["value"]),
        margins=", ".join(f"{METRIC_NAMES[name]} {_margin(name):.1f}" for name in MARGINS),
        table_1=tables[0],
        table_2=tables[1],
        conclusions="\n".join(_conclusions(published_rows(1), floors)),
        ftl=_ftl_table(),
    )


def _margin(metric: str) -> float:
    """Half the width of a 95 % interval, in points."""
    return 1.96 * MARGINS[metric] / _STANDARD_ERRORS


def _skill(row: PublishedRow, floor: dict[str, Any]) -> float:
    ceiling = CEILINGS[row.metric]
    return 100 * (row.average - float(floor["value"])) / (ceiling - float(floor["value"]))


def _skill_table(rows: Sequence[PublishedRow], floors: dict[str, dict[str, dict[str, Any]]]) -> str:
    lines = ["| system | mode | metric | average | floor | skill | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        for name, floor in floors[row.metric].items():
            skill = _skill(row, floor)
            value = f"{percent(row.average)} | {FLOOR_NAMES[name]} {percent(floor['value'])} | {percent(skill)}"
            lines.append(
                f"| {row.system} | {row.mode} | {METRIC_NAMES[row.metric]} | {value} | {_verdict(row, floor)} |"
            )
    return "\n".join(lines)


def _verdict(row: PublishedRow, floor: dict[str, Any]) -> str:
    """Better or worse than the floor by more than the margin."""
    distance = row.average - float(floor["value"])
    if abs(distance) < _margin(row.metric):
        return "not told apart"
    return "better" if (distance < 0) == (row.metric == "wer") else "**worse**"


def _conclusions(rows: Sequence[PublishedRow], floors: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """A sentence for each metric and floor: who is above, below, or cannot be told from it."""
    found = []
    for metric, of_metric in floors.items():
        for name, floor in of_metric.items():
            if metric == "prevalence":
                continue
            groups: dict[str, list[str]] = {}
            for row in rows:
                if row.metric == metric:
                    groups.setdefault(_verdict(row, floor).strip("*"), []).append(row.system)
            said = "; ".join(f"{verdict}: {', '.join(names)}" for verdict, names in sorted(groups.items()))
            found.append(f"- {METRIC_NAMES[metric]} against {FLOOR_NAMES[name]}: {said}.")
    return found


def _ftl_table() -> str:
    with (FOLDER / "ftl.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = ["| system | metric | alone | with FTL's front end |", "|---|---|---|---|"]
    lines += [f"| {r['system']} | {METRIC_NAMES[r['metric']]} | {r['alone']} | {r['with_front_end']} |" for r in rows]
    return "\n".join(lines)


_TEMPLATE = """\
# What the published scores are worth

This page is made by `python docs/make_published.py` from the scores of Tables 1 and 2 of the paper (arXiv 2509.13148)
and from the labels of the official corpora. [Scoring](scoring.md) has the definitions of floors and skill.

**Caveat.** The paper's authors have not published their list of clips. The floors are those of our reconstruction of
their selection (1,117 backgrounds; see [Protocol](protocol.md)); other rules for the windows of MAESTRO-Real give
other floors. Lengths of utterances are estimated.

## Floors

| metric | floor | score, % | 95 % interval |
|---|---|---|---|
{floors}

An answer without content has a WER of 100, a mACC of 0 and an mAP of {prevalence} (the mean share of clips with an
event). With each event ranked only within the corpora that annotate it, that mAP is {within}. There equal clips share a
rank; clips in random order have {lot} and {lot_within} on average, so a floor is passed by that much without listening.

## What can be concluded

Published scores come without answers, so nothing can be resampled. A difference to a floor counts as one where it is
larger than half a 95 % interval of a difference, as `sseu plan` simulates it for two systems on the full benchmark
([Planning](planning.md)), in points: {margins}. Averages are over the six conditions of Table 1.

{conclusions}

It cannot be concluded that a system above a floor understands what it hears in every condition, nor that one below it
hears nothing: its names may be lost between words and labels (see *How much of a score is matching* in
[Answers](answers.md)).

## Table 1, averages over six conditions

{table_1}

## Table 2, averages over the five finite conditions

{table_2}

## A later paper

FTL (arXiv 2603.04862) asks ASR and AT at one SNR. These rows are from a secondary summary; its "-10 dB for non-speech"
is probably our +10 dB. They are not compared with anything here.

{ftl}
"""


def main() -> None:
    """Renew the floors if asked to, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metadata", type=Path, help="folder with the label files of the official corpora")
    metadata: Path | None = parser.parse_args().metadata
    if metadata is not None:
        FLOORS_FILE.write_text(json.dumps(floors_of(official_references(metadata)), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(FLOORS_FILE.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
