"""The environment variables of the processes that we start: what a program needs to run, and no key or token.

They are listed by name where a pattern would let a secret through: `NVIDIA_API_KEY` begins like
`NVIDIA_VISIBLE_DEVICES`.
"""

from __future__ import annotations

import os

_NAMES = frozenset(
    (
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TEMP", "TERM", "TMP", "TMPDIR", "TZ", "USER"),
        *("DYLD_FALLBACK_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "MALLOC_ARENA_MAX"),
        *("CONDA_PREFIX", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
        *("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"),
        *("HF_DATASETS_CACHE", "HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_MODULES_CACHE"),
        *("HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HUGGINGFACE_HUB_CACHE"),
        *("MPLCONFIGDIR", "NLTK_DATA", "NUMBA_CACHE_DIR", "SENTENCE_TRANSFORMERS_HOME", "TOKENIZERS_PARALLELISM"),
        *(
            "TORCHINDUCTOR_CACHE_DIR",
            "TORCH_EXTENSIONS_DIR",
            "TORCH_HOME",
            "TRANSFORMERS_CACHE",
            "TRANSFORMERS_OFFLINE",
        ),
        *("HIP_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION", "ROCR_VISIBLE_DEVICES", "TRITON_CACHE_DIR"),
        *("NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_TF32_OVERRIDE", "NVIDIA_VISIBLE_DEVICES"),
        *("NUMEXPR_MAX_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"),
    )
)
_PREFIXES = ("CUDA_", "KMP_", "LC_", "MKL_", "NCCL_", "OMP_", "PYTHON", "PYTORCH_")
_INSTALLER_NAMES = (
    *("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "all_proxy", "https_proxy", "http_proxy", "no_proxy"),
    *("CC", "CFLAGS", "CPPFLAGS", "CXX", "CXXFLAGS", "FORCE_CUDA", "LDFLAGS", "MAX_JOBS", "PKG_CONFIG_PATH"),
)
_INSTALLER_PREFIXES = ("PIP_", "UV_")


def child_environment(*names: str) -> dict[str, str]:
    """The variables of this process that a program gets.

    Args:
        names: Further variables, as far as they are set.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name in _NAMES or name in names or name.startswith(_PREFIXES)
    }


def installer_environment() -> dict[str, str]:
    """The same for pip, which also needs proxies, the address of its index, and the settings of compilers."""
    installers = [name for name in os.environ if name.startswith(_INSTALLER_PREFIXES)]
    return child_environment(*installers, *_INSTALLER_NAMES)
