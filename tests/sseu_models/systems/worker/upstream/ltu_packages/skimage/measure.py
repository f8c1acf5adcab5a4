"""`skimage.measure.block_reduce` for sizes that divide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def block_reduce(
    image: NDArray[np.float32],
    block_size: int | tuple[int, ...] = 2,
    func: Callable[..., Any] = np.sum,
    cval: float = 0,
    func_kwargs: dict[str, Any] | None = None,
) -> Any:
    """Means over blocks of the middle axis."""
    assert isinstance(block_size, tuple)
    assert (block_size[0], block_size[2]) == (1, 1)
    a, b, c = image.shape
    return func(image.reshape(a, b // block_size[1], block_size[1], c), axis=2)
