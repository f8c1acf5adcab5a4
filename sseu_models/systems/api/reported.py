"""What a server says about itself: the model, its version, and what each answer states about its origin.

Servers state little and each something else: vLLM and SGLang list `max_model_len` and `root`, vLLM has `/version`,
SGLang a `version` in `/server_info`; in each answer stand `model` (OpenAI: the dated snapshot behind an alias) and
mostly `system_fingerprint` (vLLM: version and hash of its configuration, llama.cpp: its build). `transformers serve`
states the model alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sseu_metric.openai_client import redacted
from sseu_models.records import Json

VERSION_PATHS = ("/version", "/server_info")
"""Beside `/v1`: where vLLM and SGLang state a `version`."""

_PATH = re.compile(r"[/~\\]|\.{1,2}[/\\]|[A-Za-z]:[/\\]")
_ROTATING = "fp_"  # OpenAI, and services that follow it: changes from request to request with the machine that answers


def is_path(name: str) -> bool:
    """Whether a model's name is a path of the server's machine."""
    return _PATH.match(name) is not None


def public_name(name: str) -> str:
    """A model's name free of paths: a folder's own name, any other name as it is."""
    return (re.split(r"[/\\]", name.rstrip("/\\"))[-1] or name) if is_path(name) else name


def model_entries(body: object) -> dict[str, Mapping[str, Any]] | None:
    """The models in a decoded list of models, by name; None if it is not a list of models."""
    models = body.get("data") if isinstance(body, dict) else None
    if not isinstance(models, list):
        return None
    return {str(model["id"]): model for model in models if isinstance(model, dict) and "id" in model}


def about_model(entry: Mapping[str, Any], key: str) -> dict[str, Json]:
    """What an entry of the list of models says about the model, as recorded settings; never a path."""
    found: dict[str, Json] = {}
    for name in ("owned_by", "root"):
        if (value := _text(entry.get(name), key)) and not is_path(value):
            found[f"reported_{name}"] = value
    if type(length := entry.get("max_model_len")) is int:
        found["reported_max_model_len"] = length
    return found


def version_in(body: object, key: str) -> str | None:
    """The version in the decoded answer of one of `VERSION_PATHS`; None where it states none."""
    return _text(body.get("version"), key) if isinstance(body, dict) else None


def origin_of(body: Mapping[str, Any], key: str) -> dict[str, str]:
    """What a decoded answer states of `model` and `system_fingerprint`.

    A fingerprint that begins with `fp_` is left out: with such services it differs between answers of one model.
    """
    found = {name: _text(body.get(name), key) for name in ("model", "system_fingerprint")}
    return {
        name: value
        for name, value in found.items()
        if value and not (name == "system_fingerprint" and value.startswith(_ROTATING))
    }


def about_origin(origin: Mapping[str, str]) -> dict[str, Json]:
    """The origin of the first answer, as recorded settings."""
    return {f"reported_{name}": public_name(value) for name, value in origin.items()}


def shown(names: Sequence[str]) -> str:
    """The first names of a list, for a message."""
    return ", ".join(names[:10]) + (f", ... ({len(names)} in all)" if len(names) > 10 else "")


def _text(value: object, key: str) -> str:
    return redacted(value, key) if isinstance(value, str) else ""
