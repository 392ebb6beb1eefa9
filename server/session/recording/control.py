"""Control of a run's recording: its wishes, the signal of the desktop's key, and a clean end."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from datetime import datetime
from typing import Final

from overlay.core.errors import SigncapError
from overlay.recording.paths import recording_path
from server.session.options import RunOptions
from server.session.recording.hotkey import SIGNAL
from server.session.recording.running_instance import forget_running, note_running
from server.session.recording.service import Recordings
from server.session.shutdown import in_thread

PATIENCE: Final = 1.0  # seconds after which people are told what is waited for


def check_record(options: RunOptions) -> None:
    """Say at once where nothing can be recorded.

    Raises:
        SigncapError: the name is taken, or the folder is not there or closed.
    """
    if options.record is not None:
        folder = recording_path(options.record, datetime.now()).parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise SigncapError(f"Cannot record to {folder}: choose a folder that you may write to.")


class Recording:
    """Made in the event loop.

    Args:
        recordings: of the run; they tell `note_running` what they record to.
        say: tells the person at the terminal.
    """

    def __init__(self, recordings: Recordings, say: Callable[[str], None]) -> None:
        self._recordings, self._say = recordings, say

    async def begin(self, *, record: bool) -> None:
        """Listen to the signal, and record at once if that was asked for.

        Raises:
            SigncapError: it cannot be recorded there.
        """
        recordings = self._recordings
        if record:
            await in_thread(recordings.start, "begin to record")
        await in_thread(lambda: note_running(recordings.path), "note that it runs")
        if SIGNAL is not None:
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(
                    SIGNAL, lambda: in_thread(recordings.toggle, "start or stop recording")
                )

    async def end(self) -> None:
        """Complete the recording that runs, however long that takes.

        A second Ctrl-C ends the program at once: what is there then can be played.
        """
        ending = in_thread(self._recordings.close, "end recording")
        try:
            await asyncio.wait_for(asyncio.shield(ending), PATIENCE)
        except TimeoutError:
            self._say("Finishing the recording …")
            await ending
        await in_thread(forget_running, "note that it ends")
