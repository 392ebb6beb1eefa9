"""The hand model of a run: fetched while all else goes on already, and again when somebody asks for it."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

from overlay.core.errors import SigncapError
from overlay.core.progress import progress_bar

Progress = Callable[[float, str], None]
State = Literal["here", "fetching", "failed"]

END_LIMIT: Final = 1.0  # seconds
LOADING: Final = "Loading the hand model: captions come in a moment."
MEANWHILE: Final = "The picture is live, and you can type captions meanwhile."

_log = logging.getLogger(__name__)


class StoppedError(SigncapError):
    """Work was given up because the program ends."""


class HandModelFetch:
    """Fetches the hand model in a thread of its own. Any thread may ask for its state.

    Args:
        fetch: returns the path of the model, and tells how far it is.
        show: shows a sentence on the pages, or takes it away.
        tell: tells the person at the terminal.
    """

    def __init__(
        self, fetch: Callable[[Progress], Path], show: Callable[[str | None], None], tell: Callable[[str], None]
    ) -> None:
        self._fetch, self._show, self._tell = fetch, show, tell
        self._lock = threading.Lock()
        self._state: State = "here"
        self._sentence: str | None = None
        self._path: Path | None = None
        self._error: Exception | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Fetch it from now on; nothing where that is under way."""
        with self._lock:
            if self._closed or self._state == "fetching":
                return
            self._state = "fetching"
            self._thread = threading.Thread(target=self._run, name="fetch hand model", daemon=True)
            self._thread.start()

    def again(self) -> None:
        """Try once more, if it has failed."""
        if self._state == "failed":
            self.start()

    def close(self) -> None:
        """Give up, and wait for a moment until nothing is left behind of it."""
        with self._lock:
            self._closed = True
        if self._thread is not None:
            self._thread.join(END_LIMIT)

    def path(self) -> Path | None:
        """Return the path of the model; None until it is there.

        Raises:
            Exception: one that is no fault of network or disk.
        """
        if self._error is not None:
            raise self._error
        return self._path

    def loading(self) -> None:
        """The model is there, and is being loaded."""
        self._say(LOADING)

    def loaded(self) -> None:
        """The model is in use: nothing is to be told any more."""
        self._say(None)

    def body(self) -> dict[str, Any]:
        """Return the `state`, "here", "fetching" or "failed", and a `sentence` while captions wait for it."""
        with self._lock:
            return {"state": self._state, "sentence": self._sentence}

    def _run(self) -> None:
        try:
            with progress_bar() as bar:
                path = self._fetch(lambda part, words: self._note(bar, part, words))
        except StoppedError:
            return
        except SigncapError as error:
            self._settle("failed", str(error))
        except Exception as error:
            self._error = error
            self._settle("failed", "Signcap could not do that: the terminal says why.")
        else:
            self._settle("here", LOADING)
            self._path = path  # last: whoever sees it loads the model, and then takes the sentence away

    def _note(self, bar: Progress, part: float, words: str) -> None:
        if self._closed:
            raise StoppedError("Stopped while the hand model was being fetched.")
        bar(part, words)
        self._say(f"{words}, once only: {part:.0%} of 35 MB. {MEANWHILE}")

    def _settle(self, state: State, sentence: str) -> None:
        with self._lock:
            self._state = state
        self._say(sentence)
        if state == "failed":
            _log.info("The hand model cannot be fetched")
            self._tell(sentence)

    def _say(self, sentence: str | None) -> None:
        with self._lock:
            self._sentence = sentence
        self._show(sentence)
