"""What the licences of the sources let anybody publish.

Recipe, hashes, labels and transcripts may go to everybody. Audio may only where every source in it allows that: VCTK
does (CC BY 4.0), DESED's clips are YouTube users' and MAESTRO-Real's are stated as non-commercial and as CC BY 4.0 at
once. So speech alone (`+inf`) may be published, and whatever holds a background may not leave a private repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

Audio = Literal["none", "vctk", "all"]

GATE = (
    "The backgrounds are audio of DESED (YouTube users', not to be passed on) and of MAESTRO-Real (treat as "
    "non-commercial). By asking for access you state that you use them for non-commercial research only and do not "
    "pass them on."
)
"""What a reader agrees to where backgrounds are in a repository (`extra_gated_prompt` of its card)."""

_TABLE = (
    ("source", "licence", "audio may be published"),
    ("VCTK 0.92 (speech)", "CC BY 4.0", "yes, with attribution"),
    ("DESED public evaluation set", "YouTube users'; metadata MIT", "no"),
    ("MAESTRO-Real development set", "non-commercial / CC BY 4.0 (both stated)", "no (the stricter counts)"),
)
_MEANINGS: dict[Audio, str] = {
    "none": "no audio: recipe, hashes, labels, transcripts; whoever has the corpora rebuilds the audio",
    "vctk": "audio of the condition +inf only, which is VCTK's speech alone",
    "all": "all audio, DESED's and MAESTRO-Real's included: into a private repository only",
}


def licence_table(audio: Audio) -> list[str]:
    """Lines to show before audio is published: each source, its licence, and what `audio` would publish."""
    widths = [max(len(row[column]) for row in _TABLE) for column in range(3)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in _TABLE]
    return [*lines, f"to be published: {_MEANINGS[audio]}"]


def conditions_with_audio(audio: str, conditions: Sequence[str]) -> tuple[str, ...]:
    """The conditions whose audio is published.

    Raises:
        ValueError: `audio` is not one of `none`, `vctk`, `all`.
    """
    match audio:
        case "none":
            return ()
        case "vctk":
            return tuple(condition for condition in conditions if condition == "+inf")
        case "all":
            return tuple(conditions)
    raise ValueError(f"audio {audio!r}; one of {', '.join(get_args(Audio))} is needed")


def check_visibility(audio: str, private: bool) -> None:
    """Refuse to publish backgrounds.

    Raises:
        ValueError: All audio into a repository that everybody can read.
    """
    if audio == "all" and not private:
        raise ValueError(
            "all audio holds DESED's and MAESTRO-Real's, which may not be passed on: give --private, or publish "
            "without it (anybody with the corpora rebuilds it), or the speech alone with --with-audio vctk"
        )
