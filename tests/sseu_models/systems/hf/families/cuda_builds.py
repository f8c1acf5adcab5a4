"""A torchvision of a CUDA build beside a torch for CPUs: all that it lacks is its compiled operators."""

from __future__ import annotations

import importlib
import sys

OPERATORS = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
"""Operators on images whose names `import torchvision` looks up. No question with audio calls them."""


def import_torchvision() -> str:
    """Import it, with empty operators where its own cannot be loaded; return what of it was loaded.

    Raises:
        ImportError: It is not installed.
    """
    import torch

    try:
        importlib.import_module("torchvision")
    except RuntimeError:  # operator torchvision::nms does not exist
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        for name, schema in OPERATORS.items():
            torch.library.define(name, schema)
        importlib.import_module("torchvision")
        return "without its compiled operators"
    return "whole"
