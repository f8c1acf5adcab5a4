"""Settings of a system: one typed model per kind, one check, one wording of what is wrong.

A kind declares a subclass of `Settings`; `read_settings` fills it from `--setting NAME=VALUE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from sseu_metric.suggestions import did_you_mean

SettingsT = TypeVar("SettingsT", bound="Settings")


class Settings(BaseModel):
    """Base of the settings of a kind: immutable, nothing unknown, no value of another type, no NaN or infinity.

    An integer may stand for a float and becomes one, so that 0 and 0.0 are the same settings. A field with
    `repr=False` holds something confidential: messages do not repeat its value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def read_settings(system: str, model: type[SettingsT], given: Mapping[str, Any]) -> SettingsT:
    """The settings given, the others at their defaults.

    Args:
        system: Kind or name of the system, the subject of messages.
        model: Names, types, ranges and defaults.
        given: Values by name.

    Raises:
        ValueError: A name is unknown (the message says which one is probably meant), or a value has another type or is
            out of range.
    """
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        problems = [_problem(model, details) for details in error.errors()]
    raise ValueError(f"{system}: {'; '.join(problems)}")


def _problem(model: type[Settings], details: ErrorDetails) -> str:
    message = details["msg"].removeprefix("Value error, ")
    if not details["loc"]:  # a rule about several settings
        return message
    name = str(details["loc"][0])
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if details["type"] == "extra_forbidden":
        known = f"it has {', '.join(fields)}" if fields else "it has none"
        return f"no setting {name!r}{did_you_mean(name, fields)} ({known})"
    message = message.replace("Input", "it", 1)
    words = message[0].lower() + message[1:]
    if details["type"] == "literal_error" and isinstance(details["input"], str):
        words += did_you_mean(details["input"], map(str, get_args(fields[name].annotation)))
    return f"setting {name}: {words}" if not fields[name].repr else f"setting {name}={details['input']!r}: {words}"
