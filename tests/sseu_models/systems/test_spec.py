"""From the name of a system to the system."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.spec import FORMS, known_systems, make_system


def test_every_kind_is_named_in_the_message() -> None:
    with pytest.raises(ValueError, match="unknown system 'gpt'") as raised:
        make_system("gpt", {}, [])
    assert all(form in str(raised.value) for form in FORMS.values())


@pytest.mark.parametrize("spec", ["api:", "hf:", "whisper:tiny", ""])
def test_unknown_kinds_and_empty_names_are_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="It must be one of"):
        make_system(spec, {}, [])


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("wroker:ltu-as", "worker:ltu-as"),
        ("aip:my-model@http://localhost:8000/v1", "api:my-model@http://localhost:8000/v1"),
        ("majority", "control:majority"),
        ("kimi-audio", "worker:kimi-audio"),
        ("controls:majorty", "control:majorty"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_one_meant(spec: str, meant: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"unknown system {spec!r}; did you mean {meant!r}?")):
        make_system(spec, {}, [])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("control:majorty", "unknown control 'majorty'; did you mean 'majority'?"),
        ("worker:ltu_as", "unknown worker 'ltu_as'; did you mean 'ltu-as'?"),
        ("asr:whisper", "unknown recogniser 'whisper'; there is asr:pocketsphinx"),
    ],
)
def test_a_mistyped_known_name_is_answered_too(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make_system(spec, {}, [])


@pytest.mark.parametrize("spec", ["control:majority", "api:m@http://h/v1", "hf:m", "clap:m", "worker:ltu-as"])
def test_a_mistyped_setting_is_refused_by_every_kind(spec: str) -> None:
    with pytest.raises(ValueError, match=f"^{spec.partition(':')[0]}.*: no setting 'batchsize'"):
        make_system(spec, {"batchsize": 1}, [])


def test_known_systems_can_be_made_and_cover_every_form() -> None:
    known = known_systems()
    assert {system.name.partition(":")[0] for system in known} == set(FORMS)
    assert all(system.summary for system in known)
    for system in known:
        if "<" not in system.name and system.name != "asr:pocketsphinx":  # that one needs its extra
            assert make_system(system.name, {}, []).id == system.name


def test_a_system_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine.py").write_text(
        "from tests.sseu_models.scripted import ScriptedSystem\n"
        "def make(name='mine'): return ScriptedSystem(id=name)\n"
        "def number(): return 3\n"
        "def leave(): raise SystemExit('no licence')\n"
        "def stumble(): return {}['weights']\n"
        "def down():\n"
        "    from sseu_models.records import SystemDownError\n"
        "    raise SystemDownError('fetch the weights')\n"
    )
    assert make_system("python:mine:make", {"name": "ours"}, []).id == "ours"
    for spec, message in [
        ("python:mine:number", "returned int; it must return a system"),
        ("python:mine:absent", "mine has no 'absent'"),
        ("python:nowhere:make", "No module named 'nowhere'"),
        ("python:mine:mak", "mine has no 'mak'; did you mean 'make'"),
        ("python:mine", "names no factory; it must be python:<module>:<factory>"),
        ("python:mine:leave", r"cannot be made \(SystemExit: no licence\)"),
        ("python:mine:stumble", r"cannot be made \(KeyError: 'weights'\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            make_system(spec, {}, [])
    with pytest.raises(SystemDownError, match="fetch the weights"):
        make_system("python:mine:down", {}, [])
    with pytest.raises(ValueError, match="unexpected keyword argument 'colour'"):
        make_system("python:mine:make", {"colour": "red"}, [])
