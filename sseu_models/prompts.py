"""What systems are told: prompt sets, from the package or from a user's TOML file (docs/prompts.md).

A set is a file with an `id` and a list of `[[prompt]]` tables. Nothing is taken from one set to complete another: a
prompt that a run needs and the file lacks is an error.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, cast

from sseu_models.records import TASKS, Mode, Prompt, Task

__all__ = ["MAX_BYTES", "PromptSet", "load_prompts", "prompt_sha256"]

MAX_BYTES = 100_000
"""The longest prompt file; a longer one is hardly a prompt file."""

_OURS = "project-1"
_ANY_FAMILY = "*"
_NEEDED = ("id", "mode", "task", "user")
_OPTIONAL = ("family", "system")


@dataclass(frozen=True, slots=True)
class PromptSet:
    """Prompts for modes, tasks and families.

    Attributes:
        id: Name and version of the set.
        prompts: In the order of the file, one at most for each mode, task and family.
        file: Where they were read, for messages.
        families: What a system may name: the families of the project's prompts and of this set, sorted.
    """

    id: str
    prompts: tuple[Prompt, ...]
    file: str
    families: tuple[str, ...]

    def find(self, mode: Mode, task: Task, family: str) -> Prompt:
        """The prompt for a family of models, or else the one for any.

        Args:
            mode: How it is asked.
            task: What is asked.
            family: Of the system; `*` names none.

        Raises:
            ValueError: The family is unknown, or there is neither prompt.
        """
        if family not in (_ANY_FAMILY, *self.families):
            raise ValueError(
                f"{self.file}: unknown prompt family {family!r}; there are {', '.join(self.families)}. Name one of "
                f"them, {_ANY_FAMILY!r} for the prompts of any model, or give --prompts a file that has it"
            )
        found = {prompt.family: prompt for prompt in self.prompts if (prompt.mode, prompt.task) == (mode, task)}
        if family in found:
            return found[family]
        if _ANY_FAMILY in found:
            return found[_ANY_FAMILY]
        raise ValueError(
            f"{self.file}: no prompt with mode {mode!r}, task {task!r} and family {family!r} or '*'"
            f"{'; there are ' + ', '.join(map(repr, found)) if found else ''}. Add one, or leave that mode out"
        )


def prompt_sha256(prompt: Prompt) -> str:
    """The hash of what a system is told: of task, mode, system message and user text, as JSON with sorted keys."""
    told = {"task": prompt.task, "mode": prompt.mode, "system": prompt.system, "user": prompt.user}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def load_prompts(path: str | Path | None = None) -> PromptSet:
    """Read a prompt set.

    Args:
        path: A TOML file; None for the project's own prompts.

    Raises:
        ValueError: There is no such file, or it is no prompt set; the message names the file, the prompt and the key.
    """
    if path is None:
        text = (resources.files("sseu_models") / "prompt_sets" / f"{_OURS}.toml").read_text(encoding="utf-8")
        return _parse(text, f"{_OURS}.toml", ours=True)
    loaded, ours = _parse(_read(Path(path)), str(path), ours=False), load_prompts()
    _check_borrowed_ids(loaded, ours)
    return replace(loaded, families=tuple(sorted({*loaded.families, *ours.families})))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such prompt file; without one the project's own prompts are used") from None
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path}: longer than {MAX_BYTES:,} bytes; is it a prompt file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _parse(text: str, file: str, *, ours: bool) -> PromptSet:
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"{file}: not TOML: {error or type(error).__name__}") from None
    unknown = sorted(content.keys() - {"id", "prompt"})
    if unknown:
        raise ValueError(f"{file}: unknown key {unknown[0]!r}; there are 'id' and the tables [[prompt]]")
    set_id = _text(content, "id", file)
    tables = content.get("prompt")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise ValueError(f"{file}: no prompts; each begins with a line [[prompt]]")
    prompts = tuple(_prompt(table, f"{file}, prompt {number}", ours) for number, table in enumerate(tables, 1))
    _check_doubles(prompts, file)
    families = {prompt.family for prompt in prompts} - {_ANY_FAMILY}
    return PromptSet(set_id, prompts, file, tuple(sorted(families)))


def _prompt(table: dict[str, Any], where: str, ours: bool) -> Prompt:
    if isinstance(table.get("id"), str):
        where = f"{where} ({table['id'][:80]})"
    unknown = sorted(table.keys() - {*_NEEDED, *_OPTIONAL})
    if unknown:
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; there are {', '.join((*_NEEDED, *_OPTIONAL))}")
    values = {key: _text(table, key, where) for key in (*_NEEDED, *_OPTIONAL) if key in _NEEDED or key in table}
    mode, task = values["mode"], values["task"]
    if mode not in TASKS:
        raise ValueError(f"{where}: mode is {mode!r}, expected one of {', '.join(TASKS)}")
    if task not in TASKS[cast("Mode", mode)]:
        raise ValueError(f"{where}: task is {task!r}, in mode {mode} one of {', '.join(TASKS[cast('Mode', mode)])}")
    return Prompt(
        id=values["id"],
        task=task,
        mode=cast("Mode", mode),
        system=values.get("system"),
        user=values["user"],
        source=values["id"].partition("/")[0] if ours else "user file",
        family=values.get("family", _ANY_FAMILY),
    )


def _text(table: dict[str, Any], key: str, where: str) -> str:
    if key not in table:
        raise ValueError(f"{where}: the key {key!r} is missing")
    value = table[key]
    if not isinstance(value, str):
        raise ValueError(f"{where}: {key} is of type {type(value).__name__}, a string is needed")
    if not value.strip():
        raise ValueError(f"{where}: {key} is blank")
    return value


def _check_doubles(prompts: tuple[Prompt, ...], file: str) -> None:
    ids: set[str] = set()
    places: dict[tuple[str, str, str], str] = {}
    for prompt in prompts:
        if prompt.id in ids:
            raise ValueError(f"{file}: the id {prompt.id!r} is given twice")
        ids.add(prompt.id)
        place = (prompt.mode, prompt.task, prompt.family)
        if place in places:
            raise ValueError(
                f"{file}: {places[place]!r} and {prompt.id!r} are both for mode {prompt.mode!r}, task {prompt.task!r}, "
                f"family {prompt.family!r}"
            )
        places[place] = prompt.id


def _check_borrowed_ids(loaded: PromptSet, ours: PromptSet) -> None:
    """Refuse other words under a name of ours: a result would show them as the project's."""
    if loaded.id == ours.id:
        raise ValueError(f"{loaded.file}: the id {ours.id!r} is that of the project's own set; give yours another")
    hashes = {prompt.id: prompt_sha256(prompt) for prompt in ours.prompts}
    for prompt in loaded.prompts:
        if prompt.id in hashes and prompt_sha256(prompt) != hashes[prompt.id]:
            raise ValueError(
                f"{loaded.file}: {prompt.id!r} is a prompt of the project, in other words; give yours an id of its own"
            )
