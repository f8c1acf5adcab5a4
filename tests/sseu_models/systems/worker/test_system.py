"""The worker back end against real processes: crashes, hangs, garbage, prints, restarts."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from sseu_models.records import Prompt, Question, Reply, System, SystemDownError, Task
from sseu_models.systems.worker import process as worker_process
from sseu_models.systems.worker.environments import WORKERS
from sseu_models.systems.worker.system import WorkerSystem, make_worker

T = TypeVar("T")

HEAD = """
import hashlib, os, random, signal, subprocess, sys, time
from sseu_models.systems.worker.protocol import Answer, Hello, Question

SETTINGS = {"marker": None, "gain": 1.0, "loud": False}

class Worker:
    def __init__(self, settings, labels):
        self.settings, self.labels = settings, labels
        self.hello = Hello(rate_hz=16000, deterministic=False, max_audio_s=2.0, facts={"order": "audio, text"})
"""


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept stderr of each worker goes with the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def ask(user: str = "what?", task: Task = "asr", seed: int = 1, audio: np.ndarray | None = None) -> Question:
    prompt = Prompt("test/1", task, "independent", None, user, "project")
    samples = np.linspace(-1, 1, 16000, dtype=np.float32) if audio is None else audio
    return Question("clip", samples, task, "independent", prompt, seed)


def written(tmp_path: Path, body: str) -> str:
    file = tmp_path / "my_worker.py"
    indented = "".join(f"        {line}\n" for line in body.strip("\n").splitlines())
    file.write_text(f"{HEAD}\n    def answer(self, question):\n{indented}")
    return str(file)


def running(system: WorkerSystem, talk: Callable[[WorkerSystem], Awaitable[T]]) -> T:
    async def session() -> T:
        try:
            await system.start()
            return await talk(system)
        finally:
            await system.close()

    return asyncio.run(session())


def answers(system: WorkerSystem, questions: Sequence[Question]) -> list[Reply]:
    async def talk(started: WorkerSystem) -> list[Reply]:
        return [(await started.answer([question]))[0] for question in questions]

    return running(system, talk)


def fake_python(tmp_path: Path, *lines: str) -> str:
    """An "interpreter" that answers each line it reads with one of these, whatever file it is given."""
    script = tmp_path / "fake_python"
    body = "\n".join(f"sys.stdin.readline(); print({line!r}, flush=True)" for line in lines)
    script.write_text(f"#!{sys.executable}\nimport sys\n{body}\nsys.stdin.readline()\n")
    script.chmod(0o755)
    return str(script)


HELLO = (
    '{"kind": "hello", "protocol": 1, "rate_hz": 16000, "max_audio_s": null, "deterministic": true, '
    '"modes": {"independent": ["asr"]}, "family": "*", "facts": {}}'
)


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
    assert (system.capabilities.rate_hz, system.capabilities.max_audio_s, system.capabilities.family) == (
        16000,
        2.0,
        "*",
    )
    assert system.settings == {"marker": None, "gain": 2, "loud": False, "worker": {"order": "audio, text"}}


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


def test_long_answers_and_any_characters(tmp_path: Path) -> None:
    [reply] = answers(make_worker(written(tmp_path, 'return Answer(text="é\\n\\u2028" * 2**20)')), [ask()])
    assert reply.text == "é\n\u2028" * 2**20


def test_the_seed_alone_decides_a_sampled_answer(tmp_path: Path) -> None:
    system = make_worker(written(tmp_path, "return Answer(text=str(random.random()))"))
    first, other, again = answers(system, [ask(seed=1), ask(seed=2), ask(seed=1)])
    assert first == again != other


def test_a_worker_killed_once_is_started_again_and_asked_again(tmp_path: Path) -> None:
    body = """
if not os.path.exists(self.settings["marker"] + "/killed"):
    open(self.settings["marker"] + "/killed", "w").close()
    os.kill(os.getpid(), signal.SIGKILL)
return Answer(text=f"{question.user} {os.getpid()}")
"""
    system = make_worker(written(tmp_path, body), marker=str(tmp_path))
    [reply] = answers(system, [ask("again")])
    assert reply.text is not None
    assert reply.text.startswith("again ")


def test_a_question_that_kills_twice_is_an_error_and_the_next_is_answered(tmp_path: Path) -> None:
    body = """
if question.user == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if question.user == "exit":
    os._exit(3)
return Answer(text=question.user)
"""
    system = make_worker(written(tmp_path, body))
    killed, fine, left, last = answers(system, [ask("kill"), ask("fine"), ask("exit"), ask("last")])
    assert killed.error == (
        f"the worker died on this question twice; it was ended by SIGKILL; its stderr is in {system.stderr_log}"
    )
    assert left.error is not None
    assert "it exited with status 3" in left.error
    assert (fine, last) == (Reply(text="fine"), Reply(text="last"))


def test_three_consecutive_deaths_end_the_system_with_the_end_of_stderr(tmp_path: Path) -> None:
    system = make_worker(written(tmp_path, 'print("no space on device 0")\nos._exit(9)'))
    with pytest.raises(SystemDownError, match="3 consecutive questions") as caught:
        answers(system, [ask()] * 4)
    assert "the last time it exited with status 9" in str(caught.value)
    assert str(caught.value).endswith("no space on device 0")


def test_a_hung_worker_is_ended(tmp_path: Path) -> None:
    body = 'if question.user == "hang": time.sleep(60)\nreturn Answer(text="fine")'
    system = make_worker(written(tmp_path, body), timeout_s=0.5)
    hung, fine = answers(system, [ask("hang"), ask()])
    assert hung.error is not None
    assert "it did not answer for 0.5 s" in hung.error
    assert fine == Reply(text="fine")


def test_an_exception_is_that_questions_error_and_the_worker_lives(tmp_path: Path) -> None:
    body = 'if question.user == "bad": raise ValueError("mel of 0 frames")\nreturn Answer(text=str(os.getpid()))'
    before, bad, after = answers(make_worker(written(tmp_path, body)), [ask(), ask("bad"), ask()])
    assert bad == Reply(error="ValueError: mel of 0 frames")
    assert before == after


def test_a_poisoned_gpu_ends_the_process(tmp_path: Path) -> None:
    body = """
if question.user == "poison":
    raise RuntimeError("CUDA error: device-side assert triggered")
return Answer(text=str(os.getpid()))
"""
    before, poisoned, after = answers(make_worker(written(tmp_path, body)), [ask(), ask("poison"), ask()])
    assert poisoned.error is not None
    assert "exited with status 1" in poisoned.error
    assert before.text != after.text


@pytest.mark.parametrize(
    ("scores", "task", "message"),
    [
        ("[0.5] * 6", "at", "at needs 18 finite scores, it sent 6"),
        ("[0.5] * 5 + [float('nan')]", "asc", "asc needs 6 finite scores, it sent 6"),
        ("[0.5]", "asr", "asr needs 0 finite scores, it sent 1"),
        ("['a'] * 6", "asc", "the worker's reply is invalid: must be real number, not str"),
    ],
)
def test_invalid_scores(tmp_path: Path, scores: str, task: Task, message: str) -> None:
    [reply] = answers(make_worker(written(tmp_path, f"return Answer(scores={scores})")), [ask(task=task)])
    assert reply.error is not None
    assert message in reply.error


def test_scores_come_as_they_are(tmp_path: Path) -> None:
    [reply] = answers(make_worker(written(tmp_path, "return Answer(scores=[0.1, 1, 0, 0, 0, 0])")), [ask(task="asc")])
    assert reply == Reply(scores=(0.1, 1.0, 0.0, 0.0, 0.0, 0.0))


def test_a_reply_with_nothing_or_two_things(tmp_path: Path) -> None:
    body = 'return Answer(text="a", error="b") if question.user == "both" else Answer()'
    both, nothing = answers(make_worker(written(tmp_path, body)), [ask("both"), ask()])
    for reply in (both, nothing):
        assert reply.error is not None
        assert "a reply has a text, scores or an error, and only one of them" in reply.error


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
    ("line", "message"),
    [
        ("Loading weights: 100%", "it sent a line that is not JSON: b'Loading weights: 100%\\n'"),
        ("[1, 2]", "it sent a line that is not a JSON object: b'[1, 2]\\n'"),
        ('{"kind": "reply", "number": 7, "text": "late"}', "it sent 'reply' number 7 instead of reply"),
        ('{"kind": "reply", "text": "' + "a" * 3_000_000 + '"}', "it sent a line of more than 2 MB"),
    ],
    ids=["text", "list", "other question", "oversized"],
)
def test_lines_that_break_the_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, message: str
) -> None:
    monkeypatch.setattr(worker_process, "MAX_LINE_BYTES", 2 * 2**20)
    system = make_worker(written(tmp_path, "pass"), python=fake_python(tmp_path, HELLO, line))
    [reply] = answers(system, [ask()])
    assert reply.error is not None
    assert message in reply.error


@pytest.mark.parametrize(
    ("hello", "message"),
    [
        (HELLO.replace('"protocol": 1', '"protocol": 2'), "is 'hello' of protocol 2 instead of a hello of protocol 1"),
        ('{"answer": 42}', "is None of protocol None instead of a hello of protocol 1"),
        (HELLO.replace('"family": "*", ', ""), "the worker's first message is malformed: KeyError('family')"),
        ("Welcome!", "the worker sent a line that is not JSON: b'Welcome!\\n'"),
    ],
)
def test_invalid_first_messages(tmp_path: Path, hello: str, message: str) -> None:
    system = make_worker(written(tmp_path, "pass"), python=fake_python(tmp_path, hello))
    with pytest.raises(SystemDownError) as caught:
        answers(system, [ask()])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('raise ValueError("large-v1.pt is not in /weights")', "ValueError: large-v1.pt is not in /weights"),
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("os._exit(5)", "the worker exited with status 5"),
        ("time.sleep(60)", "the worker did not answer for 1 s"),
    ],
)
def test_a_worker_that_cannot_load(tmp_path: Path, code: str, message: str) -> None:
    file = tmp_path / "my_worker.py"
    file.write_text(HEAD.replace("        self.settings,", f"        {code}\n        self.settings,"))
    system = make_worker(str(file), start_timeout_s=1)
    with pytest.raises(SystemDownError, match=r"^worker:my_worker cannot start") as caught:
        answers(system, [])
    assert message in str(caught.value)
    assert f"its stderr is in {system.stderr_log}" in str(caught.value)


def test_no_environment_and_no_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSEU_WORKERS", str(tmp_path / "workers"))
    with pytest.raises(SystemDownError) as caught:
        answers(make_worker("msclap-2022"), [])
    assert str(caught.value) == (
        f"worker:msclap-2022 has no environment in {tmp_path / 'workers' / 'msclap'}: make it with "
        "`sseu systems setup msclap`, or give --setting python=PATH of its interpreter"
    )
    with pytest.raises(SystemDownError, match=r"/no/python cannot be run: .*--setting python=PATH"):
        answers(make_worker("msclap-2022", python="/no/python"), [])


def test_wrong_names_and_settings(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown worker 'whisper' \(there are ltu-as, kimi-audio, .*worker file"):
        make_worker("whisper")
    with pytest.raises(ValueError, match=r"worker file \./none\.py does not exist"):
        make_worker("./none.py")
    with pytest.raises(
        ValueError,
        match=r"worker:ltu-as: no setting 'top_q'; did you mean 'top_p'\? \(it has python, .* checkout, weights",
    ):
        make_worker("ltu-as", top_q=0.9)
    with pytest.raises(ValueError, match="worker:msclap-2022: no setting 'version'"):
        make_worker("msclap-2022", version="2023")
    with pytest.raises(ValueError, match="worker:ltu-as: setting top_k='5': it should be a valid integer"):
        make_worker("ltu-as", top_k="5")
    with pytest.raises(ValueError, match="setting do_sample=1: it should be a valid boolean"):
        make_worker("step-audio-2-mini", do_sample=1)
    with pytest.raises(ValueError, match="setting timeout_s=0: it should be greater than 0"):
        make_worker("ltu-as", timeout_s=0)
    file = tmp_path / "w.py"
    for text, message in (
        ("x = 1", r"has no SETTINGS = \{\.\.\.\}"),
        ("SETTINGS = dict(a=1)", "SETTINGS must be a dict of plain values"),
        ("def", "is not valid Python"),
        ("SETTINGS = {'python': '3'}", "SETTINGS of its file holds python, a setting of every worker; rename it"),
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=message):
            make_worker(str(file))


def test_every_ready_worker_has_a_file_with_settings() -> None:
    for name in WORKERS:
        assert "weights" in make_worker(name).settings
        assert "worker" not in make_worker(name).settings
    assert make_worker("msclap-2022").settings["version"] == "2022"
    assert make_worker("ltu-as", temperature=1).settings["temperature"] == 1


def test_recorded_settings_hold_no_path_but_a_commit_or_size(tmp_path: Path) -> None:
    (tmp_path / "ltu" / ".git" / "refs").mkdir(parents=True)
    (tmp_path / "ltu" / ".git" / "HEAD").write_text("ref: refs/main\n")
    (tmp_path / "ltu" / ".git" / "refs" / "main").write_text("0123456789abcdef0123\n")
    (tmp_path / "model.pt").write_bytes(b"12345")
    settings = make_worker("mga-clap", checkout=str(tmp_path / "ltu"), weights=str(tmp_path / "model.pt")).settings
    assert settings["checkout"] == "ltu@0123456789ab"
    assert settings["weights"] == "model.pt (5 bytes)"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="no /proc to look processes up in")
def test_close_ends_a_worker_that_will_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "CLOSE_S", 0.2)
    stubborn = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
import atexit, threading
threading.Thread(target=time.sleep, args=(60,)).start()
child = subprocess.Popen(["sleep", "60"])
return Answer(text=f"{os.getpid()} {child.pid}")
"""
    system = make_worker(written(tmp_path, stubborn))
    [reply] = answers(system, [ask()])
    assert reply.text is not None
    time.sleep(0.1)
    assert [alive(int(pid)) for pid in reply.text.split()] == [False, False]


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="no /proc to look processes up in")
def test_an_interrupted_question_leaves_no_late_reply(tmp_path: Path) -> None:
    body = 'time.sleep(60 if question.user == "slow" else 0)\nreturn Answer(text=f"{question.user} {os.getpid()}")'

    async def talk(system: WorkerSystem) -> tuple[str, str]:
        [first] = await system.answer([ask("first")])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(system.answer([ask("slow")]), 0.3)
        [last] = await system.answer([ask("last")])
        return str(first.text), str(last.text)

    first, last = running(make_worker(written(tmp_path, body)), talk)
    assert last.startswith("last ")
    assert not alive(int(first.split()[1]))


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


def test_import_is_light() -> None:
    code = (
        "import sys, sseu_models.systems.worker.system; "
        "print([m for m in ('torch', 'numpy', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout == "[]\n"
