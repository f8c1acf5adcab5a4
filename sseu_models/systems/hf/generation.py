"""Batched generation with one transformers model, the core of `hf:`.

Prompts are padded on the left, so that all answers of a batch start at the same position. An answer depends on its
batch through rounding only: sampling noise is drawn per question from its own seed, and the repetition penalty ignores
padding. In float32, batched greedy answers equal single ones token for token (tested); in bfloat16, two nearly equally
likely tokens may swap, since kernels sum in another order.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_models.records import Prompt
from sseu_models.systems.hf.model import LoadedModel
from sseu_models.systems.hf.settings import HfSettings

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Generated:
    """One answer: its tokens, with the end token if that was generated (`ended`), and the prompt's length in tokens."""

    tokens: tuple[int, ...]
    ended: bool
    input_tokens: int


def conversation(loaded: LoadedModel, prompt: Prompt, audio: NDArray[np.float32] | None) -> list[dict[str, Any]]:
    """The chat turns: the system message, if the prompt has one, and the user turn with audio, if any, and text.

    Voxtral takes no system message beside audio (its tokenizer refuses one): there it stands before the user's text.
    """
    if audio is None:
        return [
            {
                "role": role,
                "content": text if loaded.processor is loaded.tokenizer else [{"type": "text", "text": text}],
            }
            for role, text in (("system", prompt.system), ("user", prompt.user))
            if text is not None
        ]
    sound: dict[str, Any] = {"type": "audio", "audio": audio}
    system, user = prompt.system, prompt.user
    if loaded.model_type.startswith("voxtral"):  # its tokenizer accepts files, not samples
        import soundfile

        file = io.BytesIO()
        soundfile.write(file, audio, loaded.rate_hz, format="WAV", subtype="FLOAT")
        sound = {"type": "audio", "base64": base64.b64encode(file.getvalue()).decode()}
        system, user = None, user if system is None else f"{system}\n\n{user}"
    parts = [sound, {"type": "text", "text": user}]
    if loaded.order == "text-first":
        parts.reverse()
    first = [] if system is None else [{"role": "system", "content": [{"type": "text", "text": system}]}]
    return [*first, {"role": "user", "content": parts}]


def model_inputs(loaded: LoadedModel, prompts: Sequence[Prompt], audios: Sequence[NDArray[np.float32] | None]) -> Any:
    """The model's input tensors for n questions, left-padded, on its device and in its dtype."""
    chats = [conversation(loaded, prompt, audio) for prompt, audio in zip(prompts, audios, strict=True)]
    if loaded.rate_hz is None:
        inputs = loaded.tokenizer.apply_chat_template(
            chats, tokenize=True, return_dict=True, return_tensors="pt", padding=True, add_generation_prompt=True
        )
        return inputs.to(loaded.model.device)
    if loaded.model_type.startswith("voxtral"):
        inputs = loaded.processor.apply_chat_template(chats, return_tensors="pt")
    else:
        inputs = loaded.processor.apply_chat_template(
            chats,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            add_generation_prompt=True,
            processor_kwargs={"text_kwargs": {"padding": True}},  # audio keeps the padding of its own processor
        )
    return inputs.to(loaded.model.device, dtype=loaded.model.dtype)


def generate(
    loaded: LoadedModel,
    prompts: Sequence[Prompt],
    audios: Sequence[NDArray[np.float32] | None],
    seeds: Sequence[int],
    settings: HfSettings,
) -> list[Generated]:
    """Answer n questions as one batch; some models hear the padding of clips of unequal length (`HfSystem`).

    Args:
        loaded: The model.
        prompts: One per question.
        audios: float32, (samples,), at the model's rate; one per question; None for a model that gets no audio.
        seeds: One per question; used only for sampling.
        settings: How tokens are chosen, and the maximum length.

    Returns:
        One answer per question, in order.
    """
    import torch
    import transformers

    with torch.inference_mode():
        inputs = model_inputs(loaded, prompts, audios)
        mask = inputs["attention_mask"]
        tokens = loaded.model.generate(
            **inputs,
            generation_config=transformers.GenerationConfig(
                max_new_tokens=settings.max_new_tokens,
                do_sample=False,
                eos_token_id=list(loaded.end_ids),
                pad_token_id=loaded.pad_id,
            ),
            logits_processor=transformers.LogitsProcessorList(_processors(settings, mask, seeds)),
        )
    answers = tokens[:, mask.shape[1] :].tolist()
    lengths = mask.sum(dim=1).tolist()
    return [_cut(answer, loaded.end_ids, length) for answer, length in zip(answers, lengths, strict=True)]


def _cut(tokens: list[int], end_ids: tuple[int, ...], input_tokens: int) -> Generated:
    """Cut an answer after its end token; the rest of its row is padding."""
    for place, token in enumerate(tokens):
        if token in end_ids:
            return Generated(tuple(tokens[: place + 1]), True, input_tokens)
    return Generated(tuple(tokens), False, input_tokens)


def _processors(settings: HfSettings, mask: torch.Tensor, seeds: Sequence[int]) -> list[Any]:
    """The logits processors, after which the largest logit is the next token; ordered as in transformers' sampling."""
    import transformers

    chain: list[Any] = []
    if settings.repetition_penalty != 1.0:
        chain.append(PromptPenalty(settings.repetition_penalty, mask))
    if settings.temperature > 0:
        chain.append(transformers.TemperatureLogitsWarper(settings.temperature))
        if settings.top_k > 0:
            chain.append(transformers.TopKLogitsWarper(settings.top_k))
        if settings.top_p < 1.0:
            chain.append(transformers.TopPLogitsWarper(settings.top_p))
        chain.append(SeededNoise(seeds))
    return chain


class SeededNoise:
    """Gumbel noise per question, which makes the largest logit a sample: argmax(logits + Gumbel) ~ softmax(logits).

    The Gumbel-max trick (Maddison et al., A* Sampling, NeurIPS 2014). Unlike sampling in `generate`, which draws for
    the whole batch from torch's global generator, a question gets the same noise in any batch.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self._seeds = tuple(seeds)
        self._generators: list[torch.Generator] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Add the noise of the next token to `scores`, (questions, vocabulary)."""
        import torch

        if not self._generators:  # the device is known only now
            self._generators = [torch.Generator(scores.device).manual_seed(seed) for seed in self._seeds]
        rows = [torch.empty_like(scores[0]).exponential_(generator=generator) for generator in self._generators]
        return scores - torch.stack(rows).log()


class PromptPenalty:
    """transformers' repetition penalty on the tokens of prompt and answer, ignoring padding."""

    def __init__(self, penalty: float, mask: torch.Tensor) -> None:
        import transformers

        self._penalise = transformers.RepetitionPenaltyLogitsProcessor(penalty)
        self._mask = mask.bool()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Penalise in `scores`, (questions, vocabulary), the tokens in each row of `input_ids`."""
        import torch

        width = self._mask.shape[1]
        prompt = input_ids[:, :width]
        unpadded = torch.where(self._mask, prompt, prompt[:, -1:])  # padding becomes a token of the prompt
        penalised: torch.Tensor = self._penalise(torch.cat([unpadded, input_ids[:, width:]], dim=1), scores)
        return penalised
