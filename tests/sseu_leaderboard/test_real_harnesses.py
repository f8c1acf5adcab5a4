"""Hazard: another evaluation tool changes answers before they are scored: cuts them, strips them, loses some.

lmms-eval and Inspect are run by their own commands, in environments that `make harnesses` makes, with a mock model that
does to its answers what their models do. The scores are those of `sseu metric score` on what the model said.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sseu_dataset.loading import load
from sseu_dataset.rows.samples import load_audio
from sseu_metric.conditions import counts_for, is_finite
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.prompts import load_prompts
from sseu_models.systems.api.wav import wav_base64

pytestmark = [pytest.mark.harness, pytest.mark.timeout(1800)]

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTED = dict(re.findall(r"^\| (lmms-eval|Inspect) \| (\S+) \|", (PROJECT / "docs/harnesses.md").read_text(), re.M))
TASKS: Mapping[str, tuple[str, ...]] = {
    "asr": ("wer",),
    "asc": ("macc",),
    "at": ("map",),
    "joint": ("wer", "macc", "map"),
    "cot": ("wer", "macc", "map"),
}


def python_of(variable: str, folder: str, package: str, name: str) -> str:
    """The interpreter of a tool's environment, whose version is that of the documentation."""
    python = os.environ.get(variable) or str(PROJECT / folder / "bin" / "python")
    asked = [python, "-c", f"from importlib import metadata; print(metadata.version({package!r}))"]
    if not Path(python).is_file() or (found := subprocess.run(asked, capture_output=True, text=True)).returncode:
        pytest.skip(f"{package} is not in {folder}; `make harnesses` installs it")
    assert DOCUMENTED[name] == found.stdout.strip(), "docs/harnesses.md names another version than the one that is run"
    return python


def perfect(row: Mapping[str, Any], task: str) -> str:
    """The right answer, with empty lines, blanks around it and thoughts in front, as models write."""
    scene = "Home" if row["scene"] is None else named(SCENES, row["scene"])
    events = "; ".join(named(EVENTS, event) for event in row["events"]) or "None"
    whole = f"Transcript: {row['transcript']}\n\nScene: {scene}\n\nEvents: {events}\n"
    return {
        "asr": f"Spoken text:\n\n{row['transcript']}\n",
        "asc": f"\n\nScene: {scene}\n",
        "at": f"  Events:\n\n{events}",
        "joint": whole,
        "cot": f"Step 1: I listen.\n\nStep 2: somebody speaks, until the end.\n\n{whole}",
    }[task]


def named(labels: Sequence[str], label: int | str) -> str:
    return labels[label] if isinstance(label, int) else label


def mixed(row: Mapping[str, Any], task: str) -> str:
    """Every kind of answer by turns: right, wrong, a right one after thoughts in tags, cut off, empty."""
    kind = int(hashlib.sha256(f"{row['pcm_sha256']}{task}".encode()).hexdigest(), 16) % 6
    other = {**row, "transcript": "please call stella", "scene": SCENES[kind], "events": [EVENTS[kind], EVENTS[-1]]}
    return [
        perfect(row, task),
        perfect(other, task),
        f"<think>\n\nScene: {SCENES[0]}\n\n</think>\n\n{perfect(row, task)}",
        perfect(row, task)[: len(perfect(row, task)) // 2],
        "",
        perfect(row, task) + "\n\nIs there anything else?",
    ][kind]


Answering = Callable[[Mapping[str, Any], str], str]
both = pytest.mark.parametrize("answer", [perfect, mixed])


def asked(folder: Path, task: str) -> list[Mapping[str, Any]]:
    """The rows that a task asks about."""
    counts = is_finite if task in ("joint", "cot") else lambda name: counts_for(task, name)
    return [row for row in load(folder) if counts(row["condition"])]


def metric_scores(rows: Sequence[Mapping[str, Any]], answers: Sequence[str], task: str, tmp_path: Path) -> Any:
    """What `sseu metric score` prints about the texts."""
    references = [{name: row[name] for name in row if name != "audio"} for row in rows]
    for name, lines in {"p": answers, "r": references}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    config = "joint" if task == "cot" else task
    command = [
        sys.executable,
        "-c",
        "from sseu_cli.main import main; main()",
        "metric",
        "score",
        "--config",
        config,
        "--json",
        "--no-intervals",
    ]
    files = ["--predictions", str(tmp_path / "p.jsonl"), "--references", str(tmp_path / "r.jsonl")]
    done = subprocess.run([*command, *files], check=True, stdout=subprocess.PIPE, text=True, env=offline())
    return json.loads(done.stdout)


def offline(**more: str) -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(PROJECT), **more}


def run(command: Sequence[str], folder: Path, **more: str) -> str:
    done = subprocess.run(command, cwd=folder, env=offline(**more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


# --- lmms-eval ---

LMMS_MODEL = '''
import json, os
from lmms_eval.api.model import lmms

class Mock(lmms):
    """Answers from a file; stops and shortens as lmms_eval/models/simple/qwen2_audio.py does."""

    def __init__(self, **kwargs):
        super().__init__()
        with open(os.environ["MOCK_ANSWERS"]) as file:
            self._answers = json.load(file)

    def generate_until(self, requests):
        found = []
        for context, settings, to_audio, doc_id, task, split in [one.args for one in requests]:
            doc = self.task_dict[task][split][doc_id]
            [clip] = to_audio(doc)
            assert (len(clip["array"]), clip["sampling_rate"]) == (160_000, 16_000)
            text = self._answers[task][doc["id"]]
            for term in settings["until"]:
                text = text.split(term)[0]
            found.append(text[: 2 * settings["max_new_tokens"]])  # a token is hardly shorter than two letters
        return found

    def loglikelihood(self, requests):
        raise NotImplementedError

    def generate_until_multi_round(self, requests):
        raise NotImplementedError
'''


@both
def test_lmms_eval(built: Path, tmp_path: Path, answer: Answering) -> None:
    python = python_of("SSEU_LMMS_PYTHON", ".venv-lmms", "lmms_eval", "lmms-eval")
    rows = {task: asked(built, task) for task in TASKS}
    answers = {f"sseu_{task}": {row["id"]: answer(row, task) for row in rows[task]} for task in TASKS}
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    for path, text in {
        "models/__init__.py": 'AVAILABLE_MODELS = {"mock": "Mock"}',
        "models/mock.py": LMMS_MODEL,
        "tasks/__init__.py": "",
        "__init__.py": "",
    }.items():
        (tmp_path / "sseu_mock" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sseu_mock" / path).write_text(text)
    (tmp_path / "sseu-bench").symlink_to(built)
    tasks = ["--include_path", str(PROJECT / "docs/harnesses/lmms_eval"), "--tasks", ",".join(answers)]
    run(
        [python, "-m", "lmms_eval", "--model", "mock", *tasks, "--output_path", str(tmp_path / "out")],
        tmp_path,
        PYTHONPATH=f"{PROJECT}:{tmp_path}",
        LMMS_EVAL_PLUGINS="sseu_mock",
        MOCK_ANSWERS=str(tmp_path / "answers.json"),
    )
    [file] = (tmp_path / "out").rglob("*results.json")
    found = json.loads(file.read_text())["results"]
    for task, metrics in TASKS.items():
        expected = metric_scores(rows[task], list(answers[f"sseu_{task}"].values()), task, tmp_path)
        for metric in metrics:
            assert found[f"sseu_{task}"][f"{metric},none"] == expected[metric], (task, metric)


# --- Inspect ---

INSPECT_MODEL = """
import base64, hashlib, json, os
from inspect_ai.model import ModelAPI, ModelOutput, modelapi

with open(os.environ["MOCK_ANSWERS"]) as file:
    ANSWERS = json.load(file)

@modelapi(name="sseu_mock")
def sseu_mock():
    class Mock(ModelAPI):
        async def generate(self, input, tools, tool_choice, config):
            audio, text = input[-1].content
            clip = hashlib.sha256(audio.audio.partition(",")[2].encode()).hexdigest()
            return ModelOutput.from_content("sseu_mock", ANSWERS[clip + text.text])

    return Mock
"""


@both
def test_inspect(built: Path, tmp_path: Path, answer: Answering) -> None:
    python = python_of("SSEU_INSPECT_PYTHON", ".venv-inspect", "inspect_ai", "Inspect")
    prompts = load_prompts()
    for mode, tasks in {"independent": ("asr", "asc", "at"), "joint": ("joint",), "cot": ("cot",)}.items():
        answers: dict[str, str] = {}
        expected: dict[str, Any] = {}
        for task in tasks:
            rows = asked(built, task)
            said = [answer(row, task) for row in rows]
            user = prompts.find(mode, "all" if mode != "independent" else task, "*").user  # type: ignore[arg-type]
            for row, text in zip(rows, said, strict=True):
                wav = wav_base64(load_audio(row, 16_000), 16_000)
                answers[hashlib.sha256(wav.encode()).hexdigest() + user] = text
            scores = metric_scores(rows, said, task, tmp_path)
            expected |= {metric: scores[metric] for metric in TASKS[task]}
        (tmp_path / "answers.json").write_text(json.dumps(answers))
        (tmp_path / "sseu_mock.py").write_text(INSPECT_MODEL)
        plugin = tmp_path / "sseu_mock-1.0.dist-info"
        plugin.mkdir(exist_ok=True)
        (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: sseu-mock\nVersion: 1.0\n")
        (plugin / "entry_points.txt").write_text("[inspect_ai]\nsseu_mock = sseu_mock\n")
        # As in a checkout: the folder of the dataset beside docs/, named from there.
        checkout = tmp_path / "checkout"
        (checkout / "docs" / "harnesses").mkdir(parents=True, exist_ok=True)
        file = checkout / "docs" / "harnesses" / "inspect_sseu.py"
        file.write_text((PROJECT / "docs" / "harnesses" / "inspect_sseu.py").read_text())
        if not (checkout / "sseu-bench").exists():
            (checkout / "sseu-bench").symlink_to(built)
        logs = tmp_path / f"logs-{mode}"
        options = ["-T", "data=sseu-bench", "-T", f"mode={mode}", "--no-score-display", "--display", "plain"]
        options += ["--model", "sseu_mock/model", "--log-dir", str(logs), "--log-format", "json"]
        run(
            [python, "-m", "inspect_ai", "eval", "docs/harnesses/inspect_sseu.py", *options],
            checkout,
            PYTHONPATH=f"{PROJECT}:{tmp_path}",
            MOCK_ANSWERS=str(tmp_path / "answers.json"),
        )
        [log] = logs.glob("*.json")
        stated = json.loads(log.read_text())
        assert stated["status"] == "success", stated.get("error")
        metrics = stated["results"]["scores"]
        values = {name: one["value"] for score in metrics for name, one in score["metrics"].items()}
        values = {name.rpartition("/")[2]: value for name, value in values.items()}
        assert {**values, "wer_capped": 0} == {**expected, "missing": 0, "wer_capped": 0}, mode
