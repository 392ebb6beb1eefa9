"""What drawing captions costs: a frame whose text is the same, a frame with a new letter, and text of other scripts.

python bench/caption_text.py [letters to draw]

Side by side with OpenCV's own text (`cv2.putText`), which knows neither order nor joined letters nor other fonts: the
same box, drawn by the same renderer, and the ratio of the two.
"""

import statistics
import sys
import time
from collections.abc import Sequence

import cv2
import numpy as np

from overlay.captions.renderer import CaptionRenderer
from overlay.captions.state import CaptionState, Cue
from overlay.captions.typesetting import Piece, Typesetter
from overlay.core.settings import Settings
from overlay.media.frame import Pixels

SIZES = ((640, 480), (1280, 720), (1920, 1080))
EARLIER = Cue(0, "HELLO EVERYONE MY NAME IS ANNA", 0.0, 1.0)
TEXTS = {
    "English": "AND THIS IS HOW CAPTIONS LOOK WHEN THEY GROW LETTER BY LETTER",
    "Hebrew": "שלום לכולם כך נראות הכתוביות כשהן גדלות אות אחר אות",
    "Arabic": "مرحبا بالجميع هكذا تبدو الترجمة عندما تكبر حرفا بعد حرف",
}


class OpenCvText(Typesetter):
    """Lines of text as OpenCV draws them."""

    def __init__(self) -> None:
        super().__init__()
        self._font = cv2.FontFace("sans")

    def width(self, text: str, size: int) -> float:
        """Return the width of a line in pixels."""
        if not text:
            return 0.0
        x, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), self._font, size, 500)
        return float(x + width)

    def draw(self, layer: Pixels, pieces: Sequence[Piece], size: int, x: float, baseline: int, rtl: bool) -> None:
        """Draw one line, each colour of it into a mask of its own."""
        left = round(x)
        for piece in pieces:
            mask = np.zeros(layer.shape[:2], np.uint8)
            (left, _), _ = cv2.putText(mask, piece.text, (left, baseline), (255,), self._font, size, 500)
            for channel, value in enumerate((*piece.colour, 255)):
                layer[..., channel] = cv2.max(layer[..., channel], cv2.convertScaleAbs(mask, alpha=value / 255))


def renderer(text: Typesetter) -> CaptionRenderer:
    """A renderer that draws with this."""
    made = CaptionRenderer()
    made._typesetter = text
    return made


def milliseconds(pixels: Pixels, states: Sequence[CaptionState], *renderers: CaptionRenderer) -> list[float]:
    """Median time of a frame with each renderer, by turns, so that a busy machine slows them alike."""
    times: list[list[float]] = [[] for _ in renderers]
    for state in states:
        for one, noted in zip(renderers, times, strict=True):
            began = time.perf_counter()
            one.paint(pixels, state, 1.0, Settings())
            noted.append((time.perf_counter() - began) * 1000)
    return [statistics.median(noted) for noted in times]


def main(count: int = 300) -> None:
    """Print a table."""
    print(f"{'picture':>11} {'text':>8}  {'same text':>9}  {'new letter':>10}  {'OpenCV':>7}  {'ratio':>5}")
    for width, height in SIZES:
        pixels = np.full((height, width, 3), 128, np.uint8)
        for name, text in TEXTS.items():
            cuts = [1 + number % (len(text) - 1) for number in range(count)]
            states = [CaptionState(0, (EARLIER,), text[:cut], text[cut]) for cut in cuts]
            mine, old = renderer(Typesetter()), renderer(OpenCvText())
            milliseconds(pixels, states[:3], mine, old)
            (same,) = milliseconds(pixels, [states[0]] * count, mine)
            new, before = milliseconds(pixels, states, mine, old)
            size = f"{width} x {height}"
            print(f"{size:>11} {name:>8}  {same:>6.2f} ms  {new:>7.2f} ms  {before:>4.2f} ms  {new / before:>5.2f}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
