"""Accuracy, precision, recall and F1 from a confusion matrix; the arithmetic of any textbook."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overlay.recognition.letter_model import CLASSES, LETTERS

Matrix = NDArray[np.int64]


def confusion_matrix(
    labels: Sequence[int] | NDArray[np.int64], predicted: Sequence[int] | NDArray[np.int64]
) -> Matrix:
    """Counts (26, 27): rows are true letters, columns what was read; the last one is for nothing."""
    matrix = np.zeros((len(LETTERS), CLASSES), np.int64)
    np.add.at(matrix, (np.asarray(labels, np.int64), np.asarray(predicted, np.int64)), 1)
    return matrix


def per_letter(matrix: Matrix) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each letter that occurs or was read."""
    right = np.diag(matrix).astype(float)
    support, read = matrix.sum(1), matrix[:, : len(LETTERS)].sum(0)
    result = {}
    for index, letter in enumerate(LETTERS):
        if not support[index] and not read[index]:
            continue
        precision = right[index] / read[index] if read[index] else 0.0
        recall = right[index] / support[index] if support[index] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        result[letter] = {"precision": precision, "recall": recall, "f1": f1, "support": int(support[index])}
    return result


def scores(matrix: Matrix, loss: float | None = None) -> dict[str, float | None]:
    """`models.training.runs.store.SCORES`; the last three are means over the letters that occur."""
    letters = [values for values in per_letter(matrix).values() if values["support"]]
    total = int(matrix.sum())
    return {
        "loss": loss,
        "accuracy": float(np.trace(matrix[:, : len(LETTERS)])) / total if total else 0.0,
        **{
            name: float(np.mean([values[name] for values in letters])) if letters else 0.0
            for name in ("precision", "recall", "f1")
        },
    }
