"""Write the tables of docs/answers.md: how the answers of the test cases are read, by style and by kind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sseu_metric.answers import parse_answer
from sseu_metric.normalisers import normalise
from sseu_metric.text_table import markdown

PROJECT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- answers -->\n", "\n<!-- end of answers -->"
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


if __name__ == "__main__":
    page = PROJECT / "docs" / "answers.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(before + BEGIN + tables(cases()) + END + rest.partition(END)[2], encoding="utf-8")
