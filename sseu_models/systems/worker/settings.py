"""Settings of a worker: read from its file, filled with what the user gave, written without paths."""

from __future__ import annotations

import ast
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sseu_models.records import Json


def read_settings(file: Path) -> dict[str, Json]:
    """The `SETTINGS` of a worker file, without running it.

    Raises:
        ValueError: The file is not Python, or has no literal `SETTINGS`.
    """
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    except SyntaxError as error:
        raise ValueError(f"worker file {file} is not valid Python: {error}") from error
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and any(isinstance(target, ast.Name) and target.id == "SETTINGS" for target in targets):
            try:
                settings = ast.literal_eval(value)
            except ValueError as error:
                raise ValueError(f"worker file {file}: SETTINGS must be a dict of plain values: {error}") from error
            if isinstance(settings, dict) and all(isinstance(key, str) for key in settings):
                return settings
    raise ValueError(f"worker file {file} has no SETTINGS = {{...}}, a dict of names and defaults (it may be empty)")


def fill_settings(
    name: str, defaults: Mapping[str, Json], fixed: frozenset[str], given: Mapping[str, Any]
) -> dict[str, Json]:
    """The defaults with the given values in their places; existing paths become absolute.

    Raises:
        ValueError: A name is unknown or fixed, or a value is of another type than the default.
    """
    known = [key for key in defaults if key not in fixed]
    for key, value in given.items():
        if key not in known:
            raise ValueError(
                f"{name} has no setting {key!r}; there are {', '.join(known)} and python, timeout_s, start_timeout_s, "
                "stderr_log"
            )
        default = defaults[key]
        wanted = type(default) if default is not None else str
        if isinstance(value, int) and not isinstance(value, bool) and wanted is float:
            continue
        if (value is not None and type(value) is not wanted) or (value is None and default is not None):
            raise ValueError(f"{name}: {key} must be {wanted.__name__} like its default {default!r}, not {value!r}")
    filled = {**defaults, **given}
    for key, value in filled.items():
        path = Path(value).expanduser() if isinstance(value, str) and value else None
        if path is not None and path.exists():
            filled[key] = os.path.abspath(path)
    return filled


def public_value(value: Json) -> Json:
    """A setting as it travels with the answers: of a path the last part, and the commit or size it has."""
    if not (isinstance(value, str) and os.path.isabs(value) and os.path.exists(value)):
        return value
    path = Path(value)
    if path.is_file():
        return f"{path.name} ({path.stat().st_size} bytes)"
    with contextlib.suppress(OSError):
        head = (path / ".git" / "HEAD").read_text().strip()
        commit = (path / ".git" / head[5:]).read_text().strip() if head.startswith("ref: ") else head
        return f"{path.name}@{commit[:12]}"
    return path.name
