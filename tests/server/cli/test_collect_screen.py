"""The lines below the picture while letters are collected in a terminal."""

import io
import re
import string

import pytest

from server.cli.terminal.collect_screen import Screen
from server.collection.options import Choice
from server.collection.state import Phase, State

pytestmark = pytest.mark.unit


def test_it_fits_a_terminal_of_the_usual_width_and_says_what_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    written = io.StringIO()
    state = State(
        phase=Phase.TAKING,
        choice=Choice(signer="ann", letter="C", count=5),
        counts={"A": 5, "C": 2},
        countdown=None,
        taken=2,
        planned=3,
        without_hand=1,
        dropped=4,
        hand=False,
        take="take-1",
        next_letter="D",
        undo=None,
        said="",
        failed=False,
    )
    Screen(string.ascii_uppercase, written).show(state, None, None)
    shown = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", written.getvalue()).splitlines()
    assert all(len(line) <= 80 for line in shown)
    assert shown[0] == "ann  C  taking 2 of 3    NO HAND SEEN "
    assert shown[1] == " 2 of 5  take take-1, 1 without a hand, 4 dropped: the disk is slow"
    assert [cell for line in shown[2:-2] for cell in re.findall(r"[A-Z] \d+", line)] == [
        f"{letter} {state.counts.get(letter, 0)}" for letter in string.ascii_uppercase
    ]
