"""What upstream code imports and never calls where we hand it samples: torchaudio."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
import types


def allow_missing_torchaudio() -> None:
    """Substitute empty modules if torchaudio cannot be loaded (a CUDA build beside a CPU torch): we read no files."""
    try:
        importlib.import_module("torchaudio")
    except (ImportError, OSError):
        for name in ("torchaudio", "torchaudio.transforms"):
            module = types.ModuleType(name)
            module.__spec__ = importlib.machinery.ModuleSpec(name, None)
            sys.modules[name] = module
        sys.modules["torchaudio"].__dict__["transforms"] = sys.modules["torchaudio.transforms"]
