"""Leads a signer through an enrolment before a camera, in the terminal."""

import sys
from collections.abc import Callable

from overlay.core.errors import SigncapError
from overlay.enrolment.guided.plan import Plan
from overlay.enrolment.guided.session import Session
from overlay.enrolment.guided.state import Phase, State
from overlay.enrolment.profile import Profile
from overlay.media.source import Source
from overlay.recognition.hands.hand_detector import HandDetector
from server.cli.terminal.camera_thread import watching
from server.cli.terminal.enrol_screen import Screen
from server.cli.terminal.keys import ESCAPE, pressed, single_keys


def enrol_by_keys(session: Session, plan: Plan, source: Source, finder: HandDetector) -> Profile | None:
    """Enrol with a live view and keys.

    Returns:
        The result; None when it was given up.

    Raises:
        SigncapError: the source cannot go on, or the model cannot be enrolled.
    """
    screen, note = Screen(), ""
    session.start(plan)
    keys: dict[str, Callable[[], None]] = {
        "s": session.resume,
        "n": session.skip,
        " ": session.skip,
        "r": session.redo,
        "x": session.stop,
        ESCAPE: session.stop,
        "f": lambda: _fit(session),
    }
    with watching(source, finder) as frames, screen.open(), single_keys():
        for seen in frames:
            if seen is not None:
                session.accept(*seen)
            for key in pressed():
                if key == "q":
                    return None
                note = ""
                try:
                    keys.get(key, lambda: None)()
                except SigncapError as error:
                    note = str(error)
            state = session.state
            if state.phase in (Phase.DONE, Phase.IDLE):
                break
            if seen is not None or source.notice:
                frame, hand = seen or (None, None)
                screen.show(state, frame, hand, note or source.notice or "")
    return _outcome(session, source)


def enrol_unattended(session: Session, plan: Plan, source: Source, finder: HandDetector) -> Profile | None:
    """Enrol without keys: each prompt is a line on standard error.

    Raises:
        SigncapError: the source cannot go on or ended too soon, or nothing could be learnt.
    """
    session.start(plan)
    told = ""
    with watching(source, finder) as frames:
        for seen in frames:
            if seen is not None:
                session.accept(*seen)
            state = session.state
            if state.phase not in (Phase.COUNTDOWN, Phase.TAKING):
                break
            words = _line(state)
            if words != told:
                print(words, file=sys.stderr, flush=True)
                told = words
    return _outcome(session, source)


def _fit(session: Session) -> None:
    session.stop()
    session.fit()


def _line(state: State) -> str:
    number = f"{state.place + 1} of {len(state.marks)}"
    return f"{state.said} {state.prompt} ({number})".strip()


def _outcome(session: Session, source: Source) -> Profile | None:
    session.settle()
    state = session.state
    if state.phase is Phase.DONE:
        return state.result
    if state.failed:
        raise SigncapError(state.said)
    raise SigncapError(f"{source.name} ended before all was signed: start again, or choose fewer --letters.")
