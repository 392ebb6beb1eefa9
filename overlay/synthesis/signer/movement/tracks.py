"""Tracks of a hand between keys where each part keeps its own time and none is given quite enough of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.synthesis.signer.movement.motion import Key, eased

Array = NDArray[np.float64]

TURN: Final = slice(21, 25)  # after the joint angles: a quaternion, real part first
ACROSS, UP, RAISED = 25, 26, 27
CHANNELS: Final = 28
# The parts that move at times of their own: thumb, four fingers, the palm's turn, the arm sideways and the arm up.
PARTS: Final = (
    slice(16, 21),
    slice(0, 4),
    slice(4, 8),
    slice(8, 12),
    slice(12, 16),
    TURN,
    slice(ACROSS, ACROSS + 1),
    slice(UP, CHANNELS),
)
HAND_PARTS: Final = 6  # the first of them; the arm has no lead or lag between letters
SIDEWAYS: Final = 6

LEAST_SHARE: Final = 0.4  # of its usual time that a way takes at least when leads and lags crowd it
# Where a Gaussian is sampled to average over time, in standard deviations, and how much each sample counts.
NODES: Final = np.linspace(-2.5, 2.5, 11)
WEIGHTS: Final = np.exp(-0.5 * NODES**2) / np.exp(-0.5 * NODES**2).sum()


@dataclass(frozen=True, slots=True)
class Tracks:
    """Keys whose parts are reached at times of their own, averaged over a short time about every moment.

    Attributes:
        times: (len(PARTS), K) seconds, ascending.
        values: (K, CHANNELS), joint angles in degrees, turn, shift in palms, raised 0 or 1.
        even: (K,) reached at an even pace.
        inertia: (len(PARTS),) seconds, the standard deviation of the average.
    """

    times: Array
    values: Array
    even: NDArray[np.bool_]
    inertia: Array

    @classmethod
    def of(cls, keys: Sequence[Key], lags: Array, inertia: Array) -> "Tracks":
        """Tracks through keys that each part reaches (len(PARTS), K) seconds later than they say.

        Leads and lags are cut where a way would become too short for a hand.
        """
        base = np.array([key.at for key in keys])
        times = base + lags
        for k in range(1, len(keys)):
            times[:, k] = np.maximum(times[:, k], times[:, k - 1] + LEAST_SHARE * (base[k] - base[k - 1]))
        values = np.empty((len(keys), CHANNELS))
        for k, key in enumerate(keys):
            values[k, :21], values[k, TURN] = key.angles, _quaternion(key.turn)
            values[k, ACROSS:] = *key.shift, key.raised
            if k and values[k, TURN] @ values[k - 1, TURN] < 0:  # the same turn, on the side of the one before
                values[k, TURN] *= -1
        return cls(times, values, np.array([key.even for key in keys]), inertia)

    def at(self, t: float) -> Array:
        """The channels (CHANNELS,) at t seconds; the turn is of unit length."""
        out = np.empty(CHANNELS)
        for part, columns in enumerate(PARTS):
            before, after, share = self._between(part, t + self.inertia[part] * NODES)
            values = self.values[:, columns]
            first = values[before]
            out[columns] = WEIGHTS @ (first + (values[after] - first) * share[:, None])
        out[TURN] /= np.linalg.norm(out[TURN])
        return out

    def presence(self, first: int, last: int, times: Array) -> Array:
        """Return how much of the hand is made of the keys from one to another at times (T,): 0 to 1 of each, (T,)."""
        total = np.zeros(len(times))
        for part in range(len(PARTS)):
            before, after, share = self._between(part, times[:, None] + self.inertia[part] * NODES)
            there = ((before >= first) & (before <= last)) * (1 - share)
            there += ((after >= first) & (after <= last)) * share
            total += there @ WEIGHTS
        return total / len(PARTS)

    def _between(self, part: int, times: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        """The numbers of the keys before and after times of any shape, and how far the way between them is gone."""
        own = self.times[part]
        after = np.clip(np.searchsorted(own, times, side="right"), 1, len(own) - 1)
        before = after - 1
        u = np.clip((times - own[before]) / np.maximum(own[after] - own[before], 1e-9), 0, 1)
        return before, after, np.where(self.even[after], u, eased(u))


def matrix_of(quaternion: Array) -> Array:
    """The (3, 3) matrix of a quaternion (4,) of unit length, real part first."""
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def _quaternion(vector: Array) -> Array:
    angle = float(np.linalg.norm(vector))
    axis = vector / angle if angle > 1e-9 else np.zeros(3)
    return np.array([np.cos(angle / 2), *(np.sin(angle / 2) * axis)])
