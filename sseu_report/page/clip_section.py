"""The clips of the page: as many cards as it can hold, and how they were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sseu_report.entries import ScoredEntry
from sseu_report.page.clip_cards import clip_cards, has_audio
from sseu_report.page.clip_choice import choose_clips
from sseu_report.page.clip_records import ClipCard
from sseu_report.page.render import ClipSection, script_json


def clip_section(
    scored: Sequence[ScoredEntry], count: int, max_bytes: int, *, unscored: str | None = None, progress: bool = False
) -> ClipSection:
    """The section of the clips.

    Args:
        scored: The entries of the report, all about one dataset.
        count: Maximum number of clips.
        max_bytes: Maximum size of the cards as JSON.
        unscored: Why there are no scored entries.
        progress: Show a bar on a terminal.

    Raises:
        DatasetError: A clip's audio cannot be decoded.
    """
    from tqdm import tqdm

    if unscored is not None:
        return ClipSection([f"There are no clips here, since the dataset is not at hand: {unscored}."])
    if not count:
        return ClipSection(["This report was made without clips."])
    rows = scored[0].dataset.rows
    audible = has_audio(rows)
    chosen = choose_clips(scored, count)
    cards: list[ClipCard] = []
    left = max_bytes
    made = clip_cards(scored, chosen, rows if audible else None)
    bar = tqdm(made, total=len(chosen), desc="clips", unit="clip", disable=None if progress else True, leave=False)
    for card in bar:
        left -= len(script_json(asdict(card))) + 1
        if left < 0:
            break
        cards.append(card)
    place = {item.id: item.place for item in chosen}
    asked = len({clip.reference["id"] for one in scored for clip in one.clips})
    about = (
        f"{len(cards)} of the {asked} clips that were asked about: some that most systems miss, and pairs in all their "
        "conditions. Scores elsewhere on this page are over all clips and runs; here stands each system's first run."
    )
    text = [about]
    if len(cards) < len(chosen):
        text.append(f"{len(chosen) - len(cards)} more clips did not fit on the page.")
    if audible:
        text.append("The audio is compressed for this page (MP3, 24 kHz); what the systems heard is in the dataset.")
    else:
        text.append("The dataset is without its audio, so there is nothing to play here.")
    return ClipSection(text, sorted(cards, key=lambda card: place[card.id]))
