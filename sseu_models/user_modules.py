"""A user's own code, for `--frontend module:function` and `--system python:module:factory`: its module, its errors."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from types import ModuleType

from sseu_models.records import Reply


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


def reply_of(system: str, error: BaseException) -> Reply:
    """The reply to a question on which the code of a system raised: what it raised, with the traceback of that code.

    Args:
        system: Its id.
        error: What was caught; the frame that caught it is left out.
    """
    frames = error.__traceback__ and error.__traceback__.tb_next
    words = "".join(traceback.format_exception(type(error), error, frames))
    return Reply(error=f"{system} raised {type(error).__name__}: {error}\n{words}")
