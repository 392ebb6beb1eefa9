"""The recording of a run: one at a time, started and stopped from anywhere."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from overlay.core.errors import SigncapError
from overlay.pipeline.pipeline import Pipeline
from overlay.recording.microphone import NONE
from overlay.recording.paths import recording_path, videos_folder
from overlay.recording.recorder import Recorder
from server.session.recording.opening import open_file

Show = Callable[[str | None], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """The way to record, where the page does not say.

    Attributes:
        target: a file that is not there yet, or a folder; the user's own folder for videos when None.
        clean: the picture without captions too.
        microphone: its name, "default", or "none".
    """

    target: Path | None = None
    clean: bool = False
    microphone: str = NONE


class Recordings:
    """Records the picture. Any thread may use it; what takes a moment is not for the event loop.

    Args:
        pipeline: what is recorded.
        show: shows a sentence on the pages, or takes it away.
        wishes: of the command line.
        tell: tells the person at the terminal.
        changed: given what is being recorded to from now on; None for nothing.
        open_file: opens a file, or shows it in its folder, on the desktop.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        show: Show,
        wishes: Wishes | None = None,
        *,
        tell: Callable[[str], None] = lambda _sentence: None,
        changed: Callable[[Path | None], None] = lambda _path: None,
        open_file: Callable[[Path, bool], None] = open_file,
    ) -> None:
        self.wishes = wishes or Wishes()
        self._say, self._changed, self._open_file = tell, changed, open_file
        self._pipeline, self._show = pipeline, show
        self._lock = threading.Lock()  # one change at a time
        self._recorder: Recorder | None = None
        self._on = False
        self._finishing = False
        self._revision = 0
        self._sentence: str | None = None
        self._complete: list[Path] = []  # those of this run, by their numbers
        self._newest: int | None = None  # number of the last one, while no other has begun

    @property
    def on(self) -> bool:
        """Whether something is being recorded."""
        return self._on

    @property
    def path(self) -> Path | None:
        """The path that is being recorded to."""
        return self._recorder.path if self._recorder is not None and self._on else None

    @property
    def folder(self) -> Path:
        """The folder of the next recording."""
        target = self.wishes.target
        return videos_folder() if target is None else target if target.is_dir() else target.absolute().parent

    def state(self) -> dict[str, Any]:
        """Of the recording that runs, or else of the last one.

        A page hears of it in answers and in its stream, which may overtake each other: of two states, that with the
        higher `revision` is the newer one.
        """
        revision = self._revision  # before the rest: at worst a new state looks old, and the next says it again
        recorder = self._recorder
        sentence = recorder.notice if recorder is not None and self._on else self._sentence
        return {
            "revision": revision,
            "on": self._on,
            "finishing": self._finishing,
            "file": str(recorder.path) if recorder else None,
            "complete": self._newest,
            "clean_file": str(recorder.paths[1]) if recorder and len(recorder.paths) > 1 else None,
            "seconds": round(recorder.seconds, 1) if recorder else 0.0,
            "bytes": recorder.size if recorder else 0,
            "dropped": recorder.dropped if recorder else 0,
            "microphone": recorder.microphone if recorder else None,
            "sentence": sentence,
            "folder": str(self.folder),
        }

    def start(self, clean: bool | None = None, microphone: str | None = None) -> None:
        """Begin one, as asked for or else as wished at the start of the program.

        Raises:
            SigncapError: one runs already, or nothing can be written there.
        """
        with self._lock:
            if self._on or self._finishing:
                raise SigncapError("A recording runs already: stop it first.")
            if self._pipeline.finished.is_set():
                raise SigncapError("The video has ended: there is nothing to record.")
            wishes = self.wishes
            wanted = self.folder if wishes.target is not None and self._recorder is not None else wishes.target
            chosen = wishes.microphone if microphone is None else microphone
            recorder = Recorder(
                recording_path(wanted, datetime.now()),
                self._pipeline.source.rate,
                clean=wishes.clean if clean is None else clean,
                microphone=None if chosen == NONE else chosen,
                ended=self._ended,
            )
            self._recorder, self._on, self._newest = recorder, True, None
            self._revision += 1
            self._show(None)
            recorder.start(self._pipeline)
            self._tell(f"Recording to {recorder.path}.")
            if recorder.notice is not None:
                self._tell(recorder.notice)
        self._changed(recorder.path)

    def stop(self) -> None:
        """End it, and wait until its files are complete.

        Raises:
            SigncapError: there is none.
        """
        with self._lock:
            recorder = self._recorder
            if recorder is None or not self._on:
                raise SigncapError("There is no recording to stop.")
            self._on, self._finishing = False, True
            self._revision += 1
            self._changed(None)
            try:
                recorder.stop()
                self._note_complete(recorder)
                self._tell(recorder.error or _done(recorder))
                self._show(recorder.error)
            finally:
                self._finishing = False
                self._revision += 1

    def toggle(self) -> None:
        """Begin one, or end the one that runs; what goes wrong is shown on the pages and at the terminal."""
        try:
            if self._on:
                self.stop()
            else:
                self.start()
        except SigncapError as error:
            self._show(str(error))
            self._tell(str(error))

    def open_complete(self, number: int, *, in_folder: bool) -> None:
        """Open a complete recording with the desktop's program for videos, or show it in its folder.

        Args:
            number: as `state` told it; there are numbers for recordings of this run alone.
            in_folder: show it in its folder.

        Raises:
            SigncapError: there is none of that number, it is gone, or nothing can open it.
        """
        if not 0 <= number < len(self._complete):
            raise SigncapError("There is no such recording in this run: look for it in the folder of recordings.")
        path = self._complete[number]
        if not path.is_file():
            raise SigncapError(f"{path} is no longer there: it was moved, renamed or deleted.")
        self._open_file(path, in_folder)

    def close(self) -> None:
        """End the one that runs, if there is one; waits until it is complete."""
        if self._on:
            try:
                self.stop()
            except SigncapError:
                return
        with self._lock:  # somebody else may be stopping it
            return

    def _ended(self, sentence: str) -> None:
        """It ended by itself; in a thread of the recorder's, which must not wait for itself."""
        on, self._on = self._on, False
        self._revision += 1
        recorder = self._recorder
        if on and recorder is not None:
            self._show(sentence)
            self._tell(sentence)
            self._changed(None)
            threading.Thread(target=self._complete_it, args=(recorder,), name="end recording", daemon=True).start()

    def _complete_it(self, recorder: Recorder) -> None:
        recorder.stop()
        self._note_complete(recorder)
        self._revision += 1

    def _note_complete(self, recorder: Recorder) -> None:
        """Give it a number, if something was recorded."""
        if recorder.path.is_file():
            self._complete.append(recorder.path)
            if recorder is self._recorder:
                self._newest = len(self._complete) - 1

    def _tell(self, sentence: str) -> None:
        self._sentence = sentence
        self._say(sentence)


def _done(recorder: Recorder) -> str:
    if not recorder.path.exists():
        return "Nothing was recorded, as no picture came."
    minutes, seconds = divmod(round(recorder.seconds), 60)
    length = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
    sentence = f"Recorded {length} to {recorder.path}."
    if recorder.dropped:
        sentence += f" {recorder.dropped} pictures are missing, as this computer was too busy."
    return sentence
