"""Prompt templates: sets of them, from the package or from a user's TOML file (docs/prompts.md).

A set is a file with an `id` and a list of `[[prompt]]` tables. Nothing is taken from one set to complete another: a
prompt that a run needs and the file lacks is an error.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path

from sseu_dataset.records import STRICT
from sseu_dataset.validation import parse_json
from sseu_metric.suggestions import did_you_mean
from sseu_models.records import TASKS, Mode, Prompt, Task

MAX_BYTES = 100_000
"""Maximum size of a prompt file; a larger file is hardly one."""

PROMPT_SETS = ("project-1", "project-2", "project-3")
"""The project's own sets, of equal content in other words; the first is the default."""

ALL_PROMPTS = "all"
"""Stands for each of `PROMPT_SETS`, one run after the other (`sseu run --prompts all`)."""

_ANY_FAMILY = "*"
_REMEDY = "see docs/prompts.md"


@dataclass(frozen=True, slots=True)
class PromptTable:
    """A `[[prompt]]` table of a prompt file: a `Prompt` whose source is the file.

    Raises:
        ValueError: A text is blank, or the mode does not have the task.
    """

    __pydantic_config__ = STRICT

    id: str
    mode: Mode
    task: Task
    user: str
    system: str | None = None
    family: str = _ANY_FAMILY

    def __post_init__(self) -> None:
        for name in ("id", "user", "system", "family"):
            if getattr(self, name) is not None and not getattr(self, name).strip():
                raise ValueError(f"{name} is blank")
        if self.task not in TASKS[self.mode]:
            raise ValueError(f"task is {self.task!r}; in mode {self.mode} it is one of {', '.join(TASKS[self.mode])}")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """The content of a prompt file.

    Attributes:
        id: Name and version of the set.
        prompt: At most one table for each mode, task and family.

    Raises:
        ValueError: There is no table, or two have one id or one place.
    """

    __pydantic_config__ = STRICT

    id: str
    prompt: list[PromptTable]

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise ValueError("id is blank")
        if not self.prompt:
            raise ValueError("no prompts; each begins with a line [[prompt]]")
        ids: dict[tuple[str, str, str], str] = {}
        for table in self.prompt:
            if table.id in ids.values():
                raise ValueError(f"the id {table.id!r} is given twice")
            other = ids.setdefault((table.mode, table.task, table.family), table.id)
            if other != table.id:
                raise ValueError(
                    f"{other!r} and {table.id!r} are both for mode {table.mode!r}, task {table.task!r}, family "
                    f"{table.family!r}"
                )


@dataclass(frozen=True, slots=True)
class PromptSet:
    """Prompts for modes, tasks and families.

    Attributes:
        id: Name and version.
        prompts: In the order of the file, at most one for each mode, task and family.
        file: The file they come from, for messages.
        families: The families a system may name: those of the project's prompts and of this set, sorted.
    """

    id: str
    prompts: tuple[Prompt, ...]
    file: str
    families: tuple[str, ...]

    def find(self, mode: Mode, task: Task, family: str) -> Prompt:
        """The prompt for a family of models, or else the one for any.

        Args:
            mode: Mode of the question.
            task: Task of the question.
            family: Model family of the system; `*` names none.

        Raises:
            ValueError: The family is unknown, or there is neither prompt.
        """
        if family not in (_ANY_FAMILY, *self.families):
            raise ValueError(
                f"{self.file}: unknown prompt family {family!r}; there are {', '.join(self.families)}. Name one of "
                f"them, {_ANY_FAMILY!r} for the prompts of any model, or give --prompts a file that has it"
            )
        found = {prompt.family: prompt for prompt in self.prompts if (prompt.mode, prompt.task) == (mode, task)}
        if prompt := found.get(family) or found.get(_ANY_FAMILY):
            return prompt
        raise ValueError(
            f"{self.file}: no prompt with mode {mode!r}, task {task!r} and family {family!r} or '*'"
            f"{'; there are ' + ', '.join(map(repr, found)) if found else ''}. Add one, or leave that mode out"
        )


def prompt_sha256(prompt: Prompt) -> str:
    """SHA-256 of task, mode, system message and user text, as JSON with sorted keys."""
    hashed = {"task": prompt.task, "mode": prompt.mode, "system": prompt.system, "user": prompt.user}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def load_prompts(path: str | Path | None = None) -> PromptSet:
    """Read a prompt set.

    Args:
        path: One of `PROMPT_SETS`, or a TOML file; None for the first of them.

    Raises:
        ValueError: There is no such file, or it is not a prompt set; the message names file, prompt and key.
    """
    name = PROMPT_SETS[0] if path is None else str(path)
    if name in PROMPT_SETS:
        text = (resources.files("sseu_models") / "prompt_sets" / f"{name}.toml").read_text(encoding="utf-8")
        return _parse(text, f"{name}.toml", ours=True)
    if name == ALL_PROMPTS:
        raise ValueError(
            f"prompts {name!r} are {len(PROMPT_SETS)} runs, which `sseu run --prompts all` makes; here give one of "
            f"{', '.join(PROMPT_SETS)}, or a file"
        )
    loaded, ours = _parse(_read(Path(name)), name, ours=False), [load_prompts(one) for one in PROMPT_SETS]
    _check_borrowed_ids(loaded, ours)
    return replace(loaded, families=tuple(sorted({*loaded.families, *ours[0].families})))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ValueError(
            f"{path}: no such prompt file, and none of the project's sets ({', '.join(PROMPT_SETS)}); the first of "
            f"these is used without one{did_you_mean(str(path), PROMPT_SETS)}"
        ) from None
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
    tables = content.get("prompt")
    for number, table in enumerate(tables if isinstance(tables, list) else (), 1):
        name = f" ({table['id'][:80]})" if isinstance(table, dict) and isinstance(table.get("id"), str) else ""
        parse_json(PromptTable, json.dumps(table, default=str), f"{file}, prompt {number}{name}", _REMEDY)
    read = parse_json(PromptFile, json.dumps(content, default=str), file, _REMEDY)
    prompts = tuple(
        Prompt(**asdict(table), source=table.id.partition("/")[0] if ours else "user file") for table in read.prompt
    )
    families = {prompt.family for prompt in prompts} - {_ANY_FAMILY}
    return PromptSet(read.id, prompts, file, tuple(sorted(families)))


def _check_borrowed_ids(loaded: PromptSet, ours: Sequence[PromptSet]) -> None:
    """Refuse another text under an id of ours: a result would show it as the project's."""
    if loaded.id in PROMPT_SETS:
        raise ValueError(f"{loaded.file}: the id {loaded.id!r} is that of the project's own set; give yours another")
    hashes = {prompt.id: prompt_sha256(prompt) for one in ours for prompt in one.prompts}
    for prompt in loaded.prompts:
        if prompt.id in hashes and prompt_sha256(prompt) != hashes[prompt.id]:
            raise ValueError(
                f"{loaded.file}: {prompt.id!r} is a prompt of the project, with other text; give yours another id"
            )
