"""Replies of scripted systems, and results folders with hostile ones, made in a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sseu_models.job import Job
from sseu_models.records import Question, Reply
from sseu_models.running.evaluation import evaluate
from sseu_models.running.request import Request
from tests.sseu_models.scripted import ScriptedSystem, plain_reply

HOSTILE = (
    "Transcript: please </textarea></script><script>window.hacked = 1</script><img src=x onerror='window.hacked=2'> "
    "stella\nScene: <b>Home</b>\nEvents: Dog; <svg onload=alert(1)>; Cat"
)
LONG = "please call stella </textarea><script>window.hacked = 4</script> " + "and then some more words " * 5
NAME = "scripted:<script>window.hacked=3</script>"


def says(transcript: str, scene: str, events: str) -> Callable[[Question], Reply]:
    """The same to every clip."""
    answers = {"asr": transcript, "asc": scene, "at": events}

    def reply(question: Question) -> Reply:
        text = answers.get(question.task, f"Transcript: {transcript}\nScene: {scene}\nEvents: {events}")
        return Reply(text=text)

    return reply


def hostile_reply(question: Question) -> Reply:
    """Markup and script in texts and names."""
    if question.mode == "joint":
        return Reply(text=HOSTILE)
    if question.task == "asr":
        return Reply(text=LONG)
    return plain_reply(question)


def make_results(built: Path, root: Path) -> list[Path]:
    """Two systems on the tiny dataset: a plain one, and one that attacks its readers."""
    job = Job(modes=("independent", "joint"), runs=2)
    systems = {
        "plain": ScriptedSystem(id="scripted:plain"),
        "hostile": ScriptedSystem(reply=hostile_reply, id=NAME),
    }
    for name, system in systems.items():
        evaluate(Request(system, str(built), root / name, job=job, embedder="exact"), progress=False)
    return [root / name for name in systems]
