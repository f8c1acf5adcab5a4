"""Which clips the page shows, and the outcome of each answer there."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sseu_metric.conditions import ordered
from sseu_metric.labels import SCENES
from sseu_metric.rows import Rows
from sseu_models.planning import Reference
from sseu_report.entries import ScoredEntry
from sseu_report.findings.hard_cases import can_hit, hits
from sseu_report.tables.response_rates import WITHOUT_VALUE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HARD_SHARE = 5 / 12  # of 72 clips: 30 hard ones and a pair of each scene in the paper's seven conditions


@dataclass(frozen=True)
class ChosenClip:
    """A clip for the page.

    Attributes:
        id: Id of the mixture.
        reason: Why it was chosen, shown on the page.
        place: Its place on the page, where the clips of a pair stand together.
    """

    id: str
    reason: str
    place: int


def outcomes(rows: Rows, task: str) -> NDArray[np.object_]:
    """Each answer's outcome, shape (n,): `hit` or `missed` (`hard_cases.hits`), or `unanswered` without a value."""
    import numpy as np

    without = np.array([status in WITHOUT_VALUE for status in rows["status"].tolist()], dtype=bool)
    found: NDArray[np.object_] = np.where(without, "unanswered", np.where(hits(rows, task), "hit", "missed")).astype(
        object
    )
    return found


def voters(scored: Sequence[ScoredEntry]) -> list[ScoredEntry]:
    """Those whose answers count: what is ranked; without any, what heard the clips; else all."""
    heard = [one for one in scored if not one.entry.is_control]
    return [one for one in heard if one.entry.is_ranked] or heard or list(scored)


def choose_clips(scored: Sequence[ScoredEntry], count: int, listed: Sequence[str] = ()) -> list[ChosenClip]:
    """Hard clips, and pairs in all their conditions, mixed so that every beginning of the list is a fair choice.

    Hard are those that the page lists as hard cases, then the clips with the largest share of answers that are no hits
    (mean over systems, modes and runs, then over tasks), one for each pair, the conditions in turn. The rest are pairs,
    scene by scene, in all their conditions, so that one hears what the SNR does. Only `voters` count.

    Args:
        scored: The entries, all about one dataset.
        count: Number of clips; fewer where the dataset is smaller.
        listed: Ids of the hard cases that the page lists, the first ones first.
    """
    references = {clip.reference["id"]: clip.reference for entry in scored for clip in entry.clips}
    in_turn = _in_turn(references)
    place = {identifier: number for number, identifier in enumerate(in_turn)}
    shares = _missed_shares(voters(scored))
    places = round(count * HARD_SHARE)
    hard = {identifier: shares[identifier] for identifier in listed if identifier in shares}
    hard = dict(list(hard.items())[:places])
    hard |= _hardest(references, shares, hard, places - len(hard))
    reasons = {
        identifier: f"hard: {100 * share:.0f} % of the answers are no hits" for identifier, share in hard.items()
    }
    waiting, others = list(hard), [identifier for identifier in in_turn if identifier not in hard]
    chosen: list[ChosenClip] = []
    while len(chosen) < count and (waiting or others):
        taken = sum(item.id in hard for item in chosen)
        source = waiting if waiting and (not others or taken < HARD_SHARE * (len(chosen) + 1)) else others
        identifier = source.pop(0)
        reason = reasons.get(identifier, "one of the pairs that are shown in every condition")
        chosen.append(ChosenClip(identifier, reason, place[identifier]))
    return chosen


def _missed_shares(scored: Sequence[ScoredEntry]) -> dict[str, float]:
    """The clips that some answer does not hit, and the share of their answers that are no hits."""
    asked: Counter[tuple[str, str]] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    for entry in scored:
        for scores in entry.scores.values():
            for task, rows in scores.tables.items():
                part = can_hit(rows, task)
                keys = [(identifier, task) for identifier in part["id"].tolist()]
                asked.update(keys)
                missed.update(key for key, how in zip(keys, outcomes(part, task).tolist(), strict=True) if how != "hit")
    by_clip: defaultdict[str, list[float]] = defaultdict(list)
    for (identifier, task), total in asked.items():
        by_clip[identifier].append(missed[identifier, task] / total)
    return {identifier: sum(values) / len(values) for identifier, values in by_clip.items() if any(values)}


def _hardest(
    references: Mapping[str, Reference], share: Mapping[str, float], taken: Collection[str], count: int
) -> dict[str, float]:
    """The hardest clips of pairs of which none is taken, with their shares, the conditions in turn."""
    waiting: dict[str, list[str]] = {name: [] for name in ordered(row["condition"] for row in references.values())}
    for identifier in sorted(share, key=lambda name: (share[name], _draw(name))):  # the hardest at the end
        waiting[references[identifier]["condition"]].append(identifier)
    found: dict[str, float] = {}
    pairs = {references[identifier]["pair_id"] for identifier in taken}
    while len(found) < count and any(waiting.values()):
        for names in waiting.values():
            while names and references[names[-1]]["pair_id"] in pairs:
                names.pop()
            if names and len(found) < count:
                identifier = names.pop()
                pairs.add(references[identifier]["pair_id"])
                found[identifier] = share[identifier]
    return found


def _in_turn(references: Mapping[str, Reference]) -> list[str]:
    """All clips: the first pair of each scene in all its conditions, then the second, and so on."""
    by_pair: defaultdict[str, list[Reference]] = defaultdict(list)
    for row in references.values():
        by_pair[row["pair_id"]].append(row)
    by_scene: dict[str, list[str]] = {scene: [] for scene in (*SCENES, "")}
    for pair in sorted(by_pair, key=_draw):
        by_scene[next((scene for row in by_pair[pair] if (scene := scene_name(row))), "")].append(pair)
    turns = sorted(
        (turn, place, pair) for place, pairs in enumerate(by_scene.values()) for turn, pair in enumerate(pairs)
    )
    return [
        row["id"] for _, _, pair in turns for row in sorted(by_pair[pair], key=lambda row: -float(row["condition"]))
    ]


def scene_name(row: Reference) -> str:
    """The name of a row's scene; empty for speech alone."""
    scene = row["scene"]
    return "" if scene is None else SCENES[scene] if isinstance(scene, int) else str(scene)


def _draw(name: str) -> bytes:
    return hashlib.sha256(f"0|page|{name}".encode()).digest()
