"""A Python object is its own code and the packages behind it, whichever way it refers to them."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sseu_models.systems.code_identity import code_identity

MAIN = """
import functools
import numpy as np
import helpers
from helpers import clean
from settings import LIMIT

TEMPERATURE = 0.5
PROMPTS = {"asr": "Transcribe.", "asc": "Which scene?"}
CACHE = {}
COUNT = 0


class Model:
    size = "tiny"

    def __init__(self, beam):
        self.beam, self.calls, self.seen = beam, 0, []

    def __call__(self, samples, rate_hz, prompt):
        self.calls += 1
        return clean(prompt) * self.beam


model = Model(beam=5)


def prefixed(function):
    @functools.wraps(function)
    def wrapper(*given):
        return "> " + function(*given)
    return wrapper


@prefixed
def answer(samples, rate_hz, prompt):
    import soundfile
    global COUNT
    COUNT += 1
    CACHE[prompt] = clean(prompt)
    return model(samples, TEMPERATURE, PROMPTS["asr"]) + helpers.ending() + str(LIMIT) + str(np.mean(samples))


unrelated = "a"
def other(): return unrelated
"""
HELPERS = """
from deep.below import word

def clean(text):
    return text.strip() + word()

def ending():
    return "."
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """Write and import the example anew, with texts replaced."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def imported(old: str = "", new: str = "") -> ModuleType:
        files = {
            "main_code.py": MAIN,
            "helpers.py": HELPERS,
            "settings.py": "LIMIT = 7\n",
            "deep/__init__.py": "",
            "deep/below.py": "from . import beside\ndef word(): return beside.WORD\n",
            "deep/beside.py": "WORD = 'w'\n",
        }
        assert any(old in text for text in files.values())
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text.replace(old, new) if old else text)
        for name in ("main_code", "helpers", "settings", "deep", "deep.below", "deep.beside"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        importlib.invalidate_caches()
        return importlib.import_module("main_code")

    return imported


def test_packages_are_those_behind_the_code(code: Callable[..., ModuleType]) -> None:
    identity = code_identity(code().answer)
    assert identity["packages"] == {name: version(name) for name in ("numpy", "soundfile")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('return "> "', 'return ">> "'),  # its decorator
        ("TEMPERATURE = 0.5", "TEMPERATURE = 0.7"),
        ('"asr": "Transcribe."', '"asr": "Write down."'),
        ("Model(beam=5)", "Model(beam=1)"),
        ('size = "tiny"', 'size = "base"'),
        ("clean(prompt) * self.beam", "clean(prompt) + str(self.beam)"),
        ("text.strip()", "text.lower()"),  # a function of another module
        ('return "."', 'return "!"'),  # through a module
        ("LIMIT = 7", "LIMIT = 8"),
        ("WORD = 'w'", "WORD = 'v'"),  # three imports away, through a relative one
    ],
)
def test_own_code_counts_wherever_it_is(code: Callable[..., ModuleType], old: str, new: str) -> None:
    first = code_identity(code().answer)
    assert code_identity(code().answer) == first
    assert code_identity(code(old, new).answer)["source_sha256"] != first["source_sha256"]


def test_what_it_does_not_use_and_its_own_state_do_not_count(code: Callable[..., ModuleType]) -> None:
    first = code_identity(code().answer)
    assert code_identity(code('unrelated = "a"', 'unrelated = "b"').answer) == first
    module = code()
    import numpy as np

    module.answer(np.zeros(4), 16_000, "what?")
    assert (module.COUNT, module.model.calls, len(module.CACHE)) == (1, 1, 1)
    assert code_identity(module.answer) == first


def test_a_changed_attribute_of_a_class_counts_unless_the_code_changes_it() -> None:
    class Names:
        scene = "Home"
        calls = 0

    def answer(samples: object, rate_hz: int, prompt: str) -> str:
        Names.calls += 1
        return Names.scene

    first = code_identity(answer)
    answer(None, 16_000, "what?")
    assert code_identity(answer) == first
    Names.scene = "Restaurant"
    assert code_identity(answer) != first


def test_a_module_counts_as_a_whole_and_so_does_what_it_imports(code: Callable[..., ModuleType]) -> None:
    first = code_identity(code())
    assert first["packages"] == {name: version(name) for name in ("numpy", "soundfile")}
    for old, new in (('unrelated = "a"', 'unrelated = "b"'), ("WORD = 'w'", "WORD = 'v'"), ("LIMIT = 7", "LIMIT = 8")):
        assert code_identity(code(old, new)) != first


def test_it_is_the_same_in_every_process_and_folder(code: Callable[..., ModuleType], tmp_path: Path) -> None:
    first = code_identity(code().answer)
    moved = tmp_path.rename(tmp_path.with_name("elsewhere"))
    script = (
        "from sseu_models.systems.code_identity import code_identity as c; import main_code as m; print(c(m.answer))"
    )
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONPATH": f"{moved}:{os.environ.get('PYTHONPATH', '')}",
            "PYTHONHASHSEED": seed,
        }
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout == f"{first}\n"
    moved.rename(tmp_path)


def defined(source: str, **names: Any) -> Any:
    """The object `made` of a source that no file holds, as in a notebook without its history."""
    space: dict[str, Any] = {"__name__": "__main__", **names}
    exec(source, space)
    return space["made"]


@pytest.mark.parametrize(
    "source",
    [
        "def made(): return NUMBER",
        "made = lambda: NUMBER",
        "def made(): return (lambda: NUMBER)()",
        "class made:\n    def __call__(self): return NUMBER",
        "class made:\n    size = NUMBER",
        "import functools\nmade = functools.partial(print, NUMBER)",
        "import functools\n@functools.cache\ndef made(): return NUMBER",
        "class A:\n    def f(self): return NUMBER\nmade = A().f",
        "class A:\n    @property\n    def f(self): return NUMBER\nmade = A()",
        "def made(x=NUMBER): pass",
        "def made(*, x=NUMBER): pass",
        "N = [1, {2: (NUMBER, None)}]\ndef made(): return N",
        "def outer(n):\n    return lambda: n\nmade = outer(NUMBER)",
        "def f(): return NUMBER\nALL = {'a': [f]}\ndef made(): return ALL",
    ],
)
def test_code_without_a_file_counts_by_its_byte_code(source: str) -> None:
    first, same, other = (code_identity(defined(source.replace("NUMBER", number))) for number in "112")
    assert first == same != other


def test_circles_end() -> None:
    assert code_identity(defined("def a(): return made()\ndef made(): return a()"))
    assert code_identity(defined("class made:\n    def f(self): return made\nmade.me = made()\nmade.me.me = made"))
    assert code_identity(defined("L = []\nL.append(L)\ndef made(): return L"))


def test_a_set_has_one_text_in_every_process() -> None:
    source = "def made(x): return x in {'a', 'b', 'c', 'd'}"
    script = f"from sseu_models.systems.code_identity import code_identity as c\nexec({source!r})\nprint(c(made))"
    lines = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        lines.add(done.stdout)
    assert len(lines) == 1


def test_a_name_that_is_assigned_later_and_missing_globals_are_no_faults() -> None:
    def outer() -> Callable[[], object]:
        def inner() -> object:
            return later, nowhere  # type: ignore[name-defined]  # noqa: F821

        if len(sys.argv) < 0:
            later = 1
        return inner

    assert len(str(code_identity(outer())["source_sha256"])) == 64


def test_what_is_installed_counts_by_its_version_alone() -> None:
    import numpy as np
    import soundfile

    assert code_identity(np.mean)["packages"] == {"numpy": version("numpy")}
    assert code_identity(soundfile.read)["packages"] == {"soundfile": version("soundfile")}
    assert code_identity(np.mean)["source_sha256"] == code_identity(print)["source_sha256"]
