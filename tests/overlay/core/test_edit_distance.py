"""What differs between two texts, and of which kind it is."""

import pytest

from overlay.core.edit_distance import edits, total

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
