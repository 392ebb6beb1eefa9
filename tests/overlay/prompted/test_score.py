"""How much of what was shown was read."""

import pytest

from overlay.prompted.score import MissedLetter, letter_pairs, spelling_score

pytestmark = pytest.mark.unit


def test_spaces_are_not_counted() -> None:
    score = spelling_score([("ANNA LEE", "ANNALEE"), ("MIA COX", "MI ACOX")])
    assert (score.shown, score.right, score.errors, score.error_rate) == (13, 13, 0, 0.0)
    assert score.missed == ()


def test_replaced_missing_and_superfluous_letters_are_errors_and_the_first_two_are_missed() -> None:
    score = spelling_score([("HORSE", "HRTE"), ("KANGAROO", "KANGAREE"), ("CAT", "CART")])
    assert (score.shown, score.right, score.errors) == (16, 12, 5)
    assert score.error_rate == pytest.approx(5 / 16)
    assert score.missed == (MissedLetter("O", 3, 3), MissedLetter("S", 1, 1))


def test_nothing_read_is_all_missed() -> None:
    score = spelling_score([("ABBA", "")])
    assert (score.right, score.errors, score.error_rate) == (0, 4, 1.0)
    assert score.missed == (MissedLetter("A", 2, 2), MissedLetter("B", 2, 2))


def test_pairs_show_what_stood_for_what() -> None:
    assert letter_pairs("HORSE", "HRTE") == [("H", "H"), ("O", ""), ("R", "R"), ("S", "T"), ("E", "E")]
    assert letter_pairs("TOM REED", "TOM RED") == [
        ("T", "T"), ("O", "O"), ("M", "M"), ("R", "R"), ("E", ""), ("E", "E"), ("D", "D"),
    ]  # fmt: skip


def test_nothing_shown_is_no_division_by_zero() -> None:
    assert spelling_score([]).error_rate == 0.0
