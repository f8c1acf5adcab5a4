"""Write the JSON Schemas of the records that are read back from disk: `make schemas`."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

from pydantic import TypeAdapter

FOLDER = Path(__file__).resolve().parent / "schemas"

RECORDS = {
    "manifest": "sseu_dataset.manifest:Manifest",
    "versions": "sseu_dataset.published.versions:VersionsFile",
    "edition": "sseu_dataset.editions.edition:Edition",
    "recipe-row": "sseu_dataset.recipe_rows:RecipeRow",
    "prompt-file": "sseu_models.prompts:PromptFile",
    "result": "sseu_models.results.records:Result",
    "scores": "sseu_models.results.scores_file:ScoresFile",
    "board": "sseu_leaderboard.web.export:BoardFile",
    "notices": "sseu_leaderboard.notices:NoticesFile",
    "submission": "sseu_hub.submission:SubmissionFile",
}
"""File name of each schema, and the record it is of."""


def schemas() -> dict[str, str]:
    """The text of each schema by file name."""
    made = {}
    for name, place in RECORDS.items():
        module, _, record = place.partition(":")
        schema = TypeAdapter(getattr(importlib.import_module(module), record)).json_schema()
        made[f"{name}.json"] = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return made


if __name__ == "__main__":
    for file, text in schemas().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
