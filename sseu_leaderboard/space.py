"""What the Space contains: entry point, card, requirements, reference, and the packages of this project it imports."""

from __future__ import annotations

from pathlib import Path

PACKAGES = ("sseu_dataset", "sseu_hub", "sseu_leaderboard", "sseu_metric", "sseu_models", "sseu_report")
REFERENCES = "references.jsonl"
RESULTS_REPO, ALLOW_CUSTOM = "SSEU_RESULTS_REPO", "SSEU_ALLOW_CUSTOM"
EMBEDDER, LOOK_EVERY_S = "SSEU_EMBEDDER", "SSEU_EVERY_S"
"""Variables of the Space; see `web.app`."""


def space_files(references: Path, project: Path | None = None) -> dict[str, Path]:
    """Every file of the Space by its path there; `app.py`, the card and the requirements are also at its root.

    Args:
        references: Reference file, from `write_reference`.
        project: Folder of this project's packages; by default where this module is.

    Raises:
        ValueError: There is no such reference file.
    """
    if not references.is_file():
        raise ValueError(f"{references}: no such file; make it with: sseu board reference DATASET FILE")
    project = project or Path(__file__).resolve().parents[1]
    files = {REFERENCES: references}
    files |= {name: project / "sseu_leaderboard" / name for name in ("README.md", "requirements.txt")}
    files["app.py"] = project / "sseu_leaderboard" / "web" / "app.py"
    for package in PACKAGES:
        for path in sorted((project / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                files[path.relative_to(project).as_posix()] = path
    return files
