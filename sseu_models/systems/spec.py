"""From what a user types after `--system` to a system: the forms of a name, and which names are known."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sseu_metric.suggestions import did_you_mean
from sseu_models.planning import Reference
from sseu_models.records import Json, System, SystemDownError
from sseu_models.systems.code_identity import OURS, code_identity
from sseu_models.systems.content import content_sha256
from sseu_models.user_modules import import_user_module

FORMS: Mapping[str, str] = {
    "api": "api:<model>@<base-url> or api:<model> (OpenAI itself)",
    "hf": "hf:<Hub id or folder>[@<revision>]",
    "clap": "clap:<Hub id or folder>[@<revision>]",
    "worker": "worker:<name> (listed by `sseu systems list`) or worker:<file.py> (docs/systems/your-own.md)",
    "asr": "asr:faster-whisper:<size, Hub id or folder>[@<revision>] or asr:pocketsphinx",
    "python": "python:<module>:<factory> (a system of your own, docs/systems/your-own.md)",
    "cascade": "cascade:<asr system>+<tagger> (two systems as one, docs/systems/baselines.md)",
    "text-only": "text-only:hf:<model> or text-only:api:<model>@<base-url> (no audio, docs/systems/baselines.md)",
    "control": "control:<name> (listed by `sseu systems list`)",
}
"""How to write a system, by prefix."""


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A line of `sseu systems list`.

    Attributes:
        name: What to write after `--system`; `<...>` is to be filled in.
        summary: What it is.
        extra: The extra that installs what it needs, if any.
        environment: Its environment, for `sseu systems setup`; None where it runs in ours.
    """

    name: str
    summary: str
    extra: str | None = None
    environment: str | None = None


def known_systems() -> tuple[KnownSystem, ...]:
    """The systems that can be named, in the order of `FORMS`."""
    from sseu_metric.controls import CONTROLS
    from sseu_models.systems.worker.environments import WORKERS

    return (
        KnownSystem("api:<model>@<base-url>", "OpenAI-compatible endpoint: vLLM, SGLang, a gateway", "openai"),
        KnownSystem("api:<model>", "OpenAI", "openai"),
        KnownSystem("hf:<Hub id or folder>", "audio language model, recogniser or tagger through transformers", "hf"),
        KnownSystem("clap:<Hub id or folder>", "LAION-CLAP through transformers: scenes and events", "hf"),
        *(KnownSystem(f"worker:{name}", one.summary, environment=one.environment) for name, one in WORKERS.items()),
        KnownSystem("worker:<file.py>", "worker file of your own, in any Python environment"),
        KnownSystem("asr:faster-whisper:<size, Hub id or folder>", "Whisper through CTranslate2: words", "asr"),
        KnownSystem("asr:pocketsphinx", "offline speech recogniser, for demonstrations", "demo"),
        KnownSystem("python:<module>:<factory>", "class of your own, in this process"),
        KnownSystem("text-only:hf:<Hub id or folder>", "language model without the audio, a baseline", "hf"),
        KnownSystem("text-only:api:<model>@<base-url>", "language model without the audio, a baseline", "openai"),
        KnownSystem("cascade:<asr system>+<tagger>", "two specialists as one system, a baseline"),
        *(
            KnownSystem(f"control:{name}", (predict.__doc__ or "").partition("\n")[0].rstrip("."))
            for name, predict in CONTROLS.items()
        ),
    )


def check_form(spec: str) -> None:
    """Refuse what is no name of a system, before anything is loaded.

    Raises:
        ValueError: The name has no known form; the message lists them, and the likeliest name first.
    """
    prefix, _, name = spec.partition(":")
    if prefix not in FORMS or not name:
        forms = "".join(f"\n  {form}" for form in FORMS.values())
        raise ValueError(f"unknown system {spec!r}{_meant(spec) or '.'} It must be one of:{forms}")


def make_system(spec: str, settings: Mapping[str, Json], references: Sequence[Reference]) -> System:
    """The system of a name, not yet started.

    Args:
        spec: A name of one of `FORMS`.
        settings: Keyword arguments of its factory.
        references: The rows of the dataset, for systems that may know them: controls, and a recogniser with a grammar.

    Raises:
        ValueError: The name has no known form, a setting is unknown or has an impossible value, or a user's own module
            or factory failed.
        SystemDownError: A package is missing; the message holds the command that installs it.
    """
    check_form(spec)
    prefix, _, name = spec.partition(":")
    given: dict[str, Any] = dict(settings)
    if prefix == "control":
        from sseu_models.systems.control import make_control

        return make_control(name, references, **given)
    if prefix == "asr":
        return _make_recogniser(name, given, references)
    if prefix == "api":
        from sseu_models.systems.api.system import make_api

        return make_api(name, **given)
    if prefix == "hf":
        from sseu_models.systems.hf.system import make_hf

        return make_hf(name, **given)
    if prefix == "clap":
        from sseu_models.systems.clap import make_clap

        return make_clap(name, **given)
    if prefix == "text-only":
        return _make_text_only(name, given)
    if prefix == "cascade":
        from sseu_models.systems.cascade import make_cascade

        return make_cascade(name, lambda part, its: make_system(part, its, references), **given)
    if prefix == "worker":
        from sseu_models.systems.worker.system import make_worker

        return make_worker(name, **given)
    return _make_user_system(name, given)


def _make_text_only(name: str, settings: Mapping[str, Any]) -> System:
    kind, _, model = name.partition(":")
    if kind == "api" and model:
        from sseu_models.systems.api.system import make_api

        return make_api(model, hears=False, **settings)
    if kind == "hf" and model:
        from sseu_models.systems.hf.system import make_hf

        return make_hf(model, hears=False, **settings)
    raise ValueError(
        f"text-only:{name}: text-only: is for hf: and api: systems, whose prompts need no audio; it must be "
        f"{FORMS['text-only']}"
    )


def _make_recogniser(name: str, settings: Mapping[str, Any], references: Sequence[Reference]) -> System:
    recogniser, _, model = name.partition(":")
    if recogniser == "faster-whisper":
        from sseu_models.systems.asr.faster_whisper import make_faster_whisper

        return make_faster_whisper(model, **settings)
    if name != "pocketsphinx":
        raise ValueError(
            f"unknown recogniser {name!r}{did_you_mean(recogniser, ('faster-whisper', 'pocketsphinx'))}; it must be "
            f"{FORMS['asr']}"
        )
    from sseu_models.systems.asr.pocketsphinx import make_pocketsphinx

    return make_pocketsphinx(references, **settings)


def source_of(system: str | System) -> dict[str, Json]:
    """What the user's own code behind a system is; empty for our systems, whose version is recorded anyway.

    Args:
        system: Its name, once it was made, or the system.
    """
    if not isinstance(system, str):
        made = type(system)
        return {} if made.__module__.partition(".")[0] in OURS else code_identity(made)
    prefix, _, name = system.partition(":")
    if prefix == "cascade":
        from sseu_models.systems.cascade import part_specs

        return {f"{part}_source": source for part, spec in part_specs(name).items() if (source := source_of(spec))}
    if prefix == "python":
        return code_identity(sys.modules[name.partition(":")[0]])
    if prefix == "worker" and name.endswith(".py"):
        return {"source_sha256": content_sha256(Path(name).expanduser())}
    return {}


def _meant(spec: str) -> str:
    """A guess at what was meant, from a mistyped prefix or a bare name: `; did you mean 'worker:ltu-as'?`."""
    prefix, colon, name = spec.partition(":")
    if prefix in FORMS:
        return f"; write {FORMS[prefix]}."
    if not colon and spec.count("/") == 1:  # as models are named on the Hub
        return f"; did you mean 'hf:{spec}'?"
    names = {system.name for system in known_systems() if "<" not in system.name}
    if colon and name and (guess := did_you_mean(prefix, FORMS)):
        return guess.replace("'?", f":{name}'?")
    bare = {known.partition(":")[2]: known for known in names}
    if spec in bare:
        return f"; did you mean {bare[spec]!r}?"
    return did_you_mean(spec, names)


def _make_user_system(name: str, settings: Mapping[str, Any]) -> System:
    """A system made by a user's function, which is looked for in the current folder too."""
    module_name, _, factory_name = name.partition(":")
    if not factory_name:
        raise ValueError(f"python:{name} names no factory; it must be {FORMS['python']}")
    module = import_user_module(module_name, f"python:{name}")
    if not hasattr(module, factory_name):
        raise ValueError(
            f"python:{name}: {module_name} has no {factory_name!r}{did_you_mean(factory_name, vars(module))}"
        )
    factory = getattr(module, factory_name)
    _check_settings(f"python:{name}", factory, settings)
    try:
        system = factory(**settings)
    except SystemDownError:
        raise
    except (Exception, SystemExit) as error:  # a user's function may raise anything
        raise ValueError(f"python:{name}: cannot be made ({type(error).__name__}: {error})") from error
    if not isinstance(system, System):
        raise ValueError(
            f"python:{name} returned {type(system).__name__}; it must return a system (docs/systems/your-own.md)"
        )
    return system


def _check_settings(name: str, factory: Any, settings: Mapping[str, Any]) -> None:
    """Refuse settings that a user's factory does not take, or lacks."""
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):  # compiled, or nothing that can be called
        return
    kinds = inspect.Parameter
    taken = [key for key, one in parameters.items() if one.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    known = f"it has {', '.join(taken)}" if taken else "it has none"
    if not any(one.kind is kinds.VAR_KEYWORD for one in parameters.values()):
        for key in settings:
            if key not in taken:
                raise ValueError(f"{name}: no setting {key!r}{did_you_mean(key, taken)} ({known})")
    lacking = [key for key in taken if parameters[key].default is kinds.empty and key not in settings]
    if lacking:
        raise ValueError(f"{name}: give {', '.join(f'--setting {key}=VALUE' for key in lacking)} ({known})")
