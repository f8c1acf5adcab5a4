"""From what a user types after `--system` to a system."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sseu_models.job import Reference
from sseu_models.records import Json, System, SystemDownError
from sseu_models.user_modules import import_user_module

FORMS = {
    "api": "api:<model>@<base-url> or api:<model> (OpenAI itself)",
    "hf": "hf:<Hub id or folder>[@<revision>]",
    "clap": "clap:<Hub id or folder>[@<revision>]",
    "worker": "worker:<ltu-as|kimi-audio|step-audio-2-mini|msclap-2022|msclap-2023|mga-clap|file.py>",
    "asr": "asr:pocketsphinx",
    "python": "python:<module>:<factory> (a system of your own, docs/systems/your-own.md)",
    "control": "control:<ground-truth|paraphrased-truth|majority|random|no-answer|all-events>",
}


def make_system(spec: str, settings: Mapping[str, Json], references: Sequence[Reference]) -> System:
    """The system of a name, not yet started.

    Args:
        spec: Of one of `FORMS`.
        settings: Keyword arguments of its factory.
        references: The rows of the dataset, for what may know them: controls, and a recogniser with a grammar.

    Raises:
        ValueError: The name is of no known form, a setting is unknown or has an impossible value, or a user's own
            module or factory failed.
        ImportError: A package is missing; the message is the line that installs it.
    """
    kind, _, name = spec.partition(":")
    if kind not in FORMS or not name:
        forms = "".join(f"\n  {form}" for form in FORMS.values())
        raise ValueError(f"unknown system {spec!r}; it must be one of:{forms}")
    given: dict[str, Any] = dict(settings)
    if kind == "control":
        from sseu_models.systems.control import make_control

        return make_control(name, references, **given)
    if kind == "asr":
        from sseu_models.systems.asr import make_pocketsphinx

        if name != "pocketsphinx":
            raise ValueError(f"unknown recogniser {name!r}; there is asr:pocketsphinx")
        return make_pocketsphinx(references, **given)
    if kind == "api":
        from sseu_models.systems.api.system import make_api

        return make_api(name, **given)
    if kind == "hf":
        from sseu_models.systems.hf.system import make_hf

        return make_hf(name, **given)
    if kind == "clap":
        from sseu_models.systems.clap import make_clap

        return make_clap(name, **given)
    if kind == "worker":
        from sseu_models.systems.worker.system import make_worker

        return make_worker(name, **given)
    return _own(name, given)


def source_of(spec: str) -> dict[str, str]:
    """The SHA-256 of the user's own file behind a name; empty for our systems, whose version is recorded anyway."""
    kind, _, name = spec.partition(":")
    place: str | None = None
    if kind == "worker" and name.endswith(".py"):
        place = name
    elif kind == "python":
        module = sys.modules.get(name.partition(":")[0])
        place = getattr(module, "__file__", None)
    return {} if place is None else {"source_sha256": hashlib.sha256(Path(place).read_bytes()).hexdigest()}


def _own(name: str, settings: Mapping[str, Any]) -> System:
    """A system made by a user's function, which is looked for in the current folder too."""
    module_name, _, factory_name = name.partition(":")
    module = import_user_module(module_name, f"python:{name}")
    try:
        system = getattr(module, factory_name)(**settings)
    except SystemDownError:
        raise
    except (Exception, SystemExit) as error:  # a user's function may raise anything
        raise ValueError(f"python:{name}: cannot be made ({type(error).__name__}: {error})") from error
    if not isinstance(system, System):
        raise ValueError(f"python:{name} gave a {type(system).__name__}; a system is needed (sseu_models.records)")
    return system
