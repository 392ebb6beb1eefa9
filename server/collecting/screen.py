"""The live view in a terminal: picture, countdown, counters and keys."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from typing import Final, TextIO

import cv2
import numpy as np

from overlay.frame import Frame, Pixels
from overlay.hands import Hand
from server.collecting.half_blocks import Colours, half_blocks
from server.collecting.live_view import mirrored_view
from server.collecting.state import Phase, State

RATE: Final = 10.0  # views a second, at most
WIDEST: Final = 120  # columns
BAR: Final = 40  # columns
DETAIL: Final = 3  # pixels drawn for each that is shown, so that the outline of the hand is thin
KEYS: Final = "S start  P pause  X stop  U undo  N next letter  B letter before  Q quit"

RESET, BOLD, QUIET, LOUD, GOOD, CHOSEN = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;30;43m", "\x1b[32m", "\x1b[1;7m"


def colours_of(stream: TextIO) -> Colours | None:
    """How many colours the terminal has, enough for a picture; None when it has too few."""
    from rich.console import Console

    system = Console(file=stream).color_system
    try:
        "▀█░".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return None
    if system in ("truecolor", "windows"):
        return "truecolor"
    return "256" if system == "256" else None


class Screen:
    """Draws over the whole terminal; what was there before comes back at the end.

    Args:
        letters: those that are collected.
        stream: the terminal.
    """

    def __init__(self, letters: str, stream: TextIO = sys.stdout) -> None:
        self._letters = letters
        self._stream = stream
        self._colours = colours_of(stream)
        self._drawn_at = float("-inf")

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Take the terminal over."""
        self._write("\x1b[?1049h\x1b[?25l\x1b[2J")
        try:
            yield
        finally:
            self._write("\x1b[0m\x1b[?25h\x1b[?1049l")

    def show(self, state: State, frame: Frame | None, hand: Hand | None, note: str = "") -> None:
        """Draw a view, unless the last one is too fresh.

        Args:
            state: of the collector.
            frame: the newest; None draws at once, without a picture.
            hand: in that frame.
            note: a sentence to show instead of the collector's.
        """
        if frame is not None:
            if frame.at - self._drawn_at < 0.9 / RATE:
                return
            self._drawn_at = frame.at
        columns, rows = shutil.get_terminal_size()
        below = self._below(state, columns, note)
        lines = []
        if frame is not None and self._colours is not None and rows - len(below) > 3:
            picture = mirrored_view(frame.pixels, hand, DETAIL * min(columns, WIDEST))
            if state.countdown is not None:
                picture = _with_number(picture, int(np.ceil(max(state.countdown, 0.01))))
            lines = half_blocks(picture, min(columns, WIDEST), rows - len(below) - 1, self._colours)
        text = "".join(f"{line}\x1b[K\n" for line in [*lines, *below][: rows - 1])
        self._write(f"\x1b[H{text}\x1b[J")

    def _below(self, state: State, columns: int, note: str) -> list[str]:
        choice = state.choice
        have = state.counts.get(choice.letter, 0)
        filled = min(BAR, BAR * have // choice.count)
        bar = f"{GOOD}{'█' * filled}{RESET}{QUIET}{'░' * (BAR - filled)}{RESET}" if self._colours else ""
        details = [f"take {state.take}"] if state.take else []
        if state.without_hand:
            details.append(f"{state.without_hand} without a hand")
        if state.dropped:
            details.append(f"{state.dropped} dropped: the disk is slow")
        no_hand = f"   {LOUD} NO HAND SEEN {RESET}" if state.hand is False else ""
        undo = f"{QUIET}U takes back {_undo(state)}{RESET}" if state.undo else ""
        return [
            f"{BOLD}{choice.signer}  {choice.letter}{RESET}  {_doing(state)}{no_hand}",
            f"{bar} {have} of {choice.count}  {', '.join(details)}",
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

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


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


def _with_number(picture: Pixels, number: int) -> Pixels:
    height, width = picture.shape[:2]
    dark = cv2.convertScaleAbs(picture, alpha=0.55)
    scale, thick = height / 44, max(2, round(height / 14))
    (across, down), _ = cv2.getTextSize(str(number), cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    place = ((width - across) // 2, (height + down) // 2)
    cv2.putText(dark, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thick, cv2.LINE_AA)
    return np.asarray(dark, np.uint8)
