"""The live view of an enrolment in a terminal: picture, prompt, countdown, progress and keys."""

import sys
from typing import Final, TextIO

from overlay.enrolment.guided.state import Phase, State
from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from server.cli.terminal.screen import BAR, BOLD, CHOSEN, GOOD, LOUD, QUIET, RESET, Terminal

KEYS: Final = "S go on  N skip, end word  R redo  X stop  F fit now  Q quit"


class Screen(Terminal):
    """The view of a session.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        super().__init__(stream)

    def show(self, state: State, frame: Frame | None, hand: Hand | None, note: str = "") -> None:
        """Draw a view, unless the last one is too fresh.

        Args:
            state: of the session.
            frame: the newest; None draws at once, without a picture.
            hand: in that frame.
            note: a sentence to show instead of the session's.
        """
        self.draw(frame, hand, lambda columns: self._below(state, columns, note))

    def _below(self, state: State, columns: int, note: str) -> list[str]:
        filled = min(BAR, round(BAR * state.part))
        no_hand = f"   {LOUD} NO HAND SEEN {RESET}" if state.hand is False else ""
        return [
            f"{BOLD}{state.plan.name}  {CHOSEN} {state.prompt or '✓'} {RESET}  {doing(state)}{no_hand}",
            f"{self.bar(filled)} {sum(mark != 'open' for mark in state.marks)} of {len(state.marks)}",
            *_prompts(state, columns),
            note or state.said,
            f"{QUIET}{KEYS[: columns - 1]}{RESET}",
        ]


def doing(state: State) -> str:
    """Return what is going on, in a few words."""
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
