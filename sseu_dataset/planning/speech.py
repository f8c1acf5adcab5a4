"""Which speech each background gets, by the rule of the settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sseu_dataset.corpora.audio import read_clip
from sseu_dataset.corpora.folders import reason
from sseu_dataset.diverse.allocation import allocate
from sseu_dataset.diverse.sentences import Ranks, owned
from sseu_dataset.diverse.speech_bounds import cut_of, find_speech
from sseu_dataset.pairing import draw_onset, in_order, pair_up
from sseu_dataset.parallel import ordered_map
from sseu_dataset.records import JOINT, Background, CorpusError, Cut, Settings, Utterance
