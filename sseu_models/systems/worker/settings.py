"""Settings of a worker: read from its file, filled with the values given."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, create_model

from sseu_models.child_environment import child_environment
from sseu_models.records import Json
from sseu_models.systems.settings import Settings, read_settings


class ProcessSettings(Settings):
    """What `--setting` may set for every worker, beside the settings in its file; only the names in `env` are recorded.

    Attributes:
        python: Interpreter of the worker's environment; the one made by `sseu systems setup` by default, ours for a
            worker file of your own.
        timeout_s: Maximum time for one answer.
        start_timeout_s: Maximum time to load the model.
        stderr_log: File to which the worker's stderr is appended; a new one in the temporary folder by default.
        env: Names of further environment variables that the worker gets, joined by commas; see `child_environment`.
        allow_pickle: Let `torch.load` run code that a file of weights names.
    """

    python: str | None = None
    timeout_s: float = Field(default=300.0, gt=0)
    start_timeout_s: float = Field(default=1800.0, gt=0)
    stderr_log: str | None = None
    # A value given by mistake, as in env=NAME=VALUE, may be a secret: it is not repeated.
    env: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*(,[A-Za-z_]\w*)*$", repr=False)
    allow_pickle: bool = False

    def environment(self) -> dict[str, str]:
        """The worker's environment variables.

        Raises:
            ValueError: A variable that `env` names is not set.
        """
        names = self.env.split(",") if self.env else []
        if unset := [name for name in names if name not in os.environ]:
            raise ValueError(f"--setting env names {', '.join(unset)}, which is not set")
        pickles = (
            {"SSEU_ALLOW_PICKLE": "1", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
            if self.allow_pickle
            else {"TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1"}  # also where upstream's own code loads
        )
        return child_environment(*names) | pickles


def read_defaults(file: Path) -> dict[str, Json]:
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
    name: str, defaults: Mapping[str, Json], fixed: Mapping[str, Json], given: Mapping[str, Any]
) -> tuple[ProcessSettings, dict[str, Json]]:
    """The settings of the process and those of the worker itself, in which existing paths become absolute.

    Args:
        name: The system, for messages.
        defaults: `SETTINGS` of the worker file; a value must have the type of its default, or be a string for None.
        fixed: Settings that the worker's name decides; they cannot be given.
        given: Values by name, of both kinds.

    Raises:
        ValueError: A name is unknown or fixed, or a value is of another type than the default.
    """
    if taken := sorted(defaults.keys() & ProcessSettings.model_fields):
        raise ValueError(f"{name}: SETTINGS of its file holds {', '.join(taken)}, a setting of every worker; rename it")
    fields: dict[str, Any] = {
        # The alias is the setting's name, which may be one that pydantic does not allow for a field.
        f"own_{key}": (str | None if default is None else type(default), Field(default=default, alias=key))
        for key, default in defaults.items()
        if key not in fixed
    }
    model = create_model("WorkerSettings", __base__=ProcessSettings, **fields)
    read = read_settings(name, model, given)
    own: dict[str, Json] = read.model_dump(by_alias=True, exclude=set(ProcessSettings.model_fields))
    for key, value in own.items():
        path = Path(value).expanduser() if isinstance(value, str) and value else None
        if path is not None and path.exists():
            own[key] = os.path.abspath(path)
    return read, {**own, **fixed}
