"""What models put before a scene, and the explanations behind it, as data (answer_phrases.py)."""

from __future__ import annotations

from .answer_phrases import AUDIO, HEDGE, OF_AUDIO, Phrase, Phrases

_BE = (
    r"(?:is|was|seems to be|appears to be|seems to have been|appears to have been|might be|may be|could be|might have "
    r"been|could have been|must be|would be|seems like|sounds (?:most |more |a lot |very )?like|looks like|feels like)"
)
_LIKELY = r"(?: (?:most likely|very likely|likely|most probably|probably|possibly|perhaps|maybe))?"
_RECORDED = r"(?:recorded|captured|taken|set|made|filmed)"
_INSIDE = r"(?:inside|in|at|on|from|of|within|near|by)\b"
_PLACED = rf"(?: (?:{_RECORDED}|located|taking place|happening|coming))?(?: {_INSIDE}(?!,))?"
_WHERE = r"(?:scene|environment|location|setting|place|context)"
SCENE_LEAD = Phrases(
    Phrase(
        "the audio was recorded in",
        "The audio was most likely recorded in a kitchen",
        rf"(?:(?:the|this) {AUDIO}|it) {_BE}{_LIKELY}(?: been)? {_RECORDED}{_LIKELY} {_INSIDE}",
    ),
    Phrase(
        "it takes place in",
        "The recording takes place in a kitchen",
        rf"(?:the|this) (?:{AUDIO}|{_WHERE}) (?:(?:takes|took|(?:seems|appears) to take) place {_INSIDE}|"
        r"(?:comes|(?:seems|appears) to come|originates) from\b)",
    ),
    Phrase(
        "the scene is",
        "The acoustic scene of this audio is a kitchen",
        r"(?:the|this) (?:[a-z]{2,16} ){0,3}"
        rf"{_WHERE}{OF_AUDIO}(?: (?:where|in which) [a-z ]{{3,40}}?{_RECORDED})? {_BE}{_LIKELY}{_PLACED}",
    ),
    Phrase(
        "场景是",
        "这段录音很可能是在餐厅里录制的",
        r"(?:(?:根据|从|按)[^，,。]{1,20}[，,] ?)?(?:[\u4e00-\u9fff]{0,8}(?:场景|环境|地点)(?:很可能|可能|应该|"
        r"大概)?(?:是|为)(?:一个|一家|一条|"
        r"一间)?|(?:这段|这个|该|本|这)?(?:音频|录音|声音|录制)?的?(?:声学)?(?:场景|环境|地点|背景|音频|录音|"
        r"里)?(?:很可能|可能|应该|大概)?(?:是在|是|为|录制于|录制在|"
        r"发生在|来自|在)(?:一个|一家|一条|一间)?)",
    ),
    before=HEDGE,
)
SCENE_STEP = Phrases(
    Phrase(
        "softener",
        "Well, it is a kitchen",
        r"(?:sure|certainly|of course|okay|ok|absolutely|well|so|yes|hmm?)[,.!:]{1,2}",
    ),
    Phrase(
        "doubt",
        "It's hard to say exactly, but a kitchen",
        r"(?=[^,;.:\n]{0,60}\b(?:sure|certain|certainty|clear|hard|difficult|tough|tell|say|determine|definitive|"
        r"unclear|unsure|uncertain|"
        r"unknown|limited|ambiguous))[^,;.:\n]{3,90}+[,;.:-]? ?(?:but|though|however|although|yet)(?=[ ,]),?",
    ),
    Phrase(
        "evidence",
        "Based on the sounds, a kitchen",
        r"(?:based on|given|judging (?:by|from)|considering|from|according to|due to) [^,.;:\n]{1,80}+,(?: (?:such "
        r"as|like|including) [^.;:\n]{1,80}?, (?=the |it |this |i ))?",
    ),
    Phrase(
        "hedge",
        "My best guess is a kitchen",
        r"(?:i (?:think|believe|would say|would guess|guess|assume|suspect)|i(?:'d|’d) (?:say|guess)|my (?:best "
        r")?guess (?:is|would be)|if i had to guess|most likely|very likely|likely|probably|most probably|possibly|"
        r"perhaps|maybe|presumably|somewhere|it could be)(?: that)?[,:]?(?: (?=in |at |on |inside )(?:in|at|on|"
        r"inside))?",
    ),
    Phrase(
        "the sounds suggest",
        "The background noise suggests a kitchen",
        rf"(?:the|this|these|that|all this) (?:(?:[a-z]{{1,12}} ){{0,3}}(?:sounds?|noises?|ambience|acoustics|"
        rf"background|atmosphere|reverberation)|{AUDIO}){OF_AUDIO}(?: of [a-z ]{{1,40}})? (?:strongly |clearly "
        r")?(?:suggests?|indicates?|implies|imply|points? to|hints? at|is consistent with|are consistent with|is "
        r"typical of|are typical of)(?: that)?",
    ),
    Phrase(
        "it is",
        "It sounds like a kitchen",
        rf"(?:it|this|that|there)(?:'s|’s| (?:{_BE}|seems)){_LIKELY}{_PLACED}(?: that(?= (?:the|this|it) ))?(?= )",
    ),
    Phrase(
        "the speaker is in",
        "The speaker appears to be in a kitchen",
        rf"(?:the|this) (?:speaker|person|man|woman|conversation|speech|announcer|narrator) {_BE}{_LIKELY}(?: "
        rf"[a-z]{{2,12}}ing)? {_INSIDE}",
    ),
    Phrase(
        "the audio is",
        "The clip sounds like a kitchen",
        rf"(?:the|this) {AUDIO} {_BE}{_LIKELY}{_PLACED}(?= )",
    ),
    Phrase("sounds like", "Sounds like a kitchen", rf"(?:sounds|seems|feels|looks) like(?: {_INSIDE})?(?= )"),
    Phrase("recorded in", "Recorded in a kitchen", rf"(?:most likely |probably |likely )?{_RECORDED} {_INSIDE}(?= )"),
    Phrase("in", "In a kitchen", r"(?:in|at|inside|on) (?:the middle of )?(?=(?:an?|the) )"),
    Phrase("not this but that", "Not a street but a kitchen", r"not (?:an? )?[a-z ]{2,30}?,? but(?: rather)?(?= )"),
    Phrase(
        "indoors or outdoors first",
        "Indoors, likely in a kitchen",
        r"(?:indoors?|outdoors?|inside|outside)[,;] (?:(?:most )?(?:likely|possibly|probably|perhaps|maybe)|near|"
        r"specifically)(?: (?:in|at|near))?(?= )",
    ),
    Phrase(
        "people somewhere",
        "The clip features a conversation in a kitchen",
        rf"(?:(?:the|this) {AUDIO} (?:features|contains|captures|has) )?(?:an? |some )?(?:person|man|woman|people|"
        rf"someone|"
        r"conversation|speaker)(?: (?:is |are )?(?:speaking|talking|chatting))? (?:in|at|inside) (?=(?:an?|the) )",
    ),
    after=" ?",
)
RECORDED_IN = Phrases(
    Phrase(
        "so it is",
        ". So it is probably a kitchen",
        rf"[.!?,;] (?:(?:so|therefore|thus|hence|overall|in conclusion),? )?(?:it|this|that)(?:'s|’s| "
        rf"{_BE}){_LIKELY}{_PLACED} (?=(?:an?|the) )",
    ),
    Phrase(
        "the audio was recorded in",
        "this clip was likely recorded in a kitchen",
        rf"(?:the |this )?(?:{AUDIO}|{_WHERE}|it|this|speaker|conversation|speech) {_BE}{_LIKELY}(?: been)?(?: "
        rf"{_RECORDED})?{_LIKELY} (?:in|at|inside) ",
    ),
    Phrase(
        "suggests",
        "suggesting a kitchen",
        r"(?:speaks? for|suggest(?:s|ing)?|indicat(?:es?|ing)|impl(?:y|ies|ying)|sounds like|point(?:s|ing)? to|"
        rf"(?:consistent with|typical of|characteristic of|reminiscent of))(?: that)?(?: (?:the|this) (?:{AUDIO}|"
        rf"{_WHERE})| it| this)?(?: {_BE})?{_LIKELY}(?: {_RECORDED})?(?: {_INSIDE})? (?=(?:an?|the) )",
    ),
    Phrase(
        "the scene is", "the setting is a kitchen", rf"\bthe (?:[a-z]{{1,12}} ){{0,2}}{_WHERE} {_BE}{_LIKELY}{_PLACED} "
    ),
)
SCENE_EXPLANATION = Phrases(
    Phrase(
        "evidence",
        ", judging by the plates",
        r",? (?:judging|based on|given|because|since|as (?!well|an?\b)(?=\w)|due to|considering|with the|suggested by|"
        r"indicated by|although|but|i (?:think|guess|believe|would say))\b|: (?=[^:]{3,80} (?:heard|audible)\b)|, "
        r"(?:or )?(?:possibly|perhaps|maybe|probably|likely|most likely)\b| ?(?:->|→|=>)| [-–—] (?=[^,]{1,40}(?:, | "
        r"and ))| "
        r"\((?=[^()]*(?:, |\b(?:is|are|was|were|can be|heard|audible|suggest\w*|indicat\w*|because|due to)\b))| "
        r"(?:seems|is|would be|appears) (?:the )?(?:most )?(?:likel|probable|plausible)| [-–—] (?=(?:[^\s]+ "
        r"){1,12}(?:is|are|was|were|can|could|suggests?|indicates?|heard)\b)",
    )
)
