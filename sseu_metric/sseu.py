# ruff: noqa: F401
"""SSEU-Bench as an `evaluate` metric: `evaluate.load("sseu_metric/sseu.py")`, or `"<org>/sseu"` from the Hub.

This file is a module of the package, the module of the Hub Space and what `sseu metric install` puts into evaluate's
cache. evaluate copies only the siblings that this very file imports, on a line without a comment; so siblings that only
siblings need are imported here too. rapidfuzz, scipy and whisper_normalizer are imported here so that loading, not
scoring, says that they are missing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import datasets
import evaluate
import rapidfuzz
import scipy
import whisper_normalizer

from .answer_blocks import find_fields
from .answer_cleaning import normalise_text
from .answer_denials import REFUSAL
from .answer_headings import task_of
from .answer_json import find_objects
from .answer_leads import ASR_LEAD
from .answer_patterns import BULLET
from .answer_phrases import Phrase
from .answer_quotes import unquote
from .answer_remarks import REMARK
from .answer_scene_leads import SCENE_LEAD
from .answer_transcript import read_transcript
from .answer_values import ParseStatus
from .answers import parse_answer
from .averages import average
from .calibration import find_calibration
from .classification import mean_average_precision
from .clusters import jackknife_of
from .conditions import CONDITIONS
from .confidences import scene_confidences
from .embedder_protocol import Embedder
from .embedders import make_embedder
from .embedding_cache import EmbeddingCache
from .encoding import encode_predictions, encode_references, score_encoded, tasks_of
from .exact_embedder import ExactEmbedder
from .extras import require
from .floors import FLOORS
from .gaps import find_gaps
from .hallucinations import find_hallucinated_events
from .http_retries import pause_s
from .input_rows import as_rows
from .intervals import LEVEL
from .jackknife import make_jackknife
from .label_ceiling import map_under_rules
from .label_rules import events_under
from .labels import EVENTS, SCENES
from .lite import as_lite
from .match_names_events import EVENT_GROUPS
from .match_names_others import OTHER_SOUNDS
from .match_names_scenes import SCENE_GROUPS
from .match_table import meaning_of
from .matching import find_matching
from .memory import find_memory
from .metrics import value_of
from .normalisers import DEFAULT_NORMALISER, NORMALISERS
from .openai_client import Failure
from .openai_embedder import OpenAIEmbedder
from .power import Power
from .predictions import as_prediction
from .ranking import rank_ranges
from .references import read_references
from .replicates import ratio_replicates
from .rows import Rows
from .scores import Scores
from .scoring import score
from .secret_transport import is_this_machine
from .sentence_embedder import SentenceTransformersEmbedder
from .significance import Comparison
from .similarity import similarities
from .simulated_answers import draw_hits
from .spelling import SPELLING
from .suggestions import did_you_mean
from .summary import summarise
from .tasks import METRICS
from .wer import word_error_rate
from .worst_speakers import find_worst_speakers

_DESCRIPTION = """\
What an audio language model heard in mixtures of speech and background, after SSEU-Bench: word error rate of the
transcript (wer, lower is better), macro-average accuracy of the scene (macc) and mean average precision of the sound
events (map), all in percent, with 95 % intervals that respect clusters. Scenes and events are answered in free text and
compared with the labels by a text embedder. Configurations: joint (all three, the default), asr, asc, at.
"""

_INPUTS = """
Inputs of this metric (in a list, a NumPy array, a pandas Series or DataFrame, or a datasets.Dataset):
    predictions: one for each reference: {"transcript": str, "scene": str, "events": [str, ...]} (in asr, asc, at only
        the key of that task); or the model's raw answer as a string; or None for an answer that never came. A
        classifier gives "scene_scores" (6 numbers) and "event_scores" (18 numbers, label order) instead of names.
    references: mappings with the same three keys (label names or class ids), in asr also transcripts; or whole rows of
        the dataset: other columns are not read, and a row's condition decides which tasks it counts for.
    embedder: None or "default", "paper", "exact", "openai:<model>", "sentence-transformers:<id or folder>[@revision]",
        or an object with id, revision, dimension and embed(texts).
    normalizer: "whisper-english" (default), "basic", "basic-characters" (for languages other than English: errors are
        counted in characters, and wer is the character error rate; asr_unit says so) or "none".
    intervals: whether to compute 95 % intervals too (True).
The last three may be given to load(...) and to compute(...); the latter wins.
Returns a dict of plain values: wer, wer_capped, macc, map (as asked for), pooled, by_condition, by_corpus, by_scene,
by_event, spelling, left_out, undefined, intervals, clusters, counts, complete, embedder, normalizer. An answer that
never came counts as an empty one beside others. Where all answers to a task are None, or all in one of the conditions,
its metric is not in the dict, and `undefined` says why.
"""

_CITATION = """\
@misc{yin2025sseubench,
  author = {Han Yin and Jung-Woo Choi},
  title = {Can Large Audio Language Models Understand Audio Well? {S}peech, Scene and Events Understanding Benchmark for
           {LALMs}},
  year = {2025},
  eprint = {2509.13148},
  archivePrefix = {arXiv}
}
"""


@dataclass(frozen=True)
class _Settings:
    """How to score; see `_INPUTS`."""

    embedder: str | Embedder | None = None
    normalizer: str = DEFAULT_NORMALISER
    intervals: bool = True

    def changed(self, given: dict[str, Any]) -> _Settings:
        """The settings with some of them replaced."""
        unknown = given.keys() - set(_NAMES)
        if unknown:
            raise TypeError(f"unknown keywords {', '.join(sorted(unknown))}; the settings are {', '.join(_NAMES)}")
        return replace(self, **given)

    def __post_init__(self) -> None:
        """Refuse right away what would otherwise fail only after all answers are in."""
        if self.normalizer not in NORMALISERS:
            raise ValueError(f"unknown normalizer {self.normalizer!r}; there are {', '.join(NORMALISERS)}")
        if not isinstance(self.intervals, bool):
            raise ValueError(f"intervals is {self.intervals!r}; True or False is needed")


_NAMES = tuple(field.name for field in fields(_Settings))


class Sseu(evaluate.Metric):  # type: ignore[misc]  # evaluate has no types
    """The metric; `_INPUTS` says what goes in and what comes out.

    Each example waits in evaluate's Arrow file as two columns of JSON text (encoding.py), which hold null, nested lists
    and floats exactly and are the same for every configuration. `compute` takes what was added, whether it succeeds or
    fails; a batch with an error in it adds nothing.

    With several processes every `compute` has files of its own: under one name, as evaluate has it, a process that goes
    on at once writes the next rows where the first process still reads the last ones.
    """

    # evaluate's own state, which `_forget` clears.
    writer: Any
    data: Any
    buf_writer: Any
    selected_feature_format: Any
    file_paths: list[str] | None
    filelocks: list[Any] | None
    cache_file_name: str | None
    filelock: Any
    rendez_vous_lock: Any

    def __init__(self, config_name: str | None = None, **keywords: Any) -> None:
        """Take the settings among the keywords; the others are evaluate's own.

        Raises:
            ValueError: The configuration or the value of a setting is unknown.
            TypeError: A keyword is unknown.
            ImportError: The package of the named embedder is missing.
            EmbedderError: That embedder is not available.
        """
        own = inspect.signature(evaluate.Metric).parameters
        self._tasks = tasks_of("joint" if config_name is None else config_name)
        given = {name: keywords.pop(name) for name in list(keywords) if name in _NAMES or name not in own}
        self._settings = _Settings().changed(given)
        if self._settings.embedder is not None and self._tasks != ("asr",):
            self._settings = replace(self._settings, embedder=make_embedder(self._settings.embedder))
        super().__init__(config_name=config_name or "joint", seed=0, **keywords)  # nothing draws from NumPy's own state
        self._experiment = self.info.experiment_id
        self._rounds = 0

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("large_string")
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": text, "references": text}),
            homepage="https://arxiv.org/abs/2509.13148",
            reference_urls=["https://arxiv.org/abs/2509.13148", "https://arxiv.org/abs/2212.04356"],
        )

    def add(self, *, prediction: Any = None, reference: Any = None, **plural: Any) -> None:
        """Add one example; without a prediction, one whose answer never came.

        Raises:
            ValueError: There is no reference, or a value cannot be kept; row and key are named.
        """
        # evaluate.combine calls add(predictions=..., references=...) with one example.
        unknown = plural.keys() - {"predictions", "references"}
        if unknown:
            raise TypeError(f"unknown keywords {', '.join(sorted(unknown))}; add takes prediction and reference")
        prediction, reference = plural.get("predictions", prediction), plural.get("references", reference)
        self.add_batch(predictions=[prediction], references=[reference])

    def add_batch(self, *, predictions: Iterable[Any] | None = None, references: Iterable[Any] | None = None) -> None:
        """Add examples: as many predictions as references, in the same order.

        Raises:
            ValueError: One of the two is missing, they differ in length, or a value cannot be kept; row and key are
                named.
        """
        for name, value in (("predictions", predictions), ("references", references)):
            if value is None:
                raise ValueError(f"{name} are missing; give predictions and references")
        answers = encode_predictions(predictions, len(self))
        truth = encode_references(references, self.config_name, len(self))
        if len(answers) != len(truth):
            raise ValueError(
                f"{len(answers)} predictions for {len(truth)} references; give one for each, None for a missing answer"
            )
        super().add_batch(predictions=answers, references=truth)

    def compute(
        self, *, predictions: Iterable[Any] | None = None, references: Iterable[Any] | None = None, **settings: Any
    ) -> dict[str, Any] | None:
        """Score what was added, these examples included; None in a process that is not the first.

        Raises:
            ValueError: There is nothing to score, or something is wrong with it; row and key are named.
            TypeError: A keyword is not a setting.
            ImportError: The embedder's package is missing; the message is the line that installs it.
            EmbedderError: The embedder cannot answer.
        """
        try:
            self._settings.changed(settings)  # refused now, not when all is read
            if predictions is not None or references is not None:
                self.add_batch(predictions=predictions, references=references)
            elif self.num_process > 1 and self.writer is None:
                self.add_batch(predictions=[], references=[])  # a process without rows takes part as well
            if not len(self) and self.num_process == 1:
                raise ValueError("no predictions and references: there is nothing to score")
            found: dict[str, Any] | None = super().compute(**settings)
        finally:
            self._forget()
        return found

    def _compute(self, predictions: list[str], references: list[str], **settings: Any) -> dict[str, Any]:
        chosen = self._settings.changed(settings)
        options: dict[str, Any] = {"embedder": chosen.embedder, "normalizer": chosen.normalizer}
        scores = score_encoded(predictions, references, self.config_name, **options)
        return summarise(scores, intervals=chosen.intervals)

    def _forget(self) -> None:
        """Drop what is stored and free its files: after an exception evaluate itself keeps both."""
        if self.writer is not None:
            self.writer.close()
        held = dict(zip(self.file_paths or [], self.filelocks or [], strict=True))
        if self.cache_file_name is not None:
            held[self.cache_file_name] = self.filelock
        self.writer = self.data = self.buf_writer = self.selected_feature_format = None
        self.file_paths = self.filelocks = self.cache_file_name = self.filelock = None
        for path, lock in held.items():
            if lock.is_locked:
                Path(path).unlink(missing_ok=True)
                lock.release()
        if self.rendez_vous_lock is not None:
            self.rendez_vous_lock.release()
        if self.num_process > 1:
            if self.process_id == 0:  # no process comes back to the locks of this round
                for path in (*held, str(Path(self.data_dir) / f"{self.experiment_id}-{self.num_process}-rdv")):
                    Path(f"{path}.lock").unlink(missing_ok=True)
            self._rounds += 1
            self.info.experiment_id = f"{self._experiment}-{self._rounds}"
