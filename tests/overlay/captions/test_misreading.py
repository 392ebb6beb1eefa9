"""Which words are easily read one for the other."""

import pytest

from overlay.captions.misreading import misreading

pytestmark = pytest.mark.unit


def test_nothing_was_misread() -> None:
    assert misreading("HELLO", "HELLO") == 0
    assert misreading("", "") == 0


@pytest.mark.parametrize(
    ("read", "likely", "unlikely"),
    [
        ("NEET", "MEET", "FEET"),  # N looks like M
        ("TAS", "TAE", "TAB"),  # S like E
        ("HELO", "HELLO", "HELPO"),  # a double letter is easily lost
        ("HELO", "HELPO", "HEL"),  # and a letter sooner lost than added
        ("IOU", "YOU", "FOU"),
    ],
)
def test_what_recognisers_do_weighs_less(read: str, likely: str, unlikely: str) -> None:
    assert misreading(read, likely) < misreading(read, unlikely)


def test_errors_add_up() -> None:
    one = misreading("HELO", "HELLO")
    assert misreading("HELOX", "HELLO") == pytest.approx(one + misreading("X", ""))
    assert misreading("QQQ", "") > misreading("QQ", "") > misreading("Q", "") > 0
