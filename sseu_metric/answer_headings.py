"""The labels that models give the transcript, the scene and the events of an answer: data of stage 2."""

from __future__ import annotations

import re
from functools import lru_cache

from .tasks import Task


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


_NAMES = {
    "asr": "transcript, transcripts, transcription, transcriptions, text, words, utterance, asr, content, "
    "speech content, spoken content, speech to text, speaker says, person says, speaker said, person said, audio says, "
    "voice says, transcripción, transkript, transkription, trascrizione, transcrição, texto hablado, texto, testo, "
    "gesprochener text, wortlaut, texte parlé, texte, 转录, 转写, 语音, 语音内容, 语音转录, 语音识别, 文本, 识别结果, "
    "转录结果, 语音文本, 说话内容, 语音转写, 转写文本, 转录文本, 转录内容, 转写结果, 文字, 書き起こし, "
    "文字起こし, 発話, 発話内容, テキスト, "
    "전사, транскрипция, текст",
    "asc": "scene, scenes, location, environment, setting, place, asc, umgebung, ort, szene, akustische szene, escena, "
    "lugar, entorno, ambiente, lieu, scène, environnement, scena, luogo, cena, local, 场景, 声学场景, 环境, 地点, "
    "音频场景, "
    "声音场景, 录音地点, 录音环境, 录音场景, 场所, 声音环境, 背景环境, 場所, 場面, シーン, 環境, 장면, 장소, "
    "сцена, место",
    "at": "events, labels, sounds, noise, noises, tags, tagging, at, ereignisse, geräusche, schallereignisse, "
    "klangereignisse, "
    "eventos, eventos sonoros, sonidos, événements, événements sonores, bruits, sons, eventi, eventi sonori, "
    "suoni, 事件, "
    "声音事件, 音频事件, 背景声音, 声音, 事件列表, 背景事件, 其他声音, 声音事件列表, 音频事件列表, 环境声, "
    "背景音, 检测到的声音, "
    "イベント, 音イベント, 音響イベント, 環境音, 音, 이벤트, 소리, события, звуки",
    "event": "event, sound",  # may stand once for each event
    "speech": "speech",  # also the name of a sound
    "part": "summary",  # begins a block; what stands behind it alone is no answer
    "final": "answer, final, output, response, result, results, final answer, conclusion, guess, "
    "final list, "
    "最终答案, 答案, 最终结果, 最终回答, 回答",
    "stop": "note, notes, explanation, reasoning, rationale, justification, confidence, analysis, correction, "
    "language, translation, english translation, chinese translation, spanish translation, german translation, "
    "french translation, emotion, gender, speaker, duration, speakers, mood, quality, summary of audio, accent, "
    "tone, comment, remark, step, think, thinking, "
    "speaker gender, speaker emotion, scene candidates, event candidates, energy & onset, energy and onset, "
    "说明, 解释, 备注, 分析, 理由, 步骤",
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in _words(names)}
_BEFORE = _words(
    "the, a, my, final, predicted, corrected, overall, most, likely, main, primary, estimated, detected, identified, "
    "recognized, recognised, acoustic, audio, sound, background, automatic, speech, spoken, recording, non, "
    "distinguishable, original, full, list, of, other, type, kind, transcribed, verbatim, english, exact, "
    "literal, raw, best, thus, therefore"
)
_AFTER = _words(
    "label, labels, class, category, type, name, list, result, results, detected, heard, present, identified, "
    "classification, detection, recognition, prediction, output, answer, "
    "is, are, recording, verbatim, guess, of, der, aufnahme, spoken"
)
_SPEAKERS = frozenset({"speaker", "speakers", "person", "voice"})
TASK_OF_KIND: dict[str, Task] = {"asr": "asr", "speech": "asr", "asc": "asc", "at": "at", "event": "at"}

_BETWEEN_WORDS = re.compile(r"[^\w&]+|_+")
_PARENTHESIS = re.compile(r"(?<=[\w*_]) ?(?:[(（][^()（）\n]{0,40}[)）]|\[[^\[\]\n]{0,40}\])[*_\"'` ]{0,4}$")
LABEL_REACH = 56  # characters a label may have, with numbering and marks


@lru_cache(maxsize=4096)
def label_kind(head: str, *, numbered: bool = True) -> str | None:
    """The field that a label names.

    Args:
        head: The text before the colon; case, marks and common words around it do not matter.
        numbered: Whether a number or a single letter may stand before it.

    Returns:
        "asr", "asc", "at", the weaker "speech" and "event", "final", "part" (headings), "stop" for others, else None.
    """
    words = [word for word in _BETWEEN_WORDS.split(_PARENTHESIS.sub("", head).casefold()) if word]
    while numbered and len(words) > 1 and (len(words[0]) == 1 or not words[0][0].isalpha()):
        words.pop(0)
    while words and words[-1].isdigit():
        if words[0] in _SPEAKERS:  # "Speaker 1: ..." is a turn of the transcript
            return None
        words.pop()
    if words[:2] == ["transcription", "of"]:
        return "asr"
    kind = _KINDS.get(" ".join(words))
    if kind is not None:
        return kind
    for first in range(len(words)):
        for last in range(len(words), first, -1):
            kind = _KINDS.get(" ".join(words[first:last]))
            if kind in TASK_OF_KIND:
                return "asr" if kind == "speech" else kind
            if kind == "final" and last == len(words):
                return kind
            if words[last - 1] not in _AFTER:
                break
        if words[first] not in _BEFORE:
            break
    return None


def task_of(label: str) -> Task | None:
    """Tell which task a label or a JSON key names, None for any other."""
    return TASK_OF_KIND.get(label_kind(label) or "") if len(label) <= LABEL_REACH else None
