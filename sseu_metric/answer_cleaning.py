"""Stage 1: from a model's text to cleaned text, without reasoning, special tokens, tags and invisible characters.

Every scan is linear in the length of the text.
"""

from __future__ import annotations

import re

from .answer_headings import label_kind

_CONTROLS = (
    r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff"
)
_UNUSED = re.compile(f"[{_CONTROLS}]")
_UNTIDY = re.compile(
    rf"[<`◁\\\[{_CONTROLS}\t\x0b-\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    r"|\n(?:Q(?= ?:)|[Hh]uman|[Uu]ser|[Aa]ssistant|[Ss]ystem|[Qq]uestion|用户|助手)\b"
)
_UNTIDY_SPACES = ("  ", " \n", "\n ", "\n\n\n")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]++")
_LINE_EDGES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}+")

_THOUGHT = (
    r"(?:\w{1,12}:)?(?:begin_of_|end_of_)?(?:think|thinking|thoughts?|reason|reasoning|reflection|analysis|"
    r"planning|caption|summary)"
)
_REASONING = re.compile(
    rf"(?:<\|?|◁|\[)(?P<end>/|(?=end_of_))?{_THOUGHT}(?:\|?>|▷|\])"  # <think>, [THINK], ◁think▷, <|begin_of_thought|>
    r"|<\|channel\|?>(?:thought|analysis|commentary)\b(?:<\|message\|>)?"
    r"|(?P<final><channel\|>|<\|channel\|>final<\|message\|>)",
    re.IGNORECASE,
)
_TURN_END = re.compile(r"<\|(?:im_end|eot_id|eot|end|endoftext|end_of_text|return)\|>|</s>|<end_of_turn>|<eos>")
_ROLE = re.compile(r"\A\s*(?:<\|im_start\|>)?(?:assistant|model)\s*\n")
_NEXT_TURN = re.compile(
    r"\n(?:human|user|assistant|system|question|q|用户|助手)\s?[:：][\s\S]*|\s\[INST\][\s\S]*", re.IGNORECASE
)
_CONTROL_WORDS = re.compile(
    r"(?:\blang(?:uage)?[: ] ?\w{2,12})?\s?(?:<asr_text>|<\|transcribe\|>|\[TRANSCRIBE\])", re.IGNORECASE
)
_NO_LANGUAGE = re.compile(r"language none ?<asr_text>\s*\Z", re.IGNORECASE)  # Qwen3-ASR heard no speech
_TEX = re.compile(r"\$?\\(boxed|text|textbf|mathrm) ?\{([^{}]*+)\}\$?")
_SPECIAL = re.compile(
    r"<\|[^|<>\n]{0,80}\|>|</?(?:s|unk|pad|eos|bos|b|i|u|em|strong|p|div|span|audio(?:_\d+)?|tts_\w{1,10}|answer)>",
    re.IGNORECASE,
)
_FENCE = re.compile(r"`{3,}+(?:(?:json|text|markdown|yaml|xml|python)\b|[ \t]?\w{0,20}+(?=\n))?")
_TIME_TOKEN = re.compile(r"<\|(\d[\d.:]{0,12})\|>")
_TAG = re.compile(r"<(/?)([^\W\d][^<>\n/|]{0,40})/?>")
_CONCLUSION = re.compile(r"\[(/?conclusion)\]", re.IGNORECASE)
_PLACEHOLDERS = re.compile(
    r"^[^\n<>]{0,40}[:：] ?<(?:transcript|scene|event)>(?:; ?<event>)*(?= |$)|^<event>(?:; ?<event>)+(?= |$)",
    re.MULTILINE,
)
_ASKS_FOR_A_FORM = re.compile(r"\b(?:reply|answer|respond|end) with\b", re.IGNORECASE)
_SOUNDS = frozenset({"speech", "noise", "noises", "sound", "sounds", "voice"})  # labels, but also names of sounds


def normalise_text(text: str) -> str:
    """Remove reasoning, later turns, special tokens, tags, control characters and lone surrogates; collapse spaces.

    Unclosed reasoning leaves no answer: the result is then blank although the text is not.
    """
    if _UNTIDY.search(text) is None and not any(spaces in text for spaces in _UNTIDY_SPACES):
        return text.strip()
    text = _LINE_ENDS.sub("\n", _UNUSED.sub("", text))
    if "<" in text or "[" in text or "◁" in text:
        text = _one_turn(_strip_reasoning(_CONCLUSION.sub(r"<\1>", _behind_prompt(text))))
        text = _strip_tags(_CONTROL_WORDS.sub(" ", _NO_LANGUAGE.sub("silence", text)))
    if "\\" in text:
        text = _TEX.sub(r"\2", _TEX.sub(_boxed, text))
    text = _SPACES.sub(" ", _FENCE.sub("\n", text))
    text = _BLANK_LINES.sub("\n\n", _LINE_EDGES.sub("\n", text)).strip()
    return _NEXT_TURN.sub("", text)


def _behind_prompt(text: str) -> str:
    """What follows the form that a repeated prompt asks for; the text itself where none is repeated."""
    forms = list(_PLACEHOLDERS.finditer(text))
    return text[forms[-1].end() :] if forms and _ASKS_FOR_A_FORM.search(text, 0, forms[-1].start()) else text


def _strip_reasoning(text: str) -> str:
    kept: list[str] = []
    start = depth = 0
    for tag in _REASONING.finditer(text):
        if tag["end"] is not None or tag["final"]:
            if depth == 0:  # the opening tag stood in the prompt
                kept.clear()
            depth, start = 0, tag.end()
        elif depth == 0:
            kept.append(text[start : tag.start()])
            depth = 1
    return "\n".join([*kept, *([text[start:]] if depth == 0 else [])])


def _one_turn(text: str) -> str:
    """The text up to the end of the first turn that says anything; models go on with a dialogue of their own."""
    text = _ROLE.sub("", text)
    for end in _TURN_END.finditer(text):
        if re.search(r"\w", _SPECIAL.sub("", text[max(0, end.start() - 200) : end.start()])):
            return text[: end.start()]
    return text


def _boxed(tex: re.Match[str]) -> str:
    labelled = tex.string[max(0, tex.start() - 3) : tex.start()].rstrip(" $*")[-1:] in (":", "：")
    return f"\nAnswer: {tex[2]}\n" if tex[1] == "boxed" and not labelled else tex[2]


def _strip_tags(text: str) -> str:
    text = _SPECIAL.sub(" ", _TIME_TOKEN.sub(r" [\1] ", re.sub(r"<br ?/?>", "\n", text, flags=re.IGNORECASE)))
    closed = {tag[2].casefold() for tag in _TAG.finditer(text) if tag[1]}

    def replace(tag: re.Match[str]) -> str:
        name = tag[2].casefold()
        kind = label_kind(name)
        if name in closed and kind is not None:  # <scene>home</scene>
            return "\n" if tag[1] else f"\n{tag[2]}: "
        if tag[1] or name in closed or (kind is not None and name not in _SOUNDS):  # markup, or the prompt's own
            return ""
        before = text[max(0, tag.start() - 2) : tag.start()].strip(" \"'")[-1:]
        after = text[tag.end() : tag.end() + 2].strip(" \"'.")[:1]
        alone = before in ("", *"<\n:：;；,，=") and after in ("", *">\n;；,，")
        return tag[2] if alone else " "  # <Home> for Home, but no <noise> inside a sentence

    return _TAG.sub(replace, text)
