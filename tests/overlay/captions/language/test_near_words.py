"""Words that differ little from what was read."""

import numpy as np
import pytest

from overlay.captions.language.near_words import NearWords

pytestmark = pytest.mark.unit

LOST, ADDED, TAKEN = 1.0, 3.0, 2.0
COSTS = np.where(np.eye(26) > 0, 0, TAKEN).astype(np.float32)
WORDS = {"HOUSE": 100, "HORSE": 50, "HOSE": 20, "GORSE": 4, "THE": 500, "ÉTÉ": 7, "ELEPHANT": 3}


def found(read: str, prior: float = 0.0, most: int = 10) -> list[str]:
    return [word for word, _ in NearWords(WORDS, COSTS, LOST, ADDED).near(read, prior, most)]


def test_the_least_costs_come_first() -> None:
    assert found("HORSE")[:3] == ["HORSE", "HOUSE", "GORSE"]  # none; one letter, and the more frequent one first
    assert found("HOSE")[:2] == ["HOSE", "HOUSE"]
    assert found("HRSE")[0] == "HORSE"  # a lost letter costs less than one that was taken for another


def test_frequent_words_come_before_rare_ones_that_are_as_near() -> None:
    assert found("HOESE", prior=1.0)[0] == "HOUSE"


def test_one_letter_may_cost_less_than_another() -> None:
    costs = COSTS.copy()
    costs[ord("X") - 65, ord("G") - 65] = 0.1
    near = NearWords(WORDS, costs, LOST, ADDED)
    assert near.near("XORSE", 0.0, 1)[0][0] == "GORSE"


def test_shares_are_those_of_the_list() -> None:
    ((word, share),) = NearWords({"HORSE": 1, "ELEPHANT": 3}, COSTS, LOST, ADDED).near("HORSE", 0.0, 9)
    assert (word, share) == ("HORSE", pytest.approx(np.log(1 / 4)))


@pytest.mark.parametrize("read", ["QQQQQQQ", "EXQWYZ", "HO"])
def test_nothing_is_near_what_has_other_letters_or_is_far_shorter(read: str) -> None:
    assert "ELEPHANT" not in found(read)
    assert found("LEPHNT") == ["ELEPHANT"]


def test_an_empty_list_has_nothing_near() -> None:
    assert NearWords({}, COSTS, LOST, ADDED).near("HORSE", 0.0, 9) == []
