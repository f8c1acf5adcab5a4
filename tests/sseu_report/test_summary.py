"""The first screen: who is best, how sure that is, and where they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import cast

from sseu_metric.conditions import CONDITIONS, counts_for
from sseu_metric.tasks import METRICS
from sseu_models.results.record import IntervalRecord
from sseu_models.results.scores_file import Average, Clusters, ModeScores, SkillRecord
from sseu_report.entries import Entry
from sseu_report.findings.collect import Findings
from sseu_report.findings.ranks import RankRange
from sseu_report.summary import Summary, summarise_report, summary_table
from sseu_report.tables.formats import to_text
from tests.sseu_report.made_entries import make_entry, make_mode


def mode_of(bounds: bool = False, **scores: float) -> ModeScores:
    """A mode whose every condition has the same score in each metric, but for -5 dB, which is a point worse."""
    run: dict[str, dict[str, float]] = {}
    averages = {}
    for metric, value in scores.items():
        counting = tuple(name for name in CONDITIONS if counts_for(METRICS[metric], name))
        averages[metric] = Average(conditions=counting, finite=value)
        for name in counting:
            worse = 0.0 if name != "-5" else 1.0 if metric == "wer" else -1.0
            run.setdefault(name, {})[metric] = value + worse
    intervals = {metric: {"all": IntervalRecord(low=value - 2, high=value + 2)} for metric, value in scores.items()}
    return make_mode(
        [run],
        averages=averages,
        intervals=intervals if bounds else {},
        by_scene={"Home": 12.0, "Restaurant": 90.0} if "macc" in scores else {},
        **scores,
    )


def entry(name: str, bounds: bool = False, **scores: float) -> Entry:
    return make_entry(name, {"independent": mode_of(bounds, **scores)})


def summary_of(
    entries: Sequence[Entry], p_values: Mapping[str, float | None] | None = None, *, may_be_first: int = 1
) -> Summary:
    """The summary where the WER of the systems was compared, with p of each beside the best."""
    found = None
    if p_values is not None:
        ranks = {
            name: [RankRange("independent", "wer", 0.0, 1 if number < may_be_first else 2, 3, number == 0, p, ())]
            for number, (name, p) in enumerate(p_values.items())
        }
        found = cast(Findings, SimpleNamespace(ranks=ranks))
    return summarise_report(entries, found, ["A fault."])


def test_systems_are_ordered_by_their_places_and_what_is_no_system_stands_apart() -> None:
    entries = [
        entry("control:majority", wer=1.0),
        entry("words alone", wer=5.0),
        entry("worst", wer=20.0, macc=30.0, map=10.0),
        entry("all", wer=10.0, macc=60.0, map=40.0),
        entry("control:ground-truth", wer=0.0),
        make_entry("words alone", {"independent": mode_of(wer=4.0)}, frontend="mine"),
    ]
    summary = summary_of(entries)
    assert summary.in_order == (
        "all",  # places 2, 1, 1
        "worst",  # 3, 2, 2
        "words alone",  # 1, and behind all three in what it was not asked
        "words alone + mine",
        "control:ground-truth",
        "control:majority",
    )
    assert [row.is_system for row in summary.rows] == [True] * 3 + [False] * 3
    assert summary.metrics == ("wer", "macc", "map")
    assert set(summary.rows[2].cells) == {"wer"}
    assert [row.place for row in summary.rows] == [1, 2, 3, None, None, None]
    assert summary.data.startswith("6 results on ")


def test_equal_means_of_places_share_a_place() -> None:
    entries = [entry("a", wer=5.0, macc=50.0), entry("b", wer=6.0, macc=60.0), entry("c", wer=7.0, macc=40.0)]
    assert [(row.name, row.place) for row in summary_of(entries).rows] == [("a", 1), ("b", 1), ("c", 3)]


def test_it_is_not_sure_where_several_may_be_first_or_scenes_rest_on_one_recording() -> None:
    p_values = {"a": None, "b": 0.01}
    (sentence,) = summary_of([entry("a", wer=5.0), entry("b", wer=6.0)], p_values, may_be_first=2).best
    assert sentence.endswith(
        "not sure: every other is worse by the paired test, but all compared at once, 2 may be first."
    )
    clusters = Clusters(by=("recording",), missing=(), fixed_strata=("Home", "Restaurant"), unknown={})
    narrow = [
        make_entry(name, {"independent": mode_of(macc=value).replace(clusters={"macc": clusters})})
        for name, value in (("a", 60.0), ("b", 50.0))
    ]
    ranks = {
        name: [RankRange("independent", "macc", 0.0, place, place, place == 1, p, ())]
        for name, place, p in (("a", 1, None), ("b", 2, 0.01))
    }
    (sentence,) = summarise_report(narrow, cast(Findings, SimpleNamespace(ranks=ranks))).best
    assert sentence.endswith("every other is worse by the paired test, but 2 scenes rest on one recording each.")


def test_how_sure_the_best_is() -> None:
    entries = [
        entry("a", bounds=True, wer=5.0),
        entry("b", wer=6.0),
        entry("c", wer=9.0),
        entry("control:majority", wer=1.0),
    ]
    best = "WER (speech): a is best, 5.17 [3.00, 7.00]; "
    for p_values, sure in (
        ({"a": None, "b": 0.04, "c": 0.001}, "sure: every other system is worse, paired test at 0.05."),
        ({"a": None, "b": 0.06, "c": 0.001}, "not sure: b cannot be told from it."),
        ({"a": None, "b": 0.06, "c": 0.3}, "not sure: b and c cannot be told from it."),
        ({"a": None, "b": None, "c": 0.001}, "not sure: nothing tells how much its lead over b varies."),
        ({"a": None, "b": 0.04}, "not compared: the systems answered different clips, or too few recordings tell how"),
        (None, "not compared: "),
    ):
        (sentence,) = summary_of(entries, p_values).best
        assert sentence.startswith(best + sure)
    assert summary_of(entries[:1]).best == ("WER (speech): a, 5.17 [3.00, 7.00].",)
    assert summary_of(entries[3:]).best == ()
    shared = summary_of([entry("a", wer=5.0), entry("b", wer=5.0)], {"a": None, "b": None}).best
    assert shared == ("WER (speech): a and b are best, 5.17; 2 systems share it.",)


def test_where_the_best_of_each_task_fails() -> None:
    summary = summary_of([entry("a", wer=5.0, macc=50.0), entry("b", wer=6.0, macc=60.0)])
    assert summary.weakest == (
        "WER of a, at its worst: 6.00 at -5 dB.",
        "mACC of b, at its worst: 59.00 at -5 dB; 12.00 for the scene Home over all conditions.",
    )


def test_the_mode_most_systems_were_asked_in_is_shown_and_others_are_named() -> None:
    joint = {"joint": mode_of(wer=7.0)}
    entries = [make_entry("a", joint), make_entry("b", joint), entry("c", wer=5.0), entry("control:majority", wer=1.0)]
    summary = summary_of(entries)
    assert (summary.mode, summary.in_order) == ("joint", ("a", "b"))
    assert summary.faults == ("A fault.", "Not asked in mode joint, so not here: c, control:majority.")


def test_floors_are_those_of_a_whole_result() -> None:
    def floor(value: float) -> dict[str, dict[str, dict[str, SkillRecord]]]:
        record = SkillRecord(floor=value, floor_interval=None, skill=0.5, interval=None)
        return {"wer": {"sentence": {"all": record}}}

    limited = make_entry("a", {"independent": mode_of(wer=5.0).replace(skill=floor(50.0))}, incomplete=("a part",))
    whole = make_entry("b", {"independent": mode_of(wer=6.0).replace(skill=floor(75.0))})
    assert summary_of([limited, whole]).floors == {"wer": {"sentence": 75.0}}
    assert summary_of([entry("a", wer=5.0)]).floors == {}


def test_the_table_has_the_rows_marks_and_floors_of_the_summary() -> None:
    skill = {"wer": {"sentence": {"all": SkillRecord(floor=75.0, floor_interval=None, skill=0.5, interval=None)}}}
    entries = [
        make_entry("b", {"independent": mode_of(bounds=True, wer=6.0, map=9.0).replace(skill=skill)}),
        entry("a", wer=5.0),
        entry("control:majority", wer=99.0),
    ]
    table = summary_table(summary_of(entries, {"a": None, "b": 0.2}))
    assert [row.heads[0] for row in table.rows] == ["b", "a", "control:majority"]
    lines = to_text(table).splitlines()
    assert lines[0] == "Averages over the conditions, mode independent, in %"
    assert [line.split() for line in lines[3:5]] == [
        ["b", "6.17†", "[4.00,", "8.00]", "8.83", "[7.00,", "11.00]"],
        ["a", "5.17*", "-"],
    ]
    assert "  Floors, reached without hearing the clip: WER 75.00 (sentence)." in lines
