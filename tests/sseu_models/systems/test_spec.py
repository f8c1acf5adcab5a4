"""From the name of a system to the system."""

from __future__ import annotations

from pathlib import Path

import pytest

from sseu_models.records import SystemDownError
from sseu_models.systems.spec import FORMS, make_system


def test_every_kind_is_named_in_the_message() -> None:
    with pytest.raises(ValueError, match="unknown system 'gpt'") as raised:
        make_system("gpt", {}, [])
    assert all(form in str(raised.value) for form in FORMS.values())


@pytest.mark.parametrize("spec", ["api:", "hf:", "whisper:tiny", ""])
def test_unknown_kinds_and_empty_names_are_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="it must be one of"):
        make_system(spec, {}, [])


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
        ("python:mine:number", "gave a int; a system is needed"),
        ("python:mine:absent", "has no attribute 'absent'"),
        ("python:nowhere:make", "No module named 'nowhere'"),
        ("python:mine", "cannot be made"),
        ("python:mine:leave", r"cannot be made \(SystemExit: no licence\)"),
        ("python:mine:stumble", r"cannot be made \(KeyError: 'weights'\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            make_system(spec, {}, [])
    with pytest.raises(SystemDownError, match="fetch the weights"):
        make_system("python:mine:down", {}, [])
    with pytest.raises(ValueError, match="unexpected keyword argument 'colour'"):
        make_system("python:mine:make", {"colour": "red"}, [])
