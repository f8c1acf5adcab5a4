"""What the licences of the corpora allow to be published.

Recipe, hashes, labels and transcripts may be published. Audio may be published only if every source in it allows it:
VCTK does (CC BY 4.0); DESED's clips belong to YouTube users; MAESTRO-Real is stated as non-commercial in one place and
as CC BY 4.0 in another. So clean speech (`+inf`) may be published, and audio with a background only to a private
repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from sseu_dataset.schema import config_name
from sseu_metric.conditions import SPEECH_ALONE
from sseu_metric.text_table import aligned

Audio = Literal["none", "vctk", "all"]

GATE = (
    "The backgrounds are audio of DESED (YouTube users', not to be redistributed) and of MAESTRO-Real (treat as "
    "non-commercial). By asking for access you state that you use them for non-commercial research only and do not "
    "redistribute them."
)
"""Terms for readers of a repository with backgrounds (`extra_gated_prompt` of its card)."""

_TABLE = (
    ("source", "licence", "audio may be published"),
    ("VCTK 0.92 (speech)", "CC BY 4.0", "yes, with attribution"),
    ("DESED public evaluation set", "YouTube users'; metadata MIT", "no"),
    ("MAESTRO-Real development set", "non-commercial / CC BY 4.0 (both stated)", "no (the stricter counts)"),
)
_MEANINGS: dict[Audio, str] = {
    "none": "no audio: recipe, hashes, labels, transcripts; the audio can be rebuilt from the corpora",
    "vctk": "audio of the condition +inf only, which is clean speech from VCTK",
    "all": "all audio, including DESED's and MAESTRO-Real's: to a private repository only",
}


def licence_table(audio: Audio) -> list[str]:
    """Lines to show before audio is published: each corpus, its licence, and what `audio` would publish."""
    return [*aligned(_TABLE, left=3).splitlines(), f"to be published: {_MEANINGS[audio]}"]


def configs_with_audio(audio: str, configs: Sequence[str]) -> tuple[str, ...]:
    """The configurations all of whose audio is published.

    Args:
        audio: `none`, `vctk` or `all`.
        configs: The dataset's configurations with files of their own.

    Raises:
        ValueError: `audio` is none of the three.
    """
    match audio:
        case "none":
            return ()
        case "vctk":
            return tuple(config for config in configs if config == config_name(SPEECH_ALONE))
        case "all":
            return tuple(configs)
    raise ValueError(f"audio {audio!r}; one of {', '.join(get_args(Audio))} is needed")


def check_visibility(audio: str, private: bool) -> None:
    """Refuse to publish backgrounds.

    Raises:
        ValueError: All audio would go to a public repository.
    """
    if audio == "all" and not private:
        raise ValueError(
            "all audio includes DESED's and MAESTRO-Real's, which may not be redistributed: give --private, or publish "
            "without audio (it can be rebuilt from the corpora), or only the clean speech with --with-audio vctk"
        )
