"""A correction of features: moves what one signer's letters look like to where the network expects them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overlay.enrolment.prototypes import STATIC
from overlay.recognition.letter_model import LETTERS

CENTRES = 3  # of each enrolled letter, as a hand is never held quite the same
KEPT = 0.3  # weight of leaving an enrolled letter's mean where it is, against 1 for the signer's own frames


@dataclass(frozen=True, slots=True)
class Correction:
    """Adds to a feature a weighted sum of shifts; the nearer a centre, the more its shift counts.

    Far from all centres nothing is changed: signs that were not enrolled, and hands at rest, stay as they are.

    Attributes:
        centres: float32 (N, F).
        shifts: float32 (N, F).
        width: of the bell around each centre, in units of features.
    """

    centres: NDArray[np.float32]
    shifts: NDArray[np.float32]
    width: float

    def examples(self, letters: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the signer's own centres (N, F) and which letter each is of, to be fitted again beside new frames.

        Args:
            letters: those that it was fitted to, in the order of the alphabet.

        Returns:
            Nothing where the centres cannot be told apart, as some letter had fewer frames than centres.
        """
        own = self.centres[: -len(STATIC)]
        if len(own) != CENTRES * len(letters):
            own, letters = own[:0], ""
        return own, np.array([LETTERS.index(letter) for letter in letters for _ in range(CENTRES)], np.int64)

    def apply(self, feature: NDArray[np.float32]) -> NDArray[np.float32]:
        """The corrected feature (F,)."""
        squares = ((self.centres - feature) ** 2).sum(1)
        corrected: NDArray[np.float32] = feature + np.exp(squares / np.float32(-2 * self.width**2)) @ self.shifts
        return corrected


@dataclass(frozen=True, slots=True)
class Strength:
    """The strength with which a correction is fitted.

    Attributes:
        width: of the bells, in mean distances between two letters' means.
        stiffness: how much it is held back from moving anything.
    """

    width: float
    stiffness: float


def fit_correction(
    features: NDArray[np.float32], labels: NDArray[np.int64], means: NDArray[np.float64], strength: Strength
) -> Correction:
    """Kernel ridge regression (Saunders et al., 1998) with Gaussian bells: from a signer's frames to the means.

    The means of all letters are rehearsed: where they are, nothing shall move.

    Args:
        features: float32 (N, F) of the signer's frames; at least one.
        labels: int (N,), which letter each is, none of J and Z.
        means: (26, F), see `read_letter_means`.
        strength: how it is fitted.
    """
    enrolled = np.unique(labels)
    centres, wanted, weights = [], [], []
    for label in enrolled:
        own = features[labels == label].astype(np.float64)
        for group in np.array_split(own, min(CENTRES, len(own))):
            centres.append(group.mean(0))
            wanted.append(means[label] - centres[-1])
            weights.append(1 / min(CENTRES, len(own)))
    for label in STATIC:
        centres.append(means[label])
        wanted.append(np.zeros_like(means[label]))
        weights.append(KEPT if label in enrolled else 1.0)
    points = np.array(centres)
    width = strength.width * spacing(means)
    squares = ((points[:, None] - points) ** 2).sum(2)
    bells = np.exp(-squares / (2 * width**2))
    shifts = np.linalg.solve(bells + strength.stiffness * np.diag(1 / np.array(weights)), np.array(wanted))
    return Correction(points.astype(np.float32), shifts.astype(np.float32), width)


def spacing(means: NDArray[np.float64]) -> float:
    """Return the mean distance between two letters' means: the unit of widths, whatever the model."""
    known = means[list(STATIC)]
    distances = np.sqrt(((known[:, None] - known) ** 2).sum(2))
    return float(distances.sum() / (len(known) * (len(known) - 1)))
