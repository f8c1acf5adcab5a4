"""What the records of `result.json`, `scores.json` and a submission have in common, and how one is read."""

from __future__ import annotations

import json
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sseu_dataset.validation import first_fault

SCHEMA_VERSION: Literal[1] = 1
"""Increased when a field of either file changes its name or meaning."""


class Record(BaseModel):
    """A part of a file: frozen, strict about types, without unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    def json_values(self) -> dict[str, Any]:
        """The record as JSON values, without fields that were never set."""
        return self.model_dump(mode="json", exclude_unset=True)

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps(self.json_values(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def replace(self, **values: Any) -> Self:
        """A checked copy with other values."""
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**kept, **values})


class IntervalRecord(Record):
    """A 95 % interval, in percent as the value it belongs to, or as a number per clip."""

    low: float
    high: float


_R = TypeVar("_R", bound=Record)


def parse_record(kind: type[_R], text: str | bytes, where: str, remedy: str = "") -> _R:
    """Parse the text of a file.

    Args:
        kind: `Result` or `ScoresFile`.
        text: Content of the file.
        where: The file, for messages.
        remedy: What to do about a damaged file; ends the message.

    Raises:
        ValueError: One message with file, field and value, and the remedy.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"{where}: {_fault(error)}{remedy and f'; {remedy}'}") from None


def _fault(error: ValidationError) -> str:
    """What is wrong; the version first, since a file of another version has other fields."""
    for fault in error.errors(include_url=False):
        if fault["loc"] == ("schema_version",):
            given = "none" if fault["type"] == "missing" else repr(fault["input"])[:40]
            return f"schema_version is {given}, this version of the project reads {SCHEMA_VERSION}"
    return first_fault(error)
