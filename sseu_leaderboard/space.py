"""What the Space holds: the page, what it scores with, and the packages of this project that it needs."""

from __future__ import annotations

from pathlib import Path

PACKAGES = ("sseu_dataset", "sseu_hub", "sseu_leaderboard", "sseu_metric", "sseu_models", "sseu_report")
REFERENCES = "references.jsonl"


def space_files(references: Path, project: Path | None = None) -> dict[str, Path]:
    """Every file of the Space by its path there; `app.py`, the card and the requirements also stand at the top.

    Args:
        references: From `python -m sseu_leaderboard reference`.
        project: Folder of this project; by default where this module lies.

    Raises:
        ValueError: There is no such reference file.
    """
    if not references.is_file():
        raise ValueError(f"{references}: there is no such file; make it with: python -m sseu_leaderboard reference")
    project = project or Path(__file__).resolve().parents[1]
    files = {REFERENCES: references}
    files |= {name: project / "sseu_leaderboard" / name for name in ("README.md", "requirements.txt")}
    files["app.py"] = project / "sseu_leaderboard" / "web" / "app.py"
    for package in PACKAGES:
        for path in sorted((project / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                files[path.relative_to(project).as_posix()] = path
    return files
