"""How models say that there is none, or that they cannot tell, as data (answer_phrases.py)."""

from __future__ import annotations

import re

from .answer_phrases import AUDIO, SOFTENER, Phrase, Phrases, any_of

# ---- "there is none"
_BUT_FOR = (
    r"(?: (?:other than|besides|apart from|aside from|beyond|but|except(?: for)?|in addition to) "
    r"(?:the |a |an |some )?[a-z' ’]{1,30})?"
)
_TAIL = (
    r"(?: (?:is|are|was|were|can be|could be))?(?: (?:additionally|clearly|to be heard|to hear|noticed|picked up|made "
    r"out|stands? out|evident|distinguishable|detected|present|heard|audible|found|recogni[sz]ed|identified|here|"
    rf"noticeable|noted|observed|apparent|perceptible|discernible|discernable|spoken|else)){{0,2}}{_BUT_FOR}(?: to "
    r"(?:transcribe|report|list))?(?: (?:in|from|on|within|during) (?:the|this) (?:(?:given|provided|entire) "
    rf")?(?:{AUDIO}|background|segment))?" + _BUT_FOR
)
_NONE = ("none", "nothing", "n/?a", "null", "nil", "not applicable", "empty", "无", "没有")
_NONE_REMARKED = rf"{any_of(*_NONE, 'no')}(?:{_TAIL}|(?: ?\([^()\n]{{0,60}}\)?)?)"
_CANNOT_HEAR = (
    r"i ?(?:do not|don't|don’t|did not|didn't|cannot|can't|can’t|could not|couldn't|was(?:n't|n’t| not) able to|am not "
    r"able to|am unable to|was unable to|(?:'m|’m) (?:not able|unable) to) (?:hear|detect|identify|notice|perceive)|"
    r"i(?:'m|’m| am) not (?:hearing|detecting)"
)
_WORDS = (
    r"(?:speech|(?:human )?voices?|(?:spoken )?words?|spoken (?:text|content|language)|dialog(?:ue)?|talking|"
    r"speaking|speakers?)"
)
_VOICE = (
    r"(?:(?:the|a|an|one|some|human|male|female|man's|woman's|person's|speaker's|speaker’s|adult|clean|clear) ){0,3}"
    r"(?:speech|voices?|speaker|talking|speaking|conversation|narration|dialogue|"
    r"(?:person|man|woman|someone|somebody|speaker|people|boy|girl|child) (?:speaking|talking)|words)"
    r"(?: of (?:the|an?|one) (?:speaker|man|woman|person|male|female))?"
)
_HEARD = (
    r"(?: (?:is|are|was|were|can be|could be))?(?: (?:present|audible|heard|detected|identified|found|there|"
    r"noticeable))?"
)
_THERE_IS = (
    rf"(?:there (?:is|was|are|were)|(?:the|this) (?:{AUDIO}|background) (?:contains|has|features)|it "
    rf"(?:contains|has|is)|i(?: can)?(?: only| just)? hear)"
)
_IN_AUDIO = (
    rf"(?: (?:in|from|on|within|during) (?:the|this) (?:(?:given|provided|entire) )?(?:{AUDIO}|background|segment))?"
)
_NOT_SPEECH = (
    r"(?:background |ambient |instrumental |static )?(?:music|noises?|silence|sounds?|static|ambience|"
    r"birds?|wind|traffic)"
)
_THERE_IS_NOW = _THERE_IS.replace("(?:is|was|are|were)", "(?:is|are)")
_SOUNDING = (
    r"(?:barking|chirping|playing|clinking|running|blowing|humming|ringing|beeping|meowing|clattering|"
    r"rustling|buzzing|hissing)"
)
NO_SPEECH = Phrases(
    Phrase(
        "the audio has no words",
        "This audio contains only ambient noise and no spoken content.",
        rf"(?:{SOFTENER})(?:(?:the|this|your) {AUDIO}|(?:there(?:'s|’s| is| are)|i (?:can't|can’t|cannot|don't|don’t|"
        r"do not|didn't|could not|couldn't)|it(?:'s|’s| is)(?! not possible)|it seems)"
        r"(?= [^\n]{0,200}?\b(?:audio|recording|clip|file|sounds?|noises?|background|music|instrumental|only|just|"
        r"heard|audible|detected|present|spoken|transcribe)\b)) [^.\n]{0,90}?\b(?:no|not|n't|n’t|without|nothing|"
        r"nobody|any|anyone|anybody) (?:[a-z]{2,14} ){0,3}?(?:speech|vocals?|spoken|human voices?|voices|talking|"
        r"speaking|dialogue|words? (?:spoken|being)|to transcribe)\b[^\n]{0,120}",
    ),
    Phrase("none", "None", any_of(*_NONE)),
    Phrase(
        "a sound in brackets or alone",
        "[MUSIC PLAYING]",
        r"(?:silence|silent|inaudible|unintelligible|indistinct|blank[ _]audio|applause|laughter|静音|听不清|(?:only |"
        rf"just )?{_NOT_SPEECH}(?: (?:and|with) {_NOT_SPEECH})?(?: (?:only|playing|continues|in the background))?)",
    ),
    Phrase(
        "没有人说话",
        "音频中没有人说话",
        r"(?:[\u4e00-\u9fff]{0,6}[中里])?(?:无|没有|没)(?:任何)?(?:人(?:在)?(?:说话|讲话)|(?:语音|人声|"
        r"说话声)(?:内容)?)",
    ),
    Phrase(
        "there is no speech",
        "There is no discernible speech in this recording, only the sound of dishes",
        rf"(?:{_THERE_IS} )?no (?:[a-z]{{4,16}} ){{0,2}}{_WORDS}{_TAIL}(?:[,;] ?(?:only|just) [^.\n]{{1,80}}+)?"
        rf"(?:[.;] (?:(?:the|this) {AUDIO} (?:is|has|contains|consists|features)|only|just|it (?:only |just "
        rf")?(?:contains|is|has)|"
        r"there (?:is|are) (?:only|just|some))\b[^\n]{1,120})?",
    ),
    Phrase(
        "it does not contain speech",
        "I don't hear any words",
        rf"(?:(?:the|this) {AUDIO} (?:does not|doesn't|doesn’t) (?:contain|have|include)|{_CANNOT_HEAR}|there (?:does "
        rf"not|doesn't|doesn’t) (?:appear|seem) to be) (?:any )?"
        rf"(?:[a-z]{{4,16}} ){{0,2}}(?:{_WORDS}|(?:any)?one (?:speaking|talking))(?: being spoken)?{_TAIL}",
    ),
    Phrase(
        "nobody speaks",
        "There is no one speaking",
        r"(?:there (?:is|was) )?(?:no one|nobody|no person|no human)(?: is| was)? "
        rf"(?:speak(?:s|ing)|talk(?:s|ing)|says anything|said anything|saying anything){_TAIL}",
    ),
    Phrase(
        "the audio is silent",
        "The audio is silent",
        rf"(?:the|this) {AUDIO} (?:is|was) (?:completely |entirely )?(?:silent|empty|blank)",
    ),
    Phrase(
        "only other sounds",
        "The recording contains only music",
        rf"(?:{_THERE_IS_NOW} )(?:only|just) (?:the sounds? of )?(?:[a-z]{{2,16}} ){{0,3}}(?:{_NOT_SPEECH}|"
        rf"{_SOUNDING}){_IN_AUDIO}",
    ),
    before=r"[\[(（【*♪ ]*+"
    rf"(?:(?:the|this) {AUDIO} (?:is|was|has|contains|consists|features)\b[^.\n]{{3,100}}+\. )?",
    after=r"[.。!♪ ]*+[\])）】*]*+[.。]?",
)
_PLACE = r"(?:location|place|scene|environment|setting|area|space)"
_UNTELLABLE = (
    r"(?:determined?|identif(?:y|ied)|tell|told|recogni[sz]ed?|inferred?|infer|say|said|discern(?:ed)?|"
    r"specif(?:y|ied)|established?|known|deduced?|classif(?:y|ied))"
)
_WITHOUT_BUT = (
    r"(?:(?!\b(?:but|however|though|possibly|likely|maybe|perhaps|probably|guess|(?:may|might|could) be an?)\b|"
    r"\bsuggest|\bsounds like\b)[^.\n;]){0,80}"
)
NO_SCENE = Phrases(
    Phrase("none", "None", rf"{any_of(*_NONE, 'no')}(?: ?\([^()\n]{{0,60}}\)?)?"),
    Phrase(
        "unknown",
        "Unknown location (no background sound)",
        rf"(?:(?:it|that)(?:'s|’s| is) |(?:the|this) [a-z ]{{3,24}}(?:is|was|remains) |(?:an? )?)?(?:unknown|unclear|"
        r"uncertain|undetermined|indeterminate|indeterminable|undeterminable|unidentifiable|unidentified|unspecified|"
        r"undefined|ambiguous|unrecogni[sz]able|not (?:clear|sure|known|identifiable|specified|determinable|"
        rf"discernible|determined)|未知|不确定|不明|无法判断|无法确定)(?: {_PLACE})?{_WITHOUT_BUT}",
    ),
    Phrase(
        "it cannot be told",
        "Cannot be determined from the audio",
        rf"(?:(?:it|this|i|we|one|(?:the|this) [a-z ]{{3,24}}) )?(?:is )?(?:(?:cannot|can not|can't|can’t|could not|"
        r"couldn't|unable|impossible|not possible|isn't possible|hard|difficult|not able)(?: to)?(?: be)?|not "
        rf"(?:possible|enough information) to) (?:reliably |be |accurately |clearly )?{_UNTELLABLE}{_WITHOUT_BUT}",
    ),
    Phrase(
        "nothing points to a scene",
        "The recording offers no clues about the location",
        r"(?:(?:there is|there are|(?:the|this) [a-z]{3,12} (?:offers|gives|provides|contains|has)|it (?:offers|"
        r"gives|provides)) )?no "
        rf"(?:[a-z]{{2,12}} )?(?:indications?|clues?|hints?|way|evidence|cues?|information|telling){_WITHOUT_BUT}",
    ),
    Phrase(
        "anywhere",
        "Could be anywhere",
        rf"(?:it |this )?(?:could|might|may) be (?:anywhere|any place|any location){_WITHOUT_BUT}",
    ),
    Phrase(
        "too short to tell",
        "The clip is too short to tell where it was recorded",
        rf"(?:(?:(?:the|this) (?:{AUDIO}|background|speech)|it) is )?too [a-z]{{3,12}} (?:to|for)\b{_WITHOUT_BUT}|"
        rf"(?:the|this) {AUDIO} (?:does not|doesn't|doesn’t) (?:contain|provide|have|give|offer) (?:enough|any|"
        rf"sufficient){_WITHOUT_BUT}|nothing (?:indicates|points to|tells){_WITHOUT_BUT}",
    ),
    Phrase(
        "not sure",
        "I am not sure",
        rf"i(?:'m|’m| am) (?:not (?:sure|certain)|unsure)(?: (?:about|where|of|what){_WITHOUT_BUT})?",
    ),
    Phrase("none of these", "None of the above", r"none of [a-z ]{1,30}"),
    Phrase(
        "no scene",
        "There is no specific scene detected",
        r"(?:there is |there are |there (?:is|are)(?:n't|n’t|(?= not)) ?)?(?:no|(?:not )?enough|insufficient) "
        r"(?:clear |specific |identifiable |distinct |discernible |background |audible |other |environmental "
        rf")*(?:background(?= (?:audible|heard|present)|$)|sounds?|noises?|scene|{_PLACE}|information|context|cues?|"
        rf"evidence|audio cues?){_WITHOUT_BUT}",
    ),
)
_EVENTS = r"(?:[a-z-]{1,20} ){0,5}(?:sounds?|events?|noises?|speech|audio events?)"
_NO_EVENT = any_of(
    _NONE_REMARKED,
    r"silence|(?:clean|clear) (?:background|speech|audio)|(?:the )?(?:background|audio|recording) is (?:quiet|silent|"
    r"clean|clear)|(?:the |this )?(?:background|audio|recording|clip) is (?:otherwise )?(?:quiet|silent|clean|"
    rf"clear)(?: (?:except for|apart from|other than|besides) {_VOICE})",
    rf"(?:the|this) {AUDIO} (?:only|just) (?:contains|has|features) {_VOICE}",
    r"(?:unknown|unclear|uncertain|undetermined|unspecified|unidentifiable|not (?:clear|known|identifiable|"
    r"determinable|discernible|specified)|(?:unable|impossible|not possible) to (?:determine|identify|tell|say)|"
    r"cannot be (?:determined|identified|told)|(?:hard|difficult) to (?:tell|say)|indistinguishable|inaudible|未知|"
    r"不确定|无法判断|无法确定)",
    r"quiet(?: background)?|silent(?: background)?|(?:only |just |complete )?silence",
    rf"(?:{_THERE_IS} )?(?:no|not any) (?:other |additional )?{_EVENTS}{_TAIL}",
    rf"(?:{_CANNOT_HEAR}|there (?:is|are)(?:n't|n’t| not)) (?:any|anything)(?: {_EVENTS})?{_TAIL}",
    rf"(?:{_THERE_IS} )?(?:only|just|solely|nothing but|nothing except|merely) {_VOICE}{_HEARD}{_IN_AUDIO}",
    rf"{_THERE_IS} (?:only|just|nothing but) {_VOICE}{_HEARD}{_IN_AUDIO}",
    rf"i (?:can )?(?:only|just) (?:hear|make out|detect) {_VOICE}{_IN_AUDIO}",
    rf"(?:only|just) {_VOICE}",
    rf"{_VOICE} (?:only|alone)",
    r"除了?[^，,。]{1,12}?(?:之外|以外|外)?[，,]?(?:没有|无|别无)(?:任何|其他|别的)*(?:声音|事件)*",
    r"(?:[\u4e00-\u9fff]{0,6}[中里])?(?:无|没有|只有|仅有)(?:任何|明显|其他|检测到|背景)*+的?(?:声音|音频|人声|说话声|"
    r"语音|噪音)?(?:事件|声音)?",
)
NO_EVENTS = Phrases(
    Phrase(
        "no events",
        "N/A - only speech is audible",
        rf"{_NO_EVENT}(?:[ ,;.(–—-]{{1,3}}(?:and |but )?{_NO_EVENT}){{0,3}}",
    ),
    after=r"[).]*",
)

# ---- "I cannot": no audio arrived, the model will not, the model is not able to
_TEXT_ONLY = (
    r"(?:as an? (?:[a-z-]{1,12} ){0,3}(?:ai|artificial intelligence|model|assistant|chatbot|llm)\b|i(?:'m|’m| am) "
    r"(?:just |only )?an? (?:(?:ai|text|language|large)(?= ?(?:$|[.,-]|language|model|assistant|system|and|so))))"
)
_FILE = r"(?:audio|recording|sound|file|clip|voice|attachment)"
_ASK_FOR = r"(?:provide|upload|share|attach|send|resend|re-upload)"
NO_AUDIO = Phrases(
    Phrase(
        "no audio arrived",
        "I don't see any audio file attached.",
        r"(?:(?:sorry|apologies|hello|hi)[,!.]? (?:but )?)?(?:i(?:'m|’m| am) (?:so )?(?:sorry|afraid)[,.]? ?(?:but "
        r")?)?(?:(?:it (?:seems|appears|looks like)|i think)(?: that| like)? ?)?"
        + any_of(
            rf"(?:there (?:is|was|are|does not seem|doesn't seem|doesn’t seem|does not appear|doesn't appear)(?: "
            rf"to be)? )?(?:no|any) (?:[a-z]{{2,12}} )?{_FILE}\b(?! (?:events?|equipment|book|system|device|quality|"
            rf"track)s?\b)",
            rf"i (?:do not|don't|don’t|did not|didn't|cannot|can't|can’t) (?:see|find|have|receive|get|have access "
            rf"to)(?: received)? (?:an?y?|the|your) (?:[a-z]{{2,12}} )?{_FILE}",
            rf"(?:you|your message) (?:have not|haven't|haven’t|did not|didn't|has not|hasn't) (?:{_ASK_FOR}(?:ed|"
            rf"d)?|attached|provided|uploaded|shared|sent|included?)",
            rf"(?:the|your|an?) {_FILE}(?: {_FILE})? (?:is|was|seems to be|appears to be) (?:missing|not "
            rf"(?:attached|provided|included))",
            rf"(?:could you |can you |would you )?(?:please )(?:{_ASK_FOR}) (?:an?|the|your)\b",
            rf"(?:could|can|would) you (?:please )?(?:try )?(?:{_ASK_FOR}(?:ing)?|sending) (?:an?|the|your|it)\b",
            rf"(?:the|your) {_FILE}(?: {_FILE})? (?:did not|didn't|didn’t|has not|hasn't|does not|doesn't|failed "
            rf"to) (?:come|upload|load|play|arrive|go|seem to)",
            rf"(?:the|your) {_FILE}(?: {_FILE})? (?:is|seems to be|appears to be|was|may be) (?:corrupt|empty|broken|"
            r"unplayable|damaged|unreadable|missing)",
        ),
    ),
    Phrase("请上传", "请上传音频文件。", r"请(?:提供|上传)|没有收到(?:音频|录音)"),
)
_I_CANNOT = (
    r"i (?:cannot|can't|can’t|can not|could not|couldn't|was unable|was not able|am not able|won't|will "
    r"not|don't know|do not know)\b"
)
_I_AM_UNABLE = r"i(?:'m|’m| am) (?:\w{1,10} )?(?:unable|not able)\b"
_I_LACK = r"i (?:do not|don't|don’t) (?:have|hear)\b"
_OTHER_LANGUAGES = (
    r"lo siento|disculpa|no puedo|es tut mir leid|ich kann|entschuldigung|leider|désolé|je (?:suis désolé|ne peux)|mi "
    r"dispiace|non posso|desculpe|não posso|申し訳|すみません|ごめんなさい|죄송|извините|к сожалению"
)
REFUSAL = Phrases(
    *NO_AUDIO.phrases,
    Phrase(
        "I am sorry",
        "I'm sorry, but I can't assist with that.",
        r"i(?:'m|’m| am) (?:so |very |really )?(?:sorry|afraid|just an?)\b|sorry\b|(?:i|we) apologi[sz]e|my "
        r"apologies|unfortunately",
    ),
    Phrase("I cannot", "I cannot process audio.", any_of(_I_CANNOT, _I_AM_UNABLE, _I_LACK, _TEXT_ONLY)),
    Phrase(
        "unable",
        "Unable to transcribe the audio.",
        r"(?:based on [^,.\n]{1,40}, )?(?:the )?(?:audio|speech|recording|words?|voice|sentence)(?: content)? "
        r"(?:cannot|can't|can’t|could not|couldn't) be (?:determined|recogni[sz]ed|identified|made out|understood|"
        r"transcribed)|"
        r"it(?: is|'s|’s) not possible to (?:transcribe|make out|understand)|"
        r"unable to (?:transcribe|process|understand|hear|make out|access|analy[sz]e|listen|identify|detect|"
        r"recogni[sz]e)|(?:the )?transcri(?:ption|pt) (?:is |was )?(?:not (?:possible|available)|unavailable|"
        r"impossible|failed)|no transcri(?:ption|pt) (?:is )?(?:available|possible)|(?:cannot|can't|could not|"
        r"couldn't) (?:transcribe|be transcribed|process|understand|make out)|(?:the )?(?:audio|speech|recording|"
        r"words?|voice)(?: quality)? (?:is|are|was|were) (?:too|not (?:clear|audible|intelligible)|inaudible|"
        r"unintelligible|unclear)(?: [a-z]{1,12}){0,12}",
    ),
    Phrase(
        "抱歉",
        "很抱歉，我听不清这段录音。",
        rf"(?:很|非常)?抱歉|对不起|作为(?:一个|一名)?(?:大?语言模型|AI|人工智能)|我(?:无法|不能|听不到|听不清)|"
        rf"无法(?:识别|判断|听|处理|转录)|{_OTHER_LANGUAGES}",
    ),
    before=r"[\"'“‘*\[(]*+",
)
INABILITY = re.compile(
    rf"\b{_I_CANNOT}|\b{_I_AM_UNABLE}|\b{_I_LACK}|{_TEXT_ONLY}|no audio|无法|不能|听不|请|unable|corrupt|played|come "
    rf"through|"
    rf"keine?\b|nicht|not possible|(?:cannot|can't|could not|couldn't) be|not available|unavailable|transcri|any "
    rf"(?:[a-z]{{2,12}} )?{_FILE}|attached|upload|"
    r"too |not clear|not audible|inaudible|unintelligible|unclear|puedo|kann |peux|posso|ません|할 수|не могу|"
    r"没有收到|provide",
    re.IGNORECASE,
)
# People, too, say "I'm sorry, I can't": for a transcript the refusal must also speak of the task itself.
ABOUT_THE_TASK = re.compile(
    r"audio|recording|transcri|\b(?:clip|file)\b|attached|angehängt|language model|text-based|\ban ai\b|sound (?:file|"
    r"clip)|(?:help|assist|comply)(?: you)? with (?:that|this)|(?:identify|recogni[sz]e|understand|make out|"
    r"determine) the (?:speech|spoken|words?)|(?:make|made) out any words|(?:speech|words?)(?: content)? (?:cannot|"
    r"can't|couldn't) "
    r"be|what (?:is|was) (?:being )?said|(?:speech|words?|voice) (?:is|are|was|"
    r"were) (?:too|not|in|un)|aufnahme|grabaci|enregistrement|registrazione|gravação|音声|録音|음성|аудио|音频|录音|"
    r"转录|语音|识别|人工智能",
    re.IGNORECASE,
)
