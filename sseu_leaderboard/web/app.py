"""BoardRow point of the Space, where this file is `app.py` beside the folder `references`.

The Space's variables are the settings: SSEU_RESULTS_REPO names the dataset of the submissions; SSEU_ALLOW_CUSTOM=1,
SSEU_EMBEDDER and SSEU_EVERY_S stand for the options of `sseu board serve`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sseu_leaderboard.intake.confinement import IntakeError
from sseu_leaderboard.publishing import ALLOW_CUSTOM, EMBEDDER, LOOK_EVERY_S, REFERENCES, RESULTS_REPO
from sseu_leaderboard.web.server import EVERY_S, serve_board


def main() -> int:
    """Serve the Space's board; returns the exit status."""
    try:
        serve_board(
            Path(__file__).with_name(REFERENCES),
            results_repo=os.environ.get(RESULTS_REPO),
            embedder=os.environ.get(EMBEDDER),
            allow_custom=os.environ.get(ALLOW_CUSTOM) == "1",
            every_s=float(os.environ.get(LOOK_EVERY_S, EVERY_S)),
        )
    except (IntakeError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
