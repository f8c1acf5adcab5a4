"""The dataset card: the README the Hub shows, with metadata, statistics, licences and a plot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sseu_dataset.describing.how_to_load import HOW_TO_LOAD, HOW_TO_LOAD_STEMS
from sseu_dataset.describing.speech import speech_section
from sseu_dataset.licences import licence_metadata, licence_section
from sseu_dataset.manifest import Manifest
from sseu_dataset.records import CLIP_S, Recipe, RecipeName, title_of
from sseu_dataset.schema import STEMS, config_name
from sseu_metric.floors import CEILINGS, FLOOR_NAMES, FLOORS, floor_of
from sseu_metric.labels import EVENTS, SCENES
from sseu_metric.normalisers import normaliser_for, unit_of
from sseu_metric.tasks import metric_names
from sseu_metric.text_table import markdown, percent

CARD = "README.md"
PLOT = "counts.png"
TAGS = ["audio", "benchmark", "speech", "acoustic-scene-classification", "audio-tagging"]
"""Keywords, for the Hub and in Croissant."""
_ANNOTATORS = {"annotations_creators": ["crowdsourced", "expert-generated"]}
_ORIGIN = {"source_datasets": ["extended"]}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (float("inf"), "100K<n<1M"))

_STATEMENT = """\
## Data statement

Who speaks, how labels were made, licences, biases and limits are in [croissant.json](croissant.json), in the fields
whose names begin with `rai:`, and with their sources on one page of the documentation, `docs/data-statement.md`.
"""

PAPER = """\
@article{yin2025sseu,
  title = {Can Large Audio Language Models Understand Audio Well?
           Speech, Scene and Events Understanding Benchmark for LALMs},
  author = {Yin, Han and Choi, Jung-Woo},
  journal = {arXiv preprint arXiv:2509.13148},
  year = {2025}
}
"""
"""The paper that defines the benchmark, as BibTeX."""

_SPEECH_CITATION = """\
@misc{yamagishi2019vctk,
  title = {CSTR VCTK Corpus: English Multi-speaker Corpus for CSTR Voice Cloning Toolkit (version 0.92)},
  author = {Yamagishi, Junichi and Veaux, Christophe and MacDonald, Kirsten},
  publisher = {University of Edinburgh},
  doi = {10.7488/ds/2645},
  year = {2019}
}
"""
_BACKGROUND_CITATION = """\
@inproceedings{turpault2019desed,
  title = {Sound event detection in domestic environments with weakly labeled data and soundscape synthesis},
  author = {Turpault, Nicolas and Serizel, Romain and Salamon, Justin and Shah, Ankit Parag},
  booktitle = {DCASE Workshop},
  year = {2019}
}
@article{martinmorato2023maestro,
  title = {Strong Labeling of Sound Events Using Crowdsourced Weak Labels and Annotator Competence Estimation},
  author = {Mart{\\'i}n-Morat{\\'o}, Irene and Mesaros, Annamaria},
  journal = {IEEE/ACM Transactions on Audio, Speech, and Language Processing},
  volume = {31},
  pages = {902--914},
  year = {2023}
}
"""


def _citation(recipe: Recipe) -> str:
    """The paper, and what the makers of the official corpora in it ask to be cited."""
    corpora = _SPEECH_CITATION * (recipe.table("speech") is None)
    corpora += _BACKGROUND_CITATION * (recipe.table("background") is None)
    return f"## Citation\n\n```bibtex\n{PAPER}{corpora}```\n"


def make_card(recipe: Recipe, made: Manifest, gains_db: Mapping[str, float], sizes_bytes: Mapping[str, int]) -> str:
    """The text of the dataset's README.md; a pure function of the recipe and what was built.

    Args:
        recipe: What was built.
        made: Its manifest.
        gains_db: The attenuation of each pair.
        sizes_bytes: The size of each configuration's Parquet files.
    """
    sections = [
        front_matter(
            dict.fromkeys(recipe.settings.conditions, len(recipe.pairs)),
            sizes_bytes,
            licence_metadata(recipe),
            recipe.version,
            stems=count_stems(recipe) if made.layout == "stems" else 0,
            language=recipe.language,
            title=title_of(recipe.settings),
            origin={**({} if recipe.table("background") else _ANNOTATORS), **_ORIGIN},
        ),
        f"# {title_of(recipe.settings)} {recipe.version}\n",
        status(recipe.name, recipe.reasons),
        size_sentence(recipe) + "\n",
        HOW_TO_LOAD_STEMS if made.layout == "stems" else HOW_TO_LOAD,
        f"![Pairs per scene and event, SNRs and attenuations of the clips]({PLOT})\n",
        _floors(recipe),
        "## Counts\n",
        counts_table(("scene", "pairs"), Counter(pair.background.scene for pair in recipe.pairs), SCENES),
        counts_table(("event", "pairs with it"), event_counts(recipe), EVENTS),
        speech_section(recipe),
        _attenuation(gains_db),
        _caveats(made.excluded, recipe),
        licence_section(recipe),
        _STATEMENT,
        _citation(recipe),
    ]
    return "\n".join(sections)


def count_stems(recipe: Recipe) -> int:
    """The number of rows of the configuration `stems`: backgrounds, and different speech."""
    return len(recipe.pairs) + len({pair.speech for pair in recipe.pairs})


def size_sentence(recipe: Recipe) -> str:
    """How many clips there are in which conditions, and what is asked about each."""
    conditions = recipe.settings.conditions
    rows = len(recipe.pairs) * len(conditions)
    hours = rows * CLIP_S / 3600
    spoken = "one utterance" if recipe.settings.rule == "paper" else "two to four utterances of one speaker"
    return (
        f"{rows} clips of {CLIP_S} s ({hours:.2f} h): {len(recipe.pairs)} backgrounds, each with {spoken}, "
        f"in {len(conditions)} conditions ({', '.join(conditions)} dB SNR; `+inf` is speech alone, `-inf` background "
        "alone). Every clip poses three questions: what is said, in which scene, and which events sound. 44.1 kHz, "
        "mono, 16 bit."
    )


def front_matter(
    counts: Mapping[str, int],
    sizes_bytes: Mapping[str, int],
    licence: Mapping[str, str],
    version: str,
    origin: Mapping[str, list[str]],
    language: str = "en",
    title: str = "SSEU-Bench",
    stems: int = 0,
) -> str:
    """The YAML block that the Hub and `load_dataset` read.

    The Hub knows languages without a region: of a tag such as `en-GB` it gets the first part.

    Args:
        counts: The number of clips of each condition.
        sizes_bytes: The size of each configuration's Parquet files.
        licence: The fields about the licence.
        version: Version of the dataset.
        origin: The fields about labels and sources, as far as they are known, in the words of the Hub.
        language: Language of the speech.
        title: What the dataset is called.
        stems: The number of rows of the configuration `stems`; 0 where there is none.
    """
    import yaml

    rows = sum(counts.values())
    configs: list[dict[str, Any]] = []
    infos: list[dict[str, Any]] = []
    found = [("all", [*map(config_name, counts)], rows)]
    found += [(config_name(condition), [config_name(condition)], count) for condition, count in counts.items()]
    if stems:
        found.insert(0, (STEMS, [STEMS], stems))  # what a program that mixes nothing can use
    for number, (name, folders, count) in enumerate(found):
        paths = [f"data/{folder}/*.parquet" for folder in folders]
        default = {"default": True} if number == 0 else {}
        configs.append({"config_name": name, **default, "data_files": [{"split": "test", "path": paths}]})
        split = {"name": "test", "num_bytes": sizes_bytes[name], "num_examples": count}
        infos.append({"config_name": name, "splits": [split]})
    fields = {
        "language": language.split("-")[0],
        **licence,
        "license_link": CARD,
        "pretty_name": title,
        "size_categories": next(name for limit, name in _SIZES if rows < limit),
        "task_categories": ["automatic-speech-recognition", "audio-classification"],
        "tags": TAGS,
        **origin,
        "version": version,
        "configs": configs,
        "dataset_info": infos,
    }
    return f"---\n{yaml.safe_dump(fields, sort_keys=False)}---\n"


def status(name: RecipeName, reasons: Sequence[str]) -> str:
    """Whether this is the paper's benchmark, and if not, why."""
    if name == "paper":
        return "Built from the complete official corpora with the paper's recipe.\n"
    if name == "diverse":
        return (
            "**SSEU-Bench D1**: built from the complete official corpora with the rule `diverse`, by which no\n"
            "sentence is said twice. Scores on it are compared with each other alone.\n"
        )
    if name == "edition":
        return (
            "**An edition of SSEU-Bench**: built from the complete official corpora with a seed of its own, which was\n"
            "committed to before it was revealed. Name and seed stand in `manifest.json`. Scores on it are compared\n"
            "with each other alone.\n"
        )
    listed = "".join(f"- {reason}\n" for reason in reasons)
    a = "an" if name == "imported" else "a"
    return f"**This is {a} `{name}` build. Scores on it are not scores on SSEU-Bench**, because:\n\n{listed}"


def _caveats(excluded: int, recipe: Recipe) -> str:
    left_out = (
        f"{excluded} source file{' was' if excluded == 1 else 's were'} left out, see `excluded.tsv`."
        if excluded
        else "`excluded.tsv` lists no source file: either none was left out, or this was rebuilt from a recipe\n"
        "  without that list, and which were left out is unknown."
    )
    talking = (
        "People talk in some MAESTRO-Real backgrounds: speech there is not a target, but it is not absent either."
        if recipe.table("background") is None
        else "The backgrounds and their labels are those of a table by whoever built this."
    )
    return f"""\
## What to know

- {talking}
- The SNR is the mean power of the utterance's own samples over the mean power of the background's own samples
  (`snr_clip_db`, measured on the stored samples); `snr_overlap_db` takes both over the span in which both sound.
- {left_out}
- `recipe.parquet` and the corpora determine every sample; `manifest.json` holds the SHA-256 of every source file and of
  every clip's samples.
"""


def _floors(recipe: Recipe) -> str:
    """What answers that understand nothing of a clip score here, computed from these very labels and sentences."""
    from sseu_metric import score
    from sseu_metric.controls import ground_truth

    rows = [
        {
            "transcript": pair.utterance.transcript,
            "scene": pair.background.scene,
            "events": sorted({segment.event for segment in pair.background.segments}),
            "background_corpus": pair.background.corpus,
        }
        for pair in recipe.pairs
    ]
    normaliser = normaliser_for(recipe.language)
    truth = score(ground_truth(rows), rows, embedder="exact", normalizer=normaliser)
    errors = metric_names(unit_of(normaliser))["wer"]
    lines = []
    for floor, name in FLOOR_NAMES.items():
        values = [floor_of(truth, metric, floor) if floor in FLOORS[metric] else None for metric in CEILINGS]
        cells = [
            "" if one is None or (value := one.value(metric)) is None else percent(value)
            for metric, one in zip(CEILINGS, values, strict=True)
        ]
        lines.append((name, *cells))
    truths = [percent(ceiling) for ceiling in CEILINGS.values()]
    table = markdown([("answer", errors, "mACC", "mAP"), *lines, ("the truth", *truths)])
    return (
        "## What a score is worth\n\nAnswers that understand nothing of a clip score on these labels, in percent "
        f"({errors}: lower is better):\n\n{table}\n"
    )


def counts_table(header: tuple[str, str], counts: Mapping[str, int], order: tuple[str, ...]) -> str:
    """A Markdown table of how often each name occurs."""
    return markdown([header, *((name, str(counts.get(name, 0))) for name in order)]) + "\n"


def event_counts(recipe: Recipe) -> Counter[str]:
    """The number of pairs with each event."""
    return Counter(
        event for pair in recipe.pairs for event in sorted({segment.event for segment in pair.background.segments})
    )


def _attenuation(gains_db: Mapping[str, float]) -> str:
    """The distribution of the one attenuation each pair carries (column gain_db)."""
    gains = sorted(gains_db.values())
    untouched = sum(gain == 0 for gain in gains)

    def quantile(share: float) -> str:
        return f"{gains[min(int(share * len(gains)), len(gains) - 1)]:.1f}"

    return (
        f"Attenuation (`gain_db`), the same for all conditions of a pair, so that none exceeds -1 dBFS: {untouched} of "
        f"{len(gains)} pairs need none; minimum {quantile(0)} dB, 5 % quantile {quantile(0.05)} dB, median "
        f"{quantile(0.5)} dB.\n"
    )
