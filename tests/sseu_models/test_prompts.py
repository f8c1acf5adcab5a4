"""Prompts: what each promises is what the parser reads; bad files are refused with file and key."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Literal

import pytest

from sseu_metric import ParsedAnswer, ParseStatus, parse_answer
from sseu_models.prompts import MAX_BYTES, PROMPT_SETS, PromptSet, load_prompts, prompt_sha256
from sseu_models.records import TASKS, Prompt

OURS = load_prompts()
SETS = [load_prompts(name) for name in PROMPT_SETS]
PROMPTS = [prompt for one in SETS for prompt in one.prompts]
TRANSCRIPT = "Please call Stella; ask her to bring two of these."
SCENE = "busy cafe"
EVENTS = ("Birds Singing", "dog barking", "Car")
GOOD = {ParseStatus.LABELLED, ParseStatus.PLAIN}
STEPS = """
1. Energy & Onset: the speech is louder than the background and begins at 0.8 s.
2. ASR: Please call Stella.
3. Scene candidates: 1. Park; 2. Street
4. Event candidates: 1. Dog; 2. Blender
5. Correction: a blender does not fit a street, so it is dropped.

"""


def read(text: str, prompt: Prompt) -> ParsedAnswer:
    mode = prompt.mode if prompt.mode in ("joint", "cot") else prompt.task
    assert mode != "all"
    return parse_answer(text, mode)


def promised(prompt: Prompt, transcript: str, scene: str, events: tuple[str, ...]) -> str:
    """The format that the prompt shows, filled in; without one, the bare answer."""
    form = "\n".join(line for line in prompt.user.split("\n") if "<" in line)
    form = form or {"asr": "<transcript>", "asc": "<scene>", "at": "<event>"}[prompt.task]
    form = form.replace("<transcript>", transcript).replace("<scene>", scene)
    return re.sub(r"<event>(; <event>)*", "; ".join(events), form)


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.id)
def test_the_promised_format_is_read(prompt: Prompt) -> None:
    events = EVENTS[:1] if prompt.mode == "likelihood" else EVENTS
    answer = promised(prompt, TRANSCRIPT, SCENE, events)
    assert "<" not in answer
    parsed = read((STEPS if prompt.mode == "cot" else "") + answer, prompt)
    tasks = set(parsed.status)
    assert set(parsed.status.values()) <= GOOD, parsed
    assert parsed.transcript == (TRANSCRIPT if "asr" in tasks else None)
    assert parsed.scene == (SCENE if "asc" in tasks else None)
    assert parsed.events == (events if "at" in tasks else None)


@pytest.mark.parametrize("prompts", SETS, ids=PROMPT_SETS)
@pytest.mark.parametrize("mode", ["joint", "cot"])
def test_none_is_read_as_nothing_where_the_prompt_allows_it(mode: Literal["joint", "cot"], prompts: PromptSet) -> None:
    prompt = prompts.find(mode, "all", "*")
    assert re.search(r"\bnone\b", prompt.user)
    parsed = read(promised(prompt, "none", "none", ("none",)), prompt)
    assert (parsed.transcript, parsed.scene, parsed.events) == ("", "", ())
    assert set(parsed.status.values()) == {ParseStatus.LABELLED}


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.id)
def test_a_repeated_prompt_is_no_answer_and_what_follows_it_is(prompt: Prompt) -> None:
    assert set(read(prompt.user, prompt).status.values()) == {ParseStatus.UNPARSED}
    answer = promised(prompt, TRANSCRIPT, SCENE, EVENTS)
    for between in ("\n", "\n\n"):
        assert read(prompt.user + between + answer, prompt) == read(answer, prompt)


def test_every_question_has_a_prompt_for_any_family() -> None:
    for mode, tasks in TASKS.items():
        for task in tasks:
            for prompts in SETS:
                assert prompts.find(mode, task, "*").family == "*"


def form(prompt: Prompt) -> list[str]:
    """The lines in which the prompt shows how to answer."""
    return [line for line in prompt.user.split("\n") if "<" in line]


@pytest.mark.parametrize("other", SETS[1:], ids=PROMPT_SETS[1:])
def test_the_sets_ask_for_the_same_in_other_words(other: PromptSet) -> None:
    assert other.families == OURS.families
    assert len(other.prompts) == len(OURS.prompts)
    for ours, theirs in zip(OURS.prompts, other.prompts, strict=True):
        assert (theirs.mode, theirs.task, theirs.family, theirs.source) == (
            ours.mode,
            ours.task,
            ours.family,
            ours.source,
        )
        assert theirs.id == f"{ours.id.removesuffix('-1')}-{other.id[-1]}"
        assert form(theirs) == form(ours)
        assert theirs.system is None
        shared = {line for line in ours.user.split("\n") if line} & set(theirs.user.split("\n"))
        assert shared <= {*form(ours), "**Role**", "**Tasks**", "**Steps**", "**Answer**"}
        assert ("Energy & Onset" in theirs.user) == ("Energy & Onset" in ours.user)


def test_all_prompts_are_three_runs_and_no_set() -> None:
    message = r"prompts 'all' are 3 runs, which `sseu run --prompts all` makes; here give one of project-1, project-2"
    with pytest.raises(ValueError, match=message):
        load_prompts("all")


def test_an_unknown_family_does_not_get_the_general_prompts(tmp_path: Path) -> None:
    message = (
        r"project-1\.toml: unknown prompt family 'qwen2_audio'; there are kimi-audio, ltu-as, qwen2-audio, "
        r"step-audio-2\. Name one of them, '\*' for"
    )
    with pytest.raises(ValueError, match=message):
        OURS.find("independent", "asc", "qwen2_audio")
    mine = load_prompts(written(tmp_path, ONE + 'family = "my-model"\n'))
    assert mine.families == ("kimi-audio", "ltu-as", "my-model", "qwen2-audio", "step-audio-2")
    assert mine.find("independent", "asr", "my-model").id == "mine/asr-1"


def test_the_family_goes_before_any() -> None:
    assert OURS.find("independent", "asr", "step-audio-2").id == "project/asr-step-audio-2-1"
    assert OURS.find("independent", "asc", "step-audio-2").id == "project/asc-1"


def test_reconstructions_say_so() -> None:
    assert tuple(prompts.id for prompts in SETS) == PROMPT_SETS == ("project-1", "project-2", "project-3")
    for prompt in PROMPTS:
        assert prompt.source == ("reconstruction" if prompt.mode in ("joint", "cot") else "project")
        assert re.fullmatch(rf"{prompt.source}/[a-z0-9-]+-[123]", prompt.id)


@pytest.mark.parametrize("prompts", SETS, ids=PROMPT_SETS)
def test_the_five_steps_of_the_paper_stand_in_order(prompts: PromptSet) -> None:
    text = prompts.find("cot", "all", "*").user
    names = ["Energy & Onset", "ASR", "Scene candidates", "Event candidates", "Correction", "Transcript: <transcript>"]
    places = [text.index(name) for name in names]
    assert places == sorted(places)


def test_open_vocabulary_prompts_show_no_label_list() -> None:
    from sseu_metric import EVENTS, SCENES

    for prompt in PROMPTS:
        assert not [name for name in (*SCENES, *EVENTS) if re.search(rf"\b{name}\b", prompt.user)], prompt.id


def test_the_hash_covers_text_mode_and_task() -> None:
    prompt = OURS.prompts[0]
    assert prompt_sha256(prompt) == prompt_sha256(dataclasses.replace(prompt, id="x", family="y", source="user file"))
    for change in ({"user": prompt.user + " "}, {"system": ""}, {"mode": "joint"}, {"task": "at"}):
        assert prompt_sha256(prompt) != prompt_sha256(dataclasses.replace(prompt, **change))  # type: ignore[arg-type]


def test_released_prompts_never_change() -> None:
    frozen = {
        # id and the beginning of its hash; a new wording is a new id
        "project/asr-1": "2244e90a0264",
        "project/asr-ltu-as-1": "f2119f8cbce6",
        "project/asr-qwen2-audio-1": "87a875885750",
        "project/asr-kimi-audio-1": "5fbc41edcea7",
        "project/asr-step-audio-2-1": "a4796d76d1e2",
        "project/asc-1": "21e26787da68",
        "project/at-1": "bb985fa4eaf5",
        "reconstruction/joint-1": "bed2af7888af",
        "reconstruction/cot-1": "c7d009089585",
        "project/likelihood-asc-1": "f9181f63dc78",
        "project/likelihood-at-1": "6b35f56dc1a7",
        "project/asr-2": "e12f4cafed40",
        "project/asr-ltu-as-2": "23eebb6faba8",
        "project/asr-qwen2-audio-2": "6394a76853b3",
        "project/asr-kimi-audio-2": "46e44e531798",
        "project/asr-step-audio-2-2": "0058903fcfee",
        "project/asc-2": "169a5c0bbbb1",
        "project/at-2": "516974114d82",
        "reconstruction/joint-2": "0347d5759574",
        "reconstruction/cot-2": "8a32faf7b361",
        "project/likelihood-asc-2": "0afafc9c2194",
        "project/likelihood-at-2": "e1d9eec0cd7c",
        "project/asr-3": "de98f6a766c8",
        "project/asr-ltu-as-3": "ad4b891f5175",
        "project/asr-qwen2-audio-3": "48c25206a31e",
        "project/asr-kimi-audio-3": "f643d834e027",
        "project/asr-step-audio-2-3": "0f883bbb105f",
        "project/asc-3": "5d5dc9d430b6",
        "project/at-3": "7bb84b246d43",
        "reconstruction/joint-3": "4037bfc57c8b",
        "reconstruction/cot-3": "c24cf167b8e8",
        "project/likelihood-asc-3": "b9b4d084af25",
        "project/likelihood-at-3": "c271d3bb1dec",
    }
    assert {prompt.id: prompt_sha256(prompt)[:12] for prompt in PROMPTS} == frozen


# ---- a user's file

TABLE = '[[prompt]]\nid = "mine/asr-1"\nmode = "independent"\ntask = "asr"\nuser = "Say it."\n'
ONE = 'id = "mine-1"\n' + TABLE


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "mine.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_users_file_is_marked(tmp_path: Path) -> None:
    loaded = load_prompts(written(tmp_path, ONE + 'system = "You transcribe."\nfamily = "kimi-audio"\n'))
    assert loaded.id == "mine-1"
    assert loaded.prompts == (
        Prompt("mine/asr-1", "asr", "independent", "You transcribe.", "Say it.", "user file", "kimi-audio"),
    )


def test_a_missing_prompt_is_not_taken_from_ours(tmp_path: Path) -> None:
    loaded = load_prompts(written(tmp_path, ONE + 'family = "kimi-audio"\n'))
    with pytest.raises(
        ValueError, match=r"mine\.toml: no prompt with mode 'cot', task 'all' and family '\*' or '\*'\."
    ):
        loaded.find("cot", "all", "*")
    with pytest.raises(ValueError, match=r"family 'ltu-as' or '\*'; there are 'kimi-audio'\. Add one"):
        loaded.find("independent", "asr", "ltu-as")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            ONE + 'source = "project"\n',
            r"mine.toml, prompt 1 \(mine/asr-1\): source: Unexpected.*; see docs/prompts.md",
        ),
        ("version = 2\n" + ONE, r"mine.toml: version: Unexpected keyword argument"),
        (ONE.replace('"Say it."', "[1]"), r"\(mine/asr-1\): user: Input should be a valid string, found \[1\]"),
        (ONE.replace('"Say it."', '" \\n"'), r"prompt 1 \(mine/asr-1\): user is blank"),
        (ONE.replace('user = "Say it."', ""), r"prompt 1 \(mine/asr-1\): user: Field required"),
        (ONE.replace('id = "mine-1"\n', ""), r"mine.toml: id: Field required"),
        (ONE.replace('"independent"', '"solo"'), r"mode: Input should be 'independent', .* found 'solo'"),
        (ONE.replace('"asr"', '"all"'), r"task is 'all'; in mode independent it is one of asr, asc, at"),
        (ONE + TABLE, r"mine.toml: the id 'mine/asr-1' is given twice"),
        (ONE + TABLE.replace("mine/asr-1", "b"), r"'mine/asr-1' and 'b' are both for mode 'independent'"),
        ('id = "mine-1"\nprompt = []\n', r"mine.toml: no prompts; each begins with a line \[\[prompt\]\]"),
        ('id = "mine-1"\n', r"mine.toml: prompt: Field required"),
        ('id = "mine-1"\nprompt = "x"\n', r"mine.toml: prompt: Input should be a valid array"),
        (ONE + "user\n", r"mine.toml: not TOML: .*\(at line 7, column 5\)"),
        (b"\xff\xfe", r"mine.toml: not UTF-8 text \(byte 0\); save it as UTF-8"),
        (b"#" * (MAX_BYTES + 1), r"mine.toml: longer than 100,000 bytes; is it a prompt file\?"),
        (ONE.replace("mine-1", "project-1"), r"the id 'project-1' is that of the project's own set"),
        (ONE.replace("mine-1", "project-3"), r"the id 'project-3' is that of the project's own set"),
        (ONE.replace("mine/asr-1", "project/asr-2"), r"'project/asr-2' is a prompt of the project, with other text"),
        (ONE.replace("mine/asr-1", "project/asr-1"), r"'project/asr-1' is a prompt of the project, with other text"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_prompts(written(tmp_path, content))


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"none\.toml: no such prompt file, and none of the project's sets \(project-1, pro"
    ):
        load_prompts(tmp_path / "none.toml")
    with pytest.raises(ValueError, match="cannot be read: Is a directory"):
        load_prompts(tmp_path)


# ---- docs/prompts.md

PAGE = Path(__file__).resolve().parents[2] / "docs" / "prompts.md"


def test_the_example_of_the_page_is_a_prompt_set(tmp_path: Path) -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert examples
    loaded = load_prompts(written(tmp_path, examples[0]))
    for mode in ("independent", "joint", "cot"):
        for task in TASKS[mode]:
            prompt = loaded.find(mode, task, "*")
            assert prompt.source == "user file"
            parsed = read(promised(prompt, TRANSCRIPT, SCENE, EVENTS), prompt)
            assert set(parsed.status.values()) <= GOOD


def test_the_page_lists_our_prompts() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [prompt.id for prompt in OURS.prompts if f"`{prompt.id}`" not in page] == []
