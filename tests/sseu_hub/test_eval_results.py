"""Hazards: task ids or values mixed up, a model's other results or card lost; read back by the real client's parser."""

from __future__ import annotations

import pytest
import yaml
from huggingface_hub import ModelCard, ModelCardData, parse_eval_result_entries

from sseu_hub.eval_results import eval_results_files, headline_scores, with_model_index
from tests.sseu_hub.made_scores import made_scores

SCORES = made_scores(
    {
        "independent": {"wer": 12.34567, "macc": 50.0, "map": 20.5},
        "cot": {"wer": 99.0},
        "likelihood": {"macc": 1.0},
    }
)
PLACE = {"dataset": "lab/sseu-bench", "revision": "f" * 40, "source_url": "https://hub/x"}


def data_of(text: str) -> ModelCardData:
    data = ModelCard(text).data
    assert isinstance(data, ModelCardData)
    return data


def test_every_metric_is_a_task_of_its_own() -> None:
    files = eval_results_files(SCORES, date="2026-01-02", notes={"independent": "n", "cot": "c"}, **PLACE)
    assert list(files) == [".eval_results/sseu-bench.yaml", ".eval_results/sseu-bench_cot.yaml"]
    entries = [entry for data in files.values() for entry in parse_eval_result_entries(yaml.safe_load(data))]
    assert {entry.task_id: entry.value for entry in entries} == {
        "asr_wer": 12.3457, "asc_macc": 50.0, "at_map": 20.5, "cot_asr_wer": 99.0
    }  # fmt: skip
    assert {(entry.dataset_id, entry.dataset_revision, entry.source_url) for entry in entries} == {
        ("lab/sseu-bench", "f" * 40, "https://hub/x")
    }
    assert [entry.notes for entry in entries] == ["n", "n", "n", "c"]


def test_likelihood_has_no_task() -> None:
    assert "likelihood" not in headline_scores(SCORES)


CARD = """\
---
license: mit
tags: [audio]
model-index:
- name: its name
  results:
  - task: {type: automatic-speech-recognition}
    dataset: {type: librispeech_asr, name: LibriSpeech}
    metrics: [{type: wer, value: 2.5, name: Test WER}]
---
# A model

Text.
"""


def values_of(text: str) -> dict[str | None, float]:
    return {result.metric_name: result.metric_value for result in data_of(text).eval_results or []}


def test_the_card_keeps_what_is_not_ours() -> None:
    text = with_model_index(CARD, "lab/model", SCORES, **PLACE)
    data = data_of(text)
    assert ModelCard(text).text.strip() == "# A model\n\nText."
    assert (data.license, data.tags, data.model_name) == ("mit", ["audio"], "its name")
    assert values_of(text) == {
        "Test WER": 2.5,
        "WER (independent)": 12.3457,
        "mACC (independent)": 50.0,
        "mAP (independent)": 20.5,
        "WER (cot)": 99.0,
    }


def test_submitting_again_replaces_and_repeats_nothing() -> None:
    once = with_model_index(CARD, "lab/model", SCORES, **PLACE)
    assert with_model_index(once, "lab/model", SCORES, **PLACE) == once
    better = made_scores({"independent": {"wer": 1.0}})
    values = values_of(with_model_index(once, "lab/model", better, **PLACE))
    assert (values["WER (independent)"], values["WER (cot)"]) == (1.0, 99.0)


def test_a_model_without_a_card_gets_one_and_a_broken_one_is_left_alone() -> None:
    assert data_of(with_model_index("", "lab/model", SCORES, **PLACE)).model_name == "model"
    with pytest.raises(ValueError, match=r"lab/model: the metadata of its README\.md cannot be read"):
        with_model_index("---\na: [\n---\n", "lab/model", SCORES, **PLACE)


def test_a_card_with_results_of_several_models_is_left_alone() -> None:
    entries = "".join(
        f"- name: {name}\n  results:\n  - task:\n      type: x\n    dataset:\n      type: d\n      name: d\n"
        "    metrics:\n    - type: m\n      value: 1\n"
        for name in "AB"
    )
    card = f"---\nmodel-index:\n{entries}---\n# text\n"
    with pytest.raises(ValueError, match="has results of 2 models, which cannot be told apart"):
        with_model_index(card, "lab/model", made_scores({}), "lab/data", "abc", source_url="https://example.org")
