"""Joins what shows phrases and reads how they are spelled to the camera."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from overlay.enrolment.enroller import Enroller
from overlay.enrolment.profile import InUse, check_name
from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult
from overlay.prompted.learner import Learner
from overlay.prompted.phrase import Assist
from overlay.prompted.session import ShownSession
from overlay.prompted.store import KeptSpelling
from overlay.recognition.features import FeatureExtractor
from server.session.camera_desk import CameraDesk
from server.session.source_control import camera_state


class ShownDesk(CameraDesk):
    """Joins the session to the camera.

    Args:
        pipeline: whose frames are taken.
        make_enroller: loads the model that profiles are fitted to; called when the first phrases are shown.
        in_use: what the live path uses; a profile that is better is put there at once.
        assist: reads a word with a language; None for none.
    """

    def __init__(
        self, pipeline: Pipeline, make_enroller: Callable[[], Enroller], in_use: InUse, assist: Assist | None
    ) -> None:
        super().__init__(pipeline)
        self.session = ShownSession(
            lambda: pipeline.settings, lambda: FeatureExtractor(make_enroller().letter_model), assist=assist
        )
        self.kept = KeptSpelling()  # what a person wants to keep
        self.learner = Learner(make_enroller, self.session.tell, in_use)

    def accept(self, frame: Frame, reading: CaptionResult) -> None:
        """Take it, while a phrase is due."""
        self.session.accept(frame, reading)

    def stop(self) -> None:
        """Hold on."""
        self.session.stop()

    def state(self) -> dict[str, Any]:
        """Return the state for the page."""
        if self.pipeline.finished.is_set():
            self.stop()
        return self.session.state.view() | {
            "signer": self.session.signer,
            "camera": camera_state(self.pipeline),
            "paused": self.pipeline.paused,
            "notice": self.notice,
        }

    def keep(self, *, landmarks: bool, profile: str) -> None:
        """Write what was spelled into a file, let a profile learn from it, or both; reads and writes files.

        Args:
            landmarks: keep where the hand was, with the text, in a file.
            profile: that learns; empty for none.

        Raises:
            SigncapError: there is nothing to keep, or it cannot be written; nothing has changed then.
        """
        session = self.session
        takes = None
        if profile:
            check_name(profile)
            takes = session.takes()
        said, name = "", None
        if landmarks:
            file = self.kept.save(
                [phrase.running_take(session.signer) for phrase in session.phrases()], datetime.now()
            )
            said, name = f"Kept as {file.path}.", file.name
        if said or takes is not None:
            session.forget()
            session.tell(said, kept=name)
        if takes is not None:
            self.learner.start(profile, takes, said)
