"""Workers that crash, hang, print garbage or cannot load, with real processes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from sseu_models.records import Reply, SystemDownError, Task
from sseu_models.systems.worker import process as worker_process
from sseu_models.systems.worker.system import WorkerSystem, make_worker
from tests.sseu_models.systems.worker.scripts import HEAD, HELLO, alive, answers, ask, fake_python, running, written


def test_a_worker_killed_once_is_started_again_and_asked_again(tmp_path: Path) -> None:
    body = """
if not os.path.exists(self.settings["marker"]):
    open(self.settings["marker"], "w").close()
    os.kill(os.getpid(), signal.SIGKILL)
return Answer(text=question.user)
"""
    system = make_worker(written(tmp_path, body), marker=str(tmp_path / "killed"))
    assert answers(system, [ask("again")]) == [
        Reply(text="again", restarted=f"it was ended by SIGKILL; its stderr is in {system.stderr_log}")
    ]
    assert system.settings["marker"] == "killed"


RESTARTED = """
if question.user == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
return Answer(text=question.user)
"""


@pytest.mark.parametrize(
    ("before", "now", "named"),
    [
        ('"order": "audio, text"', '"order": "text, audio"', "order: audio, text before, text, audio now"),
        ('"order": "audio, text"', '"torch": "2.9"', "torch: not there before, 2.9 now"),
        ("rate_hz=16000", "rate_hz=16000.0 / 2", "rate_hz: 16000 before, 8000"),
        ("deterministic=False", "deterministic=True", "deterministic: False before, True now"),
        ("max_audio_s=2.0", "max_audio_s=1.0", "max_audio_s: 2.0 before, 1.0 now"),
    ],
)
def test_a_restarted_worker_must_be_what_it_was(tmp_path: Path, before: str, now: str, named: str) -> None:
    """The worker file is edited while its worker runs, and the next question ends that."""
    file = Path(written(tmp_path, RESTARTED))
    system = make_worker(str(file))

    async def talk(started: WorkerSystem) -> Reply:
        [reply] = await started.answer([ask("fine")])
        assert before in file.read_text()
        file.write_text(file.read_text().replace(before, now))
        with pytest.raises(SystemDownError) as caught:
            await started.answer([ask("kill")])
        assert str(caught.value).startswith("worker:my_worker: the worker was restarted and is not the same any more")
        assert f"\n  {named}" in str(caught.value)
        return reply

    assert running(system, talk) == Reply(text="fine")


def test_weights_that_change_during_a_run_end_it_at_the_next_restart(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "model.bin").write_bytes(b"abc")
    system = make_worker(written(tmp_path, RESTARTED), marker=str(weights))

    async def talk(started: WorkerSystem) -> None:
        await started.answer([ask("fine")])
        (weights / "model.bin").write_bytes(b"abd")
        with pytest.raises(SystemDownError, match=r"(?s)not the same any more.*setting marker: .*'sha256'"):
            await started.answer([ask("kill")])

    running(system, talk)


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
    assert "it exited with status 3" in str(left.error)
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
    assert "it did not answer for 0.5 s" in str(hung.error)
    assert fine == Reply(text="fine")


def test_an_exception_is_that_questions_error_and_a_poisoned_gpu_ends_the_process(tmp_path: Path) -> None:
    body = """
if question.user != "fine": raise RuntimeError(question.user)
return Answer(text=str(os.getpid()))
"""
    users = ("fine", "mel of 0 frames", "fine", "CUDA error: device-side assert triggered", "fine")
    first, bad, same, poisoned, other = answers(make_worker(written(tmp_path, body)), [ask(user) for user in users])
    assert bad == Reply(error="RuntimeError: mel of 0 frames")
    assert "exited with status 1" in str(poisoned.error)
    assert first.text == same.text != other.text


@pytest.mark.parametrize(
    ("scores", "task", "message"),
    [
        ("[0.5] * 6", "at", "it has 6 scores, 18 are needed: one for each label"),
        ("[0.5] * 5 + [float('nan')]", "asc", "it has scores that are no finite numbers, such as nan"),
        ("[0.5]", "asr", "it has scores where a text is needed"),
        ("['a'] * 6", "asc", "the worker's reply is invalid: it has scores that are no finite numbers, such as 'a'"),
        ("None", "asc", "a reply has a text, scores or an error, and only one of them"),
        ("[0.5] * 6, text='Home'", "asc", "a reply has a text, scores or an error, and only one of them"),
    ],
)
def test_invalid_replies(tmp_path: Path, scores: str, task: Task, message: str) -> None:
    [reply] = answers(make_worker(written(tmp_path, f"return Answer(scores={scores})")), [ask(task=task)])
    assert message in str(reply.error)


@pytest.mark.parametrize("returned", ["None", "'Scene: Home'"])
def test_what_is_no_answer_is_named(tmp_path: Path, returned: str) -> None:
    [reply] = answers(make_worker(written(tmp_path, f"return {returned}")), [ask()])
    assert reply.error == (
        f"its `answer` returned {type(eval(returned)).__name__}; it must return an Answer, such as Answer(text=...)"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("SETTINGS = {}\n", "the worker file has no class Worker; it needs one (docs/systems/workers.md)"),
        ("SETTINGS = {}\nclass Worker:\n    def __init__(self, settings, labels): pass\n", "'hello'"),
    ],
)
def test_a_file_without_what_a_worker_needs_is_named(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "own.py"
    file.write_text(content)
    with pytest.raises(SystemDownError, match="worker:own cannot start: ") as caught:
        answers(make_worker(str(file)), [ask()])
    assert message in str(caught.value)


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
    assert message in str(reply.error)


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
    assert [alive(pid) for pid in reply.text.split()] == [False, False]


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
    assert not alive(first.split()[1])
