"""Write the tables of docs/answers.md: how the answers of the test cases are read, by style and by kind."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sseu_metric.answers import parse_answer
from sseu_metric.embedders import make_embedder
from sseu_metric.match_table import meaning_of
from sseu_metric.normalisers import normalise
from sseu_metric.predictions import CLASSES
from sseu_metric.similarity import similarities
from sseu_metric.text_table import markdown

PROJECT = Path(__file__).resolve().parents[1]
VERDICTS = ("read", "misread", "refused", "unparsed")


def cases() -> list[dict[str, Any]]:
    """The test cases: style, kind, severity, mode, text and the right reading."""
    path = PROJECT / "tests" / "sseu_metric" / "answer_cases.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def verdict(case: Mapping[str, Any]) -> str:
    """`read` as expected, else `refused` or `unparsed` where a value was expected and none read, else `misread`.

    A transcript is compared after normalisation; names of scenes and events without case.
    """
    answer = parse_answer(case["text"], case["mode"])
    tasks = {"transcript": "asr", "scene": "asc", "events": "at"}
    statuses = {str(task): str(status) for task, status in answer.status.items()}
    for field, value in case["expected"].items():
        found, status = getattr(answer, field), statuses[tasks[field]]
        if value is not None and found is None:
            return "refused" if status == "refused" else "unparsed"
        if (value is None) != (found is None):
            return "misread"
        if value is not None and _comparable(field, found) != _comparable(field, value):
            return "misread"
    wanted = case.get("expected_status", {})
    return "read" if all(statuses[task] == status for task, status in wanted.items()) else "misread"


def _comparable(field: str, value: Any) -> Any:
    if field == "transcript":
        return normalise([value], "whisper-english")[0] if value else ""
    return value.casefold() if isinstance(value, str) else [name.casefold() for name in value]


def tables(some: Sequence[Mapping[str, Any]]) -> str:
    """The two tables, by style and by kind, in Markdown."""
    verdicts = [verdict(case) for case in some]
    shown = []
    for column in ("style", "kind"):
        counts: dict[str, Counter[str]] = {}
        for case, found in zip(some, verdicts, strict=True):
            counts.setdefault(case[column], Counter())[found] += 1
        rows = [[column, "answers", *VERDICTS]]
        for name, count in [
            *sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0])),
            ("all", Counter(verdicts)),
        ]:
            rows.append([name.replace("<", "\\<"), str(count.total()), *(str(count[one]) for one in VERDICTS)])
        shown.append(markdown(rows))
    return "\n\n".join(shown)


def articles(some: Sequence[Mapping[str, Any]]) -> str:
    """What an article does to the label that the default embedder finds nearest, as a Markdown table."""
    rows = [
        ["", "names with an article", "other label with it", "with a label of ours", "found with it", "found without"]
    ]
    embedder = make_embedder(None)
    for task, labels in CLASSES.items():
        said = [pair for case in some for pair in _with_article(case, task)]
        with_it, without = (
            [labels[place] for place in similarities(embedder, texts, labels).argmax(axis=1)]
            for texts in ([full for full, _ in said], [name for _, name in said])
        )
        meanings = [meaning_of(task, name) for _, name in said]
        ours = [number for number, meaning in enumerate(meanings) if meaning and meaning.labels]
        found = [sum(labels_[n] in meanings[n].labels for n in ours) for labels_ in (with_it, without)]
        changed = sum(a != b for a, b in zip(with_it, without, strict=True))
        rows.append([{"asc": "scenes", "at": "events"}[task], *map(str, (len(said), changed, len(ours), *found))])
    return markdown(rows)


def _with_article(case: Mapping[str, Any], task: str) -> Iterator[tuple[str, str]]:
    """Each name that stands behind an article in the answer: with it, and as it is read."""
    answer = parse_answer(case["text"], case["mode"])
    for name in filter(None, [answer.scene] if task == "asc" else answer.events or ()):
        if found := re.search(rf"\b(?:an?|the|some) {re.escape(name)}\b", case["text"], re.IGNORECASE):
            yield found[0], name


def _put(page: str, mark: str, text: str) -> str:
    """The page with the text between the marks of that name."""
    before, begin, rest = page.partition(f"<!-- {mark} -->\n")
    return before + begin + text + f"\n<!-- end of {mark} -->" + rest.partition(f"<!-- end of {mark} -->")[2]


if __name__ == "__main__":
    path = PROJECT / "docs" / "answers.md"
    page = _put(path.read_text(encoding="utf-8"), "answers", tables(cases()))
    path.write_text(_put(page, "articles", articles(cases())), encoding="utf-8")
