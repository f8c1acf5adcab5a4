"""The command line: what it prints, its exit codes, and that a broken line is named by its number."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sseu_metric import EVENTS, SCENES, score, summarise
from sseu_metric.__main__ import main
from sseu_metric.controls import majority_scene, no_answer

REFERENCES = [
    {"id": "a", "snr_db": 0.0, "transcript": "please call Stella", "scene": "Home", "events": ["Dog", "Dishes"]},
    {"id": "b", "snr_db": -5.0, "transcript": "ask her to bring these", "scene": "Restaurant", "events": ["Cat"]},
    {"id": "c", "snr_db": -5.0, "transcript": "six spoons of peas", "scene": "Home", "events": []},
]
PREDICTIONS: list[Any] = [
    {"transcript": "please call Bella", "scene": "home", "events": ["dog"]},
    "Transcript: ask her to bring these\nScene: Metro Station\nEvents: Cat; Dog",
    None,
]


def write(path: Path, values: list[Any]) -> str:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return str(path)


def answers(path: Path, predictions: list[Any] = PREDICTIONS, references: list[Any] = REFERENCES) -> str:
    rows = zip(predictions, references, strict=True)
    return write(path, [{"prediction": prediction, "reference": reference} for prediction, reference in rows])


def test_json_is_the_result_with_the_floors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", answers(tmp_path / "a.jsonl"), "--embedder", "exact", "--json", "--resamples", "50"]) == 0
    found = json.loads(capsys.readouterr().out)
    read = {"transcript": "ask her to bring these", "scene": "Metro Station", "events": ["Cat", "Dog"]}
    expected = summarise(score([PREDICTIONS[0], read, None], REFERENCES, embedder="exact"), resamples=50)
    for key in ("wer", "wer_capped", "macc", "map", "pooled", "by_condition", "by_scene", "by_event", "embedder"):
        assert found[key] == expected[key], key
    assert found["intervals"].keys() == expected["intervals"].keys()
    assert found["counts"]["asr"] == {"answers": 3, "answered": 1, "labelled": 1, "missing": 1, "runaway": 0}
    for name, control in (("no answer", no_answer), ("majority scene", majority_scene)):
        scores = score(control(REFERENCES), REFERENCES, embedder="exact")
        assert found["floors"][name] == {key: scores.value(key) for key in ("wer", "wer_capped", "macc", "map")}


def test_table_has_intervals_counts_and_floors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", answers(tmp_path / "a.jsonl"), "--embedder", "exact"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[0] == "percent"
    assert lines[0].split() == "percent score 95 % interval no answer majority scene".split()  # noqa: SIM905
    wer, macc = lines[1].split(), lines[3].split()
    assert (wer[:2], wer[3], wer[-2:]) == (["WER", "38.89"], "to", ["100.00", "100.00"])
    assert (macc[:2], macc[-2:]) == (["mACC", "50.00"], ["0.00", "75.00"])
    assert "asr: 3 answers: 1 answered, 1 labelled, 1 missing, 0 runaway" in lines
    assert "incomplete: answers that never came (missing) count as empty ones" in lines
    assert [line.split()[0] for line in lines if line.startswith(("0 ", "-5 "))] == ["0", "-5"]
    assert {"embedder: exact", "normalizer: whisper-english 0.1.15"} <= set(lines)


def test_two_files_and_one_task(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predictions = write(tmp_path / "p.jsonl", ["hello there", {"transcript": "two"}, None])
    references = write(tmp_path / "r.jsonl", [{"transcript": text} for text in ("hello there", "one", "x")])
    given = ["score", "--predictions", predictions, "--references", references]
    assert main([*given, "--config", "asr", "--normalizer", "none", "--resamples", "0"]) == 0
    out = capsys.readouterr().out
    assert "mACC" not in out
    assert out.splitlines()[1].split() == ["WER", "50.00", "-", "100.00", "100.00"]
    assert "normalizer: none 1" in out
    assert "embedder: none" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prediction": null, "reference": {}}\n{"prediction": nul}\n', "a.jsonl line 2: not JSON (Expecting value"),
        ('\n\n{"prediction": null}\n', 'a.jsonl line 3: an object with "prediction" and "reference" is needed'),
        ("[1]\n", 'a.jsonl line 1: an object with "prediction" and "reference" is needed'),
        (b'{"prediction": "\xff"}\n', "a.jsonl line 1: not JSON ("),
        ("[" * 100_000 + "\n", "a.jsonl line 1: not JSON ("),
        ("\n", "a.jsonl: no lines"),
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
def test_broken_lines_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, message: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["score", str(tmp_path / "a.jsonl"), "--embedder", "exact"]) == 2
    out, err = capsys.readouterr()
    assert (out, message in err) == ("", True), err


def test_wrong_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, other = answers(tmp_path / "a.jsonl"), write(tmp_path / "p.jsonl", [None])
    for given, message in (
        ([], "give FILE, or both --predictions and --references"),
        ([path, "--references", path], "give FILE, or both"),
        (["--predictions", other, "--references", path], f"{other} has 1 lines, {path} has 3"),
        ([str(tmp_path / "none.jsonl")], "none.jsonl: No such file or directory"),
        ([str(tmp_path)], "Is a directory"),
        ([path, "--embedder", "minilm"], "unknown embedder 'minilm'"),
    ):
        assert main(["score", *given]) == 2
        assert message in capsys.readouterr().err
    for given, message in (
        (["score", path, "--config", "cot"], "invalid choice: 'cot'"),
        (["score", path, "--resamples", "-1"], "'-1' is no whole number from 0 on"),
        ([], "the following arguments are required: COMMAND"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(given)
        assert stopped.value.code == 2
        assert message in capsys.readouterr().err


def test_what_fails_without_the_users_fault_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda name: None)
    assert main(["score", answers(tmp_path / "a.jsonl")]) == 1
    assert "pip install '.[embed]'" in capsys.readouterr().err


def test_comparison_pairs_rows_by_id_in_whatever_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(0)
    references = [
        {"id": f"c{n}", "transcript": "dogs like bones", "scene": draw.choice(SCENES), "events": draw.sample(EVENTS, 2)}
        for n in range(30)
    ]
    good = [{"transcript": "dogs like bones", "scene": row["scene"], "events": row["events"]} for row in references]
    bad = [{"transcript": "dogs like", "scene": "nowhere", "events": []} for _ in references]
    a, b = answers(tmp_path / "a.jsonl", good, references), answers(tmp_path / "b.jsonl", bad[::-1], references[::-1])
    assert main(["compare", a, b, "--embedder", "exact", "--json"]) == 0
    found = {one["metric"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["wer"]["difference"] == pytest.approx(-100 / 3)
    assert found["macc"]["difference"] == 100.0
    assert found["wer"]["p"] == pytest.approx(1 / 10_001)
    assert main(["compare", a, b, "--embedder", "exact"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "WER 0.00 33.33 -33.33 -33.33 to -33.33 0.0001" in [" ".join(line.split()) for line in lines]


def test_comparison_without_ids_pairs_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All references are alike: were the rows sorted by answer, the two systems would seem to agree."""
    references = [{"scene": "Home"}] * 8
    right, wrong = {"scene": "Home"}, {"scene": "nowhere"}
    a = answers(tmp_path / "a.jsonl", [right, wrong] * 4, references)
    b = answers(tmp_path / "b.jsonl", [wrong, right] * 4, references)
    assert main(["compare", a, b, "--config", "asc", "--embedder", "exact", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["difference"], found["interval"]["low"] < 0 < found["interval"]["high"]) == (0.0, True)


def test_comparison_of_different_clips_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = answers(tmp_path / "a.jsonl")
    b = answers(tmp_path / "b.jsonl", references=[*REFERENCES[:2], REFERENCES[2] | {"transcript": "other"}])
    assert main(["compare", a, b, "--embedder", "exact"]) == 2
    assert "are not about the same clips" in capsys.readouterr().err


def test_help_is_quick_and_shows_examples() -> None:
    command = [sys.executable, "-m", "sseu_metric", "--help"]
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
    assert done.returncode == 0
    for words in ("score answers.jsonl", "compare a.jsonl b.jsonl", "install --remove", "exit codes"):
        assert words in done.stdout
    assert min(seconds) < 0.3
