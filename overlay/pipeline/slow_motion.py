"""The two times of a source that plays slower than it was signed: that of the signing, and that of the clock.

Letters are read in the time of the signing: a letter that is held for longer than it was, or a hand that moves
slower, would be read as another. Captions, which meet what is typed and spoken, have the time of the clock.
"""

from collections import deque
from dataclasses import replace
from typing import Final

import numpy as np

from overlay.captions.state import Letter
from overlay.core.settings import Endpointing
from overlay.media.frame import Frame
from overlay.recognition.letter_stream import DecoderStep

KEPT: Final = 300  # frames; letters are about the last seconds
SPAN: Final = 30  # frames over which is measured how slow it is


class SlowMotion:
    """Moves what was read in the time of the signing to the time of the clock.

    For sources that never wait both are the same, and nothing is changed.
    """

    def __init__(self) -> None:
        self._frames: deque[tuple[float, float]] = deque(maxlen=KEPT)  # moment, and how far behind it was shown
        self._slowness = 1.0

    def note(self, frame: Frame) -> None:
        """Take the next frame that is read."""
        self._frames.append((frame.moment, frame.behind))
        moment, behind = self._frames[max(0, len(self._frames) - 1 - SPAN)]
        span = frame.moment - moment
        self._slowness = round(1 + max(0.0, frame.behind - behind) / span, 1) if span > 0 else 1.0

    def clock(self, moment: float) -> float:
        """Return the time of the clock at which a moment of the signing was shown."""
        moments, behind = zip(*self._frames, strict=True)
        return moment + float(np.interp(moment, moments, behind))

    def letters(self, letters: list[Letter]) -> list[Letter]:
        """Return the same letters in the time of the clock."""
        return [self.letter(letter) for letter in letters]

    def letter(self, letter: Letter) -> Letter:
        """Return the same letter in the time of the clock."""
        if not self._is_behind:
            return letter
        return replace(letter, start=self.clock(letter.start), end=self.clock(letter.end))

    def step(self, step: DecoderStep) -> DecoderStep:
        """Return the same step of the time grid in the time of the clock."""
        if not self._is_behind:
            return step
        return replace(step, at=self.clock(step.at), newest=self.clock(step.newest))

    def pauses(self, rules: Endpointing) -> Endpointing:
        """Return rules that take as much longer to end a word or a caption as it plays slower."""
        if self._slowness == 1.0:
            return rules
        return rules.model_copy(
            update={
                name: getattr(rules, name) * self._slowness
                for name in ("word_pause", "word_lowered", "caption_silence", "caption_longest")
            }
        )

    @property
    def _is_behind(self) -> bool:
        return bool(self._frames) and self._frames[-1][1] > 0
