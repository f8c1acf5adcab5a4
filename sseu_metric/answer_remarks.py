"""What models put behind an answer, as data (answer_phrases.py)."""

from __future__ import annotations

import re

from .answer_phrases import SAYS, WHO, Phrase, Phrases

LEADING_QUOTE_REMARK = Phrases(
    Phrase(
        "remark behind a quote",
        "says the man in the recording.",
        rf"[,.]? ?(?:[-–—(] ?)?(?:{SAYS}|(?:the|this|an?) (?:[a-z]{{1,12}} ){{0,3}}{WHO}|(?:the|these) (?:words|"
        r"sentence)|in the background|(?:(?:that(?:'s|’s| is)|this is|is|was) )?(?:what (?:is|was|i|he|she)|i) "
        r"(?:hear|heard|says?|said)\b|(?:is|was|are|were) (?:the (?:words|sentence|speech|text|transcri)|what|spoken|"
        r"said|heard)|there(?:'s|’s| is| are| was)|background ?:|would you|(?:i )?hope (?:this|that)|let me know|"
        r"(?:so,? )?(?:what else|what about|did you|do you|is there)|this is|that(?:'s|’s| is)|spoken)(?![a-z])",
    )
)
REMARK_ON_LABELLED = re.compile(
    r"\b(?:audio|recording|clip|background|accent|voice|spoken|speaker|speaking|transcri\w*|noise|i (?:hear|heard))\b",
    re.IGNORECASE,
)
"""What a remark behind the quoted value of a label speaks of."""
_REMARKS = (
    r"(?:please )?(?:(?:[a-z]{2,12} )?(?:confidence|translation|duration|emotion|accent|gender)(?: score)? ?[:：]|let "
    r"me know|note(?: that)?\b|i hope (?:this|that|it) (?:helps|is|was|answers)|hope this|happy to|glad to|if you "
    r"(?:have|need|would like|want)|feel free|is "
    r"there anything|(?:so,? )?what else|did you hear|that(?:'s|’s| is) (?:all|everything) (?:i|that|the)\b|is this "
    r"what|how (?:else )?(?:can|may) i|can i (?:help|assist)|what about you|would you like|do you want|shall i|please "
    r"note|i can also|these sounds|this (?:suggests|indicates|is (?:a|my|the) (?:best|transcri|accurate|verbatim|"
    r"complete|full|exact|entire))|(?:the|this) (?:audio|recording|clip|transcription|speaker|background|speech) (?:is|"
    r"was|has|sounds|seems|appears|suggests|contains|quality|also)|translation ?[:：]|explanation ?[:：]|language "
    r"?[:：]|(?:in|there (?:is|are)[a-z ]{0,20} (?:noise|sounds?) in) the background)"
)
REMARK = Phrases(
    Phrase(
        "remark in a paragraph", "\nLet me know if you need more!", rf"\n(?<!:\n)(?<!:\n\n)(?=[ (*]{{0,3}}{_REMARKS})"
    ),
    Phrase("rule", "\n---\n", r"\n(?=[-*_]{3,}+(?:\n|$))"),
)
OFFER = Phrases(
    Phrase(
        "offer in the same line",
        "Hello. Let me know if you need anything else!",
        r"(?<=[.!?\"”’'。]) (?:(?:please )?let me know (?:if|whether|what|how|when|should)\b|would you like me\b|is "
        r"there anything else\b|i hope this\b|"
        r"feel free to (?:ask|let)\b|happy to help|these are the (?:main |only )?(?:sounds|events)|do you (?:want|"
        r"need|have)\b|if you (?:need|have|would like) (?:any|more|further|other|questions|me|anything)\b)",
    )
)
QUESTION = Phrases(
    Phrase(
        "question to the user",
        "A dog. What about you?",
        r"(?<=[.!?;。\"'”’]) (?:so,? )?(?:what about you|(?:did|do|can) you hear|what else)\b[^.?!\n]{0,60}\?",
    )
)
"""Not behind a transcript, where people say the same."""
PROMPT = Phrases(
    Phrase(
        "the question repeated",
        "Write down every word that is spoken in this recording.\nAnswer with the spoken words alone.\n",
        r"(?:a closed-ended question: )?(?:turn [^.:\n]{0,60}(?:audio|speech|recording)[^.:\n]{0,40} into text[.:]|"
        r"(?:please )?transcribe (?:the|this|all) [^.:\n]{0,60}(?:audio|speech|recording|clip)[^.:\n]{0,40}[.:]|"
        r"write down (?:every|all) [^.:\n]{0,60}(?:spoken|audio|recording)[^.:\n]{0,60}[.:]|"
        r"which words (?:does the speaker say|are spoken)\?|what (?:does the speaker say|is the speaker saying|is "
        r"being said|is said in this recording|can be heard in this recording beside speech)\?|"
        r"(?:in what kind of place|where) was this recording made\?|which environment was this recorded in\?|"
        r"which sound (?:other than speech is heard|apart from speech occurs) in this recording\?)"
        r"(?:[ \n]{1,2}(?:(?:answer|reply|respond) with|give only|judge by|do not) [^.:\n]{1,80}[.:]){0,3}[ \n]{0,2}",
    )
)
