"""Patterns for the phrases that models put around an answer.

Every pattern is bounded or possessive, so that matching takes linear time on any text. They expect text without runs
of spaces, and match in any case.
"""

from __future__ import annotations

import re


def _any(*options: str) -> str:
    return f"(?:{'|'.join(options)})"


def _pattern(*options: str) -> re.Pattern[str]:
    return re.compile(_any(*options), re.IGNORECASE)


# ---- phrases before an answer
_AUDIO = r"(?:audio|recording|clip|sound|file|track|sample)(?: (?:clip|recording|file|sample|track))?"
_OF_AUDIO = r"(?: (?:of|in|from|for) (?:the|this) [a-z]{1,12}(?: [a-z]{1,12})?)?"
_HEDGE = (
    r"(?:(?:sure|certainly|of course|okay|ok|absolutely)[,.!:]{0,2} )?"
    r"(?:here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2})?"
    r"(?:(?:based on|from|according to|in|judging by|given) (?:the|this|your) (?:provided |given )?"
    rf"{_AUDIO}[^,:.\n]{{0,60}}+, ?)?"
    r"(?:i (?:think|believe|would say|guess)(?: that)? )?"
)
_QUOTE_OR_COLON_NEXT = r"(?:(?=[:：,，]? ?[\"'“‘「『])|(?=[:：]))"
_SAYS = r"(?:says?|said|saying|states?|stated|speaks?|speaking|spoke)"
_WHO = (
    r"(?:man|woman|male|female|boy|girl|child|lady|person|people|speaker|narrator|someone|voice|audio|recording|clip)"
)
ASR_LEAD = _pattern(
    _HEDGE
    + _any(
        r"(?:the|this|a) (?:person|speaker|narrator)(?: in (?:the|this) [a-z]{1,12})? (?:says|is saying)"
        r"(?: that\b|(?: in [a-z]{1,12}){1,2}(?=[:,]))?[:,]?",
        rf"(?:the |this |an? )?(?:[a-z]{{1,12}} ){{0,5}}{_WHO}(?: [a-z]{{1,12}}){{0,3}} {_SAYS}"
        rf"(?: (?:in|with) [a-z ]{{1,40}}+)?(?:,? saying)?,?{_QUOTE_OR_COLON_NEXT}",
        r"(?:(?:sure|certainly|of course)[,.!]{0,2} )?here(?:'s|’s| is) (?:the|what|a|your) "
        r"[^:]{0,40}(?:transcri|spoken|speech|speaker|person|audio|said|heard)[^:]{0,40}: ?",
        rf"(?:the|this) {_AUDIO} contains (?:the )?(?:following )?(?:speech|words|sentence|text){_QUOTE_OR_COLON_NEXT}",
        rf"(?:the )?(?:transcript(?:ion)?|spoken text|original content){_OF_AUDIO} (?:is|reads)(?: as follows)?[:,]?",
        r"(?:the )?(?:speech|text|words?|sentence|content|spoken (?:words|content)|audio|recording)"
        rf"{_OF_AUDIO} (?:is|are|reads|says)(?: in [a-z]{{1,12}})?(?:, saying)?{_QUOTE_OR_COLON_NEXT}",
        _any(
            "这个人",
            "说话人",
            "说话者",
            "音频中的人",
            "他",
            "她",
            "有人",
            "内容",
            "音频内容",
            "语音内容",
            "转录(?:结果|内容)?",
        )
        + '(?:说(?:的是|道)?|是|为)[:：,，]? ?(?=[“"「:：])[:：]?',
    )
)
_BE = r"(?:is|was|seems to be|appears to be|seems to have been|appears to have been|might be|may be|could be)"
_LIKELY = r"(?: (?:most likely|very likely|likely|probably|possibly))?"
_RECORDED = r"(?:recorded|captured|taken|set|made)"
_PLACED = rf"(?: (?:{_RECORDED}|located|taking place))?(?: (?:in|at|on|from|inside|of))?"
SCENE_LEAD = _pattern(
    _HEDGE
    + _any(
        rf"(?:the|this) {_AUDIO} {_BE}{_LIKELY}(?: been)? {_RECORDED} (?:in|at|on|from|inside)",
        rf"(?:the|this) {_AUDIO} (?:takes|(?:seems|appears) to take) place (?:in|at|on)",
        r"(?:the|this) (?:(?:most )?likely |acoustic |recording |audio |background )?"
        rf"(?:scene|environment|location|setting|place){_OF_AUDIO} {_BE}{_LIKELY}{_PLACED}",
        "(?:这段|这个|该|本)?(?:音频|录音|声音|录制)?的?(?:声学)?(?:场景|环境|地点|背景|音频|录音)"
        "(?:很可能|可能|应该)?(?:是|为|录制于|录制在|发生在|来自|在)(?:一个|一家|一条|一间)?",
    )
)
LOOSE_SCENE_LEAD = _pattern(
    _HEDGE
    + _any(
        rf"(?:it|this|that)(?:'s|’s| (?:{_BE}|sounds like|seems like)){_LIKELY}{_PLACED}(?= )",
        rf"(?:the|this) {_AUDIO} (?:{_BE}|sounds like|suggests){_LIKELY}{_PLACED}(?= )",
        r"(?:most likely |probably )?(?:recorded|captured) (?:in|at|on|inside)(?= )",
    )
)
EVENTS_LEAD = _pattern(
    _HEDGE
    + _any(
        r"(?:i|we|you|one) (?:can |could )?(?:clearly )?(?:also )?(?:hear|detect|identify|notice|recognize)",
        r"(?:the|these|some) (?:[a-z-]{1,16} ){0,4}(?:events?|sounds?|noises?)"
        rf"(?: (?:in|of|from) (?:the|this) {_AUDIO})?(?: (?:i|you|we) (?:can )?hear)?"
        r"(?: (?:heard|detected|present|identified|audible))? (?:is|are|includes?|(?:can|could) be heard(?=:))",
        rf"(?:the|this) {_AUDIO} (?:contains|includes|features|has|consists of|captures)",
        "(?:这段)?(?:音频|录音)?(?:中|里)?(?:我)?(?:可以|能|能够)?(?:听到|听见|检测到)了?",
        "(?:声音|音频)?事件(?:有|包括|是|为)",
    )
    + r"(?: (?:the )?following)?(?: (?:sound |audio |non-speech )?(?:events?|sounds?)(?=:))?[:：]?"
)
INTRODUCTION = _pattern(
    r"(?:(?:sure|certainly|of course|okay|ok|absolutely)[,.!]{0,2}[ \n]{1,2})?"
    r"here(?:'s|’s| is| are) [^:\n]{0,80}+: ?\n{0,2}",
    r"(?:the|my) (?:final )?answer is[: ] ?",
)
SENTENCE_END = re.compile(r"[.!?](?=[ \n\"'”’]|$)|[。！？\n]")
SPEAKER_NAME = re.compile(r"^\[?speaker[ _]?[a-z0-9]{0,2}\]?: ?", re.IGNORECASE | re.MULTILINE)
REMARK = _pattern(
    r"\n(?=[ (*]{0,3}(?:please )?"
    r"(?:let me know|note(?: that)?\b|i hope|if you (?:have|need)|feel free|is there anything))",
    r"\n(?=[-*_]{3,}+(?:\n|$))",
)

# ---- "there is none"
_TAIL = (
    r"(?: (?:is|are|was|were|can be|could be))?"
    r"(?: (?:detected|present|heard|audible|found|recogni[sz]ed|identified|here))?"
    r"(?: (?:other than|besides|apart from|except(?: for)?) (?:the )?[a-z ]{1,30})?(?: to (?:transcribe|report|list))?"
    rf"(?: (?:in|from|on|within|during) (?:the|this) (?:(?:given|provided|entire) )?(?:{_AUDIO}|background|segment))?"
)
_NONE = ("none", "nothing", "n/?a", "null", "nil", "not applicable", "empty", "无", "没有")
_NONE_REMARKED = rf"{_any(*_NONE, 'no')}(?: ?\([^()\n]{{0,60}}\)?)?"
_CANNOT_HEAR = r"i (?:do not|don't|don’t|did not|cannot|can't|can’t|could not|couldn't) (?:hear|detect|identify)"
_SPEECH = r"(?:speech|(?:human )?voices?|spoken (?:words?|text|content|language)|dialog(?:ue)?|talking)"
NO_SPEECH = _pattern(
    r"[\[(（【*]*+"
    + _any(
        *_NONE,
        *("silence", "silent", "inaudible", "unintelligible", "indistinct", "blank[ _]audio", "music", "noise"),
        *("background noise", "applause", "laughter", "静音", "听不清", "无人说话", "没有人说话"),
        "(?:无|没有)(?:任何)?(?:语音|人声|说话声)(?:内容)?",
        rf"(?:(?:there (?:is|was|are|were)|(?:the|this) {_AUDIO} (?:contains|has)|it (?:contains|has)) )?"
        rf"no (?:[a-z]{{4,16}} ){{0,2}}{_SPEECH}{_TAIL}",
        rf"(?:(?:the|this) {_AUDIO} (?:does not|doesn't) contain|{_CANNOT_HEAR}) (?:any )?(?:[a-z]{{4,16}} ){{0,2}}"
        rf"{_SPEECH}{_TAIL}",
        rf"(?:no one|nobody) is (?:speaking|talking){_TAIL}",
    )
    + r"[.。!]*+[\])）】*]*+[.。]?"
)
NO_SCENE = _pattern(
    _NONE_REMARKED,
    *("unknown", "unclear", "uncertain", "undetermined", "indeterminate", "unidentifiable", "未知", "不确定", "不明"),
    r"not (?:clear|sure|known|identifiable)",
    r"(?:difficult|hard|impossible|not possible) to (?:determine|tell|say|identify)[a-z ]{0,60}",
    r"none of [a-z ]{1,30}",
    r"(?:it )?(?:cannot|can not|can't|could not) be determined",
    r"(?:there is )?no (?:clear |specific |identifiable )?scene(?: detected)?",
)
_EVENTS = r"(?:[a-z-]{1,20} ){0,5}(?:sounds?|events?|noises?|speech)"
NO_EVENTS = _pattern(
    _NONE_REMARKED,
    "silence",
    rf"(?:(?:there (?:is|are|was|were)|(?:the|this) {_AUDIO} (?:contains|has)) )?no {_EVENTS}{_TAIL}",
    rf"{_CANNOT_HEAR} any {_EVENTS}{_TAIL}",
    "(?:无|没有)(?:任何|明显|其他|检测到)*+的?(?:声音|音频)?(?:事件|声音)",
)

# ---- "I cannot"
_I_CANNOT = r"i (?:cannot|can't|can’t|can not|could not|couldn't|am not able|don't know|do not know)\b"
_I_AM_UNABLE = r"i(?:'m|’m| am) (?:\w{1,10} )?(?:unable|not able)\b"
_I_LACK = r"i (?:do not|don't|don’t) (?:have|hear)\b"
_AS_AN_AI = r"as an? (?:ai|artificial|large language|language|text-based)\b"
REFUSAL = _pattern(
    r"[\"'“‘*]*+"
    + _any(
        *(
            _I_CANNOT,
            _I_AM_UNABLE,
            _I_LACK,
            _AS_AN_AI,
            r"sorry\b",
            "(?:i|we) apologi[sz]e",
            "my apologies",
            "unfortunately",
        ),
        r"i(?:'m|’m| am) (?:so |very |really )?(?:sorry|afraid|just an?)\b",
        r"(?:it (?:seems|appears|looks like) )?(?:that )?(?:there (?:is|was) )?no audio",
        r"please (?:provide|upload|share)",
        *("(?:很|非常)?抱歉", "对不起", "作为(?:一个|一名)?(?:大?语言模型|AI|人工智能)", "我(?:无法|不能|听不到)"),
        *("无法(?:识别|判断|听|处理|转录)", "请(?:提供|上传)"),
    )
)
INABILITY = _pattern(
    rf"\b{_I_CANNOT}", rf"\b{_I_AM_UNABLE}", rf"\b{_I_LACK}", _AS_AN_AI, "no audio", "无法", "不能", "听不到"
)
# People, too, say "I'm sorry, I can't": for a transcript the refusal must also speak of the task itself.
ABOUT_THE_TASK = _pattern(
    r"audio|recording|transcri|language model|\ban ai\b|sound (?:file|clip)",
    r"(?:help|assist)(?: you)? with (?:that|this)",
    r"(?:identify|recogni[sz]e|understand|make out|determine) the (?:speech|spoken)|what (?:is|was) (?:being )?said",
    "音频|录音|转录|语音|识别|人工智能",
)

# ---- times and confidences
_UNIT = r"(?: ?(?:seconds?|secs?|s|ms|milliseconds?|minutes?|mins?|秒)(?![a-z]))"
_CLOCK = r"\d{1,2}+(?::\d{2}){1,2}+(?:\.\d{1,3}+)?+"
_NUMBER = r"\d{1,5}+(?:\.\d{1,4}+)?+"
_DECIMAL = r"\d{1,4}+\.\d{1,4}+"
_TO = r" ?(?:-{1,2}>|[-–—~,至到]|to|and|until) ?"
_TIME = rf"(?:{_CLOCK}|{_NUMBER}){_UNIT}?+"
_GRADE = r"(?:very )?(?:high|medium|low|moderate)"
_BELIEF = r"(?:confidence|certainty|probability|likelihood|score|conf|prob|置信度|概率)(?: (?:score|level))?"
_ABOUT = _any(
    r"(?:from|at|around|about|approx\.?|approximately|between|(?:start|end|begin)(?:s|ing|ning)?(?: at)?) ",
    rf"(?:time|timestamps?|onset|offset|{_BELIEF})[:=：]? ?",
    r"[~≈@]",
)
TIME_IN_BRACKETS = _pattern(
    rf"[\[(（【] ?{_ABOUT}?+{_TIME}%?+(?:{_TO}{_ABOUT}?+{_TIME})*+ ?%?[\])）】]", r"[(\[]?\bx ?\d{1,3}\b[)\]]?"
)
TIME_OR_CONFIDENCE = _pattern(
    TIME_IN_BRACKETS.pattern,
    rf"[\[(（【](?:{_GRADE} {_BELIEF}|{_BELIEF}[:=：]? ?{_GRADE})[\])）】]",
    rf"(?<![\w.]){_BELIEF}[:=：]? ?(?:{_NUMBER} ?%?|{_GRADE})(?!\w)",
    r"(?<![\w.:])(?:(?:from|at|between|around|starting at|until) |(?:start|end|onset|offset|duration|time)[:=] ?)?"
    + _any(
        rf"{_CLOCK}{_UNIT}?+(?:{_TO}{_CLOCK}{_UNIT}?+)*+",
        rf"{_NUMBER}(?:{_UNIT}?+{_TO}{_NUMBER})?(?:{_UNIT}| ?%)",
        rf"{_DECIMAL}(?:{_TO}{_DECIMAL})*+",
        r"\d{1,3}+[-–—]\d{1,3}+",
    )
    + r"(?![\w%])",
)
HOLLOW_BRACKETS = re.compile(r"[\[(（【][ ,;:-]{0,4}[\])）】]")
TIME_NEXT = re.compile(rf"[ \[(<|]{{0,3}}(?:{_CLOCK}|\d{{1,3}}+(?:\.\d{{1,4}}+)?+ ?(?:s\b|sec|[-–—]|to \d))")

# ---- marks around a name, and between names
BULLET = re.compile(r"[-*•·●▪◦‣+>#]{1,6}+ |\(?\d{1,3}[.)、:](?!\d) ?|\(?[A-Za-z][.)] |[•·●▪◦‣]+")
INLINE_BULLET = re.compile(r" (?=[•●▪◦‣] )")
INLINE_NUMBER = re.compile(r" (?=\(?\d{1,2}[.)] )")
DECORATION = re.compile(r"\*+|`+|__+|~~")
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』", "”": "”", "’": "’", "«": "»"}
EDGE = " \t\n.,;:!?。，；：！？、|*_`~\"'“”‘’「」『』-–—=>/\\"
NAME_AND_REST = re.compile(r"([^\n]{1,60}?)(?:[:：] ?| [-–—] )([^\n]*)")
DESCRIPTION = _pattern(r"(?:the|an?|this|there|it|someone|something|heard|likely|possibly|can be) ")
SEMICOLONS = re.compile(r"[;；\n|｜]")
COMMAS = _pattern(
    r"[,，、\n|｜。！？]|[.!?](?= |\n|$)",
    r" and | & | as well as | along with | followed by |以及|和|与",
)
SLASHES = re.compile(r"[/／]")
ITEM_LEAD = _pattern(
    r"(?:(?:sound )?event \d{1,3}: ?)?"
    r"(?:(?:and|also|then|with|plus|followed by) )?(?:there (?:is|are|was|were) (?:also )?)?"
    r"(?:i (?:can )?(?:also )?hear )?(?:(?:(?:an?|the|some|several) )?(?:sounds?|noises?) of )?"
)
ITEM_TAIL = _pattern(
    r" (?:(?:can|could) be heard|(?:is|are) (?:heard|audible|present))(?: [a-z ]{0,40})?$",
    r" (?:and|at|from|to|between|until)$",
)
