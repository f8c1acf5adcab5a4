"""The leaderboard. All scores are recomputed server-side from the submitted answers.

    >>> from sseu_leaderboard import write_reference
    >>> reference = write_reference("sseu-bench", "references.jsonl")
    >>> reference.dataset.pairs, reference.conditions
    (9, ('+inf', '10', '5', '0', '-5', '-10', '-inf'))

`serve_board("references.jsonl", results="submissions")` would serve the page; `prepare_space` and `push_space` publish
it as a Space on the Hugging Face Hub.
"""

from sseu_leaderboard.intake.confinement import IntakeError
from sseu_leaderboard.intake.reference import BoardReference, read_reference, write_reference
from sseu_leaderboard.publishing import Space, prepare_space, push_space
from sseu_leaderboard.web.server import serve_board

__all__ = [
    "BoardReference",
    "IntakeError",
    "Space",
    "prepare_space",
    "push_space",
    "read_reference",
    "serve_board",
    "write_reference",
]
