"""SSEU-Bench, data in: from licensed corpora to a versioned dataset that anyone can load and rebuild.

    corpora -> recipe -> mixtures -> rows -> dataset folder

`build` makes the folder, `verify` checks it, `measure` adds two more SNR definitions; `load`, `load_audio` and `stems`
use it. Nothing here needs torch.
"""

from sseu_dataset.building.build import BuildResult, build
from sseu_dataset.building.measure import measure
from sseu_dataset.building.verify import Verification, verify
from sseu_dataset.loading import load, load_audio, stems
from sseu_dataset.records import VERSION, CorpusError, DatasetError, Settings

__all__ = [
    "VERSION",
    "BuildResult",
    "CorpusError",
    "DatasetError",
    "Settings",
    "Verification",
    "build",
    "load",
    "load_audio",
    "measure",
    "stems",
    "verify",
]
