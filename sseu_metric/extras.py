"""What to install for an optional part, said the way the project is installed now: from a clone or a wheel."""

from __future__ import annotations

from importlib.util import find_spec


def install_command(extra: str) -> str:
    """The command that installs an extra, such as `hf` or `embed`.

    The project is not on PyPI, so the command names the clone (`.`); whoever installed a wheel puts its path there.
    """
    return f"pip install '.[{extra}]' in a clone of the project (or 'sseu-bench[{extra}] @ file:///path/of/the.whl')"


def require(package: str, extra: str, purpose: str) -> None:
    """Refuse to go on without an optional package.

    Args:
        package: Its import name.
        extra: The extra that brings it.
        purpose: What needs it, the subject of the message: "the default embedder".

    Raises:
        ImportError: It is not installed; the message says how to install it.
    """
    if find_spec(package) is None:
        raise ImportError(f"{purpose} needs the package {package}; install it with: {install_command(extra)}")
