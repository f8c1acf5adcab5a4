"""What `scores.json` holds, as typed records: a pure function of the answers, in percent throughout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, NonNegativeInt

from sseu_metric.normalisers import Unit
from sseu_models.records import TASKS
from sseu_models.results.hallucinations import HallucinatedEvents, Memory, NoiseProbe
from sseu_models.results.record import IntervalRecord, Record
from sseu_models.results.records import Condition

# Keys of mappings are `str` to readers, who loop over names, and one of these names to the validator.
Metric: TypeAlias = Annotated[str, Field(pattern="^(wer|wer_capped|macc|map)$")]
SpellingMetric: TypeAlias = Annotated[str, Field(pattern="^(cer|wer_lenient)$")]
CorpusMetric: TypeAlias = Annotated[str, Field(pattern="^map_within_corpus$")]
ModeName: TypeAlias = Annotated[str, Field(pattern=f"^({'|'.join(TASKS)})$")]
TaskName: TypeAlias = Annotated[str, Field(pattern="^(asr|asc|at)$")]


class Clusters(Record):
    """What the intervals of a metric are about (`sseu_metric.jackknife`).

    Attributes:
        by: What was left out one by one: `speaker`, `sentence`, `recording`; `row` where the references name none.
        missing: What should have been, but not every reference names it: the intervals are too narrow.
        fixed_strata: Scenes of one recording (or "", all speech by one speaker), which were held as they are.
        unknown: Why there is no interval, in words, by the key that is null in `intervals`.
    """

    by: tuple[str, ...]
    missing: tuple[str, ...]
    fixed_strata: tuple[str, ...]
    unknown: Mapping[str, str]


class Average(Record):
    """What the average of a metric is over.

    Attributes:
        conditions: The conditions it is the plain mean of, from `+inf` down; empty where there is no average.
        finite: The mean over the dataset's finite conditions, as in Table 2 of the paper, in percent; None where one
            of them was not asked or never answered.
    """

    conditions: tuple[Condition, ...]
    finite: float | None


class LeftOut(Record):
    """Classes without a reference row, over which no mean is formed."""

    scenes: tuple[str, ...]
    events: tuple[str, ...]


class EmbedderIdentity(Record):
    """The text embedder behind mACC and mAP."""

    id: str
    revision: str | None
    dimension: int | None


class NameRecord(Record):
    """A name on which the embedder and the table of names do not agree (`sseu_metric.matching.NamedOften`).

    Attributes:
        name: As the system wrote it, cut at 80 characters; untrusted.
        embedder: The label nearest to it; None where several are equally near.
        table: What the table says it means: empty for no label, None where the table does not know it.
        count: In how many answers it stands.
    """

    name: str
    embedder: str | None
    table: tuple[str, ...] | None
    count: NonNegativeInt


class MatchingRecord(Record):
    """`macc` or `map` of the same names through the embedder and through the table (`sseu_metric.matching.Matching`).

    Attributes:
        table: Version of the table of names.
        by_embedder: In percent: the headline.
        by_table: In percent.
        difference: By the table minus by the embedder, in points.
        interval: Of the difference; null where nothing tells how much it varies.
        named: Names in all answers together.
        unknown: Those that the table does not know.
        disagreeing: Those that it knows, and the label nearest to them is not what it says.
        disagreements: The most frequent of these.
        unknown_names: The most frequent ones that the table does not know.
    """

    table: str
    by_embedder: float
    by_table: float
    difference: float
    interval: IntervalRecord | None
    named: NonNegativeInt
    unknown: NonNegativeInt
    disagreeing: NonNegativeInt
    disagreements: tuple[NameRecord, ...]
    unknown_names: tuple[NameRecord, ...]


class _Values(Record):
    """The metrics that were asked and answered, in percent."""

    wer: float | None = None
    wer_capped: float | None = None
    macc: float | None = None
    map: float | None = None

    def value(self, metric: Metric) -> float | None:
        """A metric in percent: the mean over runs of the plain mean over conditions.

        None where it was not asked, or no answer came in a run and condition that it would average.
        """
        found: float | None = getattr(self, metric)
        return found


class RunScores(_Values):
    """The metrics of one run."""

    run: NonNegativeInt
    by_condition: Mapping[Condition, Mapping[Metric, float]]


class Spelling(Record):
    """How much of the WER of a mode is spelling (`sseu_metric.spelling`).

    Attributes:
        rule: Name and version of what counts as spelling.
        word_errors: All word errors of all answers.
        words_lost: How many of them are spelling alone.
        cer: Character error rate in percent, averaged as WER.
        wer_lenient: Word error rate without what is spelling alone, in percent.
        by_condition: Both in each condition.
        intervals: For both the interval of the average (`all`) and of each condition.
    """

    rule: str
    word_errors: NonNegativeInt
    words_lost: NonNegativeInt
    cer: float | None = None
    wer_lenient: float | None = None
    by_condition: Mapping[Condition, Mapping[SpellingMetric, float]]
    intervals: Mapping[SpellingMetric, Mapping[str, IntervalRecord | None]]


class SkillRecord(Record):
    """A score beside a floor (`sseu_metric.floors.Skill`), in percent.

    Attributes:
        floor: The metric of the floor's answers.
        floor_interval: Its interval; null where nothing tells how much it varies.
        skill: Share of the way from the floor to the ceiling; null where the floor is the ceiling.
        interval: Of the skill; null where nothing tells how much it varies, and of answers that are the fixed floor.
    """

    floor: float
    floor_interval: IntervalRecord | None
    skill: float | None
    interval: IntervalRecord | None


class WithinCorpus(Record):
    """MAP with each class ranked only among the clips of the corpora that annotate it (`sseu_metric.summary`).

    Attributes:
        map_within_corpus: In percent, averaged as mAP.
        by_condition: The same in each condition.
        by_event: Average precision of each event.
        intervals: Of the average (`all`) and of each condition.
    """

    map_within_corpus: float
    by_condition: Mapping[Condition, Mapping[CorpusMetric, float]]
    by_event: Mapping[str, float]
    intervals: Mapping[str, IntervalRecord | None] = {}


class ModeScores(_Values):
    """The scores of one mode, all in percent (`sseu_metric.summarise`).

    Attributes:
        pooled: Each metric over all answers together.
        by_condition: Each metric in each condition that was asked; without those in which no answer came.
        by_corpus: Each metric on the clips whose background is from a corpus.
        by_scene: Recall of each scene.
        by_event: Average precision of each event.
        left_out: Classes without reference rows.
        intervals: For each metric the interval of the average (`all`) and of each condition; null where nothing tells
            how much it varies.
        clusters: For each metric what its intervals are about.
        matching: For `macc` and `map` of answers in words: how much of the score is matching names with labels.
        skill: For `wer`, `macc` and `map` how far the score is above each floor, on average (`all`) and by condition.
        within_corpus: MAP of classes ranked within the corpora that annotate them; None where no corpus is named.
        hallucinated_events: Events named in the answer but not annotated; None where no answer is in words.
        memory: Silenced words that the transcript contains nevertheless; None without the front end `cut-speech`.
        counts: For each task how many answers there are, and how many in which status.
        undefined: For each task without a value: why.
        complete: Whether every question that was asked has an answer.
        embedder: The text embedder; None where only scores per label were given.
        normalizer: Name and version of the text normaliser; None without ASR.
        asr_unit: What errors of transcripts are counted in; of `character` `wer` is the character error rate, and the
            silenced and hallucinated words are characters. Not written where it is `word`.
        spelling: How much of the WER is spelling; None without ASR, and where characters are counted.
        by_run: The metrics of each run.
        averages: For each metric what its average is over.
    """

    pooled: Mapping[Metric, float | None]
    by_condition: Mapping[Condition, Mapping[Metric, float]]
    by_corpus: Mapping[str, Mapping[Metric, float]]
    by_scene: Mapping[str, float]
    by_event: Mapping[str, float]
    left_out: LeftOut
    undefined: Mapping[TaskName, str] = {}
    intervals: Mapping[Metric, Mapping[str, IntervalRecord | None]]
    clusters: Mapping[Metric, Clusters]
    matching: Mapping[Metric, MatchingRecord] = {}
    skill: Mapping[Metric, Mapping[str, Mapping[str, SkillRecord]]] = {}
    within_corpus: WithinCorpus | None = None
    hallucinated_events: HallucinatedEvents | None = None
    memory: Memory | None = None
    counts: Mapping[TaskName, Mapping[str, NonNegativeInt]]
    complete: bool
    embedder: EmbedderIdentity | None
    normalizer: str | None
    asr_unit: Unit = "word"
    spelling: Spelling | None = None
    by_run: tuple[RunScores, ...]
    averages: Mapping[Metric, Average]


class ScoresFile(Record):
    """`scores.json`: the metrics of each mode, a pure function of the answers.

    Attributes:
        modes: The scores of each mode that was asked.
        limitations: Why they are not scores of the whole benchmark of the paper (`Result.limitations`); empty if they
            are.
        noise_probe: For each mode hallucinations where nothing is to be heard: words (`asr`), events (`at`); empty
            where that was not asked.
        schema_version: Version of the schema.
    """

    modes: Mapping[ModeName, ModeScores]
    limitations: tuple[str, ...] = ()
    noise_probe: Mapping[ModeName, Mapping[TaskName, NoiseProbe]] = {}
    schema_version: Literal[1]
