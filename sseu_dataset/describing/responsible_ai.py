"""What Croissant's responsible-AI vocabulary asks about a dataset, answered from what was built.

The terms are those of http://mlcommons.org/croissant/RAI/1.0, and `rai:hasSyntheticData`, `prov:wasDerivedFrom` and
`prov:wasGeneratedBy`, for which NeurIPS 2026 asks beside them. What is said about the corpora has its sources in
docs/data-statement.md; what is counted is counted in the recipe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sseu_dataset.corpora.folders import STANDIN_REASON
from sseu_dataset.licences import Source, sources_of
from sseu_dataset.manifest import Manifest
from sseu_dataset.records import Recipe
from sseu_metric.labels import EVENTS, SCENES


def responsible_ai(recipe: Recipe, made: Manifest) -> dict[str, Any]:
    """Property -> text, list of texts, truth value or nodes, for the top level of a Croissant file.

    Args:
        recipe: What was built.
        made: Its manifest.
    """
    standin = STANDIN_REASON in recipe.reasons and not recipe.tables
    return {
        **(_origin_of_tables(recipe) if recipe.tables else _STANDIN_ORIGIN if standin else _ORIGIN),
        "rai:dataCollectionMissingData": _missing(made, recipe),
        "rai:dataImputationProtocol": "None: what is missing stays missing.",
        "rai:dataPreprocessingProtocol": _selection(recipe),
        "rai:dataManipulationProtocol": _MIXING if recipe.settings.rule == "paper" else _JOINING,
        **(_ANNOTATION_OF_TABLES if recipe.tables else _STANDIN_ANNOTATION if standin else _ANNOTATION),
        "rai:personalSensitiveInformation": _people(recipe, standin),
        "rai:dataBiases": _biases(recipe),
        "rai:dataLimitations": _limitations(recipe, standin),
        "rai:dataUseCases": _USES,
        "rai:dataSocialImpact": _IMPACT_OF_TABLES if recipe.tables else _IMPACT,
        "rai:dataReleaseMaintenancePlan": _MAINTENANCE,
        **_synthetic(recipe),
        **_provenance(made, sources_of(recipe)),
    }


def _text(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


_ORIGIN = {
    "rai:dataCollection": _text("""
        Nothing was recorded for this dataset. Read sentences of VCTK were mixed with clips of the DESED public
        evaluation set and with ten-second windows of the MAESTRO-Real development set."""),
    "rai:dataCollectionType": ["Secondary Data analysis"],
    "rai:dataCollectionRawData": _text("""
        VCTK: recordings of read English sentences. DESED: soundtracks of YouTube videos from homes. MAESTRO-Real:
        recordings of about three minutes in five kinds of places outside the home. recipe.parquet names every file
        with its SHA-256 and its place in the corpus."""),
}
_STANDIN_ORIGIN = {
    "rai:dataCollection": _text("""
        Nothing was recorded: sentences of a speech synthesiser were mixed with generated sounds, in the layouts of
        VCTK, DESED and MAESTRO-Real. They stand in for these corpora to try the software."""),
    "rai:dataCollectionType": ["Software Collection"],
    "rai:dataCollectionRawData": "The stand-in corpora; recipe.parquet names every file with its SHA-256.",
}
_ANNOTATION = {
    "rai:dataAnnotationProtocol": _text("""
        No new labels were made. Transcripts are the sentences that VCTK's speakers were given. DESED states the start
        and end of each event. For MAESTRO-Real crowd workers marked the classes that they heard in overlapping
        segments; their opinions, weighted by estimated competence (MACE), became a value for each class and second.
        Scenes are those of the recordings; every DESED clip counts as Home."""),
    "rai:dataAnnotationPlatform": [
        "MAESTRO-Real: Amazon Mechanical Turk.",
        "DESED: not stated in the corpus's files.",
    ],
    "rai:dataAnnotationAnalysis": [
        _text("""
        On real recordings the authors of MAESTRO-Real found an agreement of less than 69 % between aggregated labels
        and reference labels. Labels here are the classes with values above 0.5; `soft_labels` keeps the values."""),
        _text("""
        DESED and MAESTRO-Real were annotated for different classes: an event that only the other corpus annotates may
        sound in a clip without being labelled."""),
    ],
    "rai:annotationsPerItem": "One final set of labels for each clip; how many opinions are behind it is not stated.",
    "rai:annotatorDemographics": ["Not published for DESED and MAESTRO-Real."],
}
_STANDIN_ANNOTATION = {
    "rai:dataAnnotationProtocol": "Labels and transcripts are what the generators were told to make; nobody annotated.",
    "rai:machineAnnotationTools": ["The generators of the stand-in corpora, `sseu standin`."],
}
_ANNOTATION_OF_TABLES = {
    "rai:dataAnnotationProtocol": _text("""
        No new labels were made by the software. Transcripts, speakers, scenes and events that a table states are as it
        states them: how they came about, whoever wrote the table has to say. Those of VCTK, DESED and MAESTRO-Real,
        where they are among the sources, are described in docs/data-statement.md."""),
}
_MIXING = _text("""
    Every background got one utterance at a drawn start. The speech stands at -26 dBFS, the background at the
    condition's SNR below it, and one attenuation for all conditions of a pair keeps peaks at or below -1 dBFS.""")
_JOINING = _text("""
    Every background got two to four utterances of one speaker, cut to their speech and joined with drawn pauses, which
    are filled with the recordings' own room noise, at a drawn start. The speech stands at -26 dBFS, the background at
    the condition's SNR below it, and one attenuation for all conditions of a pair keeps peaks at or below -1 dBFS.""")
_OF_THE_CORPORA = [
    "People talk in some MAESTRO-Real backgrounds; this speech is neither a target nor transcribed.",
    "Labels are uncertain, MAESTRO-Real's above all (rai:dataAnnotationAnalysis).",
]
_USES = [
    _text("""
    Testing: what audio language models, speech recognisers, scene classifiers and taggers make of a clip that holds
    speech and a background, and how that changes with the SNR."""),
    _text("""
    Not for training or choosing models whose scores on it are reported, not for recognising or imitating speakers,
    and not as evidence that a system is fit for people's recordings."""),
]
_IMPACT = _text("""
    It can show that a model fails on speech in noise, or invents words and sounds, before people rely on it. It
    covers read English in few accents, homes and five kinds of other places: a good score says nothing about other
    languages and about spontaneous or impaired speech, and must not be presented as if it did.""")
_IMPACT_OF_TABLES = _text("""
    It can show that a model fails on speech in noise, or invents words and sounds, before people rely on it. A good
    score says nothing about other languages, places and kinds of speech, and must not be presented as if it did.""")
_MAINTENANCE = _text("""
    A version never changes. Corrections are new versions; a faulty version is withdrawn with a reason. The card and
    versions.json of the repository, which its owner maintains, say which is which.""")


def _synthetic(recipe: Recipe) -> dict[str, bool]:
    """Whether audio was generated; nothing where only a table's author knows."""
    standin = STANDIN_REASON in recipe.reasons
    return {} if recipe.tables and not standin else {"rai:hasSyntheticData": standin}


def _origin_of_tables(recipe: Recipe) -> dict[str, Any]:
    names = ", ".join(f"{source.name}: {source.licence}" for source in sources_of(recipe))
    tables = " and ".join(table.role for table in recipe.tables)
    return {
        "rai:dataCollection": _text(f"""
            Nothing was recorded for this dataset: speech was mixed with backgrounds. Whoever built it chose the
            {tables} and described it by table, licence included."""),
        "rai:dataCollectionType": ["Secondary Data analysis"],
        "rai:dataCollectionRawData": f"{names}. recipe.parquet names every file with its SHA-256.",
    }


def _missing(made: Manifest, recipe: Recipe) -> str:
    left_out = f"Source files left out: {made.excluded}, listed in excluded.tsv." if made.excluded else ""
    if recipe.tables:
        return _text(f"""
            {left_out} `soft_labels`, `speaker_gender` and `speaker_accent` are null where the sources do not state
            them; `snr_active_db` and `snr_loudness_db` are null until they are measured. In a published copy `audio`
            may be null; it can be rebuilt from the sources with recipe.parquet and checked with `pcm_sha256`.""")
    return _text(f"""
        {left_out} `soft_labels` is null for DESED, which has no such values; `speaker_gender` and `speaker_accent`
        are null where VCTK's table of speakers is silent; `snr_active_db` and `snr_loudness_db` are null until they
        are measured. In a published copy `audio` is null where the sources' licences forbid to pass it on; it can be
        rebuilt from the corpora with recipe.parquet and checked with `pcm_sha256`.""")


def _selection(recipe: Recipe) -> list[str]:
    settings = recipe.settings
    lasting = f"{settings.speech_min_s:g} to {settings.speech_max_s:g} s"
    speech = f"Speech: recordings of {lasting}, one to a clip, uncut."
    if settings.rule == "diverse":
        speech = _text(f"""
        Speech: sentences that not all speakers read, without those nearly equal to another, each from one reader by
        draw, the first two to four that last {lasting} together.""")
    resampled = "All audio was made mono and brought to 44.1 kHz and 16 bit."
    if recipe.table("background") is not None:
        return [speech, "Backgrounds: every clip of the table.", resampled]
    return [
        speech,
        _text("""
        Backgrounds: the DESED clips without a speech event, and the MAESTRO-Real windows in which one of ten target
        classes is active for at least a second. MAESTRO-Real's `cutlery and dishes` is DESED's Dishes. The
        benchmark's authors have published no list of clips: the rule gives their numbers of clips and is a
        reconstruction."""),
        resampled,
    ]


def _people(recipe: Recipe, standin: bool) -> list[str]:
    if standin:
        return ["None: a synthesiser speaks; genders and accents are invented."]
    speakers = {pair.utterance.speaker_id for pair in recipe.pairs}
    if recipe.tables:
        return [
            f"Voices of {len(speakers)} speaker{'s' * (len(speakers) != 1)}, named as in {recipe.speech_corpus}.",
            "People who never recorded for a corpus may be heard in backgrounds.",
        ]
    return [
        _text(f"""
        Voices of {len(speakers)} people who read given sentences for VCTK, under its codes. Gender and accent are
        VCTK's statements (`speaker_gender`, `speaker_accent`); names and ages are not given."""),
        _text("""
        Backgrounds come from public places and online videos: people who never recorded for a corpus can be heard in
        some, talking included."""),
    ]


def _biases(recipe: Recipe) -> list[str]:
    speakers = {pair.utterance.speaker_id: pair.utterance for pair in recipe.pairs}
    genders = Counter(speaker.speaker_gender or "not stated" for speaker in speakers.values())
    accents = Counter(speaker.speaker_accent or "not stated" for speaker in speakers.values())
    utterances = [part.utterance for pair in recipe.pairs for part in pair.speech]
    sentences = {utterance.transcript for utterance in utterances}
    recordings = {utterance.utterance_id for utterance in utterances}
    known = f"""
        {len(recordings)} recordings of only {len(sentences)} sentences. In VCTK the long ones are texts that every
        speaker reads, the Rainbow Passage among them, and a model may know them by heart."""
    if recipe.settings.rule == "diverse":
        known = f"""
        {len(recordings)} recordings of {len(sentences)} sentences, none said twice, most of them from newspapers. VCTK
        is public: a model may have been trained on them."""
    scenes = Counter(pair.background.scene for pair in recipe.pairs)
    corpora: dict[str, set[str]] = {}
    for pair in recipe.pairs:
        for segment in pair.background.segments:
            corpora.setdefault(segment.event, set()).add(pair.background.corpus)
    single = sum(len(found) == 1 for found in corpora.values())
    if recipe.tables:
        return [
            f"{len(speakers)} speakers of one language ({recipe.language}).",
            f"Gender: {_counts(genders)}. Accent: {_counts(accents)}.",
            f"{len(recordings)} recordings of {len(sentences)} sentences, which a model may know by heart.",
            f"Scenes are unequal. Pairs: {_counts(scenes, SCENES)}.",
            _text(f"""
        Of the {len(corpora)} event classes that occur (of {len(EVENTS)}) {single} occur in one corpus of backgrounds
        only: telling these apart may earn a score without understanding anything."""),
        ]
    return [
        f"Read English by {len(speakers)} speakers. Gender: {_counts(genders)}. Accent: {_counts(accents)}.",
        _text(known),
        f"Scenes are unequal. Pairs: {_counts(scenes, SCENES)}.",
        _text(f"""
        Scene and labels follow from the corpus: Home is DESED alone, and of the {len(corpora)} event classes that
        occur (of {len(EVENTS)}) {single} occur in one corpus only. Telling the corpora apart by their sound earns a
        score without understanding anything; scores should be read beside these floors."""),
    ]


def _limitations(recipe: Recipe, standin: bool) -> list[str]:
    other = [f"A `{recipe.name}` build, not the benchmark itself: {reason}." for reason in recipe.reasons]
    return [
        *other,
        _text("""
        One split, `test`. Pairs share speakers, sentences and recordings: there are fewer independent cases than
        rows, and intervals must be clustered."""),
        "Speech and background are added: they share no room, and nobody speaks up against the noise.",
        "Few speakers share an accent: a gap between groups is a hint, not a finding about a group.",
        *([] if standin or recipe.tables else _OF_THE_CORPORA),
    ]


def _provenance(made: Manifest, sources: Iterable[Source]) -> dict[str, Any]:
    software = ", ".join(f"{name} {number}" for name, number in made.packages.items())
    done = (
        "recipe.parquet holds every choice, manifest.json the SHA-256 of every source file and of every clip's samples."
    )
    return {
        "prov:wasDerivedFrom": [
            {
                **({"@id": source.origin} if source.origin else {}),
                "@type": "prov:Entity",
                "prov:label": source.name,
            }
            for source in sources
        ],
        "prov:wasGeneratedBy": [
            {
                "@type": "prov:Activity",
                "prov:label": "Selection, pairing and mixing by `sseu build`",
                "description": done,
                "prov:wasAssociatedWith": {
                    "@type": "prov:SoftwareAgent",
                    "prov:label": f"sseu-bench {made.version} ({software})",
                },
            }
        ],
    }


def _counts(counts: Counter[str], order: Iterable[str] | None = None) -> str:
    """`F 60, M 44`: in the order given, or the most frequent first."""
    frequent = sorted(counts, key=lambda name: (-counts[name], name))
    return ", ".join(f"{name} {counts[name]}" for name in (order or frequent) if name in counts)
