"""Patterns of stage 4 that are no phrases: times, confidences, marks around names and between them.

Every pattern is bounded or possessive, so that matching takes linear time on any text. They expect text without runs
of spaces, and match in any case.
"""

from __future__ import annotations

import re


def _any(*options: str) -> str:
    return f"(?:{'|'.join(options)})"


def _pattern(*options: str) -> re.Pattern[str]:
    return re.compile(_any(*options), re.IGNORECASE)


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
_STAMP = rf"(?:{_CLOCK}(?:[.,]\d{{1,3}})?|{_DECIMAL}){_UNIT}?"
_BRACKETED = rf"[\[(（【<]{{1,2}} ?{_STAMP}(?:{_TO}{_STAMP})?{_UNIT}? ?[\])）】>]{{1,2}}"
TIME_AT_START = _pattern(rf"{_BRACKETED}[:,]? ?", rf"{_STAMP}{_TO}{_STAMP}{_UNIT}?[:,]? ?")
"""A time stamp in brackets, or a span of time."""
TRANSCRIPT_TIME = re.compile(
    rf"^(?:WEBVTT\b[^\n]*|\d{{1,4}}(?=\n{_CLOCK})|{_STAMP}{_TO}{_STAMP}{_UNIT}?[:,]?|"
    rf"0{{1,2}}:\d\d(?::\d\d)?(?:[.,]\d{{1,3}})?(?= [A-Z\"“'])[:,]?)(?: |\n|$)",
    re.MULTILINE,
)
"""Lines and stamps of WEBVTT and SRT; a bare clock only where it begins with 0:, since people say "10:45 is fine"."""
TIME_NEXT = re.compile(rf"[ \[(<|]{{0,3}}(?:{_CLOCK}|\d{{1,3}}+(?:\.\d{{1,4}}+)?+ ?(?:s\b|sec|[-–—]|to \d))")

# ---- marks around a name, and between names
BULLET = re.compile(r"[-*•·●▪◦‣+>#]{1,6}+ |\(?\d{1,3}[.)、:](?!\d) ?|\d{1,2} [-–—] |\(?[A-Za-z][.)] |[•·●▪◦‣]+")
SENTENCE_END = re.compile(r"[.!?](?=[ \n\"'”’]|$)|[。！？\n]")
NUMBERED = re.compile(r"\(?\d{1,3}[.)、:](?!\d) ?")
INLINE_BULLET = re.compile(r" (?=[•●▪◦‣] )")
INLINE_NUMBER = re.compile(r" (?=\(?\d{1,2}[.)] )")
WORD = re.compile(r"[^\W_]")
QUOTE_OR_COLON = re.compile("[\"“‘'「『:：]")
DIGIT = re.compile(r"\d")
DECORATION = re.compile(r"[*`]+|__+|~~")
QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』", "”": "”", "’": "’", "«": "»"}
BETWEEN_QUOTES = re.compile(r"[,.]?[\"”],? (?:(?:and|then|and then|followed by|and also|later),? )[\"“]", re.IGNORECASE)
EDGE = " \t\n.,;:!?。，；：！？、|*_`~\"'“”‘’「」『』-–—=>/\\"
NAME_AND_REST = re.compile(r"([^\n]{1,60}?)(?:[:：] ?| [-–—] )([^\n]*)")
DESCRIBED = re.compile(r": | [-–—] ")
DESCRIPTION = _pattern(r"(?:the|an?|this|there|it|someone|something|heard|likely|possibly|can be) ")
SEMICOLONS = re.compile(r"[;；\n|｜]")
COMMAS = _pattern(
    r"[,，、\n|｜。！？]|[.!?](?= |\n|$)",
    r" and | & | as well as | along with | followed by |以及|和|与",
)
SLASHES = re.compile(r"[/／]")
ARTICLE = _pattern(r"(?:an?|the|some) (?=\w)")
ITEM_LEAD = _pattern(
    r"(?:(?:sound )?event(?: \d{1,3})?: ?)?(?:(?:and|also|then|with|plus|followed by) )?(?:(?:possibly|perhaps|maybe|"
    r"likely|"
    r"probably|just|only) )?(?:there(?:'s|’s| is| are| was| were) (?:also )?)?(?:(?:someone|somebody|a person) is "
    r")?(?:i (?:can )?(?:also )?hear )?(?:(?:an?|the|some|several(?= (?:sounds?|noises?) of)) )?(?:(?:sounds?|noises?) "
    r"of (?:(?:an?|the|some) )?)?"
)
CONCLUDING = _pattern(r"[\s\S]*\n(?:so|thus|therefore|in summary|in conclusion|overall|finally)[:,] ?")
APART_FROM = _pattern(
    r"(?:apart from|besides|other than|aside from|in addition to|except for|excluding) [^,:.;\n]{1,40}+[,:] ?"
)
SPEAKER_NAME = re.compile(
    r"^(?! ?(?:man|woman|boy|girl|child|person|narrator|announcer|reader|host) ?: ?(?-i:[a-z]))"  # "Boy: a novel"
    r" {0,2}[*_\[(]{0,3}(?:(?:male|female|unknown|first|second|main|adult|young|old|older|unidentified)[ _])*"
    r"(?:speaker|voice|narrator|man|woman|male|female|boy|girl|child|person|announcer|reader|host|spk|说话人|"
    r"发言人|男声|女声|男|女)(?:'s voice|’s voice)?"
    r"[ _#-]{0,2}[a-z0-9]{0,2}[\])]?(?: ?[(\[][^)\]\n]{0,40}[)\]])?[*_]{0,2} ?[:：][*_]{0,2} ?",
    re.IGNORECASE | re.MULTILINE,
)
CLOCK_LINES = re.compile(rf"^ ?{_CLOCK}[:,]? (?=\S)", re.MULTILINE)
"""Where every line begins with a clock, all of them are stamps."""
IN_BRACKETS = re.compile(r"[*_ ]*[\[(][a-z ,'-]{1,60}[\])][*_ .]*", re.IGNORECASE)
SOUND_WORD = re.compile(
    r"\b(?:noises?|music|silence|inaudible|unintelligible|applause|laughter|sounds?|no (?:dialogue|speech|words))\b",
    re.IGNORECASE,
)
DETAIL_LINE = re.compile(
    r"^[*_]{0,2}(?:language|speakers?|accent|gender|emotion|语言)[*_]{0,2} ?[:：][*_]{0,2} "
    r"?[\w -]{1,30}\n(?=[\s\S]*\w)",
    re.IGNORECASE,
)
NO_SOUND_ITEM = re.compile(
    r"\[?end\]?|etc|et cetera|(?:and )?so on|(?:none|no) others?|others|possibly|[^:]{1,40}: (?:no|absent|false)",
    re.IGNORECASE,
)
NAME_BRACKETS = re.compile(
    r"^\([^()]{0,80}\) (?=\w)|(?<=\w) ?\((?:(?:un|in)\w{3,12}ible|[^() ]+ [^() ]+ [^()]{1,80})\)$", re.IGNORECASE
)
"""Remarks in brackets around the name of a sound; one word or two behind it, as in "Steps (close)", belong to it."""
ITEM_TAIL = _pattern(
    r" (?:(?:can|could) be heard|(?:is|are) (?:heard|audible|present|playing))(?: [a-z ]{0,40})?$",
    r": (?:yes|true|present)$",
    r" in the (?:background|distance)$",
    r" (?:and|at|from|to|between|until)$",
)
