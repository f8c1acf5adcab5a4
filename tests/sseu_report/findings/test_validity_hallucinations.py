"""What is said and was not heard: figures beside WER and mAP, on the page and in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sseu_dataset import load
from sseu_models.records import Question, Reply
from sseu_models.results.hallucinations import Memory
from sseu_models.results.record import IntervalRecord
from sseu_report import report
from sseu_report.findings.collect import as_json, collect_findings
from sseu_report.findings.validity.hallucinations import find_hallucinations
from sseu_report.page.sections.hallucination import hallucination_table, memory_tables
from tests.sseu_models.scripted import plain_reply
from tests.sseu_report.made_entries import flat, make_entry, make_mode


def test_all_three_stand_beside_wer_and_map(make_scored: Any, built: Path, tmp_path: Path) -> None:
    said = {row["id"]: row["transcript"] for row in load(built).remove_columns("audio")}

    def knows(question: Question) -> Reply:
        return Reply(text=said[question.clip_id]) if question.task == "asr" else plain_reply(question)

    cut = make_scored("knows", knows, frontend="cut-speech", limit=6)
    probed = make_scored("probed", plain_reply, probe_noise=True, limit=6)
    findings = collect_findings([cut, probed])
    assert findings.ablations == ()
    assert cut.entry.name not in findings.thresholds  # it heard half of the speech
    table = hallucination_table(findings)
    remembers, plain = (dict(zip(table.header, map(str, row), strict=True)) for row in table.rows)
    assert remembers["words remembered, %"].startswith("(100.00")
    assert remembers["hallucinated words per clip"] == "-"
    assert plain["words remembered, %"] == "-"
    assert plain["hallucinated words per clip"] == "(3.00)"
    assert plain["in speech alone"] == "(2.00)"
    assert plain["hallucinated events per clip"] == remembers["hallucinated events per clip"] != "-"
    assert plain["WER, %"] != "-"
    assert plain["mAP, %"] == remembers["mAP, %"]
    by_condition, by_sentence = memory_tables(findings)
    assert {cell for row in by_condition.rows for cell in row[2:]} == {"(100.00)"}
    assert {row[2] for row in by_sentence.rows} <= set(said.values())
    assert len(table.notes) == 4  # about the table, a sentence for each, the parentheses
    assert "names words where nobody speaks in 6 of 6 answers; names events in speech alone in 6 of 6" in table.notes[2]
    as_json(findings)
    page = report([cut.entry.folder, probed.entry.folder], tmp_path / "report", clips=0, progress=False).page
    text = page.read_text()
    assert "What is said and was not heard" in text
    assert "Words remembered of each sentence" in text


def test_results_without_any_of_it_have_no_table() -> None:
    assert find_hallucinations(make_entry(modes={"independent": make_mode(flat("wer", {"0": 10.0}))})) == ()


def test_the_sentence_says_what_can_be_concluded() -> None:
    def said(low: float, high: float, **values: Any) -> str:
        interval = IntervalRecord(low=low, high=high)
        made: dict[str, Any] = {"by_chance": 3.0, "difference": 9.0, "interval": interval}
        memory = Memory(words_remembered=12.0, silenced=70, by_condition={}, by_sentence={}, **(made | values))
        mode = make_mode(flat("wer", {"0": 10.0}), memory=memory)
        (found,) = find_hallucinations(make_entry(modes={"independent": mode}))
        return found.sentence

    begins = "gives 12.00 % of the words that it could not hear"
    assert said(1.0, 17.0) == (
        f"{begins}, 3.00 % by chance: it remembers the sentences, or guesses them from their beginning"
    )
    assert said(-1.0, 19.0) == f"{begins}, 3.00 % by chance: no evidence that it remembers the sentences"
    assert said(0, 0, interval=None) == f"{begins}, 3.00 % by chance: nothing tells how much that varies"
    assert said(0, 0, by_chance=None, difference=None, interval=None) == (
        f"{begins}; no other sentence tells what chance gives"
    )
