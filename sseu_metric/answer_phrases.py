"""Ways in which models say the same, as data: a name, an example and a pattern each; and what the patterns share.

answer_leads.py has what stands before and behind an answer, answer_denials.py how models say that there is none or that
they cannot tell. Every pattern is bounded or possessive, so that matching takes linear time on any text; they expect
text without runs of spaces.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Phrase(NamedTuple):
    """A way to say something.

    Attributes:
        name: What is said, for people who ask why an answer was read as it was.
        example: A text that begins with it.
        pattern: Regular expression without capturing groups.
    """

    name: str
    example: str
    pattern: str


class Phrases:
    """Phrases that mean the same to the parser.

    Args:
        phrases: Tried in this order.
        before: Pattern in front of all of them.
        after: Pattern behind all of them.
    """

    def __init__(self, *phrases: Phrase, before: str = "", after: str = "") -> None:
        self.phrases = phrases
        some = "|".join(f"(?P<_{number}>{phrase.pattern})" for number, phrase in enumerate(phrases))
        self._pattern = re.compile(f"{before}(?:{some}){after}", re.IGNORECASE)

    def match(self, text: str, position: int = 0) -> tuple[str, int] | None:
        """The name of the phrase at a position, and where it ends."""
        return self._found(self._pattern.match(text, position))

    def whole(self, text: str) -> str | None:
        """The name of the phrase that the text is."""
        found = self._found(self._pattern.fullmatch(text))
        return found and found[0]

    def search(self, text: str, start: int = 0) -> tuple[str, int, int] | None:
        """The first phrase of a text: its name, where it starts and ends."""
        found = self._pattern.search(text, start)
        named = self._found(found)
        return None if found is None or named is None else (named[0], found.start(), named[1])

    def _found(self, match: re.Match[str] | None) -> tuple[str, int] | None:
        return None if match is None else (self.phrases[int((match.lastgroup or "_0")[1:])].name, match.end())


def any_of(*options: str) -> str:
    """A pattern of alternatives."""
    return f"(?:{'|'.join(options)})"


AUDIO = (
    r"(?:audio|recording|clip|sound|file|track|sample|segment|snippet|message)"
    r"(?: (?:clip|recording|file|sample|track|segment|message))?"
)
OF_AUDIO = (
    r"(?: (?:of|in|from|for|on) (?:the|this|that|your) (?:[a-z]{1,12} )?"
    rf"(?:{AUDIO}|speaker|speech|background|person|man|woman|conversation))?"
)
SAYS = r"(?:says?|said|saying|states?|stated|speaks?|speaking|spoke|utters?|reads?|asks?|asking)"
WHO = r"(?:man|woman|male|female|boy|girl|child|lady|person|people|speaker|narrator|someone|voice|audio|recording|clip)"
SOFTENER = (
    r"(?:(?:sure|certainly|of course|okay|ok|absolutely|well|so|yes|alright|hmm?)[,.!:]{1,2} |(?:so|thus|therefore|"
    r"hence),? (?=the ))?"
)
ACCORDING = (
    r"(?:(?:based on|from|according to|in|judging by|given|listening to|after listening to) "
    rf"(?:the|this|your|what) (?:provided |given |short )?{AUDIO}[^,:.\n]{{0,60}}+, ?)?"
)
HERE_IS = r"(?:here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2})?"
I_THINK = (
    r"(?:(?:i (?:think|believe|guess|would say|would guess|assume|suspect)|i(?:'d|’d) (?:say|guess))(?: that)?,? )?"
)
HEDGE = SOFTENER + HERE_IS + ACCORDING + I_THINK
QUOTE_OR_COLON_NEXT = r"(?:(?=[:：,，]? ?[\"'“‘「『])|(?=[:：]))"
CAN_HEAR = (
    r"(?:i|we|you|one) (?:can |could )?(?:only |just |clearly |also |mainly |faintly )*(?:hear|heard|detect|"
    r"identify|notice|recogni[sz]e|perceive|make out|pick up|distinguish|discern)"
)
