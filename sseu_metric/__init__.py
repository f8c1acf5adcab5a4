"""SSEU-Bench, the numbers: what an audio language model heard, scored.

    answer text -> `parse_answer` -> prediction -> `score` -> `Scores` -> `results` (JSON), `compare`

WER of the transcript, macro accuracy of the scene, mean average precision of the events, with intervals that respect
clusters. The same modules are the `evaluate` metric and its Hub Space (`sseu.py`). Nothing here needs torch, except the
default text embedder.
"""

from .answers import ParsedAnswer, ParseStatus, parse_answer
from .conditions import CONDITIONS
from .embedder_protocol import Embedder, EmbedderError
from .embedders import make_embedder
from .labels import EVENTS, SCENES
from .scores import Scores
from .scoring import score
from .significance import Comparison, compare
from .summary import summarise

__all__ = [
    "CONDITIONS",
    "EVENTS",
    "SCENES",
    "Comparison",
    "Embedder",
    "EmbedderError",
    "ParseStatus",
    "ParsedAnswer",
    "Scores",
    "compare",
    "make_embedder",
    "parse_answer",
    "score",
    "summarise",
]
