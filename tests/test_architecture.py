"""The house keeps its shape: arrows between packages, no circles, small folders, documented exports, light imports."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

ORDER = ("sseu_cli", "sseu_leaderboard", "sseu_hub", "sseu_report", "sseu_models", "sseu_dataset", "sseu_metric")
"""The packages from the top of the house to its ground: each may import those to its right."""

PACKAGES = [name for name in ORDER if (PROJECT / name / "__init__.py").exists()]

MAX_MODULES = 13
"""In one folder, without `__init__`. `sseu_metric` is flat because `evaluate` fetches sibling files only."""

MAX_LINES = 320
"""Of a module; 300 is the aim."""

HEAVY = {
    "datasets",
    "evaluate",
    "fastapi",
    "gradio",
    "huggingface_hub",
    "librosa",
    "matplotlib",
    "numpy",
    "openai",
    "pandas",
    "pyarrow",
    "pydantic",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "soundfile",
    "torch",
    "transformers",
}
"""Libraries that no `import sseu_...` may load: whoever needs one imports it inside a function."""

READERS = {"sseu_report", "sseu_hub", "sseu_leaderboard"}
"""Packages that read results folders, whose records are pydantic models; they may load pydantic."""


def _modules() -> dict[str, Path]:
    """Every module of the house by its dotted name; a package stands under its own name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            parts = path.relative_to(PROJECT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


def _imported(module: str, path: Path) -> Iterator[str]:
    """The modules of the house that a module imports anywhere, also inside functions and for types only."""
    home = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            parents = home.split(".")[: len(home.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                if name in MODULES:
                    yield name
                elif base in MODULES:
                    yield base


GRAPH = {module: set(_imported(module, path)) - {module} for module, path in MODULES.items()}


def _circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other (strongly connected components of two nodes or more)."""
    reached = {node: _reachable(node, graph) for node in graph}
    groups = {tuple(sorted(other for other in reached[node] if node in reached[other])) for node in graph}
    return sorted([*group] for group in groups if len(group) > 1)


def _reachable(start: str, graph: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for following in graph.get(waiting.pop(), ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen


def _room(module: str, package: str) -> str:
    """The folder of a module inside its package; a module on the package's ground is a room of its own."""
    return ".".join(module.split(".")[: package.count(".") + 2])


def test_arrows_between_packages_go_one_way() -> None:
    places = {package: number for number, package in enumerate(ORDER)}
    wrong = [
        f"{module} imports {imported}"
        for module, others in GRAPH.items()
        for imported in sorted(others)
        if places[imported.split(".")[0]] < places[module.split(".")[0]]
    ]
    assert not wrong, f"arrows go {' -> '.join(ORDER)}"


def test_modules_make_no_circle() -> None:
    assert _circles(GRAPH) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_make_no_circle(package: str) -> None:
    rooms: dict[str, set[str]] = {}
    for module, others in GRAPH.items():
        if module.startswith(f"{package}."):
            inside = {_room(other, package) for other in others if other.startswith(f"{package}.")}
            rooms.setdefault(_room(module, package), set()).update(inside - {_room(module, package)})
    assert _circles(rooms) == []


def test_the_metric_runs_alone() -> None:
    """It is also a Space on the Hub: siblings are imported relatively, and pydantic is not among its requirements."""
    for path in sorted((PROJECT / "sseu_metric").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & {*ORDER, "pydantic"}, path.name
    assert not [path for path in (PROJECT / "sseu_metric").iterdir() if path.is_dir() and path.name != "__pycache__"]


def test_the_metric_script_imports_every_sibling() -> None:
    """`evaluate` copies the files that sseu.py imports itself, and no others."""
    folder = PROJECT / "sseu_metric"
    tree = ast.parse((folder / "sseu.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level}
    needed: set[str | None] = set()
    waiting = {"sseu"}
    while waiting:
        name = waiting.pop()
        needed.add(name)
        nodes = ast.walk(ast.parse((folder / f"{name}.py").read_text()))
        found = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and node.level and node.module}
        waiting |= found - needed
    assert needed - imported == {"sseu"}


def test_folders_are_small() -> None:
    counts: dict[str, int] = {}
    for path in MODULES.values():
        folder = str(path.parent.relative_to(PROJECT))
        counts[folder] = counts.get(folder, 0) + (path.name != "__init__.py")
    del counts["sseu_metric"]
    assert {folder: count for folder, count in counts.items() if count > MAX_MODULES} == {}


def test_modules_are_short() -> None:
    lengths = {module: len(path.read_text().splitlines()) for module, path in MODULES.items()}
    assert {module: lines for module, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_module_is_a_drawer() -> None:
    assert not {module for module in MODULES if module.split(".")[-1] in {"utils", "util", "common", "helpers", "misc"}}


@pytest.mark.parametrize("package", PACKAGES)
def test_types_are_published(package: str) -> None:
    assert (PROJECT / package / "py.typed").exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_exports_are_documented(package: str) -> None:
    """Functions and classes carry a docstring of their own; constants stand in the package's."""
    module = importlib.import_module(package)
    assert module.__doc__
    exports = {name: getattr(module, name) for name in getattr(module, "__all__", [])}
    named = {name: value for name, value in exports.items() if inspect.isroutine(value) or inspect.isclass(value)}
    assert [name for name, value in named.items() if not _documented(name, value)] == []


def _documented(name: str, value: object) -> bool:
    """Whether somebody wrote a docstring; a dataclass without one bears its signature, other classes their parent's."""
    text = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    return bool(text) and not str(text).startswith(f"{name}(")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_child_bears_the_name_of_an_export(package: str) -> None:
    """A sub-module imported later would replace the function of the same name."""
    exports = set(getattr(importlib.import_module(package), "__all__", []))
    children = {path.stem for path in (PROJECT / package).iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not exports & children


@pytest.mark.parametrize("package", [*PACKAGES, "sseu_cli.main"])
def test_imports_are_light(package: str) -> None:
    program = f"import json, sys; import {package}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    allowed = {"pydantic"} if package in READERS else set()
    assert not (HEAVY - allowed) & set(json.loads(done.stdout))


@pytest.mark.parametrize("package", [package for package in PACKAGES if package != "sseu_cli"])
def test_examples_of_the_package_run(
    package: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `>>>` lines of each package's docstring, in a folder that holds a dataset `sseu-bench`."""
    (tmp_path / "sseu-bench").symlink_to(built)
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(package)
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    tests = [test for test in finder.find(module, package) if test.name == package]
    assert any(test.examples for test in tests), f"{package}/__init__.py has no example"
    for test in tests:
        report: list[str] = []
        failures = runner.run(test, out=report.append).failed
        assert not failures, "".join(report)
