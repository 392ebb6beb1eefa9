"""The user's edits on their way from any thread to the one that the transcript belongs to."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from overlay.captions.state import CaptionState
from overlay.captions.transcript import Transcript
from overlay.core.errors import SigncapError

Edit = Callable[[Transcript], CaptionState]  # for example `Transcript.undo`

WAITING: Final = 32  # edits at a time

_ENDED: Final = "Signcap is ending: captions can no longer be changed."
_TOO_MANY: Final = "Too many changes at once: try again in a moment."


class EditQueue:
    """Edits that wait for their turn, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Edit, Future[CaptionState]]] = deque()
        self._closed = False

    def put(self, edit: Edit) -> "Future[CaptionState]":
        """Ask for an edit.

        Returns:
            What becomes of it: the text after it, or a SigncapError for people. Cancelled before its turn, the
            edit is not made.
        """
        future: Future[CaptionState] = Future()
        with self._lock:
            refusal = _ENDED if self._closed else _TOO_MANY if len(self._waiting) >= WAITING else None
            if refusal is None:
                self._waiting.append((edit, future))
        if refusal is not None:
            future.set_exception(SigncapError(refusal))
        return future

    def make(self, apply: Callable[[Edit], CaptionState]) -> None:
        """Make the edits that wait, each with `apply`."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                edit, future = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                state = apply(edit)
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(state)

    def close(self) -> None:
        """Refuse the edits that wait and all that come."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, deque()
        for _, future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(SigncapError(_ENDED))
