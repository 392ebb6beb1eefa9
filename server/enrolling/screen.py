"""The live view of an enrolment in a terminal: picture, prompt, countdown, progress and keys."""

import shutil
import sys
from typing import Final, TextIO

from overlay.frame import Frame
from overlay.hands import Hand
from server.collecting.half_blocks import half_blocks
from server.collecting.live_view import mirrored_view
from server.collecting.screen import BOLD, CHOSEN, DETAIL, GOOD, LOUD, QUIET, RATE, RESET, WIDEST, colours_of
from server.collecting.screen import Screen as CollectScreen
from server.enrolling.state import Phase, State

BAR: Final = 40  # columns
KEYS: Final = "S go on  N skip, end word  R redo  X stop  F fit now  Q quit"


class Screen:
    """Draws over the whole terminal; what was there before comes back at the end.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._colours = colours_of(stream)
        self._drawn_at = float("-inf")
        self.open = CollectScreen("", stream).open

    def show(self, state: State, frame: Frame | None, hand: Hand | None, note: str = "") -> None:
        """Draw a view, unless the last one is too fresh.

        Args:
            state: of the session.
            frame: the newest; None draws at once, without a picture.
            hand: in that frame.
            note: a sentence to show instead of the session's.
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
            lines = half_blocks(picture, min(columns, WIDEST), rows - len(below) - 1, self._colours)
        text = "".join(f"{line}\x1b[K\n" for line in [*lines, *below][: rows - 1])
        self._stream.write(f"\x1b[H{text}\x1b[J")
        self._stream.flush()

    def _below(self, state: State, columns: int, note: str) -> list[str]:
        filled = min(BAR, round(BAR * state.part))
        bar = f"{GOOD}{'█' * filled}{RESET}{QUIET}{'░' * (BAR - filled)}{RESET}" if self._colours else ""
        no_hand = f"   {LOUD} NO HAND SEEN {RESET}" if state.hand is False else ""
        return [
            f"{BOLD}{state.plan.name}  {CHOSEN} {state.prompt or '✓'} {RESET}  {doing(state)}{no_hand}",
            f"{bar} {sum(mark != 'open' for mark in state.marks)} of {len(state.marks)}",
            *_prompts(state, columns),
            note or state.said,
            f"{QUIET}{KEYS[: columns - 1]}{RESET}",
        ]


def doing(state: State) -> str:
    """What goes on, in a few words."""
    if state.phase is Phase.COUNTDOWN:
        verb = "spell it" if state.plan.words else "hold it"
        return f"{verb} in {max(1, round((state.countdown or 0) + 0.5))} …"
    if state.phase is Phase.TAKING:
        return "spell now" if state.plan.words else "hold it"
    if state.phase is Phase.FITTING:
        return f"fitting, {state.part:.0%}"
    return "stopped: S goes on, F fits what there is" if state.phase is Phase.PAUSED else ""


def _prompts(state: State, columns: int) -> list[str]:
    lines: list[list[str]] = [[]]
    room = columns
    styles = {"taken": GOOD, "skipped": QUIET, "open": ""}
    for place, (prompt, mark) in enumerate(zip(state.plan.prompts, state.marks, strict=True)):
        if room < len(prompt) + 3:
            lines.append([])
            room = columns
        room -= len(prompt) + 1
        lines[-1].append(f"{CHOSEN if place == state.place else styles[mark]}{prompt}{RESET}")
    return [" ".join(line) for line in lines]
