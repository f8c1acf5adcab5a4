"""A user's own module, for `--frontend module:function` and `--system python:module:factory`."""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType


def import_user_module(name: str, what: str) -> ModuleType:
    """Import a module from the installed packages or the current folder.

    Args:
        name: Name of the module.
        what: Subject of the message.

    Raises:
        ValueError: It cannot be imported, whatever it raises.
    """
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # at the end: it hides no installed module
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"{what}: the module cannot be imported ({type(error).__name__}: {error}); it is looked for in the current "
            "folder and among the installed packages"
        ) from error
