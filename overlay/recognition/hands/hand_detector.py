"""A hand in a frame, and what finds it."""

from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from overlay.media.frame import Pixels

Handedness = Literal["right", "left"]

# Wrist to the knuckles, along the fingers: pairs of landmark numbers to draw.
CONNECTIONS: tuple[tuple[int, int], ...] = (
    (0, 1), (1, 2), (2, 3), (3, 4),
    (0, 5), (5, 6), (6, 7), (7, 8),
    (5, 9), (9, 10), (10, 11), (11, 12),
    (9, 13), (13, 14), (14, 15), (15, 16),
    (13, 17), (17, 18), (18, 19), (19, 20), (0, 17),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand in one frame.

    Attributes:
        landmarks: float32 (21, 3), pixels of the frame; x right, y down, z towards the back, scaled like x,
            0 at the wrist. MediaPipe's order: wrist, thumb (4), index (4), middle, ring, little finger.
        handedness: which hand of the signer it is.
        score: confidence of the handedness, 0 to 1.
    """

    landmarks: NDArray[np.float32]
    handedness: Handedness
    score: float


class HandDetector(Protocol):
    """Finds one hand in pictures, one after the other."""

    def find(self, pixels: Pixels, at: float) -> Hand | None:
        """The hand in BGR uint8 (H, W, 3) at time `at` in seconds, which must not go back; or None."""
        ...

    def take_other(self) -> None:
        """Find another hand than the one that is followed, as soon as one is up. From any thread."""
        ...

    def close(self) -> None:
        """Let go of the model."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
