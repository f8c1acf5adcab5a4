"""The bare name `sseu` in evaluate's cache of modules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sseu_metric import install
from sseu_metric.install import install as install_metric
from sseu_metric.install import module_folder, remove, source_files

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("evaluate.config.HF_MODULES_CACHE", tmp_path / "modules")
    return tmp_path / "modules"


def versions(cache: Path) -> list[Path]:
    return [path for path in (cache / "evaluate_modules/metrics/evaluate-metric--sseu").iterdir() if path.is_dir()]


def test_layout_is_what_evaluate_looks_for(cache: Path) -> None:
    version = install_metric()
    assert version.parent == module_folder() == cache / "evaluate_modules/metrics/evaluate-metric--sseu"
    assert len(version.name) == 64
    assert set(version.name) <= set("0123456789abcdef")
    names = {path.name for path in version.iterdir()}
    assert {"sseu.py", "scoring.py", "labels.py", "__init__.py"} <= names
    assert names == {path.name for path in source_files()} | {"__init__.py"}
    for package in (version, version.parent, version.parent.parent, version.parent.parent.parent):
        assert (package / "__init__.py").read_bytes() == b""
    assert not list(version.parent.parent.glob("old-*"))


def test_installing_again_changes_nothing(cache: Path) -> None:
    version = install_metric()
    before = {path: path.stat().st_mtime_ns for path in version.iterdir()}
    (version / "__pycache__").mkdir()
    assert install_metric() == version
    assert {path: path.stat().st_mtime_ns for path in version.glob("*.py")} == before


def test_new_code_replaces_the_old(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = install_metric()
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in source_files():
        (changed / path.name).write_bytes(path.read_bytes())
    (changed / "labels.py").write_text((changed / "labels.py").read_text() + "# changed\n")
    monkeypatch.setattr(install, "__file__", str(changed / "install.py"))
    new = install_metric()
    assert new != old
    assert versions(cache) == [new]
    assert (new / "labels.py").read_text().endswith("# changed\n")


@pytest.mark.parametrize("damage", ["changed", "missing", "more"])
def test_a_damaged_version_is_replaced(cache: Path, damage: str) -> None:
    version = install_metric()
    if damage == "missing":
        (version / "sseu.py").unlink()
    else:
        (version / ("sseu.py" if damage == "changed" else "extra.py")).write_text("raise SystemExit\n")
    assert install_metric() == version
    assert (version / "sseu.py").read_bytes() == source_files()[0].read_bytes()
    assert not (version / "extra.py").exists()
    assert versions(cache) == [version]


def test_what_an_interrupted_install_leaves_is_no_version(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            install_metric()
    (left,) = versions(cache)
    assert len(left.name) != 64  # evaluate looks at names of that length alone
    version = install_metric()
    assert versions(cache) == [version]


def test_remove(cache: Path) -> None:
    assert remove() is False
    install_metric()
    assert remove() is True
    assert [path.name for path in (cache / "evaluate_modules/metrics").iterdir()] == ["__init__.py"]
    assert remove() is False


# evaluate imports transformers where it is installed, for pipelines, which costs seconds.
START = """
import json, sys
sys.modules["transformers"] = None
import evaluate
del sys.modules["transformers"]
"""

INSTALL = """
try:
    evaluate.load("sseu")
except FileNotFoundError as error:
    print(str(error).splitlines()[0])
from sseu_metric.install import install
print(install())
"""

LOAD = """
metric = evaluate.load("sseu", embedder="exact", intervals=False)
row = {"transcript": "hello", "scene": "Home", "events": ["Dog"]}
found = metric.compute(predictions=["Transcript: hello\\nScene: Home\\nEvents: Dog"], references=[row])
assert "sseu_metric" not in sys.modules
print(json.dumps([found["wer"], found["macc"], found["map"]]))
"""


@pytest.mark.long
def test_bare_name_loads_from_another_folder_with_and_without_the_offline_flag(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "PYTHON"))}
    closed = {"HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": "http://127.0.0.1:9"}  # nothing listens there

    def run(code: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", START + code],
            cwd=tmp_path / "elsewhere",
            env=clean | closed | more,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    absent, installed = run(INSTALL, PYTHONPATH=str(PROJECT), HF_EVALUATE_OFFLINE="1").splitlines()
    folder = tmp_path / "hf/modules/evaluate_modules/metrics/evaluate-metric--sseu"
    assert absent.startswith("Couldn't find a module script at")
    assert installed.startswith(f"{folder}/")
    for more in ({"HF_EVALUATE_OFFLINE": "1"}, {}):  # without the flag the Hub is asked, and its silence borne
        assert json.loads(run(LOAD, **more)) == [0.0, 100.0, 100.0]
