"""What models put before and behind an answer, as data (answer_phrases.py)."""

from __future__ import annotations

from .answer_phrases import AUDIO, CAN_HEAR, HEDGE, OF_AUDIO, QUOTE_OR_COLON_NEXT, Phrase, Phrases

# ---- what leads up to the words
_SAYS = r"(?:says?|said|saying|states?|stated|speaks?|speaking|spoke|utters?|reads?|asks?|asking)"
_WHO = (
    r"(?:man|woman|male|female|boy|girl|child|lady|person|people|speaker|narrator|someone|voice|audio|recording|clip)"
)
_BEFORE_QUOTE = r"(?:(?<=\w)['’](?=\w)|[^\"“‘'’「『\n.!?]|\.(?=\d))"
ASR_LEAD_IN = Phrases(
    Phrase(
        "what is said, in quotes",
        'What I can make out is: "Call Stella."',
        rf"(?={_BEFORE_QUOTE}{{0,120}}?\b(?:audio|clip|recording|speaker|person|narrator|voice|transcri|what (?:i|"
        rf"is)|what's|what’s|an? (?:old |young )?(?:m[ae]n|wom[ae]n|boy|girl)|someone|"
        rf"being said))(?={_BEFORE_QUOTE}{{0,120}}?\b(?:says?|said|saying|transcri|make out|made out|hear|heard|"
        rf"spoken|speaking|utter|"
        rf"reads?|is as follows|words?))(?!{_BEFORE_QUOTE}{{0,120}}?: \w){_BEFORE_QUOTE}{{1,120}}+(?=[\"“‘'「『])",
    ),
    Phrase(
        "as follows",
        "The content of the speech is as follows: Call Stella.",
        r"(?=[^\"\n:.]{0,80}\b(?:speech|words?|transcri|audio|content|said|spoken|recording))[^\"\n:.]{3,80}? "
        r"(?:as follows|the following) ?: ?",
    ),
    before=HEDGE,
)
"""Leads in many words, tried where a quote or a colon follows soon."""
ASR_LEAD = Phrases(
    Phrase(
        "the speaker says",
        "The person says that Stella is here",
        r"(?:the|this|a) (?:person|speaker|narrator)(?: in (?:the|this) [a-z]{1,12})? (?:says|is saying)"
        r"(?: that\b|(?: in [a-z]{1,12}){1,2}(?=[:,]))?[:,]?",
    ),
    Phrase(
        "someone says",
        'A woman with a Scottish accent says "Call Stella."',
        rf"(?:in [a-z]{{3,12}}, ?)?(?:the |this |an? )?(?:[a-z]{{1,12}} ){{0,5}}{_WHO}(?: [a-z]{{1,12}}){{0,6}} {_SAYS}"
        rf"(?: (?:in|with) [a-z ]{{1,40}}+)?(?:,? (?:and )?say(?:ing|s))?,?{QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "here is the transcript",
        "Here is the transcription of the audio: Call Stella.",
        r"here(?:'s|’s| is) (?:the|what|a|your|my) "
        r"[^:]{0,40}(?:transcri|spoken|speech|speaker|person|audio|said|heard|words)[^:]{0,40}: ?",
    ),
    Phrase(
        "the audio contains the words",
        'The audio is in English and contains the speech "Call Stella."',
        rf"(?:the|this) {AUDIO} (?:is in [a-z]{{3,12}} and )?(?:contains|has) (?:the )?(?:following )?"
        rf"(?:speech|words|sentence|text|phrase){QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "the transcript is",
        "The transcription of the audio is as follows: Call Stella.",
        rf"(?:the )?(?:transcript(?:ion)?|spoken text|original content){OF_AUDIO} (?:(?:is|reads)(?: as "
        rf"follows)?[:,]?|(?:would be|goes)(?: as follows)?[:,])",
    ),
    Phrase(
        "the words are",
        'The words in this recording are: "Call Stella."',
        r"(?:the )?(?:speech|text|words?|sentence|phrase|utterance|content|spoken (?:words?|content|sentence)|audio|"
        rf"recording)(?: (?:spoken|said|heard|uttered))?{OF_AUDIO} (?:is|are|reads|says|was|were)"
        rf"(?: in [a-z]{{1,12}})?(?:, saying)?{QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "I hear",
        'I heard: "Call Stella."',
        rf"{CAN_HEAR}(?: (?:the following|the words|this|someone say(?:ing)?|them say(?:ing)?|an? [a-z]{{1,12}} "
        rf"say(?:ing)?))?"
        rf"{QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "说的是",
        "这段录音里说的是：请给斯特拉打电话。",
        r"(?:这个人|说话人|说话者|他|她|有人|内容)(?:说(?:的是|道)?|是|为)[:：,，]? ?(?=[“\"「:：])[:：]?|"
        r"[\u4e00-\u9fff，,]{0,20}?(?:说|讲|念|读|转录|转写|内容|文本)[\u4e00-\u9fff]{0,6}?(?:[:：]|[,，]? "
        r"?(?=[“\"「]))",
    ),
    before=HEDGE,
)
LEADING_QUOTE_REMARK = Phrases(
    Phrase(
        "remark behind a quote",
        "says the man in the recording.",
        rf"[,.]? ?(?:[-–—(] ?)?(?:{_SAYS}|(?:the|this|an?) (?:[a-z]{{1,12}} ){{0,3}}{_WHO}|(?:the|these) (?:words|"
        rf"sentence)|in "
        rf"the background|"
        r"(?:is |was )?(?:what )?(?:i|he|she) (?:hear|heard|says?|said)|would you|let me know|this is|spoken)\b",
    )
)

# ---- what leads up to a scene
_BE = (
    r"(?:is|was|seems to be|appears to be|seems to have been|appears to have been|might be|may be|could be|might "
    r"have been"
    r"|could have been|must be|would be|seems like|sounds (?:most |more |a lot |very )?like|looks like|feels like)"
)
_LIKELY = r"(?: (?:most likely|very likely|likely|most probably|probably|possibly|perhaps|maybe))?"
_RECORDED = r"(?:recorded|captured|taken|set|made|filmed)"
_INSIDE = r"(?:inside|in|at|on|from|of|within|near|by)\b"
_PLACED = rf"(?: (?:{_RECORDED}|located|taking place|happening|coming))?(?: {_INSIDE})?"
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
        rf"(?:the|this) (?:{AUDIO}|{_WHERE}) (?:takes|took|(?:seems|appears) to take) place {_INSIDE}",
    ),
    Phrase(
        "the scene is",
        "The acoustic scene of this audio is a kitchen",
        r"(?:the|this) (?:[a-z]{2,16} ){0,3}"
        rf"{_WHERE}{OF_AUDIO} {_BE}{_LIKELY}{_PLACED}",
    ),
    Phrase(
        "场景是",
        "这段录音很可能是在餐厅里录制的",
        r"[\u4e00-\u9fff]{0,8}(?:场景|环境|地点)(?:很可能|可能|应该|大概)?(?:是|为)(?:一个|一家|一条|一间)?|"
        r"(?:这段|这个|该|本|这)?(?:音频|录音|声音|录制)?的?(?:声学)?(?:场景|环境|地点|背景|音频|录音|里)?"
        r"(?:很可能|可能|应该|大概)?(?:是在|是|为|录制于|录制在|发生在|来自|在)(?:一个|一家|一条|一间)?",
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
        r")?guess "
        r"(?:is|would be)|if i had to guess|most likely|very likely|likely|probably|most probably|possibly|perhaps|"
        r"maybe|"
        r"presumably|somewhere|it could be)(?: that)?[,:]?(?: (?=in |at |on |inside )(?:in|at|on|inside))?",
    ),
    Phrase(
        "the sounds suggest",
        "The background noise suggests a kitchen",
        rf"(?:the|this|these|that|all this) (?:(?:[a-z]{{1,12}} ){{0,3}}(?:sounds?|noises?|ambience|acoustics|"
        rf"background|"
        rf"atmosphere|reverberation)|{AUDIO}){OF_AUDIO}(?: of [a-z ]{{1,40}})? (?:strongly |clearly )?(?:suggests?|"
        rf"indicates?|"
        r"implies|imply|points? to|hints? at|is consistent with|are consistent with|is typical of|are typical "
        r"of)(?: that)?",
    ),
    Phrase(
        "it is",
        "It sounds like a kitchen",
        rf"(?:it|this|that|there)(?:'s|’s| (?:{_BE}|seems)){_LIKELY}{_PLACED}(?= )",
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
    Phrase("in", "In a kitchen", r"(?:in|at|inside|on) (?=(?:an?|the) )"),
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
        rf"{_RECORDED})?{_LIKELY} "
        r"(?:in|at|inside) ",
    ),
    Phrase(
        "suggests",
        "suggesting a kitchen",
        r"(?:speaks? for|suggest(?:s|ing)?|indicat(?:es?|ing)|impl(?:y|ies|ying)|sounds like|point(?:s|ing)? to|"
        r"(?:consistent "
        r"with|typical of|"
        r"characteristic of|reminiscent of))(?: that)?"
        rf"(?: (?:the|this) (?:{AUDIO}|{_WHERE})| it| this)?(?: {_BE})?{_LIKELY}(?: {_RECORDED})?(?: {_INSIDE})? "
        rf"(?=(?:an?|the) )",
    ),
    Phrase(
        "the scene is", "the setting is a kitchen", rf"\bthe (?:[a-z]{{1,12}} ){{0,2}}{_WHERE} {_BE}{_LIKELY}{_PLACED} "
    ),
)
SCENE_EXPLANATION = Phrases(
    Phrase(
        "evidence",
        ", judging by the plates",
        r",? (?:judging|based on|given|because|since|as (?!well|an?\b)(?=\w)|due to|considering|with the|"
        r"suggested by|indicated by|although|but)\b|"
        r" \((?=[^()]*\b(?:is|are|was|were|can be|heard|audible|suggest\w*|indicat\w*|because|due to)\b)|"
        r" (?:seems|is|would be|appears) (?:the )?(?:most )?(?:likel|probable|plausible)|"
        r" [-–—] (?=(?:[^\s]+ ){1,12}(?:is|are|was|were|can|could|suggests?|indicates?|heard)\b)",
    )
)

# ---- what leads up to events
EVENTS_LEAD = Phrases(
    Phrase(
        "I hear",
        "I can hear a dog",
        CAN_HEAR + r"(?= )(?: (?:that )?there (?:is|are))?",
    ),
    Phrase(
        "the sounds are",
        "The sounds I can identify are: a dog",
        r"(?:the|these|some) (?:[a-z-]{1,16} ){0,4}(?:events?|sounds?|noises?)"
        rf"(?: (?:in|of|from) (?:the|this) {AUDIO})?(?: (?:that )?(?:i|you|we) (?:can )?(?:hear|identify|detect|"
        rf"recogni[sz]e))?"
        r"(?: (?:heard|detected|present|identified|audible))? (?:is|are|includes?|(?:can|could) be heard(?=:))",
    ),
    Phrase(
        "the audio contains",
        "This recording features a dog",
        rf"(?:the|this) (?:{AUDIO}|background) (?:also )?(?:contains|includes|features|has|consists of|captures)",
    ),
    Phrase(
        "there is",
        "In the background, there are dogs",
        r"(?:(?:in|from) the background,? )?there(?:'s|’s| is| are| was| were) (?:also )?",
    ),
    Phrase("in the background", "In the background: a dog", r"(?:in|from) the background[,:]"),
    Phrase(
        "可以听到",
        "除了说话声，还有狗叫声",
        r"(?:除了[^，,。]{1,16}[，,])?(?:这段)?(?:音频|录音|背景)?(?:中|里)?(?:我)?(?:还|也)?(?:可以|能|"
        r"能够)?(?:听到|听见|检测到|有)了?",
    ),
    Phrase("事件有", "声音事件有狗叫声", r"(?:声音|音频)?事件(?:有|包括|是|为)"),
    before=HEDGE + r"(?:(?:apart from|besides|other than|aside from|in addition to) [^,.\n]{1,40}+, ?)?",
    after=r"(?: (?:the )?following)?(?: (?:sound |audio |non-speech )?(?:events?|sounds?)(?=:))?[:：]?",
)
INTRODUCTION = Phrases(
    Phrase(
        "here is",
        "Sure! Here are the events:",
        r"(?:(?:sure|certainly|of course|okay|ok|absolutely)[,.!]{0,2}[ \n]{1,2})?"
        r"here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2}",
    ),
    Phrase("the answer is", "The answer is: a kitchen", r"(?:the|my) (?:final )?answer is[: ] ?"),
)

# ---- what stands behind an answer
_REMARKS = (
    r"(?:please )?(?:(?:[a-z]{2,12} )?(?:confidence|translation|duration|emotion|accent|gender)(?: score)? ?[:：]|"
    r"let me know|note(?: that)?\b|i hope|hope this|happy to|glad to|if you (?:have|need|would like|want)|feel "
    r"free|is there anything|"
    r"would you like|do you want|shall i|please note|i can also|these sounds|this (?:suggests|indicates|is (?:a|my|"
    r"the) "
    r"(?:best|transcri|accurate|verbatim))|(?:the|this) (?:audio|recording|clip|transcription|speaker|background|"
    r"speech) "
    r"(?:is|was|has|sounds|seems|appears|suggests|contains|quality|also)|translation ?[:：]|explanation ?[:：]|"
    r"language ?[:：]|"
    r"(?:in|there (?:is|are)[a-z ]{0,20} (?:noise|sounds?) in) the background)"
)
REMARK = Phrases(
    Phrase("remark in a paragraph", "\nLet me know if you need more!", rf"\n(?=[ (*]{{0,3}}{_REMARKS})"),
    Phrase("rule", "\n---\n", r"\n(?=[-*_]{3,}+(?:\n|$))"),
)
OFFER = Phrases(
    Phrase(
        "offer in the same line",
        "Hello. Let me know if you need anything else!",
        r"(?<=[.!?\"”’'。]) (?:(?:please )?let me know\b|would you like me\b|is there anything else\b|i hope this\b|"
        r"feel free to (?:ask|let)\b|happy to help|these are the (?:main |only )?(?:sounds|events)|do you (?:want|"
        r"need|have)\b|if you (?:need|have|would like) (?:any|more|further|me|anything)\b)",
    )
)
