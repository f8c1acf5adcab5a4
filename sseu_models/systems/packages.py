"""The error for an optional package that a system needs and that is not installed."""

from __future__ import annotations

from sseu_metric.extras import install_command
from sseu_models.records import MissingPackageError


def missing_package(system: str, package: str | None, extra: str) -> MissingPackageError:
    """The error that names the system, the package and the command that installs the extra with it."""
    return MissingPackageError(f"{system} needs the package {package}; install it with: {install_command(extra)}")
