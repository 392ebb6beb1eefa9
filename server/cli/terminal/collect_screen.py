"""The live view in a terminal: picture, countdown, counters and keys."""

import sys
from typing import Final, TextIO

import numpy as np

from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from server.cli.terminal.screen import BAR, BOLD, CHOSEN, GOOD, LOUD, QUIET, RESET, Terminal
from server.collection.state import Phase, State

KEYS: Final = "S start  P pause  X stop  U undo  N next letter  B letter before  Q quit"


class Screen(Terminal):
    """The view of a collector.

    Args:
        letters: those that are collected.
        stream: the terminal.
    """

    def __init__(self, letters: str, stream: TextIO = sys.stdout) -> None:
        super().__init__(stream)
        self._letters = letters

    def show(self, state: State, frame: Frame | None, hand: Hand | None, note: str = "") -> None:
        """Draw a view, unless the last one is too fresh.

        Args:
            state: of the collector.
            frame: the newest; None draws at once, without a picture.
            hand: in that frame.
            note: a sentence to show instead of the collector's.
        """
        number = None if state.countdown is None else int(np.ceil(max(state.countdown, 0.01)))
        self.draw(frame, hand, lambda columns: self._below(state, columns, note), number)

    def _below(self, state: State, columns: int, note: str) -> list[str]:
        choice = state.choice
        have = state.counts.get(choice.letter, 0)
        filled = min(BAR, BAR * have // choice.count)
        details = [f"take {state.take}"] if state.take else []
        if state.without_hand:
            details.append(f"{state.without_hand} without a hand")
        if state.dropped:
            details.append(f"{state.dropped} dropped: the disk is slow")
        no_hand = f"   {LOUD} NO HAND SEEN {RESET}" if state.hand is False else ""
        undo = f"{QUIET}U takes back {_undo(state)}{RESET}" if state.undo else ""
        return [
            f"{BOLD}{choice.signer}  {choice.letter}{RESET}  {_doing(state)}{no_hand}",
            f"{self.bar(filled)} {have} of {choice.count}  {', '.join(details)}",
            *self._counters(state, columns),
            note or state.said or undo,
            f"{QUIET}{KEYS[: columns - 1]}{RESET}",
        ]

    def _counters(self, state: State, columns: int) -> list[str]:
        lines: list[list[str]] = [[]]
        room = columns
        for letter in self._letters:
            count = state.counts.get(letter, 0)
            cell = f"{letter} {count:<4}"
            if room < len(cell) + 2:
                lines.append([])
                room = columns
            room -= len(cell) + 1
            style = CHOSEN if letter == state.choice.letter else GOOD if count >= state.choice.count else ""
            lines[-1].append(f"{style}{cell}{RESET}")
        return [" ".join(line) for line in lines]


def _doing(state: State) -> str:
    if state.phase is Phase.COUNTDOWN:
        return f"{BOLD}in {int(np.ceil(state.countdown or 0))} …{RESET}"
    if state.phase is Phase.TAKING:
        return f"{BOLD}taking {state.taken} of {state.planned}{RESET}"
    if state.phase is Phase.PAUSED:
        return "paused: S goes on"
    if state.phase is Phase.DONE:
        return f"complete: N goes to {state.next_letter}" if state.next_letter else "all letters are complete: Q ends"
    return "make the letter and press S"


def _undo(state: State) -> str:
    undo = state.undo
    assert undo is not None
    return f"take {undo.take} of {undo.letter} ({undo.count} pictures)"
