"""How systems are called in tables and plots: a name for readers in place of an id."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sseu_models.kinds import CASCADE_PREFIX, NO_FRONTEND, REFERENCE_PREFIX, TEXT_ONLY_PREFIX
from sseu_report.naming import printable

_KINDS = ("api", "asr", "clap", "hf", "python", "tagger", "worker")


def display_name(system: str, frontend: str = NO_FRONTEND) -> str:
    """A system's id without its kind, organisation, folder, address and revision; its front end behind it.

    `hf:Qwen/Qwen2-Audio-7B-Instruct` is `Qwen2-Audio-7B-Instruct`, `api:gpt-audio@https://host/v1` is `gpt-audio`.
    Ids of `control:` systems stay as they are: they are no models.

    Args:
        system: Id of the system, untrusted text.
        frontend: Name of the front end, `none` where there is none.
    """
    name = _name(system) or system
    return name if frontend == NO_FRONTEND else f"{name} + {frontend}"


def _name(system: str) -> str:
    kind, colon, rest = system.partition(":")
    if not colon or system.startswith(REFERENCE_PREFIX):
        return system
    if system.startswith(TEXT_ONLY_PREFIX):
        return f"{_name(rest)}, text only"
    if system.startswith(CASCADE_PREFIX):
        return " + ".join(map(_name, rest.split("+")))
    if kind == "python":
        return rest
    if kind not in _KINDS:
        return system
    model = rest.partition("@")[0].rstrip("/").rpartition("/")[2]
    return model.replace(":", " ")


def read_names(path: str | Path) -> dict[str, str]:
    """Names of one's own, from a TOML file of lines such as `"hf:lab/model" = "Ours"`.

    Args:
        path: The file; its keys are ids of systems as `result.json` has them, with ` + FRONTEND` where there is one.

    Raises:
        ValueError: The file cannot be read, is no TOML, or holds something else than names.
    """
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f'{path}: no file of names ({error}); write lines such as "hf:lab/model" = "Ours"') from None
    for system, name in found.items():
        if not isinstance(name, str) or not name.strip() or printable(name) != name:
            raise ValueError(f'{path}: the name of {system!r} is {name!r}; write lines such as "hf:lab/model" = "Ours"')
    return found
