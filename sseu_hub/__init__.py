"""SSEU-Bench on the Hugging Face Hub: publish the dataset and the metric, withdraw a version, submit results.

    >>> from sseu_hub import prepare_dataset
    >>> draft = prepare_dataset("sseu-bench", "draft", progress=False)  # verified, then copied without audio
    >>> draft.tag
    'v1.0.0rc1'

`push_dataset(draft, "my-lab/sseu-bench", private=False, date="2026-11-28", announce=print)` would upload it. Tokens,
organisations and the address of the Hub are those of `huggingface_hub` (`hf auth login`, HF_TOKEN, HF_ENDPOINT).
"""

from sseu_hub.client import HubError, Pushed, check_repo_id
from sseu_hub.publishing import Publication, prepare_dataset, push_dataset, push_metric
from sseu_hub.submitting import Prepared, prepare_submission, submit
from sseu_hub.versions import read_versions, withdraw

__all__ = [
    "HubError",
    "Prepared",
    "Publication",
    "Pushed",
    "check_repo_id",
    "prepare_dataset",
    "prepare_submission",
    "push_dataset",
    "push_metric",
    "read_versions",
    "submit",
    "withdraw",
]
