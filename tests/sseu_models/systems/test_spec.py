"""From the name of a system to the system."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_models.records import Json, SystemDownError
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
    ("spec", "message"),
    [
        ("wroker:ltu-as", "unknown system 'wroker:ltu-as'; did you mean 'worker:ltu-as'?"),
        ("aip:m@http://localhost:8000/v1", "; did you mean 'api:m@http://localhost:8000/v1'?"),
        ("Qwen/Qwen2-Audio-7B-Instruct", "; did you mean 'hf:Qwen/Qwen2-Audio-7B-Instruct'? It must be one of"),
        ("clap", "unknown system 'clap'; write clap:<Hub id or folder>[@<revision>]. It must be one of"),
        ("majority", "unknown system 'majority'; did you mean 'control:majority'?"),
        ("controls:majorty", "; did you mean 'control:majorty'?"),
        ("control:majorty", "unknown control 'majorty'; did you mean 'majority'?"),
        ("worker:ltu_as", "unknown worker 'ltu_as'; did you mean 'ltu-as'?"),
        ("asr:whisper", "unknown recogniser 'whisper'; did you mean 'faster-whisper'?"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_one_meant(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make_system(spec, {}, [])


@pytest.mark.parametrize("spec", ["control:majority", "api:m@http://h/v1", "hf:m", "clap:m", "worker:ltu-as"])
def test_a_mistyped_setting_is_refused_by_every_kind(spec: str) -> None:
    with pytest.raises(ValueError, match=f"^{spec.partition(':')[0]}.*: no setting 'batchsize'"):
        make_system(spec, {"batchsize": 1}, [])


def test_imports_are_light() -> None:
    code = (
        "import sys; from sseu_models.systems import clap, spec; from sseu_models.systems.hf import system; "
        "from sseu_models.systems.asr import faster_whisper, pocketsphinx; "
        "from sseu_models.systems.worker import system; from sseu_models.systems.api import system; "
        "print({'torch', 'transformers', 'numpy', 'openai', 'pocketsphinx', 'faster_whisper'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_known_systems_can_be_made_and_cover_every_form() -> None:
    known = known_systems()
    assert {system.name.partition(":")[0] for system in known} == set(FORMS)
    assert all(system.summary for system in known)
    for system in known:
        if "<" not in system.name and system.name != "asr:pocketsphinx":  # that one needs its extra
            assert make_system(system.name, {}, []).id == system.name


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    (tmp_path / "mine.py").write_text(
        "from sseu_models.records import Json, SystemDownError\n"
        "from tests.sseu_models.scripted import ScriptedSystem\n"
        "def make(name='mine'): return ScriptedSystem(id=name)\n"
        "def number(): return 3\n"
        "def leave(): raise SystemExit('no licence')\n"
        "def down(): raise SystemDownError('fetch the weights')\n"
    )


def test_a_system_of_ones_own(mine: None) -> None:
    assert make_system("python:mine:make", {"name": "ours"}, []).id == "ours"
    with pytest.raises(SystemDownError, match="fetch the weights"):
        make_system("python:mine:down", {}, [])


@pytest.mark.parametrize(
    ("spec", "settings", "message"),
    [
        ("mine", {}, "names no factory; it must be python:<module>:<factory>"),
        ("nowhere:make", {}, "No module named 'nowhere'"),
        ("mine:mak", {}, "mine has no 'mak'; did you mean 'make'"),
        ("mine:number", {}, "returned int; it must return a system"),
        ("mine:leave", {}, r"cannot be made \(SystemExit: no licence\)"),
        ("mine:make", {"colour": "red"}, r"no setting 'colour' \(it has name\)"),
    ],
)
def test_a_factory_that_fails(mine: None, spec: str, settings: dict[str, Json], message: str) -> None:
    with pytest.raises(ValueError, match=f"^python:{spec}.*{message}"):
        make_system(f"python:{spec}", settings, [])


@pytest.mark.parametrize(
    ("factory", "settings", "message"),
    [
        ("Plain", {"x": 1}, "python:own_factories:Plain: no setting 'x' (it has none)"),
        ("Asks", {"modle": "a"}, "no setting 'modle'; did you mean 'model'? (it has model, size)"),
        ("Asks", {"size": 1}, "give --setting model=VALUE (it has model, size)"),
    ],
)
def test_settings_that_ones_own_class_does_not_take_are_named(
    factory: str, settings: dict[str, Json], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_factories.py").write_text(
        "class Plain: pass\n\n\nclass Asks:\n    def __init__(self, model, size=1): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match=re.escape(message)):
        make_system(f"python:own_factories:{factory}", settings, [])
