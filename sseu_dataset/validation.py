"""Records read back from disk: pydantic checks them strictly, and one message names file, field, value and remedy.

The records themselves are plain frozen dataclasses, so that importing them does not import pydantic. Rules beyond types
stand in a record's `__post_init__` and are reported the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sseu_dataset.records import DatasetError

if TYPE_CHECKING:
    from pydantic import ValidationError

T = TypeVar("T")
_MAX_SHOWN = 80


def parse_json(record: type[T], text: str | bytes, source: str, remedy: str) -> T:
    """Parse JSON into a record, without converting any type.

    Args:
        record: A dataclass, or a generic type such as `list[RecipeRow]`.
        text: The JSON text.
        source: The file, which begins the error's message.
        remedy: What to do about it, which ends the message.

    Raises:
        DatasetError: The text is not JSON, or a field is missing, unknown, of another type or out of range.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(record).validate_json(text, strict=True)
    except ValidationError as error:
        raise DatasetError(f"{source}: {first_fault(error)}; {remedy}") from None


def first_fault(error: ValidationError) -> str:
    """The first fault with its field and value, and the number of further ones."""
    faults = error.errors(include_url=False)
    fault = faults[0]
    field = ".".join(map(str, fault["loc"]))
    message = fault["msg"].removeprefix("Value error, ")
    value = repr(fault["input"])
    shows_value = fault["type"] not in ("missing", "value_error", "json_invalid") and len(value) <= _MAX_SHOWN
    further = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
    return f"{field}: {message}".removeprefix(": ") + (f", found {value}" if shows_value else "") + further
