"""Settings: types, ranges, and messages that help."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import Field, field_validator, model_validator

from sseu_models.systems.settings import Settings, read_settings


class Example(Settings):
    """One field of each kind."""

    temperature: float | None = Field(default=0.0, ge=0, le=2)
    batch_size: int = Field(default=8, ge=1)
    order: Literal["audio", "text"] = "audio"
    sampled: bool = False
    template: str = "{}"
    key: str | None = Field(default=None, pattern="^[A-Z]+$", repr=False)

    @field_validator("template")
    @classmethod
    def _has_place(cls, value: str) -> str:
        if "{}" not in value:
            raise ValueError("it must hold {}")
        return value

    @model_validator(mode="after")
    def _agree(self) -> Example:
        if self.sampled and self.temperature == 0:
            raise ValueError("sampled needs a temperature above 0")
        return self


def test_defaults_and_values_in_one_form() -> None:
    assert read_settings("x", Example, {}) == Example()
    assert read_settings("x", Example, {"temperature": None}).temperature is None
    assert repr(read_settings("x", Example, {"temperature": 1}).temperature) == "1.0"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"temprature": 1}, "x: no setting 'temprature'; did you mean 'temperature'? (it has temperature, batch_size"),
        ({"zzz": 1}, "x: no setting 'zzz' (it has temperature, batch_size, order, sampled, template, key)"),
        ({"temperature": "hot"}, "x: setting temperature='hot': it should be a valid number"),
        ({"temperature": True}, "setting temperature=True: it should be a valid number"),
        ({"temperature": float("nan")}, "setting temperature=nan: it should be a finite number"),
        ({"temperature": 3}, "setting temperature=3: it should be less than or equal to 2"),
        ({"batch_size": None}, "setting batch_size=None: it should be a valid integer"),
        ({"order": "both"}, "setting order='both': it should be 'audio' or 'text'"),
        ({"order": "texts"}, "setting order='texts': it should be 'audio' or 'text'; did you mean 'text'?"),
        ({"sampled": 1}, "setting sampled=1: it should be a valid boolean"),
        ({"sampled": True}, "x: sampled needs a temperature above 0"),
        ({"template": "sound"}, "setting template='sound': it must hold {}"),
        ({"batch_size": 0, "order": 1}, "x: setting batch_size=0: it should be greater than or equal to 1; setting"),
    ],
)
def test_problems_name_setting_value_and_rule(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^x: ") as caught:
        read_settings("x", Example, given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_confidential_value_is_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"^x: setting key: string should match pattern") as caught:
        read_settings("x", Example, {"key": "sk-proj-Secret"})
    assert "Secret" not in str(caught.value)


def test_a_system_without_settings() -> None:
    with pytest.raises(ValueError, match=r"^control:majority: no setting 'seed' \(it has none\)$"):
        read_settings("control:majority", Settings, {"seed": 1})
