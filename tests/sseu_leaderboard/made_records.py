"""Records of submissions, without submissions."""

from __future__ import annotations

from typing import Any

from sseu_dataset.records import VERSION
from sseu_leaderboard.intake.verified import Verified


def make_verified(system: str = "hf:lab/model", **more: Any) -> Verified:
    """A record of a submission, without scores unless they are given."""
    values: dict[str, Any] = {
        "sha256": "ab" * 32, "version": VERSION, "asked_sha256": "ef" * 32, "answers_sha256": "cd" * 32,
        "model": None, "frontend": "none", "kind": "system", "prompts": "project-1", "embedder": "exact",
        "stated_embedder": "exact", "runs": 1, "flags": (), "notes": (), "cells": {}, "factors": {},
    }  # fmt: skip
    return Verified(system=system, **(values | more))
