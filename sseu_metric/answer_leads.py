"""What models put before an answer, as data (answer_phrases.py)."""

from __future__ import annotations

from .answer_phrases import AUDIO, CAN_HEAR, HEDGE, OF_AUDIO, QUOTE_OR_COLON_NEXT, SAYS, WHO, Phrase, Phrases

# ---- what leads up to the words
_BEFORE_QUOTE = r"(?:(?<=\w)['’](?=\w)|[^\"“‘'’「『\n.!?]|\.(?=\d))"
_FIRST_ABOUT_AUDIO = (
    rf"(?:(?:the|this) (?:speech|voice|speaker|language|{AUDIO}) (?:is|was|has|contains|sounds) "
    rf"[^\"“‘':\n.]{{3,100}}\. )?"
)
_KIND = (
    r"(?:(?:spoken|exact|original|final|complete|full|verbatim|literal|actual|english|only|single|intelligible|audible|"
    r"clear|corrected|transcribed|following|recogni[sz]ed|best|likely|main|first) ){0,3}"
)
_WORDS = (
    r"(?:transcript(?:ion)?|words?|text|sentences?|speech|content|wording|phrase|utterance|statement|passage)"
    r"(?: (?:spoken|said|heard|uttered|transcription))?"
)
_IS = r"(?:is|are|was|were|reads?|says|goes|(?:would|must|should|could) be)"
ASR_LEAD_IN = Phrases(
    Phrase(
        "what is said, in quotes",
        'What I can make out is: "Call Stella."',
        rf"(?={_BEFORE_QUOTE}{{0,120}}?\b(?:audio|clip|recording|speaker|person|narrator|voice|transcri|spoken|speech|"
        r"words|wording|content is|original text|they(?:'re|’re| are)|what (?:i|is)|what's|what’s|"
        r"an? (?:old |young )?(?:m[ae]n|wom[ae]n|boy|girl)|someone|being said))"
        rf"(?={_BEFORE_QUOTE}{{0,120}}?\b(?:says?|said|saying|transcri|make out|made out|hear|heard|spoken|speaking|"
        rf"utter|"
        r"reads?|is as follows|words?|wording|sentence|phrase|content|text))"
        rf"(?!{_BEFORE_QUOTE}{{0,120}}?: \w){_BEFORE_QUOTE}{{1,160}}+(?<=[ :：,，])(?=[\"“‘'「『])",
    ),
    Phrase(
        "as follows",
        "The content of the speech is as follows: Call Stella.",
        r"(?=[^\"\n:.]{0,80}\b(?:speech|words?|transcri|audio|content|said|spoken|recording))[^\"\n:.]{3,80}? "
        r"(?:as follows|the following|but i (?:believe|think) (?:they are|it is|it says)) ?: ?",
    ),
    before=_FIRST_ABOUT_AUDIO + HEDGE,
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
        rf"(?:in [a-z]{{3,12}}, ?)?(?:the |this |an? )?(?:[a-z]{{1,12}} ){{0,5}}{WHO}(?: [a-z]{{1,12}}){{0,6}} {SAYS}"
        rf"(?: (?:in|with) [a-z ]{{1,40}}+)?(?:,? (?:and )?say(?:ing|s))?,?{QUOTE_OR_COLON_NEXT}",
    ),
    Phrase("they say", 'They say, "Call Stella."', rf"(?:they|you) {SAYS}[:,]? ?(?=[\"“])"),
    Phrase(
        "here is the transcript",
        "Here are the spoken words from the recording: Call Stella.",
        r"(?:here(?:'s|’s| is| are)|(?:these|this|those) (?:is|are|were)) (?=[^:\n]{0,60}(?:transcri|spoken|speech|"
        r"speaker|"
        r"person|audio|said|heard|words?\b|text|sentence|content|wording))[^:\n]{3,80}: ?",
    ),
    Phrase(
        "the audio contains the words",
        'The audio is in English and contains the speech "Call Stella."',
        rf"(?:the|this) {AUDIO} (?:is in [a-z]{{3,12}} and )?(?:contains|has) (?:the |an? )?{_KIND}"
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
        'The final transcription would be: "Call Stella."',
        rf"(?:(?:the|these) )?{_KIND}(?:{_WORDS}|audio|recording){OF_AUDIO} {_IS}"
        rf"(?: in [a-z]{{1,12}})?(?:, saying)?(?: (?:as follows|the following|therefore))?"
        rf"(?:(?<!sentence is){QUOTE_OR_COLON_NEXT}|(?=[:,]? ?[\"“‘'「『]))",
    ),
    Phrase(
        "the words in the recording",
        "Every word in the recording: Call Stella.",
        rf"(?:the|every|all) {_KIND}(?:{_WORDS}{OF_AUDIO}|{_WORDS} (?:is|are|was|were) "
        rf"(?:spoken|said|heard|uttered)) ?(?=:)",
    ),
    Phrase(
        "my answer is", "My best guess is: Call Stella.", r"(?:the|my) (?:final answer|best guess) (?:is|would be): ?"
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

# ---- what leads up to a scene
_BE = (
    r"(?:is|was|seems to be|appears to be|seems to have been|appears to have been|might be|may be|could be|might "
    r"have been"
    r"|could have been|must be|would be|seems like|sounds (?:most |more |a lot |very )?like|looks like|feels like)"
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
        rf"(?:the|this) (?:{AUDIO}|{_WHERE}) (?:takes|took|(?:seems|appears) to take) place {_INSIDE}",
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
        r"(?:(?:根据|从|按)[^，,。]{1,20}[，,] ?)?(?:[\u4e00-\u9fff]{0,8}(?:场景|环境|地点)"
        r"(?:很可能|可能|应该|大概)?(?:是|为)(?:一个|一家|一条|一间)?|"
        r"(?:这段|这个|该|本|这)?(?:音频|录音|声音|录制)?的?(?:声学)?(?:场景|环境|地点|背景|音频|录音|里)?"
        r"(?:很可能|可能|应该|大概)?(?:是在|是|为|录制于|录制在|发生在|来自|在)(?:一个|一家|一条|一间)?)",
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
        r"conversation|speaker)(?: (?:speaking|talking|chatting))? (?:in|at|inside) (?=(?:an?|the) )",
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
        r"suggested by|indicated by|although|but)\b|, (?:or )?(?:possibly|perhaps|maybe|probably|likely|most likely)\b|"
        r" ?(?:->|→|=>)|"
        r" [-–—] (?=[^,]{1,40}, )| \((?=[^()]*(?:, |\b(?:is|are|was|were|can be|heard|audible|suggest\w*|indicat\w*|"
        r"because|due to)\b))|"
        r" (?:seems|is|would be|appears) (?:the )?(?:most )?(?:likel|probable|plausible)|"
        r" [-–—] (?=(?:[^\s]+ ){1,12}(?:is|are|was|were|can|could|suggests?|indicates?|heard)\b)",
    )
)

# ---- what leads up to events
EVENTS_LEAD = Phrases(
    Phrase(
        "I hear",
        "I can hear a dog",
        CAN_HEAR + r"(?=[ :])(?: (?:that )?there (?:is|are))?",
    ),
    Phrase(
        "the sounds are",
        "The sounds I can identify are: a dog",
        r"(?:the|these|some) (?:[a-z-]{1,16} ){0,4}(?:events?|sounds?|noises?)"
        rf"(?: (?:in|of|from) (?:the|this) {AUDIO})?(?: (?:that )?(?:i|you|we) (?:can )?(?:hear|identify|detect|"
        rf"recogni[sz]e))?"
        r"(?: (?:heard|detected|present|identified|audible))?(?:,? (?:excluding|besides|other than|apart from) "
        r"[a-z ]{3,20},)? "
        r"(?:(?:is|are)(?:,? (?:therefore|thus))?|includes?|(?:can|could) be heard(?=:))",
    ),
    Phrase(
        "the audio contains",
        "This recording features a dog",
        rf"(?:the|this) (?:{AUDIO}|background) (?:also )?(?:contains|includes|features|has|consists of|captures)",
    ),
    Phrase(
        "there is",
        "In the background, there are dogs",
        r"(?:(?:in|from) the background,? )?there(?:'s|’s| is| are| was| were) (?:also |only |just )?",
    ),
    Phrase("in the background", "In the background: a dog", r"(?:in|from) the background[,:]"),
    Phrase(
        "可以听到",
        "除了说话声，还有狗叫声",
        r"(?:除了[^，,。]{1,16}[，,])?(?:这段)?(?:音频|录音|背景)?(?:中|里)?(?:我)?(?:还|也)?(?:可以|能|"
        r"能够)?(?:听到|听见|检测到|有)了?",
    ),
    Phrase("事件有", "声音事件有狗叫声", r"(?:声音|音频)?事件(?:有|包括|是|为)"),
    before=HEDGE
    + r"(?:(?:apart from|besides|other than|aside from|in addition to|excluding) (?:[^,.\n]{1,40}+, ?|[a-z' ]{3,30}? "
    r"(?=there )))?",
    after=r"(?: (?:the )?following)?(?: (?:sound |audio |non-speech )?(?:events?|sounds?)(?=:))?[:：]?",
)
INTRODUCTION = Phrases(
    Phrase(
        "here is",
        "Sure! Here are the events:",
        r"(?:(?:sure|certainly|of course|okay|ok|absolutely)[,.!]{0,2}[ \n]{1,2})?"
        r"here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2}",
    ),
    Phrase(
        "the answer is",
        "The answer is: a kitchen",
        r"(?:the|my) (?:(?:final )?answer is[: ]|(?:final |best )?(?:answer|list|guess)(?: is)?:) ?",
    ),
)
