"""Builds, checks and loads the benchmark: from licensed corpora to a versioned dataset that anyone can rebuild.

`build` makes a dataset folder from the corpora, `import_mixtures` one from mixtures that exist already; `verify` checks
one, `measure` adds two SNR definitions; `load`, `load_audio`, `stems` and `remix` use it, and `conditions_of` lists its
SNRs. `Settings` holds what a build may do differently from the paper. `mixtures` is an endless stream for training
without a benchmark's sources (docs/streaming.md), made of what `read_speech` and `read_backgrounds` find, or of records
of other corpora. `CorpusError` and `DatasetError` are `ValueError`s; package and benchmark share `__version__`.

In `build`, `verify` and the stream tables that describe other speech or backgrounds take the place of corpora
(docs/tables.md).

`new_edition`, `settings_of`, `reveal_edition` and `check_edition` are a build by a secret seed that is committed to
before (docs/editions.md).

    build("sseu-bench", vctk="VCTK-Corpus-0.92", desed="DESED", maestro="MAESTRO_Real_development")

A folder or a Hub repository loads without torch:

>>> from sseu_dataset import conditions_of, load, load_audio, remix, stems
>>> rows = load("sseu-bench")
>>> conditions_of(rows)
('+inf', '10', '5', '0', '-5', '-10', '-inf')
>>> load_audio(rows[0], rate_hz=16_000).shape
(160000,)

The two signals of a mixture are in the pair's other rows:

>>> pair = {row["condition"]: row for row in rows if row["pair_id"] == rows[0]["pair_id"]}
>>> speech, background = stems(pair, "-5")
>>> speech.shape == background.shape
True

so that they can be mixed at any SNR:

>>> remix(pair, 7.5)["condition"], len(load("sseu-bench", snr_db=7.5)) == len(set(rows["pair_id"]))
('7.5', True)
"""

from sseu_dataset.building.build import BuildResult, build
from sseu_dataset.building.measure import measure
from sseu_dataset.building.verify import Difference, Verification, verify
from sseu_dataset.editions.check import EditionCheck, check_edition
from sseu_dataset.editions.edition import Edition, new_edition, read_edition, reveal_edition, settings_of
from sseu_dataset.importing.build import ImportResult, import_mixtures
from sseu_dataset.loading import load, load_manifest, remix, stems
from sseu_dataset.manifest import Manifest, conditions_of
from sseu_dataset.records import VERSION, Background, CorpusError, DatasetError, EventSegment, Settings, Utterance
from sseu_dataset.rows.samples import load_audio
from sseu_dataset.streaming.sources import BackgroundClip, SpeechRecording, read_backgrounds, read_speech
from sseu_dataset.streaming.stream import MixtureStream, mixtures

__version__ = VERSION

__all__ = [
    "Background",
    "BackgroundClip",
    "BuildResult",
    "CorpusError",
    "DatasetError",
    "Difference",
    "Edition",
    "EditionCheck",
    "EventSegment",
    "ImportResult",
    "Manifest",
    "MixtureStream",
    "Settings",
    "SpeechRecording",
    "Utterance",
    "Verification",
    "__version__",
    "build",
    "check_edition",
    "conditions_of",
    "import_mixtures",
    "load",
    "load_audio",
    "load_manifest",
    "measure",
    "mixtures",
    "new_edition",
    "read_backgrounds",
    "read_edition",
    "read_speech",
    "remix",
    "reveal_edition",
    "settings_of",
    "stems",
    "verify",
]
