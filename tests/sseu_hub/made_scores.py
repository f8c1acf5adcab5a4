"""Records of `scores.json` with chosen averages and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sseu_models.results.scores_file import LeftOut, ModeScores, ScoresFile


def made_scores(averages: Mapping[Any, Mapping[str, Any]]) -> ScoresFile:
    """Scores with these averages: mode -> metric -> percent."""
    modes = {
        mode: ModeScores(
            **values,
            pooled={},
            by_condition={},
            by_corpus={},
            by_scene={},
            by_event={},
            left_out=LeftOut(scenes=(), events=()),
            intervals={},
            resampled_by={},
            counts={},
            complete=True,
            embedder=None,
            normalizer=None,
            by_run=(),
            averages={},
        )
        for mode, values in averages.items()
    }
    return ScoresFile(modes=modes, schema_version=1)
