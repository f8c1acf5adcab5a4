"""Scripts of the project as modules, for tests of what they make."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PROJECT = Path(__file__).resolve().parents[1]


def load_script(path: str) -> ModuleType:
    """The module in a file, its path as from the project's folder."""
    spec = importlib.util.spec_from_file_location(f"script_{Path(path).stem}", PROJECT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module
