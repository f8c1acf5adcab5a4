"""What the licences of the corpora allow to be published.

Recipe, hashes, labels and transcripts may be published. Audio may be published only if every source in it allows it:
VCTK does (CC BY 4.0); DESED's clips belong to YouTube users; MAESTRO-Real is stated as non-commercial in one place and
as CC BY 4.0 in another. So clean speech (`+inf`) may be published, and audio with these backgrounds only to a private
repository. What the licence of a table allows is for its user to say, as he stated the licence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from sseu_dataset.licences import Source, sources_of
from sseu_dataset.records import Recipe
from sseu_dataset.schema import config_name
from sseu_metric.conditions import SPEECH_ALONE
from sseu_metric.text_table import aligned

Audio = Literal["none", "speech", "all"]

GATE = (
    "The backgrounds are audio of DESED (YouTube users', not to be redistributed) and of MAESTRO-Real (treat as "
    "non-commercial). By asking for access you state that you use them for non-commercial research only and do not "
    "redistribute them."
)
"""Terms for readers of a repository with these backgrounds (`extra_gated_prompt` of its card)."""

_MEANINGS: dict[Audio, str] = {
    "none": "no audio: recipe, hashes, labels, transcripts; the audio can be rebuilt from the sources",
    "speech": "audio of the condition +inf only, which is clean speech",
    "all": "all audio, backgrounds included",
}
_ANSWERS = {
    "yes": "yes, with attribution",
    "no": "in a private repository only",
    "as stated": "if its licence does",
}


def licence_table(recipe: Recipe, audio: Audio) -> list[str]:
    """Lines to show before audio is published: each source, its licence, and what `audio` would publish."""
    rows = [(source.name, source.licence, _ANSWERS[source.may_publish]) for source in sources_of(recipe)]
    header = ("source", "licence", "audio may be published")
    return [*aligned([header, *rows], left=3).splitlines(), f"to be published: {_MEANINGS[audio]}"]


def configs_with_audio(audio: str, configs: Sequence[str]) -> tuple[str, ...]:
    """The configurations all of whose audio is published.

    Args:
        audio: `none`, `speech` or `all`.
        configs: The dataset's configurations with files of their own.

    Raises:
        ValueError: `audio` is none of the three.
    """
    match audio:
        case "none":
            return ()
        case "speech":
            return tuple(config for config in configs if config == config_name(SPEECH_ALONE))
        case "all":
            return tuple(configs)
    raise ValueError(f"audio {audio!r}; one of {', '.join(get_args(Audio))} is needed")


def check_audio(recipe: Recipe, audio: Audio, *, private: bool, tables_redistributable: bool) -> None:
    """Refuse to publish audio that its licence does not allow to be passed on.

    Args:
        recipe: The recipe of the dataset.
        audio: Which audio would be published.
        private: Whether the repository is private.
        tables_redistributable: Whether the user states that the licences of the tables allow it.

    Raises:
        ValueError: Audio of DESED or MAESTRO-Real, or of a table without that statement, would be public.
    """
    if private:
        return
    for source in _published(recipe, audio):
        if source.may_publish == "no":
            raise ValueError(
                "all audio includes DESED's and MAESTRO-Real's, which may not be redistributed: give --private, or "
                "publish without audio (it can be rebuilt from the corpora) or clean speech only: --with-audio speech"
            )
        if source.may_publish == "as stated" and not tables_redistributable:
            raise ValueError(
                f"the audio would be public, {source.name} among it, under {source.licence!r} as its table's user "
                "stated: if that licence allows redistribution, say so with --tables-redistributable; otherwise give "
                "--private, or publish without audio"
            )


def is_gated(recipe: Recipe, audio: Audio) -> bool:
    """Whether readers have to agree to terms: where audio is in it that may not be redistributed."""
    return any(source.may_publish == "no" for source in _published(recipe, audio))


def _published(recipe: Recipe, audio: Audio) -> tuple[Source, ...]:
    """The sources whose audio would be published."""
    sources = sources_of(recipe)
    return {"none": (), "speech": sources[:1], "all": sources}[audio]
