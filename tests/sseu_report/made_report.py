"""Results folders with hostile answers, made in a second, for the tests of the report and its page."""

from __future__ import annotations

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
