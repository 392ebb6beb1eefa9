"""Joins what enrols a signer to the camera."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from overlay.core.errors import SigncapError
from overlay.enrolment.enroller import Enroller
from overlay.enrolment.guided.session import Session
from overlay.enrolment.guided.state import profile_view
from overlay.enrolment.profile import InUse, Profile, Profiles, model_digest
from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult
from server.session.camera_desk import CameraDesk
from server.session.source_control import camera_state


class Enrolling(CameraDesk):
    """Joins the session to the camera.

    Args:
        pipeline: whose frames are taken.
        make_enroller: loads the model; called when the first enrolment begins.
        profiles: where they are kept.
        in_use: what the live path uses; a new profile that is better is put there at once.
        model: folder of the model in use; None for the shipped one.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        make_enroller: Callable[[], Enroller],
        profiles: Profiles,
        in_use: InUse,
        model: Path | None,
    ) -> None:
        super().__init__(pipeline)
        self.profiles = profiles
        self.in_use = in_use
        self.digest = functools.cache(lambda: model_digest(model))  # reads a file
        self.session = Session(make_enroller, self._use)

    def _use(self, profile: Profile) -> None:
        if profile.on:
            self.in_use.profile = profile

    def accept(self, frame: Frame, reading: CaptionResult) -> None:
        """Take it, while one is due."""
        self.session.accept(frame, reading.hand)

    def stop(self) -> None:
        """End a take."""
        self.session.stop()

    def state(self) -> dict[str, Any]:
        """Return the state for the page."""
        if self.pipeline.finished.is_set():
            self.stop()
        state = self.session.state
        profile = self.in_use.profile
        return {
            "phase": state.phase.value,
            "name": state.plan.name,
            "words": state.plan.words,
            "prompts": list(state.plan.prompts),
            "marks": list(state.marks),
            "place": state.place,
            "prompt": state.prompt,
            "seconds": state.plan.seconds,
            "countdown": state.countdown,
            "part": round(state.part, 3),
            "hand": state.hand,
            "may_fit": state.may_fit,
            "said": state.said,
            "failed": state.failed,
            "result": state.result.name if state.result is not None else None,
            "in_use": profile.name if profile is not None and profile.on else None,
            "camera": camera_state(self.pipeline),
            "notice": self.notice,
        }

    def listed(self) -> list[dict[str, Any]]:
        """All profiles that can be read, and the newest result; reads files."""
        digest = self.digest()
        found: dict[str, Profile] = {}
        for name in self.profiles.names():
            try:
                found[name] = self.profiles.load(name)
            except SigncapError:  # damaged: nothing to show of it
                continue
        used = self.in_use.profile
        return [
            profile_view(one, digest) | {"in_use": used is not None and used.on and used.name == one.name}
            for one in found.values()
        ]
