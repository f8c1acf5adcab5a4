"""The leaderboard. All scores are recomputed server-side from the submitted answers.

    >>> from sseu_leaderboard import write_references
    >>> references = write_references("sseu-bench", "references")
    >>> [(version, one.dataset.pairs) for version, one in references.by_version.items()]
    [('1.0.0rc1', 9)]

`serve_board("references", results="submissions")` would serve the page, `export_board` writes it to files;
`prepare_space` and `push_space` publish it as a Space on the Hugging Face Hub, and `withdraw` and `supersede` say what
became of a submission.
"""

from sseu_leaderboard.intake.confinement import IntakeError
from sseu_leaderboard.intake.reference import BoardReference, References, read_references, write_references
from sseu_leaderboard.notices import Notice, supersede, withdraw
from sseu_leaderboard.publishing import Space, prepare_space, push_space
from sseu_leaderboard.web.server import export_board, serve_board

__all__ = [
    "BoardReference",
    "IntakeError",
    "Notice",
    "References",
    "Space",
    "export_board",
    "prepare_space",
    "push_space",
    "read_references",
    "serve_board",
    "supersede",
    "withdraw",
    "write_references",
]
