"""Files of answers: what is found in them, what is printed, and that a broken line is named by its number."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from sseu_metric import EVENTS, SCENES, score, summarise
from sseu_metric.answer_files import compare_files, score_file
from sseu_metric.controls import majority_scene, no_answer
from sseu_metric.result_tables import describe, describe_comparison

REFERENCES = [
    {"id": "a", "condition": "0", "transcript": "please call Stella", "scene": "Home", "events": ["Dog", "Dishes"]},
    {"id": "b", "condition": "-5", "transcript": "ask her to bring these", "scene": "Restaurant", "events": ["Cat"]},
    {"id": "c", "condition": "-5", "transcript": "six spoons of peas", "scene": "Home", "events": []},
]
PREDICTIONS: list[Any] = [
    {"transcript": "please call Bella", "scene": "home", "events": ["dog"]},
    "Transcript: ask her to bring these\nScene: Metro Station\nEvents: Cat; Dog",
    None,
]


def write(path: Path, values: list[Any]) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def answers(path: Path, predictions: list[Any] = PREDICTIONS, references: list[Any] = REFERENCES) -> Path:
    rows = zip(predictions, references, strict=True)
    return write(path, [{"prediction": prediction, "reference": reference} for prediction, reference in rows])


def test_a_file_gives_the_scores_of_its_rows_and_the_floors(tmp_path: Path) -> None:
    found = score_file(answers(tmp_path / "a.jsonl"), embedder="exact")
    read = {"transcript": "ask her to bring these", "scene": "Metro Station", "events": ["Cat", "Dog"]}
    expected = summarise(score([PREDICTIONS[0], read, None], REFERENCES, embedder="exact"))
    for key in ("wer", "wer_capped", "macc", "map", "pooled", "by_condition", "by_scene", "by_event", "embedder"):
        assert found[key] == expected[key], key
    assert found["intervals"].keys() == expected["intervals"].keys()
    assert found["counts"]["asr"] == {"answers": 3, "answered": 1, "labelled": 1, "missing": 1, "runaway": 0}
    for name, control in (("no-answer", no_answer), ("majority", majority_scene)):
        scores = score(control(REFERENCES), REFERENCES, embedder="exact")
        assert found["floors"][name] == {key: scores.value(key) for key in ("wer", "wer_capped", "macc", "map")}


def test_table_has_intervals_counts_and_floors(tmp_path: Path) -> None:
    more = [row | {"id": f"{row['id']}2", "transcript": f"{row['transcript']} twice"} for row in REFERENCES]
    path = answers(tmp_path / "a.jsonl", [*PREDICTIONS, *PREDICTIONS], [*REFERENCES, *more])
    lines = describe(score_file(path, embedder="exact")).splitlines()
    assert lines[0].split() == "percent score 95 % interval no-answer majority".split()  # noqa: SIM905
    wer, macc = lines[1].split(), lines[3].split()
    assert (wer[:2], wer[3], wer[-2:]) == (["WER", "(46.43)"], "to", ["100.00", "100.00"])
    assert (macc[:2], macc[-2:]) == (["mACC", "(50.00)"], ["0.00", "75.00"])
    floor = next(line for line in lines if "always the commonest sentence" in line)
    assert re.fullmatch(r"WER +always the commonest sentence +\(\d+\.\d\d\) +- +\(.+\) +\(.+\)", floor)
    rule = "spelling-1: blanks, hyphens, marks, contractions of the same sound"
    spelling = f"spelling alone (rule {rule}): 0 of 13 word errors; lenient WER (46.43)"
    assert any(line.startswith(spelling) for line in lines)
    assert "asr: 6 answers: 2 answered, 2 labelled, 2 missing, 0 runaway" in lines
    assert "in parentheses, since incomplete: answers that never came (missing) count as empty ones" in lines
    assert [line.split()[0] for line in lines if line.startswith(("0 ", "-5 "))] == ["0", "-5"]
    assert {"embedder: exact", "normalizer: whisper-english 0.1.15"} <= set(lines)


def test_a_result_without_floors_and_intervals_is_a_table_too(tmp_path: Path) -> None:
    found = summarise(score(PREDICTIONS[:1], REFERENCES[:1], embedder="exact"), intervals=False)
    assert describe(found).splitlines()[1].split() == ["WER", "33.33", "-"]


def test_two_files_and_one_task(tmp_path: Path) -> None:
    predictions = write(tmp_path / "p.jsonl", ["hello there", {"transcript": "two"}, None])
    references = write(tmp_path / "r.jsonl", ["hello there", {"transcript": "one"}, {"transcript": "x"}])
    out = describe(
        score_file(
            predictions=predictions, references=references, configuration="asr", normalizer="none", intervals=False
        )
    )
    assert "mACC" not in out
    assert out.splitlines()[1].split() == ["WER", "(50.00)", "-", "100.00", "100.00"]
    assert "normalizer: none 1" in out
    assert "embedder: none" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prediction": null, "reference": {}}\n{"prediction": nul}\n', "a.jsonl line 2: not JSON (Expecting value"),
        ('\n\n{"prediction": null}\n', 'a.jsonl line 3: an object with "prediction" and "reference" is needed'),
        ("[1]\n", 'a.jsonl line 1: an object with "prediction" and "reference" is needed'),
        (b'{"prediction": "\xff"}\n', "a.jsonl line 1: not UTF-8 text; save the file as UTF-8"),
        ('{"prediction": null}\n'.encode("utf-16"), "a.jsonl line 1: not UTF-8 text"),
        ('{"prediction": null}\n'.encode("utf-16-le"), "a.jsonl line 1: not UTF-8 text"),
        ("[" * 100_000 + "\n", "a.jsonl line 1: not JSON ("),
        ("\n", "a.jsonl: no lines"),
        (
            (
                '{"prediction": {"transcript": "", "scene": "", "event": []}, "reference": {"transcript": "x", '
                '"scene": "Home", "events": []}}\n'
            ),
            (
                "a.jsonl line 1: prediction 0 lacks the key 'events'; it has transcript, scene, event; 'event' is "
                "unknown; did you mean 'events'?"
            ),
        ),
        (
            '\n{"prediction": null, "reference": {"transcript": "x"}}\n\n{"prediction": 3, "reference": {}}\n',
            "a.jsonl line 4: prediction 1 is of type int; a mapping",
        ),
        (
            '\n{"prediction": null, "reference": {"transcript": "x", "scene": "Kitchen", "events": []}}\n',
            "a.jsonl line 2: reference 0: scene holds 'Kitchen', which is none of Home",
        ),
    ],
)
def test_broken_lines_are_named(tmp_path: Path, text: str | bytes, message: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is checked below
        score_file(tmp_path / "a.jsonl", embedder="exact")
    assert message in str(caught.value)


def test_wrong_arguments(tmp_path: Path) -> None:
    path, other = answers(tmp_path / "a.jsonl"), write(tmp_path / "p.jsonl", [None])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "give FILE, or both --predictions and --references"),
        ({"file": path, "references": path}, "give FILE, or both"),
        ({"predictions": other, "references": path}, f"{other} has 1 line, {path} has 3"),
        ({"file": tmp_path / "none.jsonl"}, "none.jsonl: No such file or directory"),
        ({"file": tmp_path}, "Is a directory"),
        ({"file": path, "embedder": "minilm"}, "unknown embedder 'minilm'"),
        ({"file": path, "configuration": "cot"}, "unknown configuration 'cot'; there are joint, asr, asc, at"),
    ]
    for given, message in wrong:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is checked below
            score_file(**given)
        assert message in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = answers(tmp_path / "a.jsonl")
    plain = score_file(path, embedder="exact", intervals=False)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert score_file(path, embedder="exact", intervals=False) == plain


@pytest.mark.parametrize("name", ["exakt", "sentence-transformers:/nowhere"])
def test_the_file_is_not_blamed_for_a_wrong_embedder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"^(unknown )?embedder '{name}'"):
        score_file(answers(tmp_path / "a.jsonl"), embedder=name)


def test_comparison_pairs_rows_by_id_in_whatever_order(tmp_path: Path) -> None:
    draw = random.Random(0)
    references = [
        {"id": f"c{n}", "transcript": f"dogs like {n}s", "scene": draw.choice(SCENES), "events": draw.sample(EVENTS, 2)}
        for n in range(30)
    ]
    good = [{key: row[key] for key in ("transcript", "scene", "events")} for row in references]
    bad = [{"transcript": "dogs like", "scene": "nowhere", "events": []} for _ in references]
    bad[0]["transcript"] = "dogs"
    a, b = answers(tmp_path / "a.jsonl", good, references), answers(tmp_path / "b.jsonl", bad[::-1], references[::-1])
    found = compare_files(a, b, embedder="exact")
    by_metric = {one.metric: one for one in found.comparisons}
    assert by_metric["wer"].difference == pytest.approx(-100 * 31 / 90)
    assert by_metric["macc"].difference == 100.0
    assert (by_metric["macc"].interval, by_metric["macc"].p) == (None, None)  # the same in every clip
    p = by_metric["map"].p
    assert p is not None
    assert p < 1e-6
    lines = [" ".join(line.split()) for line in describe_comparison(found, "a.jsonl", "b.jsonl").splitlines()]
    assert lines[:2] == ["A: a.jsonl", "B: b.jsonl"]
    assert "mACC 100.00 0.00 +100.00 - -" in lines
    assert "no interval of mACC: no cluster changes the difference: without any one of them it is the same" in lines


def test_comparison_without_ids_pairs_by_line(tmp_path: Path) -> None:
    """All references are alike: were the rows sorted by answer, the two systems would seem to agree."""
    references = [{"scene": "Home"}] * 8
    right, wrong = {"scene": "Home"}, {"scene": "nowhere"}
    a = answers(tmp_path / "a.jsonl", [right, wrong] * 4, references)
    b = answers(tmp_path / "b.jsonl", [wrong, right] * 4, references)
    (found,) = compare_files(a, b, configuration="asc", embedder="exact").comparisons
    assert (found.a, found.b, found.difference) == (50.0, 50.0, 0.0)
    assert found.p == 1.0
    assert found.interval is not None
    assert found.interval.low < 0 < found.interval.high


def test_comparison_of_different_clips_is_refused(tmp_path: Path) -> None:
    a = answers(tmp_path / "a.jsonl")
    b = answers(tmp_path / "b.jsonl", references=[*REFERENCES[:2], REFERENCES[2] | {"transcript": "other"}])
    with pytest.raises(ValueError, match=r"a.jsonl and .*b.jsonl are not about the same clips: .* \(first: c\)"):
        compare_files(a, b, embedder="exact")


def test_clips_in_one_file_only_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    a = answers(tmp_path / "a.jsonl")
    b = answers(tmp_path / "b.jsonl", [None, None], [REFERENCES[1], REFERENCES[2] | {"id": "d"}])
    with pytest.raises(ValueError, match="are not about the same clips") as caught:
        compare_files(a, b, embedder="exact")
    counts = f"3 and 2 references; 2 clips only in {a} (first: a), 1 clip only in {b} (first: d)"
    assert f"{counts}; keep the clips that both files have" in str(caught.value)


def test_a_comparison_says_what_is_missing_and_how_it_was_scored(tmp_path: Path) -> None:
    a = answers(tmp_path / "a.jsonl", [*PREDICTIONS[:2], PREDICTIONS[0]])
    b = answers(tmp_path / "b.jsonl")
    lines = describe_comparison(compare_files(a, b, embedder="exact"), "a.jsonl", "b.jsonl").splitlines()
    assert re.fullmatch(r"WER +\(38\.89\) +\(38\.89\) +\(0\.00\) +- +-", lines[4])  # one sentence in condition 0
    assert lines[-5:] == [
        "in parentheses, since incomplete: b.jsonl has no answer for 1 of 3 clips; they count as empty answers",
        "no interval of WER, WER capped: one sentence holds all there is",
        "no interval of mACC, mAP: one row holds all there is",
        "embedder: exact",
        "normalizer: whisper-english 0.1.15",
    ]
    text = describe_comparison(compare_files(a, a, embedder="exact"))
    assert "incomplete" not in text
    assert "(38.89)" not in text


def test_what_was_never_answered_has_no_score_and_no_average(tmp_path: Path) -> None:
    none = answers(tmp_path / "none.jsonl", [None, None, None])
    lines = describe(score_file(none, embedder="exact")).splitlines()
    assert lines[:3] == [f"{name} is undefined: no answer" for name in ("WER", "mACC", "mAP")]  # and no table
    half = answers(tmp_path / "half.jsonl", [PREDICTIONS[0], None, None])
    lines = describe(score_file(half, embedder="exact")).splitlines()
    assert lines[1].split() == ["WER", "-", "-", "100.00", "100.00"]
    assert [line.split() for line in lines if line.startswith(("0 ", "-5 "))] == [
        ["0", "(33.33)", "(33.33)", "(100.00)", "(100.00)"],
        ["-5", "-", "-", "-", "-"],
    ]
    assert "WER has no average: no answer in -5" in lines
    with pytest.raises(ValueError, match=r"half\.jsonl: WER has no average: no answer in -5; mACC has no average: "):
        compare_files(answers(tmp_path / "a.jsonl"), half, embedder="exact")


def test_speech_of_one_speaker_has_no_interval(tmp_path: Path) -> None:
    one_speaker = [row | {"condition": "0", "speaker_id": "s1"} for row in REFERENCES]
    a = answers(tmp_path / "a.jsonl", references=one_speaker)
    (found, _) = compare_files(a, a, configuration="asr").comparisons
    assert (found.interval, found.p) == (None, None)
    assert score_file(a, configuration="asr")["intervals"]["wer"] == {"all": None, "finite": None, "0": None}
    text = describe_comparison(compare_files(a, a, configuration="asr"))
    assert "no interval of WER, WER capped: one speaker only\n" in text
    assert "too narrow" not in text
    assert text.endswith("embedder: none\nnormalizer: whisper-english 0.1.15")


def test_a_metric_that_the_references_do_not_define_is_named(tmp_path: Path) -> None:
    silent = [{"transcript": ""}, {"transcript": " "}]
    path = answers(tmp_path / "a.jsonl", [{"transcript": "hello"}, None], silent)
    lines = describe(score_file(path, configuration="asr")).splitlines()
    assert lines[:2] == ["WER is undefined: no reference words", "asr: 2 answers: 1 answered, 1 missing, 1 runaway"]
    with pytest.raises(ValueError, match=r"a\.jsonl: WER is undefined: no reference words"):
        compare_files(path, path, configuration="asr")
    eventless = answers(tmp_path / "b.jsonl", [PREDICTIONS[0]], [REFERENCES[2]])
    assert "mAP is undefined: no reference events" in describe(score_file(eventless, embedder="exact"))
