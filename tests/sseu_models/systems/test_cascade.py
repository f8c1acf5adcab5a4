"""Two specialists as one system: each hears what it would hear alone, and joint says what they say."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import sseu_models
from sseu_metric.labels import EVENTS, SCENES
from sseu_models.kinds import kind_of
from sseu_models.records import Json, SystemDownError
from sseu_models.systems.cascade import make_cascade
from sseu_models.systems.spec import make_system

PARTS = """
import hashlib
from sseu_models.records import Capabilities, Reply

class Words:
    id, settings = "words", {}
    def __init__(self, prefix="w", exact=True):
        self.capabilities = Capabilities(16_000, deterministic=exact, modes={"independent": ("asr",)}, in_flight=2)
        self.prefix, self.asked = prefix, 0
    async def start(self): pass
    async def close(self): pass
    async def answer(self, questions):
        self.asked += len(questions)
        return [Reply(text=f"{self.prefix}{hashlib.sha256(one.audio.data).hexdigest()[:9]}") for one in questions]

class Tags:
    id, settings = "tags", {}
    capabilities = Capabilities(8_000, deterministic=True, modes={"independent": ("asc", "at")}, batch_size=3)
    async def start(self): pass
    async def close(self): pass
    async def answer(self, questions):
        assert len({one.task for one in questions}) == 1 and len(questions) <= 3
        size = {"asc": 6, "at": 18}[questions[0].task]
        digests = (hashlib.sha256(one.audio.data).digest() for one in questions)
        return [Reply(scores=tuple(digest[place] + place / 100 for place in range(size))) for digest in digests]
"""


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "cascade_parts.py").write_text(PARTS)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("cascade_parts", None)
    return "python:cascade_parts:Words+python:cascade_parts:Tags"


def test_each_part_answers_as_if_it_were_asked_alone(parts: str, built: Path) -> None:
    settings: dict[str, Json] = {"asr.prefix": "x", "events": 3}
    both = sseu_models.run(
        f"cascade:{parts}", built, modes=("independent", "joint"), limit=2, settings=settings, embedder="exact"
    )
    words, tags = parts.split("+")
    alone = {
        **{(a.id, a.task): a.text for a in sseu_models.run(words, built, limit=2, settings={"prefix": "x"}).answers()},
        **{(a.id, a.task): a.scores for a in sseu_models.run(tags, built, limit=2).answers()},
    }
    answers = both.answers()
    separate = {(a.id, a.task): a.scores if a.text is None else a.text for a in answers if a.mode == "independent"}
    assert separate == alone
    joint = [a for a in answers if a.mode == "joint"]
    assert joint
    for answer in joint:
        scenes, events = separate[answer.id, "asc"], separate[answer.id, "at"]
        assert answer.transcript == separate[answer.id, "asr"]
        assert answer.scene == best(scenes, SCENES, 1)[0]
        assert answer.events == tuple(best(events, EVENTS, 3))
    assert both.result.system == "cascade:words+tags"
    assert kind_of(both.result.system) == "baseline"
    source = both.result.settings["asr_source"]
    assert isinstance(source, dict)
    assert source["source_sha256"]


def test_a_part_that_is_not_deterministic_is_found_out(parts: str, built: Path, tmp_path: Path) -> None:
    count = "self.asked += len(questions)"
    (tmp_path / "cascade_parts.py").write_text(PARTS.replace(count, f'{count}; self.prefix = f"{{self.asked}} "'))
    sys.modules.pop("cascade_parts", None)
    with pytest.raises(ValueError, match="states that equal questions get equal answers"):
        sseu_models.run(f"cascade:{parts}", built, modes=("independent", "joint"), limit=2, embedder="exact")


def best(scores: object, labels: Sequence[str], count: int) -> list[str]:
    assert isinstance(scores, tuple)
    return [label for _, label in sorted(zip(scores, labels, strict=True), reverse=True)[:count]]


def test_names_that_are_no_cascade(parts: str) -> None:
    for name, message in {
        "cascade:asr:pocketsphinx": "it must be cascade:<asr system>",
        f"cascade:{parts}+control:majority": "it must be cascade:<asr system>",
        "cascade:asr:pocketsphinx+control:majority": "control:majority cannot be the tagger of a cascade",
        "cascade:asr:fast-whisper:base+clap:m": "did you mean 'faster-whisper'",
    }.items():
        with pytest.raises(ValueError, match=message):
            make_system(name, {}, [])
    with pytest.raises(
        ValueError, match=r"cascade: no setting 'event'; did you mean 'events'.* asr.NAME and tagger.NAME"
    ):
        make_system(f"cascade:{parts}", {"event": 1}, [])
    with pytest.raises(ValueError, match=r"its tagger: .*no setting 'tempel'.*settings of it are tagger.NAME"):
        make_system("cascade:python:cascade_parts:Words+clap:m", {"tagger.tempel": "{}"}, [])
    with pytest.raises(ValueError, match="cascade:a:b: it must be"):
        make_cascade("a:b", lambda spec, settings: pytest.fail("not reached"))


def test_parts_that_do_not_answer_their_tasks(parts: str, built: Path) -> None:
    words, _ = parts.split("+")
    with pytest.raises(
        SystemDownError, match="words does not answer asc, at in mode independent; it cannot be its tag"
    ):
        sseu_models.run(f"cascade:{words}+{words}", built, limit=1)
