"""Rotations in space, many at once."""

import numpy as np
from numpy.typing import NDArray


def rotations(axis: int, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotations (N, 3, 3) about an axis by angles (N,) in radians, from the lower of the other two to the higher."""
    a, b = (k for k in range(3) if k != axis)
    result = np.zeros((len(angles), 3, 3))
    result[:, axis, axis] = 1
    result[:, a, a] = result[:, b, b] = np.cos(angles)
    result[:, a, b], result[:, b, a] = -np.sin(angles), np.sin(angles)
    return result
