"""A model's average features of each letter: where enrolment leads a new signer's features."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LETTERS

FILE = "letters.npz"
MOVING = "JZ"  # motion: a single frame of one says nothing
STATIC = tuple(index for index, letter in enumerate(LETTERS) if letter not in MOVING)


def read_letter_means(folder: Path, features: int) -> NDArray[np.float64]:
    """Read the mean feature (26, F) of each letter over the signers of a model's training; J's and Z's mean nothing.

    Args:
        folder: of the model; holds `letters.npz` with `mean` (26, F).
        features: length F of the model's features.

    Raises:
        SigncapError: the model has no such file, so that it cannot be enrolled.
    """
    try:
        with np.load(folder / FILE, allow_pickle=False) as stored:
            means = np.asarray(stored["mean"], np.float64)
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise SigncapError(
            f"The model in {folder} cannot be enrolled, as it has no {FILE} that can be read: "
            "export it anew, or use the shipped one."
        ) from error
    if means.shape != (len(LETTERS), features) or not np.isfinite(means[list(STATIC)]).all():
        raise SigncapError(f"{folder / FILE} belongs to another model: export the model anew.")
    return means
