"""What models put before words and sounds, as data (answer_phrases.py)."""

from __future__ import annotations

from .answer_phrases import AUDIO, CAN_HEAR, HEDGE, OF_AUDIO, QUOTE_OR_COLON_NEXT, SAYS, WHO, Phrase, Phrases

# ---- what leads up to the words
_BEFORE_QUOTE = r"(?:(?<=\w)['’](?=\w)|[^\"“‘'’「『\n.!?]|\.(?=\d))"
_FIRST_ABOUT_AUDIO = (
    rf"(?:(?:the|this) (?:speech|voice|speaker|language|{AUDIO}) (?:is|was|has|contains|sounds) "
    rf"[^\"“‘':\n.]{{3,100}}\. )?"
)
_KIND = (
    r"(?:(?:speech|audio|spoken|exact|original|final|complete|full|verbatim|literal|actual|english|only|single|"
    r"intelligible|audible|clear|corrected|transcribed|following|recogni[sz]ed|best|likely|main|first) ){0,3}"
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
        r"words|wording|content is|original text|they(?:'re|’re| are)|what (?:i|is)|what's|what’s|an? (?:old |young "
        rf")?(?:m[ae]n|wom[ae]n|boy|girl)|someone|being said))(?={_BEFORE_QUOTE}{{0,120}}?\b(?:says?|said|saying|"
        r"transcri|make out|made out|hear|heard|spoken|speaking|utter|reads?|is as follows|words?|wording|sentence|"
        rf"phrase|content|text))(?!{_BEFORE_QUOTE}{{0,120}}?: "
        rf"\w){_BEFORE_QUOTE}{{1,160}}+(?<=[ :：,，])(?=[\"“‘'「『])",
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
    Phrase(
        "they say",
        'They say, "Call Stella."',
        r"(?:(?:they|you) (?:say|said|are saying)|(?:he|she) (?:says|is saying))[:,]? ?"
        r"(?=[\"“][^\"“”\n]{1,300}(?:[.!?,][\"”]|[\"”][.!?]?$))",
    ),
    Phrase("courtesy", 'Sure! "Call Stella."', r"(?<=[!.,:] )(?=[\"“])"),
    Phrase(
        "here is the transcript",
        "Here are the spoken words from the recording: Call Stella.",
        r"(?:(?:here|below|the following)(?:'s|’s| is| are)|(?:these|this|those) (?:is|are|were)) "
        r"(?=[^:\n]{0,60}(?:transcri|spoken|speech|speaker|person|audio|said|heard|words?\b|text|sentence|content|"
        r"wording))[^:\n]{3,80}: ?",
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
        "my answer is",
        "My best guess is: Call Stella.",
        r"(?:the|my) (?:final answer|best guess) (?:is|would be): ?|here you go: ?",
    ),
    Phrase(
        "I hear",
        'I heard: "Call Stella."',
        rf"{CAN_HEAR}(?: (?:the following|the words|this|someone say(?:ing)?|them say(?:ing)?|an? [a-z]{{1,12}} "
        rf"say(?:ing)?))?{QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "说的是",
        "这段录音里说的是：请给斯特拉打电话。",
        r"(?:这个人|说话人|说话者|他|她|有人|内容)(?:说(?:的是|道)?|是|为)[:：,，]? ?(?=[“\"「:：])[:：]?|"
        r"[\u4e00-\u9fff，,]{0,20}?(?:说|讲|念|读|转录|"
        r"转写|内容|文本)[\u4e00-\u9fff]{0,6}?(?:[:：]|[,，]? ?(?=[“\"「]))",
    ),
    before=HEDGE,
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
        rf"(?:the|these|some) (?:[a-z-]{{1,16}} ){{0,4}}(?:events?|sounds?|noises?)(?: (?:in|of|from) (?:the|this) "
        rf"{AUDIO})?(?: (?:that )?(?:i|you|we) (?:can )?(?:hear|identify|detect|recogni[sz]e))?(?: (?:heard|detected|"
        rf"present|identified|audible))?(?:,? (?:excluding|besides|other than|apart from) [a-z ]{{3,20}},)? (?:(?:is|"
        r"are)(?:,? (?:therefore|thus))?|includes?|(?:can|could) be heard(?=:))",
    ),
    Phrase(
        "the audio contains",
        "This recording features a dog",
        rf"(?:the|this) (?:{AUDIO}|background) (?:also )?(?:contains|includes|features|has|consists of|captures)",
    ),
    Phrase(
        "there is",
        "In the background, there are dogs",
        r"(?:(?:in|from) the background,? )?there(?:'s|’s| is| are| was| were)(?: (?:also|only|just))?(?= )",
    ),
    Phrase(
        "it sounds like",
        "It sounds like a dog",
        r"(?:(?:it|this|that) sounds like(?= )|i (?:would say|think|guess)[:,])",
    ),
    Phrase(
        "sounds other than speech",
        "Sounds other than speech: a dog",
        r"(?:sounds?|events?|noises?) (?:other than|besides|apart from|excluding) (?:the )?[a-z]{3,12}(?=:)",
    ),
    Phrase("in the background", "In the background: a dog", r"(?:in|from) the background[,:]"),
    Phrase(
        "可以听到",
        "除了说话声，还有狗叫声",
        r"(?:除了[^，,。]{1,16}[，,])?(?:这段)?(?:音频|录音|背景)?(?:中|里)?(?:我)?(?:还|也)?(?:可以|能|能够)?(?:听到|"
        r"听见|检测到|有)了?",
    ),
    Phrase("事件有", "声音事件有狗叫声", r"(?:声音|音频)?事件(?:有|包括|是|为)"),
    before=HEDGE + r"(?:(?:apart from|besides|other than|aside from|in addition to|excluding) (?:[^,:.\n]{1,40}+[,:] ?|"
    r"[a-z' ]{3,30}? "
    r"(?=there )))?",
    after=r"(?: (?:the )?following| (?:two|three|four|five|several))?(?: (?:sound |audio |non-speech )?(?:events?|"
    r"sounds?)(?=:))?[:：]?",
)
INTRODUCTION = Phrases(
    Phrase(
        "here is",
        "Sure! Here are the events:",
        r"here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2}",
    ),
    Phrase(
        "the answer is",
        "The answer is: a kitchen",
        r"(?:the|my) (?:(?:final )?answer is[: ]|(?:final |best )?(?:answer|list|guess)(?: is)?:) ?",
    ),
    before=r"(?:(?:sure|certainly|of course|okay|ok|absolutely|so|yes|alright)[,.!]{0,2}[ \n]{1,2})?",
)
COURTESY = Phrases(
    Phrase(
        "courtesy",
        "Sure! A kitchen",
        r"(?:sure|certainly|of course|okay|ok|absolutely|yes|alright)[,.!:]{1,2}[ \n]{1,2}",
    )
)
