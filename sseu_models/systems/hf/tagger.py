"""Audio classifiers of transformers with AudioSet's classes: scores of scenes and events by `systems.audioset`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sseu_models.systems.audioset import check_audioset, scores_from_audioset
from sseu_models.systems.hf.loading import WrongModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_SHIFT_S = 0.01
"""Of the filter banks of the Audio Spectrogram Transformer (`ASTFeatureExtractor`)."""


@dataclass(frozen=True, slots=True)
class LoadedTagger:
    """A classifier ready to answer.

    Attributes:
        model: A transformers model for audio classification.
        processor: Its feature extractor.
        model_type: Type in its configuration.
        classes: Its classes in the order of its scores.
        rate_hz: Sampling rate of its audio input.
        max_audio_s: Longest clip that it takes uncut; None if it has no limit.
    """

    model: Any
    processor: Any
    model_type: str
    classes: tuple[str, ...]
    rate_hz: int
    max_audio_s: float | None


def wrap_tagger(model: Any, features: Any, model_type: str) -> LoadedTagger:
    """Make a classifier and its feature extractor ready.

    Raises:
        WrongModelError: Its classes are not those of AudioSet.
    """
    classes = tuple(name for _, name in sorted(model.config.id2label.items()))
    try:
        check_audioset(classes)
    except ValueError as error:
        raise WrongModelError(f"it classifies audio, but {error}") from error
    longest = None
    if model_type == "audio-spectrogram-transformer":
        longest = features.max_length * FRAME_SHIFT_S
    elif model_type == "whisper":
        longest = float(features.chunk_length)
    return LoadedTagger(model, features, model_type, classes, int(features.sampling_rate), longest)


def tag(
    loaded: LoadedTagger, audios: Sequence[NDArray[np.float32]]
) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Scores of the six scenes and of the 18 events for each clip.

    The classes' scores are sigmoids, since AudioSet's labels do not exclude one another. Clips go through the model one
    by one: classifiers without an attention mask would hear the padding of a batch.
    """
    import torch

    found = []
    with torch.inference_mode():
        for audio in audios:
            inputs = loaded.processor(audio, sampling_rate=loaded.rate_hz, return_tensors="pt")
            logits = loaded.model(**inputs.to(loaded.model.device, dtype=loaded.model.dtype)).logits
            found.append(scores_from_audioset(loaded.classes, logits[0].double().sigmoid().tolist()))
    return found
