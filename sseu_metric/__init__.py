r"""The metrics of SSEU-Bench: what an audio language model heard in mixtures of speech and background, scored.

    raw answer -> `parse_answer` -> prediction -> `score` -> `Scores` -> `summarise` (plain JSON values), `compare`

WER of the transcript (lower is better), macro-average accuracy of the scene and mean average precision of the sound
events, in percent, with 95 % intervals that respect clusters of clips. Scenes and events are answered in free text and
compared with the labels by a text embedder.

>>> from sseu_metric import compare, score, summarise
>>> references = [
...     {"id": "a", "transcript": "please call Stella", "scene": "Home", "events": ["Dog", "Dishes"]},
...     {"id": "b", "transcript": "six spoons of peas", "scene": "Restaurant", "events": ["Dishes"]},
... ]
>>> ours = [
...     "Transcript: Please call Bella.\nScene: home\nEvents: dog; dishes",
...     {"transcript": "six spoons of peas", "scene": "Restaurant", "events": ["Dishes"]},
... ]
>>> scores = score(ours, references, embedder="exact")
>>> round(scores.value("wer"), 2), scores.value("macc"), scores.value("map")
(14.29, 100.0, 100.0)
>>> summarise(scores)["counts"]["asr"]
{'answers': 2, 'answered': 1, 'labelled': 1, 'runaway': 0}
>>> theirs = score(["Transcript: please", None], references, embedder="exact")  # None: it never came
>>> round(compare(scores, theirs, "wer").difference, 2)
-71.43

Constants: `SCENES` and `EVENTS` (class ids are positions), `CONDITIONS` (the paper's seven), `TASKS`, `METRICS`.

The same modules are the `evaluate` metric and its Hub Space (sseu.py). Only the default text embedder needs torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer_values import ParseStatus
    from .answers import ParsedAnswer, parse_answer
    from .averages import Average, average
    from .conditions import CONDITIONS
    from .embedder_protocol import Embedder, EmbedderError
    from .embedders import make_embedder
    from .intervals import Interval
    from .labels import EVENTS, SCENES
    from .scores import Scores
    from .scoring import score
    from .significance import Comparison, compare
    from .summary import summarise
    from .tasks import METRICS, TASKS

__all__ = [
    "CONDITIONS",
    "EVENTS",
    "METRICS",
    "SCENES",
    "TASKS",
    "Average",
    "Comparison",
    "Embedder",
    "EmbedderError",
    "Interval",
    "ParseStatus",
    "ParsedAnswer",
    "Scores",
    "average",
    "compare",
    "make_embedder",
    "parse_answer",
    "score",
    "summarise",
]

_MODULES = {
    "CONDITIONS": "conditions",
    "EVENTS": "labels",
    "METRICS": "tasks",
    "SCENES": "labels",
    "TASKS": "tasks",
    "Average": "averages",
    "Comparison": "significance",
    "Embedder": "embedder_protocol",
    "EmbedderError": "embedder_protocol",
    "Interval": "intervals",
    "ParseStatus": "answer_values",
    "ParsedAnswer": "answers",
    "Scores": "scores",
    "average": "averages",
    "compare": "significance",
    "make_embedder": "embedders",
    "parse_answer": "answers",
    "score": "scoring",
    "summarise": "summary",
}
"""Where each name is: a module is loaded at the first use of one of its names, since patterns of answers take long."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
