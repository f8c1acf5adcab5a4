"""The phrases that models put around an answer, as data: a name, an example and a pattern each.

A set of phrases is one pattern, in any case, of which the first phrase that matches tells its name. Every pattern is
bounded or possessive, so that matching takes linear time on any text; they expect text without runs of spaces.
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


def _any(*options: str) -> str:
    return f"(?:{'|'.join(options)})"


_AUDIO = (
    r"(?:audio|recording|clip|sound|file|track|sample|segment|snippet|message)"
    r"(?: (?:clip|recording|file|sample|track|segment|message))?"
)
_OF_AUDIO = r"(?: (?:of|in|from|for|on) (?:the|this|that|your) [a-z]{1,12}(?: [a-z]{1,12})?)?"
_SOFTENER = r"(?:(?:sure|certainly|of course|okay|ok|absolutely|well|so|yes|alright|hmm?)[,.!:]{1,2} )?"
_ACCORDING = (
    r"(?:(?:based on|from|according to|in|judging by|given|listening to|after listening to) "
    rf"(?:the|this|your|what) (?:provided |given |short )?{_AUDIO}[^,:.\n]{{0,60}}+, ?)?"
)
_HERE_IS = r"(?:here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2})?"
_I_THINK = (
    r"(?:(?:i (?:think|believe|guess|would say|would guess|assume|suspect)|i(?:'d|’d) (?:say|guess))(?: that)?,? )?"
)
_HEDGE = _SOFTENER + _HERE_IS + _ACCORDING + _I_THINK
_QUOTE_OR_COLON_NEXT = r"(?:(?=[:：,，]? ?[\"'“‘「『])|(?=[:：]))"
_CAN_HEAR = r"(?:i|we|you|one) (?:can |could )?(?:only |just |clearly |also |mainly |faintly )*(?:hear|heard|detect|identify|notice|recogni[sz]e|perceive)"

# ---- what leads up to the words
_SAYS = r"(?:says?|said|saying|states?|stated|speaks?|speaking|spoke|utters?|reads?|asks?|asking)"
_WHO = (
    r"(?:man|woman|male|female|boy|girl|child|lady|person|people|speaker|narrator|someone|voice|audio|recording|clip)"
)
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
        rf"(?: (?:in|with) [a-z ]{{1,40}}+)?(?:,? (?:and )?say(?:ing|s))?,?{_QUOTE_OR_COLON_NEXT}",
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
        rf"(?:the|this) {_AUDIO} (?:is in [a-z]{{3,12}} and )?(?:contains|has) (?:the )?(?:following )?"
        rf"(?:speech|words|sentence|text|phrase){_QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "the transcript is",
        "The transcription of the audio is as follows: Call Stella.",
        rf"(?:the )?(?:transcript(?:ion)?|spoken text|original content){_OF_AUDIO} (?:is|reads)(?: as follows)?[:,]?",
    ),
    Phrase(
        "the words are",
        'The words in this recording are: "Call Stella."',
        r"(?:the )?(?:speech|text|words?|sentence|phrase|utterance|content|spoken (?:words?|content|sentence)|audio|"
        rf"recording)(?: (?:spoken|said|heard|uttered))?{_OF_AUDIO} (?:is|are|reads|says|was|were)"
        rf"(?: in [a-z]{{1,12}})?(?:, saying)?{_QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "I hear",
        'I heard: "Call Stella."',
        rf"{_CAN_HEAR}(?: (?:the following|the words|this|someone say(?:ing)?|them say(?:ing)?|an? [a-z]{{1,12}} say(?:ing)?))?"
        rf"{_QUOTE_OR_COLON_NEXT}",
    ),
    Phrase(
        "说的是",
        "这段录音里说的是：请给斯特拉打电话。",
        r"(?:这个人|说话人|说话者|他|她|有人|内容)(?:说(?:的是|道)?|是|为)[:：,，]? ?(?=[“\"「:：])[:：]?|"
        r"[\u4e00-\u9fff]{0,16}?(?:说|讲|念|读|转录|转写|内容|文本)[\u4e00-\u9fff]{0,6}?(?:[:：]|[,，]? ?(?=[“\"「]))",
    ),
    before=_HEDGE,
)
LEADING_QUOTE_REMARK = Phrases(
    Phrase(
        "remark behind a quote",
        "says the man in the recording.",
        rf"[,.]? ?(?:{_SAYS}|(?:the|this|an?) (?:[a-z]{{1,12}} ){{0,3}}{_WHO}|(?:the|these) (?:words|sentence)|in the background|"
        r"(?:is |was )?(?:what )?(?:i|he|she) (?:hear|heard|says?|said)|would you|let me know|this is|spoken)\b",
    )
)

# ---- what leads up to a scene
_BE = (
    r"(?:is|was|seems to be|appears to be|seems to have been|appears to have been|might be|may be|could be|might have been"
    r"|could have been|must be|would be|seems like|sounds like|looks like|feels like)"
)
_LIKELY = r"(?: (?:most likely|very likely|likely|most probably|probably|possibly|perhaps|maybe))?"
_RECORDED = r"(?:recorded|captured|taken|set|made|filmed)"
_INSIDE = r"(?:in|at|on|from|inside|of|within|near|by)"
_PLACED = rf"(?: (?:{_RECORDED}|located|taking place|happening|coming))?(?: {_INSIDE})?"
_WHERE = r"(?:scene|environment|location|setting|place|context)"
SCENE_LEAD = Phrases(
    Phrase(
        "the audio was recorded in",
        "The audio was most likely recorded in a kitchen",
        rf"(?:the|this) {_AUDIO} {_BE}{_LIKELY}(?: been)? {_RECORDED}{_LIKELY} {_INSIDE}",
    ),
    Phrase(
        "it takes place in",
        "The recording takes place in a kitchen",
        rf"(?:the|this) (?:{_AUDIO}|{_WHERE}) (?:takes|(?:seems|appears) to take) place {_INSIDE}",
    ),
    Phrase(
        "the scene is",
        "The acoustic scene of this audio is a kitchen",
        r"(?:the|this) (?:(?:most )?(?:likely|probable) |acoustic |recording |audio |background |sound )?"
        rf"{_WHERE}{_OF_AUDIO} {_BE}{_LIKELY}{_PLACED}",
    ),
    Phrase(
        "场景是",
        "这段录音很可能是在餐厅里录制的",
        r"(?:这段|这个|该|本|这)?(?:音频|录音|声音|录制)?的?(?:声学)?(?:场景|环境|地点|背景|音频|录音|里)?"
        r"(?:很可能|可能|应该|大概)?(?:是在|是|为|录制于|录制在|发生在|来自|在)(?:一个|一家|一条|一间)?",
    ),
    before=_HEDGE,
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
        r"(?:it(?:'s|’s| is) )?(?:i(?:'m|’m| am) )?(?:(?:not|hard|difficult|tough) (?:to (?:say|tell|determine|be)|"
        r"(?:entirely |completely |totally |quite |very )?(?:sure|certain|clear))|unclear|unsure|uncertain|unknown)"
        r"[^,;.:\n]{0,50}+[,;.:-]? ?(?:but|though|however|although|yet)(?=[ ,]),?",
    ),
    Phrase(
        "evidence",
        "Based on the sounds, a kitchen",
        r"(?:based on|given|judging (?:by|from)|considering|from|according to|due to) [^,.;:\n]{1,80}+,(?: (?:such as|like|including) [^.;:\n]{1,80}?, (?=the |it |this |i ))?",
    ),
    Phrase(
        "hedge",
        "My best guess is a kitchen",
        r"(?:i (?:think|believe|would say|would guess|guess|assume|suspect)|i(?:'d|’d) (?:say|guess)|my (?:best )?guess "
        r"(?:is|would be)|if i had to guess|most likely|very likely|likely|probably|most probably|possibly|perhaps|maybe|"
        r"presumably|somewhere|it could be)(?: that)?[,:]?(?: (?=in |at |on |inside )(?:in|at|on|inside))?",
    ),
    Phrase(
        "the sounds suggest",
        "The background noise suggests a kitchen",
        rf"(?:the|this|these|that|all this) (?:(?:[a-z]{{1,12}} ){{0,3}}(?:sounds?|noises?|ambience|acoustics|background|"
        rf"atmosphere|reverberation)|{_AUDIO}){_OF_AUDIO}(?: of [a-z ]{{1,40}})? (?:strongly |clearly )?(?:suggests?|indicates?|"
        r"implies|imply|points? to|hints? at|is consistent with|are consistent with|is typical of|are typical of)(?: that)?",
    ),
    Phrase(
        "it is",
        "It sounds like a kitchen",
        rf"(?:it|this|that|there)(?:'s|’s| (?:{_BE}|seems)){_LIKELY}{_PLACED}(?= )",
    ),
    Phrase(
        "the audio is",
        "The clip sounds like a kitchen",
        rf"(?:the|this) {_AUDIO} {_BE}{_LIKELY}{_PLACED}(?= )",
    ),
    Phrase("sounds like", "Sounds like a kitchen", rf"(?:sounds|seems|feels|looks) like(?: {_INSIDE})?(?= )"),
    Phrase("recorded in", "Recorded in a kitchen", rf"(?:most likely |probably |likely )?{_RECORDED} {_INSIDE}(?= )"),
    Phrase("in", "In a kitchen", r"(?:in|at|inside|on) (?=(?:an?|the) )"),
    after=" ?",
)
RECORDED_IN = Phrases(
    Phrase(
        "the audio was recorded in",
        "this clip was likely recorded in a kitchen",
        rf"(?:the |this )?(?:{_AUDIO}|{_WHERE}|it|this|speaker|conversation|speech) {_BE}{_LIKELY}(?: been)?(?: {_RECORDED})?{_LIKELY} "
        r"(?:in|at|inside) ",
    ),
    Phrase(
        "suggests",
        "suggesting a kitchen",
        r"(?:suggest(?:s|ing)?|indicat(?:es?|ing)|impl(?:y|ies|ying)|sounds like|points? to)(?: that)?"
        rf"(?: (?:the|this) (?:{_AUDIO}|{_WHERE})| it| this)?(?: {_BE})?{_LIKELY}(?: {_RECORDED})?(?: {_INSIDE})? (?=(?:an?|the) )",
    ),
    Phrase(
        "the scene is", "the setting is a kitchen", rf"\bthe (?:[a-z]{{1,12}} ){{0,2}}{_WHERE} {_BE}{_LIKELY}{_PLACED} "
    ),
)
SCENE_EXPLANATION = Phrases(
    Phrase(
        "evidence",
        ", judging by the plates",
        r",? (?:judging|based on|given|because|since|as (?:there|i|you|the|indicated|evidenced)|due to|considering|with the|"
        r"suggested by|indicated by|as suggested|as we|although|but)\b|"
        r" [-–—] (?=(?:[^\s]+ ){1,12}(?:is|are|was|were|can|could|suggests?|indicates?|heard)\b)",
    )
)

# ---- what leads up to events
EVENTS_LEAD = Phrases(
    Phrase(
        "I hear",
        "I can hear a dog",
        _CAN_HEAR + r"(?= )(?: (?:that )?there (?:is|are))?",
    ),
    Phrase(
        "the sounds are",
        "The sounds I can identify are: a dog",
        r"(?:the|these|some) (?:[a-z-]{1,16} ){0,4}(?:events?|sounds?|noises?)"
        rf"(?: (?:in|of|from) (?:the|this) {_AUDIO})?(?: (?:that )?(?:i|you|we) (?:can )?(?:hear|identify|detect|recogni[sz]e))?"
        r"(?: (?:heard|detected|present|identified|audible))? (?:is|are|includes?|(?:can|could) be heard(?=:))",
    ),
    Phrase(
        "the audio contains",
        "This recording features a dog",
        rf"(?:the|this) (?:{_AUDIO}|background) (?:also )?(?:contains|includes|features|has|consists of|captures)",
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
        r"(?:除了[^，,。]{1,16}[，,])?(?:这段)?(?:音频|录音|背景)?(?:中|里)?(?:我)?(?:还|也)?(?:可以|能|能够)?(?:听到|听见|检测到|有)了?",
    ),
    Phrase("事件有", "声音事件有狗叫声", r"(?:声音|音频)?事件(?:有|包括|是|为)"),
    before=_HEDGE + r"(?:(?:apart from|besides|other than|aside from|in addition to) [^,.\n]{1,40}+, ?)?",
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
    r"(?:please )?(?:let me know|note(?: that)?\b|i hope|hope this|if you (?:have|need|would like|want)|feel free|is there anything|"
    r"would you like|do you want|shall i|please note|i can also|these sounds|this (?:suggests|indicates|is (?:a|my|the) "
    r"(?:best|transcri|accurate|verbatim))|(?:the|this) (?:audio|recording|clip|transcription|speaker|background|speech) "
    r"(?:is|was|has|sounds|seems|appears|suggests|contains|quality|also)|translation ?[:：]|explanation ?[:：]|language ?[:：]|"
    r"(?:in|there (?:is|are)[a-z ]{0,20} (?:noise|sounds?) in) the background)"
)
REMARK = Phrases(
    Phrase("remark in a paragraph", "\nLet me know if you need more!", rf"\n(?=[ (*]{{0,3}}{_REMARKS})"),
    Phrase("rule", "\n---\n", r"\n(?=[-*_]{3,}+(?:\n|$))"),
)
OFFER = Phrases(
    Phrase(
        "offer in the same line",
        " Let me know if you need anything else!",
        r"(?<=[.!?\"”’'。]) (?:(?:please )?let me know\b|would you like me\b|is there anything else\b|i hope this\b|"
        r"feel free to (?:ask|let)\b|if you (?:need|have|would like) (?:any|more|further|me|anything)\b)",
    )
)

# ---- "there is none"
_BUT_FOR = (
    r"(?: (?:other than|besides|apart from|aside from|beyond|but|except(?: for)?|in addition to) "
    r"(?:the |a |an |some )?[a-z' ’]{1,30})?"
)
_TAIL = (
    r"(?: (?:is|are|was|were|can be|could be))?"
    r"(?: (?:detected|present|heard|audible|found|recogni[sz]ed|identified|here|noticeable|noted|observed|apparent|"
    rf"perceptible|discernible|discernable|spoken|else))?{_BUT_FOR}(?: to (?:transcribe|report|list))?"
    rf"(?: (?:in|from|on|within|during) (?:the|this) (?:(?:given|provided|entire) )?(?:{_AUDIO}|background|segment))?"
    + _BUT_FOR
)
_NONE = ("none", "nothing", "n/?a", "null", "nil", "not applicable", "empty", "无", "没有")
_NONE_REMARKED = rf"{_any(*_NONE, 'no')}(?:{_TAIL}|(?: ?\([^()\n]{{0,60}}\)?)?)"
_CANNOT_HEAR = r"i (?:do not|don't|don’t|did not|didn't|cannot|can't|can’t|could not|couldn't) (?:hear|detect|identify|notice|perceive)"
_WORDS = r"(?:speech|(?:human )?voices?|(?:spoken )?words?|spoken (?:text|content|language)|dialog(?:ue)?|talking|speaking|speakers?)"
_VOICE = (
    r"(?:(?:the|a|an|one|some|human|male|female|man's|woman's|person's|speaker's|speaker’s|adult|clean|clear) ){0,3}"
    r"(?:speech|voices?|speaker|talking|speaking|conversation|narration|dialogue|person speaking|man speaking|woman speaking|"
    r"someone speaking|words)"
)
_HEARD = r"(?: (?:is|are|was|were|can be|could be))?(?: (?:present|audible|heard|detected|identified|found|there|noticeable))?"
_THERE_IS = rf"(?:there (?:is|was|are|were)|(?:the|this) (?:{_AUDIO}|background) (?:contains|has|features)|it (?:contains|has)|i(?: can)?(?: only| just)? hear)"
_IN_AUDIO = (
    rf"(?: (?:in|from|on|within|during) (?:the|this) (?:(?:given|provided|entire) )?(?:{_AUDIO}|background|segment))?"
)
_NOT_SPEECH = r"(?:background |ambient |instrumental |static )?(?:music|noises?|silence|sounds?|static|ambience|birds?|wind|traffic)"
_THERE_IS_NOW = _THERE_IS.replace("(?:is|was|are|were)", "(?:is|are)")
_SOUNDING = r"(?:barking|chirping|playing|clinking|running|blowing|humming|ringing|beeping|meowing|clattering|rustling|buzzing|hissing)"
NO_SPEECH = Phrases(
    Phrase("none", "None", _any(*_NONE)),
    Phrase(
        "a sound in brackets or alone",
        "[MUSIC PLAYING]",
        r"(?:silence|silent|inaudible|unintelligible|indistinct|blank[ _]audio|applause|laughter|静音|听不清|"
        rf"(?:only |just )?{_NOT_SPEECH}(?: (?:and|with) {_NOT_SPEECH})?(?: (?:only|playing|continues|in the background))?)",
    ),
    Phrase(
        "没有人说话",
        "音频中没有人说话",
        r"(?:[\u4e00-\u9fff]{0,6}[中里])?(?:无|没有|没)(?:任何)?(?:人(?:在)?(?:说话|讲话)|(?:语音|人声|说话声)(?:内容)?)",
    ),
    Phrase(
        "there is no speech",
        "There is no discernible speech in this recording, only the sound of dishes",
        rf"(?:{_THERE_IS} )?no (?:[a-z]{{4,16}} ){{0,2}}{_WORDS}{_TAIL}(?:[,;] ?(?:only|just) [^.\n]{{1,80}}+)?",
    ),
    Phrase(
        "it does not contain speech",
        "I don't hear any words",
        rf"(?:(?:the|this) {_AUDIO} (?:does not|doesn't|doesn’t) (?:contain|have|include)|{_CANNOT_HEAR}) (?:any )?"
        rf"(?:[a-z]{{4,16}} ){{0,2}}(?:{_WORDS}|(?:any)?one (?:speaking|talking))(?: being spoken)?{_TAIL}",
    ),
    Phrase(
        "nobody speaks",
        "There is no one speaking",
        r"(?:there (?:is|was) )?(?:no one|nobody|no person|no human)(?: is| was)? "
        rf"(?:speak(?:s|ing)|talk(?:s|ing)|spoke|says anything|said anything|saying anything){_TAIL}",
    ),
    Phrase(
        "the audio is silent",
        "The audio is silent",
        rf"(?:the|this) {_AUDIO} (?:is|was) (?:completely |entirely )?(?:silent|empty|blank)",
    ),
    Phrase(
        "only other sounds",
        "The recording contains only music",
        rf"(?:{_THERE_IS_NOW} )(?:only|just) (?:the sounds? of )?(?:[a-z]{{2,16}} ){{0,3}}(?:{_NOT_SPEECH}|{_SOUNDING}){_IN_AUDIO}",
    ),
    before=r"[\[(（【*♪ ]*+",
    after=r"[.。!♪ ]*+[\])）】*]*+[.。]?",
)
_PLACE = r"(?:location|place|scene|environment|setting|area|space)"
_UNTELLABLE = r"(?:determined?|identif(?:y|ied)|tell|told|recogni[sz]ed?|inferred?|infer|say|said|discern(?:ed)?|specif(?:y|ied)|established?|known|deduced?|classif(?:y|ied))"
_WITHOUT_BUT = r"(?:(?!\bbut\b|\bhowever\b|\bthough\b|\bpossibly\b|\blikely\b|\bsuggest|\bsounds like\b)[^.\n;]){0,80}"
NO_SCENE = Phrases(
    Phrase("none", "None", rf"{_any(*_NONE, 'no')}(?: ?\([^()\n]{{0,60}}\)?)?"),
    Phrase(
        "unknown",
        "Unknown location (no background sound)",
        r"(?:(?:it|that)(?:'s|’s| is) |(?:the|this) [a-z ]{3,24}(?:is|was|remains) |(?:an? )?)?(?:unknown|unclear|uncertain|undetermined|"
        r"indeterminate|indeterminable|undeterminable|unidentifiable|unidentified|unspecified|undefined|ambiguous|unrecogni[sz]able|"
        rf"not (?:clear|sure|known|identifiable|specified|determinable|discernible|determined)|未知|不确定|不明|无法判断|无法确定)"
        rf"(?: {_PLACE})?{_WITHOUT_BUT}",
    ),
    Phrase(
        "it cannot be told",
        "Cannot be determined from the audio",
        r"(?:(?:it|this|(?:the|this) [a-z ]{3,24}) )?(?:is )?(?:(?:cannot|can not|can't|can’t|could not|couldn't|unable|impossible|not possible|hard|"
        rf"difficult|not able)(?: to)?(?: be)?|not (?:possible|enough information) to) (?:reliably |be |accurately |clearly )?{_UNTELLABLE}{_WITHOUT_BUT}",
    ),
    Phrase("none of these", "None of the above", r"none of [a-z ]{1,30}"),
    Phrase(
        "no scene",
        "There is no specific scene detected",
        r"(?:there is |there are )?(?:no|not enough|insufficient) (?:clear |specific |identifiable |distinct |discernible |background |audible |"
        rf"other |environmental )*(?:sounds?|noises?|scene|{_PLACE}|information|context|cues?|evidence|audio cues?){_WITHOUT_BUT}",
    ),
)
_EVENTS = r"(?:[a-z-]{1,20} ){0,5}(?:sounds?|events?|noises?|speech|audio events?)"
_NO_EVENT = _any(
    _NONE_REMARKED,
    r"silence|(?:clean|clear) (?:background|speech|audio)|(?:the )?(?:background|audio|recording) is (?:quiet|silent|clean|clear)|"
    r"quiet(?: background)?|silent(?: background)?|(?:only |just |complete )?silence",
    rf"(?:{_THERE_IS} )?(?:no|not any) (?:other |additional )?{_EVENTS}{_TAIL}",
    rf"{_CANNOT_HEAR} (?:any|anything)(?: {_EVENTS})?{_TAIL}",
    rf"(?:{_THERE_IS} )?(?:only|just|solely|nothing but|nothing except|merely) {_VOICE}{_HEARD}{_IN_AUDIO}",
    rf"{_THERE_IS} (?:only|just|nothing but) {_VOICE}{_HEARD}{_IN_AUDIO}",
    rf"i (?:only|just) hear {_VOICE}{_IN_AUDIO}",
    rf"{_VOICE} (?:only|alone)",
    r"(?:[\u4e00-\u9fff]{0,6}[中里])?(?:无|没有|只有|仅有)(?:任何|明显|其他|检测到|背景)*+的?(?:声音|音频|人声|说话声|语音|噪音)?(?:事件|声音)?",
)
NO_EVENTS = Phrases(
    Phrase("no events", "N/A - only speech is audible", rf"{_NO_EVENT}(?:[ ,;.(–—-]{{1,3}}{_NO_EVENT}){{0,3}}"),
    after=r"[).]*",
)

# ---- "I cannot": no audio arrived, the model will not, the model is not able to
_TEXT_ONLY = r"(?:as an? (?:ai|artificial|large language|language|text-based)\b|i(?:'m|’m| am) (?:just |only )?an? (?:ai|text|language|large)\b)"
_FILE = r"(?:audio|recording|sound|file|clip|voice|attachment)"
_ASK_FOR = r"(?:provide|upload|share|attach|send|resend|re-upload)"
NO_AUDIO = Phrases(
    Phrase(
        "no audio arrived",
        "I don't see any audio file attached.",
        rf"(?:(?:sorry|apologies|hello|hi)[,!.]? (?:but )?)?(?:i(?:'m|’m| am) (?:so )?(?:sorry|afraid)[,.]? ?(?:but )?)?(?:(?:it (?:seems|appears|looks like)|i think)(?: that| like)? ?)?"
        + _any(
            rf"(?:there (?:is|was|are|does not seem|doesn't seem|doesn’t seem|does not appear|doesn't appear)(?: to be)? )?(?:no|any) (?:[a-z]{{2,12}} )?{_FILE}\b",
            rf"i (?:do not|don't|don’t|did not|didn't|cannot|can't|can’t) (?:see|find|have|receive|get|have access to)(?: received)? (?:an?y?|the|your) (?:[a-z]{{2,12}} )?{_FILE}",
            rf"(?:you|your message) (?:have not|haven't|haven’t|did not|didn't|has not|hasn't) (?:{_ASK_FOR}(?:ed|d)?|attached|provided|uploaded|shared|sent|included?)",
            rf"(?:the|your|an?) {_FILE}(?: {_FILE})? (?:is|was|seems to be|appears to be) (?:missing|not (?:attached|provided|included))",
            rf"(?:could you |can you |would you )?(?:please )(?:{_ASK_FOR}) (?:an?|the|your)\b",
            rf"(?:could|can|would) you (?:please )?{_ASK_FOR} (?:an?|the|your)\b",
        ),
    ),
    Phrase("请上传", "请上传音频文件。", r"请(?:提供|上传)|没有收到(?:音频|录音)"),
)
_I_CANNOT = r"i (?:cannot|can't|can’t|can not|could not|couldn't|was unable|was not able|am not able|won't|will not|don't know|do not know)\b"
_I_AM_UNABLE = r"i(?:'m|’m| am) (?:\w{1,10} )?(?:unable|not able)\b"
_I_LACK = r"i (?:do not|don't|don’t) (?:have|hear)\b"
_OTHER_LANGUAGES = (
    r"lo siento|disculpa|no puedo|es tut mir leid|ich kann|entschuldigung|leider|désolé|je (?:suis désolé|ne peux)|mi dispiace|"
    r"non posso|desculpe|não posso|申し訳|すみません|ごめんなさい|죄송|извините|к сожалению"
)
REFUSAL = Phrases(
    *NO_AUDIO.phrases,
    Phrase(
        "I am sorry",
        "I'm sorry, but I can't assist with that.",
        r"i(?:'m|’m| am) (?:so |very |really )?(?:sorry|afraid|just an?)\b|sorry\b|(?:i|we) apologi[sz]e|my apologies|unfortunately",
    ),
    Phrase("I cannot", "I cannot process audio.", _any(_I_CANNOT, _I_AM_UNABLE, _I_LACK, _TEXT_ONLY)),
    Phrase(
        "unable",
        "Unable to transcribe the audio.",
        r"unable to (?:transcribe|process|understand|hear|make out|access|analy[sz]e|listen|identify|detect|recogni[sz]e)|(?:the )?transcri(?:ption|pt) (?:is |was )?"
        r"(?:not (?:possible|available)|unavailable|impossible|failed)|no transcri(?:ption|pt) (?:is )?(?:available|possible)|"
        r"(?:cannot|can't|could not|couldn't) (?:transcribe|be transcribed|process|understand|make out)|"
        r"(?:the )?(?:audio|speech|recording|words?|voice)(?: quality)? (?:is|are|was|were) (?:too|not (?:clear|audible|intelligible)|"
        r"inaudible|unintelligible|unclear)(?: [a-z]{1,12}){0,12}",
    ),
    Phrase(
        "抱歉",
        "很抱歉，我听不清这段录音。",
        r"(?:很|非常)?抱歉|对不起|作为(?:一个|一名)?(?:大?语言模型|AI|人工智能)|我(?:无法|不能|听不到|听不清)|"
        rf"无法(?:识别|判断|听|处理|转录)|{_OTHER_LANGUAGES}",
    ),
    before=r"[\"'“‘*\[(]*+",
)
INABILITY = re.compile(
    rf"\b{_I_CANNOT}|\b{_I_AM_UNABLE}|\b{_I_LACK}|{_TEXT_ONLY}|no audio|无法|不能|听不|请|unable|not possible|not available|"
    rf"unavailable|transcri|any (?:[a-z]{{2,12}} )?{_FILE}|attached|upload|too |not clear|not audible|inaudible|unintelligible|unclear|"
    r"puedo|kann |peux|posso|ません|할 수|не могу|没有收到|provide",
    re.IGNORECASE,
)
# People, too, say "I'm sorry, I can't": for a transcript the refusal must also speak of the task itself.
ABOUT_THE_TASK = re.compile(
    r"audio|recording|transcri|language model|text-based|\ban ai\b|sound (?:file|clip)|"
    r"(?:help|assist|comply)(?: you)? with (?:that|this)|"
    r"(?:identify|recogni[sz]e|understand|make out|determine) the (?:speech|spoken)|what (?:is|was) (?:being )?said|"
    r"(?:speech|words?|voice) (?:is|are|was|were) (?:too|not|in|un)|aufnahme|grabaci|enregistrement|registrazione|gravação|音声|録音|음성|аудио|"
    r"音频|录音|转录|语音|识别|人工智能",
    re.IGNORECASE,
)
