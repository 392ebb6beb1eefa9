"""Lets the camera rest while nobody looks, and wakes it when somebody does."""

import threading
from collections.abc import Callable
from typing import Final

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SigncapError
from overlay.core.settings_store import SettingsStore
from overlay.media.sinks.virtual_camera import VirtualCamera
from overlay.pipeline.pipeline import Pipeline
from server.session.notices import Notices
from server.session.source_control import Sources

GRACE: Final = 10.0  # seconds without anybody looking after which the camera is let go
LOOK_EVERY: Final = 0.1  # seconds
AGAIN_AFTER: Final = 2.0  # seconds after which a camera that could not be opened is tried again
SUBJECT: Final = "resting"  # of the notice


class Resting:
    """A thread that looks whether anybody looks.

    Watched is what a page shows, or what another program reads from the virtual camera. Where the system does not
    tell who reads it, it counts as watched.

    Args:
        pipeline: started.
        sources: the camera.
        store: whether it may rest at all.
        notices: where it is told that the camera cannot be opened again.
        pages: how many pages and second screens are open.
        grace: seconds.
        clock: by which it looks.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        sources: Sources,
        store: SettingsStore,
        notices: Notices,
        pages: Callable[[], int],
        *,
        grace: float = GRACE,
        clock: Clock = REAL,
    ) -> None:
        self._pipeline, self._sources, self._store = pipeline, sources, store
        self._notices, self._pages, self._grace = notices, pages, grace
        self._clock = clock
        self._thread = threading.Thread(target=self._run, name="resting", daemon=True)
        self._thread.start()

    @property
    def watched(self) -> bool:
        """Whether anybody may be looking."""
        return self._pages() > 0 or any(camera.watched is not False for camera in self._virtual_cameras())

    def _virtual_cameras(self) -> list[VirtualCamera]:
        return [sink for sink in self._pipeline.sinks if isinstance(sink, VirtualCamera)]

    def _run(self) -> None:
        last = self._clock.monotonic()
        while not self._clock.wait(self._pipeline.finished, LOOK_EVERY):
            now = self._clock.monotonic()
            if self.watched or not self._store.current.camera.rest_unwatched:
                last = now
                if self._sources.resting:
                    self._wake()
            elif now - last >= self._grace and not self._sources.resting:
                self._sources.rest()
            for camera in self._virtual_cameras():
                camera.rest(self._sources.resting)

    def _wake(self) -> None:
        try:
            self._sources.wake()
        except SigncapError as error:
            self._notices.notice(SUBJECT, str(error))
            self._clock.wait(self._pipeline.finished, AGAIN_AFTER)
        else:
            self._notices.notice(SUBJECT, None)
