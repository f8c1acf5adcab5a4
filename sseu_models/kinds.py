"""What kind of thing a result is about: one rule, used by tables, submissions and the leaderboard.

A result is made by a system behind a front end, so both decide:

`system`: an ordinary system on the mixtures as they are.
`front end`: an ordinary system behind a user's front end, such as a separator or an enhancer.
`oracle`: it knows what it should not: a perfectly separated stem, or the references. An upper bound.
`control`: an ordinary system to which the clip is hidden (silence, or another clip), or half of its speech. What it
    still says of that does not come from the audio.
`baseline`: what a system should beat: a constant or random answer, a language model without the audio, or a cascade of
    a recogniser and a tagger.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["system", "front end", "oracle", "control", "baseline"]

NO_FRONTEND = "none"
ORACLE_FRONTENDS: tuple[str, ...] = ("oracle-speech", "oracle-background")
HIDING_FRONTENDS: tuple[str, ...] = ("silence", "shuffled")
"""Nothing of the clip is heard: the front ends of an audio ablation."""
CUT_SPEECH = "cut-speech"
"""The second half of the utterance is not heard: what is said of it is remembered or guessed (`sseu_metric.memory`)."""
CONTROL_FRONTENDS: tuple[str, ...] = (*HIDING_FRONTENDS, CUT_SPEECH)
REFERENCE_PREFIX = "control:"
"""Systems whose id begins like this answer from the references and hear nothing (`systems.control`)."""

TEXT_ONLY_PREFIX = "text-only:"
"""Language models that get everything but the audio (`hf:` and `api:` without it)."""
CASCADE_PREFIX = "cascade:"
"""Two specialists as one system (`systems.cascade`)."""

_TRUE_ANSWERS = ("control:ground-truth", "control:paraphrased-truth", "control:scene")


def kind_of(system: str, frontend: str = NO_FRONTEND) -> Kind:
    """The kind of a result.

    Args:
        system: Id of the system, such as `hf:openai/whisper-small` or `control:majority`.
        frontend: Name of the front end, `none` where there is none.
    """
    if system in _TRUE_ANSWERS:
        return "oracle"
    if system.startswith((REFERENCE_PREFIX, TEXT_ONLY_PREFIX)):
        return "baseline"
    if frontend in CONTROL_FRONTENDS:
        return "control"
    if frontend in ORACLE_FRONTENDS:
        return "oracle"
    if system.startswith(CASCADE_PREFIX):
        return "baseline"
    return "system" if frontend == NO_FRONTEND else "front end"


def hears_the_clip(system: str, frontend: str = NO_FRONTEND) -> bool:
    """Whether the answers can depend on the audio of the clip they are about, and none of it is withheld on purpose."""
    return not system.startswith((REFERENCE_PREFIX, TEXT_ONLY_PREFIX)) and frontend not in CONTROL_FRONTENDS


def may_be_submitted(kind: Kind) -> bool:
    """Whether a result of this kind may be sent to the leaderboard: it heard the mixtures and nothing else."""
    return kind in ("system", "front end")


def may_be_ranked(kind: Kind) -> bool:
    """Whether a result of this kind is ranked: a front end is not, since it is two systems in one."""
    return kind == "system"
