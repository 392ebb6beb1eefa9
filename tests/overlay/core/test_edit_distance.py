"""What differs between two texts, and of which kind it is."""

import pytest

from overlay.core.edit_distance import edit_costs, edits, total

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("wanted", "got", "pairs"),
    [
        ("", "", []),
        ("HELLO", "HELLO", []),
        ("HELLO", "HELO", [("L", "")]),
        ("HI", "", [("H", ""), ("I", "")]),
        ("", "AB", [("", "A"), ("", "B")]),
        ("CAT", "CUTE", [("A", "U"), ("", "E")]),
        ("A B", "AB", [(" ", "")]),
    ],
)
def test_the_least_edits(wanted: str, got: str, pairs: list[tuple[str, str]]) -> None:
    made = edits(wanted, got)
    assert sorted(made.pairs) == sorted(pairs)
    assert made.wanted == len(wanted)


def test_edits_are_counted_by_kind_and_summed() -> None:
    whole = total([edits("CAT", "CUTE"), edits("HELLO", "HELO")])
    assert (whole.substitutions, whole.deletions, whole.insertions) == (1, 1, 1)
    assert whole.error_rate == pytest.approx(3 / 8)


def test_costs_are_those_of_the_least_edits_between_all_beginnings() -> None:
    assert edit_costs("AB", "B", [1, 1], [1]) == [[0, 1], [1, 1], [2, 1]]


def test_what_is_alike_costs_less_and_each_letter_has_its_own_cost() -> None:
    costs = edit_costs("AE", "AS", [0.5, 0.25], [1, 1], {("E", "S"): 0.6})
    assert costs[-1][-1] == 0.6
    assert edit_costs("AE", "SA", [0.5, 0.25], [1, 1])[-1][-1] == 1.25  # an S before, and no E
    assert edit_costs("AE", "", [0.5, 0.25], []) == [[0], [0.5], [0.75]]
