"""Records passed from the corpus readers to the dataset folder.

corpus reader -> Utterance, Background -> Recipe (of Pairs) -> mixtures, one per condition -> rows
"""

from sseu_dataset.records.benchmark import (
    CLIP_S,
    CLIP_SAMPLES,
    MAX_SNR_DB,
    OFFICIAL,
    PAPER_PAIRS,
    PAPER_SPEECH,
    RATE_HZ,
    STRICT,
    VERSION,
    CorpusError,
    DatasetError,
    RecipeName,
    RuleName,
)
from sseu_dataset.records.recipes import (
    JOINT,
    Cut,
    ImportRecord,
    Pair,
    Recipe,
    Role,
    SpeechPart,
    Table,
    check_name,
    default_settings,
    joined,
    written,
)
from sseu_dataset.records.settings import Settings, version_of
from sseu_dataset.records.sources import (
    Background,
    EventSegment,
    SoftLabel,
    SourceIssue,
    SourceIssues,
    Utterance,
)

__all__ = [
    "CLIP_S",
    "CLIP_SAMPLES",
    "JOINT",
    "MAX_SNR_DB",
    "OFFICIAL",
    "PAPER_PAIRS",
    "PAPER_SPEECH",
    "RATE_HZ",
    "STRICT",
    "VERSION",
    "Background",
    "CorpusError",
    "Cut",
    "DatasetError",
    "EventSegment",
    "ImportRecord",
    "Pair",
    "Recipe",
    "RecipeName",
    "Role",
    "RuleName",
    "Settings",
    "SoftLabel",
    "SourceIssue",
    "SourceIssues",
    "SpeechPart",
    "Table",
    "Utterance",
    "check_name",
    "default_settings",
    "joined",
    "version_of",
    "written",
]
