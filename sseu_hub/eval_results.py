"""A result in the Hub's own formats on the model's page: `.eval_results/*.yaml` and `model-index`.

The Hub's leaderboards hold one number per task id, so a metric of a mode is a task: `asr_wer`, `joint_asc_macc`,
`cot_at_map` and so on, one file per mode. `model-index` holds the same numbers under the metrics' names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sseu_hub.publishing import MODES, TASK_IDS
from sseu_metric.tasks import METRIC_NAMES

if TYPE_CHECKING:
    from sseu_models.results.scores_file import ScoresFile

_HUB_TASKS = {
    "wer": ("automatic-speech-recognition", "Speech recognition in noise"),
    "macc": ("audio-classification", "Scene and sound events"),
    "map": ("audio-classification", "Scene and sound events"),
}
_DECIMALS = 4


def headline_scores(scores: ScoresFile) -> dict[str, dict[str, float]]:
    """Mode -> metric -> percent of `scores.json`; only modes that have task ids.

    Raises:
        ValueError: Transcripts were scored in characters; the tasks are of word error rates.
    """
    if units := [values.normalizer for values in scores.modes.values() if values.asr_unit != "word"]:
        raise ValueError(
            f"transcripts were scored in characters ({units[0]}), but the leaderboard's task is a word error rate; "
            "publish results on the benchmark"
        )
    return {
        mode: {metric: round(value, _DECIMALS) for metric in TASK_IDS if (value := getattr(values, metric)) is not None}
        for mode, values in scores.modes.items()
        if mode in MODES
    }


def eval_results_files(
    scores: ScoresFile, dataset: str, revision: str, *, date: str, source_url: str, notes: Mapping[str, str]
) -> dict[str, bytes]:
    """The files of `.eval_results/`, by path.

    Args:
        scores: Content of `scores.json`.
        dataset: Hub id of the benchmark.
        revision: Git SHA of its version.
        date: Date of the submission, ISO 8601.
        source_url: Address of the answers.
        notes: By mode, what a reader must know to compare.
    """
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    files = {}
    for mode, values in headline_scores(scores).items():
        entries = [
            EvalResultEntry(
                dataset_id=dataset,
                task_id=f"{MODES[mode]}{TASK_IDS[metric]}",
                value=value,
                dataset_revision=revision,
                date=date,
                source_url=source_url,
                source_name="SSEU-Bench answers",
                notes=notes[mode],
            )
            for metric, value in values.items()
        ]
        suffix = f"_{mode}" if MODES[mode] else ""
        text = yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True)
        files[f".eval_results/sseu-bench{suffix}.yaml"] = text.encode()
    return files


def with_model_index(card: str, model: str, scores: ScoresFile, dataset: str, revision: str, *, source_url: str) -> str:
    """A model card with these results in its `model-index`; its other results and text stay.

    Args:
        card: Text of the model's README.md, empty if there is none.
        model: Hub id of the model.
        scores: Content of `scores.json`.
        dataset: Hub id of the benchmark.
        revision: Git SHA of its version.
        source_url: Address of the answers.

    Raises:
        ValueError: The card's metadata cannot be read, or holds results of several models.
    """
    from huggingface_hub import EvalResult, ModelCard, ModelCardData

    ours = [
        EvalResult(
            task_type=_HUB_TASKS[metric][0],
            task_name=_HUB_TASKS[metric][1],
            dataset_type=dataset,
            dataset_name="SSEU-Bench",
            dataset_config="all",
            dataset_split="test",
            dataset_revision=revision,
            metric_type=metric,
            metric_name=f"{METRIC_NAMES[metric]} ({mode})",
            metric_value=value,
            source_name="SSEU-Bench answers",
            source_url=source_url,
        )
        for mode, values in headline_scores(scores).items()
        for metric, value in values.items()
    ]
    try:
        parsed = ModelCard(card or "---\n{}\n---\n")
    except Exception as error:  # the client raises whatever its YAML parser does
        raise ValueError(
            f"{model}: the metadata of its README.md cannot be read ({error!r:.200}); fix it first"
        ) from error
    data = parsed.data
    if not isinstance(data, ModelCardData):
        raise ValueError(f"{model}: its README.md is no model card")
    models = _models(card)
    if models > 1:
        raise ValueError(
            f"{model}: its README.md has results of {models} models, which cannot be told apart; use --leaderboard-only"
        )
    names = {(dataset, result.metric_name) for result in ours}
    others = [result for result in data.eval_results or [] if (result.dataset_type, result.metric_name) not in names]
    data.eval_results = [*others, *ours]
    data.model_name = data.model_name or model.split("/")[-1]
    return str(parsed)


def _models(card: str) -> int:
    """Number of models in the card's `model-index`."""
    import yaml

    parts = card.split("---\n", 2)
    values = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
    index = values.get("model-index") if isinstance(values, dict) else None
    return len(index) if isinstance(index, list) else 0
