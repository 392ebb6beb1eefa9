"""The result of the recogniser for one frame, and the protocol of what gives it."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from overlay.captions.edits import Edit
from overlay.captions.state import CaptionState, Letter
from overlay.core.settings import Settings
from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_stream import DecoderStep


@dataclass(frozen=True, slots=True)
class CaptionResult:
    """Everything the recogniser knows after one frame.

    Attributes:
        at: capture time of that frame; where the text changed without one, of that change.
        state: the text.
        hand: the hand in that frame, or None.
        posteriors: float32 (classes,), the newest step of the time grid, or None while no hand is in view.
        stages: milliseconds spent in each stage on that frame, for example {"hands": 9.1, "encode": 0.9}.
        letters: those that became final with that frame, in order.
        moments: the steps of the time grid that came with that frame.
    """

    at: float = 0.0
    state: CaptionState = field(default_factory=CaptionState)
    hand: Hand | None = None
    posteriors: NDArray[np.float32] | None = None
    stages: dict[str, float] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()
    moments: tuple[DecoderStep, ...] = ()


class Captioner(Protocol):
    """Reads signing from frames, one after the other."""

    def accept(self, frame: Frame) -> CaptionResult:
        """Take the next frame. Frames may be skipped, but time must not go back."""
        ...

    def finish(self) -> CaptionResult:
        """No more frames: what is still open becomes final."""
        ...

    def edit(self, edit: Edit) -> CaptionState:
        """Make an edit of the user's, between two frames or after the last; what it raises is for people."""
        ...

    def configure(self, settings: Settings) -> None:
        """Go on with other settings from the next frame on."""
        ...

    def close(self) -> None:
        """Let go of the models."""
        ...


@runtime_checkable
class ChoosingCaptioner(Protocol):
    """A captioner that chooses whose hand it reads, where several people are in the picture."""

    def take_other_hand(self) -> None:
        """Read another hand than the one that is read, as soon as one is up. From any thread."""
        ...
