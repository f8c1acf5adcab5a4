"""Pages lead somewhere: every link, and every path and command of the project that a page names."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from sseu_cli.main import sseu
from sseu_dataset import load, load_manifest
from tests.scripts import load_script
from tests.sseu_dataset.streaming.own_sources import own_background, own_speech
from tests.sseu_dataset.tiny_corpora import TinyCorpora, noise, write_audio

PROJECT = Path(__file__).resolve().parents[1]
PAGES = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), PROJECT / "benchmarks" / "README.md"]
MADE = re.compile(r"docs/_build|docs/systems/$")
"""Paths that are made on the way, or named as folders to write to."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_named_paths_exist(page: Path) -> None:
    named = re.findall(r"`((?:sseu_\w+|tests|docs|examples|benchmarks)/[\w./-]*)`", page.read_text())
    assert [path for path in named if not MADE.search(path) and not (PROJECT / path).exists()] == []


@pytest.mark.parametrize(("page", "package"), [("protocol", "sseu_dataset"), ("scoring", "sseu_metric")])
def test_functions_in_brackets_exist(page: str, package: str) -> None:
    named = re.findall(r"\[`([\w/]+)\.(\w+)`\]", (PROJECT / "docs" / f"{page}.md").read_text())
    assert named
    for module, name in named:
        home = module if module.startswith("sseu_") else f"{package}.{module.replace('/', '.')}"
        assert hasattr(importlib.import_module(home), name), f"{home}.{name}"


@pytest.mark.parametrize("name", ["build", "any-snr", "running", "scoring"])
def test_python_blocks_run(name: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, in a folder with the dataset; the metric is loaded from the project instead of being installed."""
    pytest.importorskip("sentence_transformers", reason="the extra `embed` is not installed: the blocks were not run")
    blocks = re.findall(
        r"^```python\n(.*?)^```", (PROJECT / "docs" / f"{name}.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert blocks
    (tmp_path / "sseu-bench").symlink_to(built)
    monkeypatch.chdir(tmp_path)
    code = "\n".join(blocks).replace('load("sseu")', f'load("{PROJECT / "sseu_metric" / "sseu.py"}")')
    exec(compile(code, f"docs/{name}.md", "exec"), {})


def test_the_commands_and_blocks_about_layouts_run(
    pristine_corpora: TinyCorpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On corpora that are not complete, which the page's command does not say."""
    page = (PROJECT / "docs" / "layouts.md").read_text()
    for corpus in pristine_corpora.folders.values():
        (tmp_path / corpus.name).symlink_to(corpus)
    monkeypatch.chdir(tmp_path)
    for command in re.findall(r"^```bash\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0].splitlines():
        words = shlex.split(command)[1:] + ["--allow-partial"] * command.startswith("sseu build")
        words += ["--embedder", "exact"] * command.startswith("sseu run")
        result = CliRunner().invoke(sseu, words)
        assert result.exit_code == 0, result.output
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    exec(compile("\n".join(blocks), "docs/layouts.md", "exec"), {})


def test_the_blocks_about_the_training_stream_run(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with a dataset, and with speech and backgrounds of nobody's corpus and their tables."""
    pytest.importorskip("torch")
    (tmp_path / "sseu-bench").symlink_to(built)
    lines = ["file\tspeaker\ttext\tlanguage"]
    for item in own_speech(tmp_path / "own-speech"):
        lines.append(f"{item.utterance.file}\t{item.utterance.speaker_id}\t{item.utterance.transcript}\ten")
    (tmp_path / "own-speech" / "table.tsv").write_text("\n".join(lines))
    own_background(tmp_path / "own-background")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```python\n(.*?)^```", (PROJECT / "docs" / "streaming.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert blocks
    exec(compile("\n".join(blocks), "docs/streaming.md", "exec"), {})


def test_the_benchmark_that_may_be_passed_on_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On noise in the layouts of the page: its annotation, its script, its commands."""
    page = (PROJECT / "docs" / "tables.md").read_text()
    spoken, _, heard, _ = re.findall(r"^```text\n(free/.*?)^```", page, re.DOTALL | re.MULTILINE)[0].splitlines()
    for number, seconds in enumerate((0.5, 2.0, 9.0, 12.0)):
        audio = tmp_path / spoken.replace("000001.wav", f"00000{number}.wav")
        write_audio(audio, noise(audio.name, seconds, 24_000, 0.3), 24_000)
        audio.with_suffix(".normalized.txt").write_text(f"Sentence number {number}.\n")
    for place in ("DKITCHEN", "STRAFFIC", "NRIVER"):
        write_audio(tmp_path / heard.replace("DKITCHEN", place), noise(place, 30.0, 48_000), 48_000)
    events = re.findall(r"^```text\n(place\t.*?)^```", page, re.DOTALL | re.MULTILINE)[0]
    (tmp_path / "free" / "events.tsv").write_text(events)
    monkeypatch.chdir(tmp_path)
    exec(compile(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0], "docs/tables.md", "exec"), {})
    commands = re.findall(r"^```bash\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1].replace("\\\n", " ").splitlines()
    for command in commands:
        result = CliRunner().invoke(sseu, shlex.split(command)[1:])
        assert result.exit_code == 0, result.output
    made, rows = load_manifest("free-bench"), load("free-bench", "snr_0")
    assert (made.recipe, made.pairs, made.excluded) == ("custom", 6, 2)
    assert set(rows["scene"]) == {0, 2}
    assert {name: events for name, events in zip(rows["pair_id"], rows["events"], strict=True) if events} == {
        "DKITCHEN@0": [3],
        "DKITCHEN@10": [3, 7],
        "STRAFFIC@0": [11, 14],
    }
    assert rows[0]["licence"] == (
        "libritts: CC BY 4.0, https://www.openslr.org/60 + demand: CC BY-SA 3.0, https://doi.org/10.5281/zenodo.1227121"
    )


def test_schemas_are_those_of_the_records() -> None:
    """Run `make schemas` after a record has changed. What docstrings say may differ."""
    module = load_script("docs/make_schemas.py")
    stored = {path.name: path.read_text() for path in (PROJECT / "docs" / "schemas").glob("*.json")}
    current = module.schemas()
    assert {name: json.loads(text, object_hook=_rules) for name, text in stored.items()} == {
        name: json.loads(text, object_hook=_rules) for name, text in current.items()
    }


def test_pages_of_systems_say_what_their_checks_saw() -> None:
    """Run `python docs/make_checks.py` after a check; the records are those of `make systems-check`."""
    module = load_script("docs/make_checks.py")
    for name, text in module.pages().items():
        assert (PROJECT / "docs" / "systems" / name).read_text() == text, name


def test_the_table_of_models_says_what_was_seen() -> None:
    """Run `python docs/make_models_table.py` after `make models`, whose record it reads."""
    module = load_script("docs/make_models_table.py")
    assert (PROJECT / "docs" / "systems" / "transformers.md").read_text() == module.page()


def _rules(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != "description" or not isinstance(value, str)}


def _documented_commands() -> list[tuple[str, str]]:
    """Each `sseu` command line in the code blocks of the pages, with its page."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
            for line in block.replace("\\\n", " ").splitlines():
                command = re.match(r"(?:eval \"\$\(|[A-Z_]+=\S+ )*sseu ([a-z].*)", line)
                if command:
                    found.append((str(page.relative_to(PROJECT)), command[1].removesuffix(')"')))
    return found


@pytest.mark.parametrize(("page", "command"), _documented_commands())
def test_documented_commands_parse(page: str, command: str) -> None:
    """Every command and option of the pages exists; nothing is run."""
    context = click.Context(sseu, info_name="sseu")
    words = shlex.split(command, comments=True)
    current: click.Command = sseu
    while isinstance(current, click.Group):
        name, found, words = current.resolve_command(context, words)
        assert found is not None, command
        context, current = click.Context(found, parent=context, info_name=name), found
    current.make_parser(context).parse_args(list(words))
