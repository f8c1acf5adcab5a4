"""Uploads: their files are collected under fixed names, and the outcome of their check is told."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

from sseu_hub.submission import ANSWERS_GZ, Limits
from sseu_leaderboard.intake.verified import AVERAGE, Verified
from sseu_leaderboard.web.cells import score_of, shorten
from sseu_models.results.folder import RESULT, SCORES
from sseu_report.comparability import parentheses_notes
from sseu_report.naming import METRIC_NAMES


def collect(files: Sequence[str], folder: Path) -> None:
    """Copy the files of an upload under their fixed names.

    Raises:
        ValueError: A file is not part of a submission, comes twice, is too large, or is missing.
    """
    limits = Limits()
    sizes = {RESULT: limits.json_bytes, ANSWERS_GZ: limits.packed_bytes, SCORES: limits.json_bytes}
    for file in files:
        name = Path(file).name
        if name not in sizes:
            raise ValueError(f"{name[:80]!r} is not part of a submission; upload {RESULT} and {ANSWERS_GZ}")
        if (folder / name).exists():
            raise ValueError(f"{name} was uploaded twice; upload each file once")
        size = Path(file).stat().st_size
        if size > sizes[name]:
            raise ValueError(f"{name}: {size} bytes, at most {sizes[name]} are allowed")
        shutil.copyfile(file, folder / name)
    missing = [name for name in (RESULT, ANSWERS_GZ) if not (folder / name).exists()]
    if missing:
        raise ValueError(f"{' and '.join(missing)} missing; upload {RESULT} and {ANSWERS_GZ} together")


def render_refused(reason: str) -> str:
    """The reason why an upload is refused."""
    return f'<p class="fault"><strong>Refused.</strong> {escape(reason)}</p>'


def render_accepted(verified: Verified, kept: str) -> str:
    """The scores of an accepted upload.

    Args:
        verified: The upload as it was scored.
        kept: A sentence on whether it was stored.
    """
    rows = "".join(
        f'<tr><td class="text">{escape(mode)}</td><td class="text">{escape(METRIC_NAMES[metric])}</td>'
        f"<td>{score_of(columns[AVERAGE], not verified.limitations)}</td></tr>"
        for mode, metrics in verified.cells.items()
        for metric, columns in metrics.items()
    )
    flags = "".join(f'<p class="fault">Flagged: {escape(flag)}.</p>' for flag in verified.flags)
    flags += "".join(
        f'<p class="fault">Doubtful, {escape(mode)} {METRIC_NAMES[metric]}: {escape(one)}.</p>'
        for mode, marks in verified.marks.items()
        for metric, said in marks.items()
        for one in said
    )
    notes = "".join(f"<p>Note: {escape(note)}.</p>" for note in verified.notes)
    return (
        f'<p class="good"><strong>Accepted:</strong> {escape(shorten(verified.system))}.</p>'
        f"<p>{escape(kept)}</p>{flags}{notes}"
        f'<table><thead><tr><th class="text">Mode</th><th class="text">Metric</th><th>Average</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{_parentheses(verified)}"
    )


def _parentheses(verified: Verified) -> str:
    """The sentence below scores in parentheses."""
    shown = {verified.system: verified.limitations} if verified.limitations else {}
    return "".join(f"<p>{escape(note)}</p>" for note in parentheses_notes(shown))
