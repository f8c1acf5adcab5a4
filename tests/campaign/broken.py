"""Damaged results folders, recipes and corpora: each is named, and nothing ends in a traceback."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.campaign.damage import FILE_DAMAGES, change_json, change_line, change_table
from tests.campaign.trials import PROJECT, Called, Trial, call, judged
from tests.sseu_dataset.tiny_corpora import TinyCorpora

RESULTS, RECIPES, CORPORA = "mutated results", "mutated recipes", "mutated corpora"


def mutated_results(root: Path, dataset: Path, seeds: range) -> Iterator[Trial]:
    """One damage in `answers.jsonl`, `result.json` or `scores.json`, then `sseu score` or `sseu report`.

    The answers and the scores stand under hashes of `result.json`: any other byte must be named. `result.json` itself
    must be named where it breaks its schema. Scores that `sseu score` makes anew must be those from before.
    """
    sound, place = root / "sound", root / "results" / "damaged"
    made = call("run", "--system", "control:random", "--data", dataset, "--modes", "independent,joint",
                "--embedder", "exact", "--runs", "1", "--out", sound)  # fmt: skip
    assert made.code == 0, made.said
    commands = {
        "score": ("score", place, "--data", dataset),
        "report": ("report", place, "--data", dataset, "--out", root / "report"),
    }
    before: dict[str, set[str]] = {}
    for name, words in commands.items():
        _copy(sound, place)
        before[name] = _lines(call(*words))
    for seed in seeds:
        draw = random.Random(f"results {seed}")
        _copy(sound, place)
        shutil.rmtree(root / "report", ignore_errors=True)
        file = place / draw.choice(("answers.jsonl", "result.json", "scores.json"))
        ways = {"answers.jsonl": change_line, "result.json": change_json, "scores.json": change_json}
        damage = draw.choice((*FILE_DAMAGES, *[ways[file.name]] * len(FILE_DAMAGES)))
        what = f"{file.name}: {damage(file, draw)}"
        name = draw.choice(list(commands))
        changed = _bytes(file) != (sound / file.name).read_bytes()
        if file.name == "result.json":
            matters = changed and _breaks_schema(file, "result.json")
        elif file.name == "scores.json" and name == "score":
            matters = False
        else:
            matters = changed
        called = call(*commands[name])
        quiet = called.code == 0 and _lines(called) <= before[name]
        if file.name == "scores.json" and name == "score" and called.code == 0:
            matters = _bytes(file) != (sound / file.name).read_bytes()
        yield judged(RESULTS, seed, f"{what}; sseu {name}", called, silent=quiet and matters)


def mutated_recipes(root: Path, dataset: Path, corpora: TinyCorpora, seeds: range) -> Iterator[Trial]:
    """One damage in `recipe.parquet`, then a build from it, with its manifest beside it or alone.

    Beside its manifest any other recipe must be named; alone, one that breaks its schema or has a pair twice.
    """
    import pyarrow.parquet as pq

    place, out = root / "recipe", root / "rebuilt"
    for seed in seeds:
        draw = random.Random(f"recipes {seed}")
        _copy(dataset, place, only=("recipe.parquet", "manifest.json"))
        file, known = place / "recipe.parquet", draw.random() < 0.5
        damage = draw.choice((*FILE_DAMAGES, *[change_table] * len(FILE_DAMAGES)))
        what = damage(file, draw) + ("" if known else "; without its manifest")
        if not known:
            (place / "manifest.json").unlink()
        matters = _bytes(file) != (dataset / "recipe.parquet").read_bytes()
        if matters and not known:
            try:
                rows = pq.read_table(file).to_pylist()
            except Exception:  # whatever makes it unreadable
                rows = []
            pairs = [row.get("pair_id") for row in rows]
            twice = any(pairs.count(pair) > 1 for pair in pairs)
            matters = not rows or twice or any(_row_breaks_schema(row, "recipe-row.json") for row in rows)
        shutil.rmtree(out, ignore_errors=True)
        called = call("build", "--recipe", file, *corpora.options, "--out", out)
        yield judged(RECIPES, seed, what, called, silent=matters and called.code == 0 and "differ" not in called.said)


def mutated_corpora(root: Path, dataset: Path, corpora: TinyCorpora, seeds: range) -> Iterator[Trial]:
    """One damage in a corpus, then `sseu verify` against it or a new build.

    Audio stands under the manifest's hashes, so that `verify` must name any other byte. A build knows no hashes: it
    must name what it leaves out.
    """
    place, out = TinyCorpora(root / "corpora"), root / "built"
    build: tuple[str | Path, ...] = ("build", *place.options, "--allow-partial", "--out", out)
    _copy(corpora.root, place.root)
    before = _lines(call(*build))
    pairs, sources = _pairs(out), json.loads((dataset / "manifest.json").read_bytes())["sources"]
    for seed in seeds:
        draw = random.Random(f"corpora {seed}")
        _copy(corpora.root, place.root)
        shutil.rmtree(out, ignore_errors=True)
        files = sorted(path for path in place.root.rglob("*") if path.is_file())
        table = (change_text, change_text) if (texts := [file for file in files if _is_text(file)]) else ()
        damage = draw.choice((*FILE_DAMAGES, *table, *table))
        file = draw.choice(texts if damage is change_text else files)
        what = f"{file.relative_to(place.root)}: {damage(file, draw)}"
        if draw.random() < 0.5:
            called = call("verify", dataset, *place.options)
            used = any(file.name == Path(source).name for source in sources)
            changed = _bytes(file) != _bytes(corpora.root / file.relative_to(place.root))
            yield judged(CORPORA, seed, f"{what}; sseu verify", called, silent=used and changed and called.code == 0)
        else:
            called = call(*build)
            lost = called.code == 0 and not pairs <= _pairs(out)
            yield judged(CORPORA, seed, f"{what}; sseu build", called, silent=lost and _lines(called) <= before)


def change_text(path: Path, draw: random.Random) -> str:
    """A line of a text table away, twice, with a column more or less, or with a strange value."""
    lines = path.read_text(encoding="utf-8").split("\n")
    number = draw.randrange(len(lines))
    words = lines[number].split("\t")
    how = draw.choice(("away", "twice", "column", "value", "value", "bytes"))
    if how == "away":
        del lines[number]
    elif how == "twice":
        lines.insert(number, lines[number])
    elif how == "column":
        lines[number] = "\t".join(words[:-1]) if draw.random() < 0.5 else lines[number] + "\tmore"
    else:
        words[draw.randrange(len(words))] = draw.choice(("nan", "-1", "1e400", "", "x" * 200_000, "Café\u2028", "\x00"))
        lines[number] = "\t".join(words)
    data = "\n".join(lines).encode()
    path.unlink()
    path.write_bytes(data if how != "bytes" else data + b"\xff\xfe\n")
    return f"line {number + 1}: {how}"


def _is_text(path: Path) -> bool:
    return path.suffix in (".txt", ".tsv")


def _copy(source: Path, target: Path, only: tuple[str, ...] | None = None) -> None:
    """A copy that shares its files with the source; damages write new ones."""
    shutil.rmtree(target, ignore_errors=True)
    skipped = None if only is None else lambda folder, names: [name for name in names if name not in only]
    shutil.copytree(source, target, copy_function=_copy_file, ignore=skipped)


def _copy_file(source: str, target: str) -> None:
    os.link(source, target) if source.endswith((".wav", ".flac")) else shutil.copy(source, target)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _lines(called: Called) -> set[str]:
    return set(called.said.splitlines())


def _pairs(dataset: Path) -> set[tuple[Any, ...]]:
    import pyarrow.parquet as pq

    rows = pq.read_table(dataset / "recipe.parquet").to_pylist()
    return {(row["pair_id"], row["utterance_id"]) for row in rows}


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((PROJECT / "docs" / "schemas" / name).read_bytes()))


def _breaks_schema(path: Path, name: str) -> bool:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return True
    return _row_breaks_schema(document, name)


def _row_breaks_schema(row: Any, name: str) -> bool:
    return not _validator(name).is_valid(json.loads(json.dumps(row, default=str)))
