"""Joins what collects pictures of letters to the camera."""

import asyncio
import dataclasses
from typing import Any

from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult
from server.collection.collector import Collector
from server.session.camera_desk import CameraDesk
from server.session.source_control import camera_state


class Collecting(CameraDesk):
    """Joins the collector to the camera.

    Args:
        collector: what takes the pictures.
        pipeline: whose frames are taken.
    """

    def __init__(self, collector: Collector, pipeline: Pipeline) -> None:
        super().__init__(pipeline)
        self.collector = collector

    def accept(self, frame: Frame, reading: CaptionResult) -> None:
        """Take it, when one is due."""
        self.collector.accept(frame, reading.hand)

    def stop(self) -> None:
        """End a take."""
        self.collector.stop()

    def unwatched(self) -> None:
        """Pause a take."""
        try:
            self.collector.pause()
        except SigncapError:  # a burst, which cannot wait
            self.stop()

    async def close(self) -> None:
        """End a take, and the events of the pages."""
        self.closing = True
        await asyncio.to_thread(self.collector.close)

    async def look(self) -> dict[str, Any]:
        """Return the state for the page."""
        return await asyncio.to_thread(self.state)

    def state(self) -> dict[str, Any]:
        """Return the state for the page. May wait for the disk."""
        if self.pipeline.finished.is_set():
            self.stop()
        state = dataclasses.asdict(self.collector.state)
        state["phase"] = state["phase"].value
        state["in_bursts"] = self.collector.state.choice.in_bursts
        state["folder"] = str(self.collector.store.folder)
        state["camera"] = camera_state(self.pipeline)
        state["notice"] = self.notice
        return state
