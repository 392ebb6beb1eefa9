"""A whole terminal as a screen: the picture of the person, and lines below it."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from typing import Final, TextIO

import cv2
import numpy as np

from overlay.media.frame import Frame, Pixels
from overlay.pipeline.self_view import mirrored_view
from overlay.recognition.hands.hand_detector import Hand
from server.cli.terminal.half_blocks import Colours, half_blocks

RATE: Final = 10.0  # views a second, at most
WIDEST: Final = 120  # columns
BAR: Final = 40  # columns
DETAIL: Final = 3  # pixels drawn for each that is shown, so that the outline of the hand is thin

RESET, BOLD, QUIET, LOUD, GOOD, CHOSEN = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;30;43m", "\x1b[32m", "\x1b[1;7m"


def colours_of(stream: TextIO) -> Colours | None:
    """Return how many colours the terminal has, enough for a picture; None when it has too few."""
    from rich.console import Console

    system = Console(file=stream).color_system
    try:
        "▀█░".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return None
    if system in ("truecolor", "windows"):
        return "truecolor"
    return "256" if system == "256" else None


class Terminal:
    """Draws over the whole terminal; what was there before comes back at the end.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO) -> None:
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

    def draw(
        self, frame: Frame | None, hand: Hand | None, below: Callable[[int], list[str]], number: int | None = None
    ) -> None:
        """Draw a view, unless the last one is too fresh.

        Args:
            frame: the newest; None draws at once, without a picture.
            hand: in that frame.
            below: gives the lines below the picture, for so many columns.
            number: to be written large into the picture.
        """
        if frame is not None:
            if frame.at - self._drawn_at < 0.9 / RATE:
                return
            self._drawn_at = frame.at
        columns, rows = shutil.get_terminal_size()
        last = below(columns)
        lines = []
        if frame is not None and self._colours is not None and rows - len(last) > 3:
            picture = mirrored_view(frame.pixels, hand, DETAIL * min(columns, WIDEST))
            if number is not None:
                picture = _with_number(picture, number)
            lines = half_blocks(picture, min(columns, WIDEST), rows - len(last) - 1, self._colours)
        text = "".join(f"{line}\x1b[K\n" for line in [*lines, *last][: rows - 1])
        self._write(f"\x1b[H{text}\x1b[J")

    def bar(self, filled: int) -> str:
        """A bar with so many of its `BAR` columns filled; nothing where there are too few colours."""
        return f"{GOOD}{'█' * filled}{RESET}{QUIET}{'░' * (BAR - filled)}{RESET}" if self._colours else ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _with_number(picture: Pixels, number: int) -> Pixels:
    height, width = picture.shape[:2]
    dark = cv2.convertScaleAbs(picture, alpha=0.55)
    scale, thick = height / 44, max(2, round(height / 14))
    (across, down), _ = cv2.getTextSize(str(number), cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    place = ((width - across) // 2, (height + down) // 2)
    cv2.putText(dark, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thick, cv2.LINE_AA)
    return np.asarray(dark, np.uint8)
