"""Closed-set likelihood: the log-probability of each label name as the answer (an extension of the paper).

    score(label) = sum over t of log P(label token t | audio, prompt, label tokens before t)        ("sum")
    or that sum divided by the number of the label's tokens                                         ("mean")

`sum` is the default because it is the probability of a defined event: the answer begins with the label's name. The mean
favours long names whose later tokens follow from the first ones ("Electric Shaver Toothbrush"). The choice matters for
scenes only: average precision ranks clips within one label, whose token count is constant. The end of the answer is not
scored, since "Home" and "Home." should count alike; no label is a prefix of another.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from sseu_models.records import Prompt
from sseu_models.systems.hf.generation import model_inputs
from sseu_models.systems.hf.model import LoadedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def label_scores(
    loaded: LoadedModel,
    prompt: Prompt,
    audio: NDArray[np.float32] | None,
    labels: Sequence[str],
    normalisation: Literal["sum", "mean"] = "sum",
    *,
    batch_size: int = 8,
) -> tuple[float, ...]:
    """One log-probability (natural logarithm, at most 0) per label, in order.

    Prompt and audio are encoded once and their keys and values cached; the labels follow in batches of `batch_size`,
    padded on the right, which does not affect a causal model.

    Args:
        loaded: The model.
        prompt: A prompt of mode `likelihood`.
        audio: float32, (samples,), at the model's rate; None for a model that gets no audio.
        labels: Label names as they are to be answered.
        normalisation: `sum` or `mean` over the tokens of a label.
        batch_size: Maximum number of labels per batch.
    """
    import torch

    names = [loaded.tokenizer(label, add_special_tokens=False)["input_ids"] for label in labels]
    with torch.inference_mode():
        inputs = model_inputs(loaded, [prompt], [audio])
        prefix = loaded.model(**inputs, use_cache=True)
        first = prefix.logits[0, -1].float().log_softmax(dim=-1)
        totals: list[float] = []
        for start in range(0, len(names), batch_size):
            batch = names[start : start + batch_size]
            tokens = torch.full((len(batch), max(map(len, batch))), loaded.pad_id, device=first.device)
            for row, name in enumerate(batch):
                tokens[row, : len(name)] = torch.tensor(name)
            sums = first[tokens[:, 0]].double()
            if tokens.shape[1] > 1:
                cache = copy.deepcopy(prefix.past_key_values)
                cache.batch_repeat_interleave(len(batch))
                logits = loaded.model(input_ids=tokens[:, :-1], past_key_values=cache, use_cache=True).logits
                log_probs = logits.float().log_softmax(dim=-1).gather(2, tokens[:, 1:, None])[..., 0].double()
                lengths = torch.tensor([len(name) for name in batch], device=first.device)
                places = torch.arange(1, tokens.shape[1], device=first.device)
                sums = sums + log_probs.masked_fill(places >= lengths[:, None], 0.0).sum(dim=1)
            totals += sums.tolist()
    if normalisation == "mean":
        totals = [total / len(name) for total, name in zip(totals, names, strict=True)]
    return tuple(totals)
