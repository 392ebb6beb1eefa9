"""Figures against small matrices that were worked out by hand."""

import numpy as np
import pytest

from models.training.engine.metrics import confusion_matrix, per_letter, scores
from overlay.recognition.letter_model import BLANK

pytestmark = pytest.mark.unit

A, B, C = 0, 1, 2


def test_rows_are_true_letters_and_columns_what_was_read() -> None:
    matrix = confusion_matrix([A, A, A, B, B, C], [A, A, B, B, BLANK, A])
    assert matrix.shape == (26, 27)
    assert matrix.sum() == 6
    assert [matrix[A, A], matrix[A, B], matrix[B, B], matrix[B, BLANK], matrix[C, A]] == [2, 1, 1, 1, 1]


def test_figures_of_a_small_matrix() -> None:
    figures = scores(confusion_matrix([A, A, A, B, B, C], [A, A, B, B, BLANK, A]), 0.25)
    # A: read 3 times, 2 of them rightly, of 3. B: read twice, once rightly, of 2. C: never read.
    assert figures == {
        "loss": 0.25,
        "accuracy": pytest.approx(3 / 6),
        "precision": pytest.approx((2 / 3 + 1 / 2 + 0) / 3),
        "recall": pytest.approx((2 / 3 + 1 / 2 + 0) / 3),
        "f1": pytest.approx((2 / 3 + 1 / 2 + 0) / 3),
    }


def test_precision_and_recall_differ_where_they_should() -> None:
    letters = per_letter(confusion_matrix([A, A, A, A, B], [A, B, B, B, B]))
    assert letters["A"] == {"precision": 1, "recall": 0.25, "f1": pytest.approx(0.4), "support": 4}
    assert letters["B"] == {"precision": 0.25, "recall": 1, "f1": pytest.approx(0.4), "support": 1}
    assert list(letters) == ["A", "B"]


def test_a_letter_that_is_only_read_is_listed_but_not_in_the_means() -> None:
    matrix = confusion_matrix([A, A], [A, C])
    assert per_letter(matrix)["C"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}
    assert scores(matrix)["precision"] == 1
    assert scores(matrix)["loss"] is None


def test_all_right_and_nothing_at_all() -> None:
    everything = np.arange(26)
    assert set(scores(confusion_matrix(everything, everything), 0.0).values()) == {0.0, 1.0}
    assert scores(confusion_matrix([], []))["accuracy"] == 0
