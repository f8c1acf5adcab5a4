"""The worker back end with real processes: what arrives, what comes back, settings, environments."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sseu_models.records import Json, Reply, System
from sseu_models.systems.worker import process as worker_process
from sseu_models.systems.worker.environments import WORKERS
from sseu_models.systems.worker.system import make_worker
from tests.sseu_models.systems.worker.scripts import answers, ask, written


def test_audio_prompt_and_settings_arrive_and_the_answer_comes_back(tmp_path: Path) -> None:
    body = """
heard = hashlib.sha256(question.samples().tobytes()).hexdigest()
return Answer(text=f"{heard} {question.user} {self.settings['gain']} {len(self.labels['at'])}", input_tokens=7,
              finish_reason="stop")
"""
    system = make_worker(written(tmp_path, body), gain=2)
    question = ask("who speaks?")
    assert question.audio is not None
    heard = hashlib.sha256(question.audio.tobytes()).hexdigest()
    assert answers(system, [question]) == [
        Reply(text=f"{heard} who speaks? 2.0 18", input_tokens=7, finish_reason="stop"),
    ]
    assert isinstance(system, System)
    assert system.id == "worker:my_worker"
    assert (system.capabilities.rate_hz, system.capabilities.max_audio_s) == (16000, 2.0)
    reported = {"rate_hz": 16000, "deterministic": False, "order": "audio, text"}
    assert system.settings == {"marker": None, "gain": 2, "loud": False, "worker": reported}


def test_prints_of_libraries_do_not_reach_the_protocol(tmp_path: Path) -> None:
    body = """
print("Loading checkpoint shards")
os.write(1, b"from C code")
subprocess.run(["echo", "from a child"])
return Answer(text=str(sys.stdin.readline()))
"""
    system = make_worker(written(tmp_path, body), stderr_log=str(tmp_path / "log"))
    assert answers(system, [ask(), ask()]) == [Reply(text=""), Reply(text="")]
    log = (tmp_path / "log").read_text()
    assert all(line in log for line in ("Loading checkpoint shards", "from C code", "from a child"))


def test_the_seed_alone_decides_a_sampled_answer(tmp_path: Path) -> None:
    system = make_worker(written(tmp_path, "return Answer(text=str(random.random()))"))
    first, other, again = answers(system, [ask(seed=1), ask(seed=2), ask(seed=1)])
    assert first == again != other


def test_texts_of_any_characters_and_scores_come_as_they_are(tmp_path: Path) -> None:
    body = """
if question.task == "asc":
    return Answer(scores=[0.1, 1, 0, 0, 0, 0])
return Answer(text="é\\n\\u2028" * 2**20)
"""
    text, scores = answers(make_worker(written(tmp_path, body)), [ask(), ask(task="asc")])
    assert text == Reply(text="é\n\u2028" * 2**20)
    assert scores == Reply(scores=(0.1, 1.0, 0.0, 0.0, 0.0, 0.0))


def test_a_clip_longer_than_the_model_takes_is_refused(tmp_path: Path) -> None:
    system = make_worker(written(tmp_path, 'return Answer(text="heard")'))
    [reply] = answers(system, [ask(audio=np.zeros(40000, np.float32))])
    assert reply.error == "clip clip is 2.50 s long; this system takes at most 2 s"


def test_a_wav_file_holds_the_same_samples(tmp_path: Path) -> None:
    body = """
import soundfile
with question.wav_file() as path:
    samples, rate_hz = soundfile.read(path, dtype="float32")
assert not os.path.exists(path)
return Answer(text=f"{hashlib.sha256(samples.tobytes()).hexdigest()} {rate_hz} {samples.ndim}")
"""
    question = ask()
    assert question.audio is not None
    [reply] = answers(make_worker(written(tmp_path, body)), [question])
    assert reply.text == f"{hashlib.sha256(question.audio.tobytes()).hexdigest()} 16000 1"


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("whisper", {}, r"unknown worker 'whisper' \(there are ltu-as, kimi-audio, .*worker file"),
        ("./none.py", {}, r"worker file \./none\.py does not exist"),
        (
            "ltu-as",
            {"top_q": 0.9},
            r"worker:ltu-as: no setting 'top_q'; did you mean 'top_p'\? \(it has python, .* weigh",
        ),
        ("msclap-2022", {"version": "2023"}, "worker:msclap-2022: no setting 'version'"),
        ("ltu-as", {"top_k": "5"}, "worker:ltu-as: setting top_k='5': it should be a valid integer"),
        ("step-audio-2-mini", {"do_sample": 1}, "setting do_sample=1: it should be a valid boolean"),
        ("ltu-as", {"timeout_s": 0}, "setting timeout_s=0: it should be greater than 0"),
    ],
)
def test_wrong_names_and_settings(name: str, settings: dict[str, Json], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_worker(name, **settings)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x = 1", r"has no SETTINGS = \{\.\.\.\}"),
        ("SETTINGS = dict(a=1)", "SETTINGS must be a dict of plain values"),
        ("def", "is not valid Python"),
        ("SETTINGS = {'python': '3'}", "SETTINGS of its file holds python, a setting of every worker; rename it"),
    ],
)
def test_files_that_are_no_worker(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "w.py").write_text(content)
    with pytest.raises(ValueError, match=message):
        make_worker(str(tmp_path / "w.py"))


def test_every_ready_worker_has_a_file_with_settings() -> None:
    for name in WORKERS:
        assert "weights" in make_worker(name).settings
        assert "worker" not in make_worker(name).settings
    assert make_worker("msclap-2022").settings["version"] == "2022"
    assert make_worker("ltu-as", temperature=1).settings["temperature"] == 1


def test_paths_are_recorded_by_content_before_the_start_and_in_what_it_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.pt").write_bytes(b"12345")
    sha256 = hashlib.sha256(b"12345").hexdigest()
    file = Path(written(tmp_path, "return Answer(text='')"))
    file.write_text(file.read_text().replace('facts={"order": "audio, text"}', 'facts={"weights": settings["marker"]}'))
    monkeypatch.chdir(tmp_path)
    system = make_worker(str(file), marker="model.pt")
    before = dict(system.settings)
    assert before == {"marker": {"name": "model.pt", "sha256": sha256}, "gain": 1.0, "loud": False}
    answers(system, [])
    assert {name: value for name, value in system.settings.items() if name != "worker"} == before
    reported = system.settings["worker"]
    assert reported == {"rate_hz": 16000, "deterministic": False, "weights": {"name": "model.pt", "sha256": sha256}}


def test_what_a_name_fixes_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "2022").mkdir()
    monkeypatch.chdir(tmp_path)
    assert make_worker("msclap-2022").settings["version"] == "2022"


def test_the_commit_of_hub_weights_is_found_in_the_local_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for name, commits, main in (("a--b", ["c1", "c2"], "c2"), ("gpt2", ["c3"], None), ("a--two", ["c4", "c5"], None)):
        for commit in commits:
            (tmp_path / "hub" / f"models--{name}" / "snapshots" / commit).mkdir(parents=True)
        if main is not None:
            (tmp_path / "hub" / f"models--{name}" / "refs").mkdir()
            (tmp_path / "hub" / f"models--{name}" / "refs" / "main").write_text(main)
    body = """
from sseu_models.systems.worker.hub_cache import hub_commits
return Answer(text=str(hub_commits("a/b", "gpt2", "a/two", "a/absent", question.scratch)))
"""
    [reply] = answers(make_worker(written(tmp_path, body)), [ask()])
    assert reply.text == "{'a/b': 'c2', 'gpt2': 'c3', 'a/two': None, 'a/absent': None}"


def test_temporary_files_go_and_stderr_stays(tmp_path: Path) -> None:
    body = 'open("left_by_upstream.log", "w").close()\nreturn Answer(text=os.getcwd() + "|" + question.scratch)'
    system = make_worker(written(tmp_path, body))
    [reply] = answers(system, [ask()])
    assert reply.text is not None
    folder, scratch = reply.text.split("|")
    assert Path(folder) == Path(scratch)
    assert not Path(scratch).exists()
    assert system.stderr_log is not None
    assert system.stderr_log.is_file()


@pytest.mark.parametrize("version", ["3.8", "3.10"])
def test_old_pythons(tmp_path: Path, version: str) -> None:
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"no python{version} here")
    body = """
with question.wav_file() as path:
    size = os.path.getsize(path)
return Answer(text=f"{sys.version_info[0]}.{sys.version_info[1]} {size}")
"""
    assert answers(make_worker(written(tmp_path, body), python=python), [ask()]) == [Reply(text=f"{version} 64058")]


@pytest.mark.parametrize("environment", [{}, {"PYTHONSAFEPATH": "1"}], ids=["usual path", "safe path"])
def test_files_beside_the_protocol_shadow_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    siblings = [file.stem for file in Path(worker_process.__file__).parent.glob("*.py") if file.stem != "__init__"]
    upstream = tmp_path / "upstream"
    upstream.mkdir()
    for name in siblings:
        (upstream / f"{name}.py").write_text("whose = 'upstream'")
    body = f"import importlib\nreturn Answer(text=' '.join(importlib.import_module(n).whose for n in {siblings}))"
    for name, value in {"PYTHONPATH": str(upstream), **environment}.items():
        monkeypatch.setenv(name, value)
    [reply] = answers(make_worker(written(tmp_path, body)), [ask()])
    assert reply == Reply(text=" ".join(["upstream"] * len(siblings)))
    assert len(siblings) >= 5
