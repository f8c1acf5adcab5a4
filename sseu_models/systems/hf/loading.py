"""Weights and device of the systems that run in transformers (`hf:` and `clap:`).

The weights are part of every result: a Hub model is identified by the commit that was loaded, a local folder by the
SHA-256 of its files (`systems.content`).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sseu_metric.secret_transport import hub_url
from sseu_metric.suggestions import did_you_mean
from sseu_models.private_paths import without_paths
from sseu_models.records import Json, MissingPackageError, SystemDownError
from sseu_models.systems.content import content_sha256
from sseu_models.systems.hf.damage import damage_in
from sseu_models.systems.packages import missing_package

_COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Weights:
    """Location and identity of weights.

    Attributes:
        name: Hub id, or the folder's own name; free of paths.
        source: Argument of `from_pretrained`: Hub id or path.
        revision: Commit on the Hub; None for a folder.
        sha256: Hash of the folder's content (`content_sha256`); None for the Hub.
    """

    name: str
    source: str
    revision: str | None
    sha256: str | None

    def identity(self) -> dict[str, Json]:
        """The entry in the recorded settings: `revision` or `weights_sha256`."""
        return {"revision": self.revision} if self.sha256 is None else {"weights_sha256": self.sha256}


def split_revision(model: str) -> tuple[str, str | None]:
    """Model and revision of `id@revision`; an existing folder is taken literally, even with an @ in its name."""
    name, at, revision = model.rpartition("@")
    return (name, revision) if at and name and not Path(model).is_dir() else (model, None)


def system_name(model: str) -> str:
    """The name in results: the Hub id, or the folder's own name, also where the folder is on another machine."""
    name = split_revision(model)[0]
    return Path(name).resolve().name if Path(name).is_dir() or _is_path(name) else name


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~"))


def find_weights(kind: str, model: str) -> Weights:
    """The weights of a name; the commit comes from the Hub or its cache.

    Raises:
        SystemDownError: They are neither on this machine nor available from the Hub.
    """
    name, revision = split_revision(model)
    if Path(name).is_dir():
        try:
            return Weights(system_name(model), name, None, content_sha256(name))
        except ValueError as error:
            raise SystemDownError(f"{kind}:{system_name(model)} cannot be loaded: {error}") from error
    if _is_path(name):
        meant = _neighbour(name) if Path(name).parent.is_dir() else ""
        raise SystemDownError(
            f"{kind}:{name} is not a folder on this machine; give an existing one, or a Hub id{meant}"
        )
    from huggingface_hub import hf_hub_download

    try:
        hub_url()  # refuses to send a token unencrypted
        config = hf_hub_download(name, "config.json", revision=revision)
    except (OSError, ValueError) as error:
        raise weights_missing(kind, model, error) from error
    return Weights(name, name, Path(config).parent.name, None)  # the cache keeps a commit in the folder of its hash


def known_identity(kind: str, model: str) -> dict[str, Json]:
    """`Weights.identity` of what would be loaded now; empty where it cannot be found out on this machine."""
    name, revision = split_revision(model)
    if revision is not None and _COMMIT.fullmatch(revision) and not (Path(name).is_dir() or _is_path(name)):
        return {"revision": revision}
    try:
        return find_weights(kind, model).identity()
    except (SystemDownError, ImportError):
        return {}


def weights_missing(kind: str, model: str, error: Exception) -> SystemDownError:
    """The error for a model that cannot be loaded: which one, the whole reason, and the remedy."""
    reason = whole_reason(error)
    problem = f"cannot be loaded ({type(error).__name__}: {reason})"
    if packages := missing_packages(error):
        named = " and ".join(packages)
        return MissingPackageError(
            f"{kind}:{system_name(model)} needs {named}; install it with: pip install {' '.join(packages)} (of a build "
            f"that fits the installed torch). transformers says: {reason}"
        )
    if isinstance(error, WrongModelError):
        return SystemDownError(f"{kind}:{system_name(model)}: {reason}")
    if other_build := _OTHER_BUILD.search(reason):
        import torch

        package = next(filter(None, other_build.groups()))
        return SystemDownError(
            f"{kind}:{system_name(model)}: the installed {package} is of another build than torch {torch.__version__}; "
            f"install both from one index, of CPU or of CUDA builds, or pip uninstall {package}. It says: {reason}"
        )
    if Path(model).is_dir():
        if damage := damage_in(Path(model), error):
            return SystemDownError(
                f"{kind}:{system_name(model)} cannot be loaded: {damage}. transformers says: {reason}"
            )
        return SystemDownError(
            f"{kind}:{system_name(model)} {problem}; the folder must hold a whole model, as `save_pretrained` writes "
            "it: configuration, weights, tokenizer and processor"
        )
    name, revision = split_revision(model)
    meant = ""
    if "/" in name and Path(name).parent.is_dir():
        meant = f"; there is no such folder here either{_neighbour(name)}"
    download = f"hf download {name}" + (f" --revision {revision}" if revision else "")
    return SystemDownError(
        f"{kind}:{model} {problem}{meant}; check the name, run `{download}` where there is a network (`hf auth login` "
        "first if the model is gated, HF_HUB_OFFLINE unset), or give the folder that holds the model"
    )


def _neighbour(name: str) -> str:
    """The folder that was probably meant by one that is not there: `; did you mean 'models/base'?`."""
    parent = Path(name).parent
    return did_you_mean(name, [str(path) for path in parent.iterdir() if path.is_dir()]).rstrip("?")


class WrongModelError(ValueError):
    """The model is whole, and of a kind that cannot answer here; the message says which kind that is."""


_PACKAGE = re.compile(r"requires? the ([\w.-]+) library|No module named '(\w+)|pip install ([\w.\[\]-]+)")
_PIP_NAMES = {
    "PIL": "pillow",
    "Torchvision": "torchvision",
    "PyTorch": "torch",
    "mistral_common": "mistral-common[audio]",
}


_OTHER_BUILD = re.compile(r"operator (torchvision)::|(torchaudio)/lib/|Failed to load (libtorchaudio)")
"""What a torchvision or torchaudio of CUDA says beside a torch for CPUs."""


def whole_reason(error: BaseException) -> str:
    """What an error says and what the errors behind it say, each once, without paths of this machine.

    Of a package that cannot be imported transformers' own error says only "Are this object's requirements defined
    correctly?"; the package stands in the cause.
    """
    said: list[str] = []
    step: BaseException | None = error
    while step is not None:
        text = " ".join(str(step).split())
        if text and not any(text in earlier for earlier in said):
            said.append(text)
        step = step.__cause__
    return without_paths("; because: ".join(said)) or "no reason given"


def missing_packages(error: Exception) -> tuple[str, ...]:
    """Packages that an import error of transformers asks for, by their names on PyPI; empty for other errors."""
    if not isinstance(error, ImportError):
        return ()
    found = [next(filter(None, match.groups())) for match in _PACKAGE.finditer(whole_reason(error))]
    return tuple(dict.fromkeys(_PIP_NAMES.get(name, name) for name in found))


_SPEAKS = ("talker.", "token2wav.", "code2wav.")
"""Beginnings of the weights that make an Omni model speak."""
_TRAINS_ONLY = "masked_spec_embed"
"""End of a weight that training alone uses; checkpoints of wav2vec 2.0 leave it out."""
_ADAPTER = re.compile(r"(^|[._])(lora|adapter)(_|\.|[A-Z])")


def from_pretrained(model_class: Any, weights: Weights, **options: Any) -> Any:
    """A model with all its weights; transformers alone would initialise missing ones randomly and skip others.

    Raises:
        OSError, ImportError: As `from_pretrained`.
        ValueError: As `from_pretrained`; or weights are missing, have another shape, or belong to an adapter that the
            model has no place for. Every one is named.
    """
    model, report = model_class.from_pretrained(
        weights.source, revision=weights.revision, output_loading_info=True, ignore_mismatched_sizes=True, **options
    )
    missing = [name for name in report["missing_keys"] if not name.endswith(_TRAINS_ONLY)]
    shapes = [f"{name} {list(had)} instead of {list(has)}" for name, had, has in report["mismatched_keys"]]
    unused = [name for name in report["unexpected_keys"] if not name.startswith(_SPEAKS)]
    adapters = [name for name in unused if _ADAPTER.search(name)]
    problems = {"missing": missing, "of another shape": shapes, "of an adapter that is not loaded": adapters}
    said = [f"{len(names)} weights are {what}: {', '.join(sorted(names))}" for what, names in problems.items() if names]
    if said:
        raise ValueError("; ".join(said))
    if unused:
        print(f"hf: {len(unused)} weights of {weights.name} are not used: {', '.join(sorted(unused))}", file=sys.stderr)
    return model


def import_transformers(kind: str) -> tuple[Any, Any]:
    """The modules torch and transformers.

    Raises:
        SystemDownError: They are not installed; the message holds the command that installs them.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise missing_package(f"{kind}:", error.name, "hf") from error
    return torch, transformers


def choose_device(kind: str, device: str) -> str:
    """`cuda` or `cpu`; `auto` is `cuda` if available.

    Raises:
        SystemDownError: CUDA is requested but not available to torch.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise SystemDownError(
            f"{kind}: device cuda is requested, but torch {torch.__version__} sees no GPU; install a CUDA build "
            "of torch, or use --setting device=cpu"
        )
    return device


def choose_dtype(dtype: str, device: str) -> str:
    """The torch dtype of the weights; `auto` is bfloat16 on a GPU and float32 on a CPU."""
    if dtype == "auto":
        return "bfloat16" if device == "cuda" else "float32"
    return dtype


def package_versions() -> dict[str, Json]:
    """The package versions that answers may depend on."""
    import torch
    import transformers

    return {"torch": str(torch.__version__), "transformers": str(transformers.__version__)}
