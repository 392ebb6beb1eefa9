"""Drawing captions into the picture. The picture comes unmirrored, and so does the text."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from overlay.captions.layout import Line, Run, layout, wrap
from overlay.captions.state import CaptionState, Paragraphs
from overlay.core.settings import CaptionStyle, Settings
from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import CONNECTIONS, Hand

Colour = tuple[int, int, int]  # blue, green, red

FONT = "sans"  # Rubik, which OpenCV 5 carries within itself: the same on every machine
WEIGHT = 500
FONT_OF_LINE = 0.74  # font size, as a fraction of the line height
EM_OF_COLUMN = 0.64  # width of a column in font sizes: Rubik's capitals and spaces take 0.6 on average
LEAST_FONT = 11  # pixels; smaller cannot be read
OUTLINE_OF_FONT = 0.05  # letters have a thin edge in the colour of the box, for boxes that are hardly there
NOTICE_SIZE = 0.7  # of the captions' line height
NOTICE_OPACITY = 0.85
HAND_COLOUR: Colour = (240, 220, 130)
HAND_OPACITY = 0.7


@dataclass(frozen=True, slots=True)
class _Metrics:
    """Lengths in pixels that follow from the size of the picture and the style."""

    line: int
    font: int
    padding: int
    margin: int
    text: int  # longest line
    width: int  # of the picture
    height: int

    @classmethod
    def of(cls, pixels: Pixels, style: CaptionStyle, scale: float = 1.0) -> "_Metrics":
        height, width = pixels.shape[:2]
        side = min(height, width * 0.75)  # in an upright picture it is the width that text runs out of
        font = max(LEAST_FONT, round(style.size * side * FONT_OF_LINE * scale))
        line = round(font / FONT_OF_LINE)
        padding = round(line * 0.3)
        margin = round(style.margin * side)
        room = width - 2 * (margin + padding) - font  # one partial letter may hang over the end: see `layout`
        text = max(font, min(room, round(style.columns * font * EM_OF_COLUMN)))
        return cls(line, font, padding, margin, text, width, height)


@dataclass(frozen=True, slots=True)
class _Box:
    """Drawn text, ready to be blended: picture * keep / 255 + ink, all uint8 (h, w, 3)."""

    ink: Pixels
    keep: Pixels


class CaptionRenderer:
    """Paints captions, notices and the outline of the hand. Belongs to one thread.

    Text is drawn only when it, the style or the size of the picture has changed; otherwise a frame costs a
    copy and the blending of the box's part of the picture.
    """

    def __init__(self) -> None:
        self._font = cv2.FontFace(FONT)
        self._drawn: dict[str, tuple[object, _Box | None]] = {}
        self._lines: tuple[object, tuple[Line, ...]] = (None, ())

    def paint(
        self,
        pixels: Pixels,
        state: CaptionState,
        at: float,
        settings: Settings,
        *,
        hand: Hand | None = None,
        notice: str | None = None,
    ) -> Pixels:
        """Draw the captions of one frame.

        Args:
            pixels: BGR uint8 (H, W, 3); left as it is.
            state: the text.
            at: capture time of the frame: it tells whether a finished caption is still shown.
            settings: how captions look and how long they stay.
            hand: outline this hand, whose landmarks are in pixels of this picture.
            notice: a short sentence to show at the edge that the captions leave free.

        Returns:
            A new picture of the same size.
        """
        picture = pixels.copy()
        style = settings.caption
        if hand is not None:
            draw_hand(picture, hand)
        metrics = _Metrics.of(pixels, style)
        lines = self._lay_out(state.paragraphs(at, settings.endpointing.shown_after), style, metrics)
        box = self._once("caption", (lines, style, metrics), lambda: self._caption(lines, style, metrics))
        if box is not None:
            # Where the first line stands must not depend on how many lines there are, or text would jump.
            whole = max(style.lines, len(lines)) * metrics.line + 2 * metrics.padding
            left = (metrics.width - metrics.text - metrics.font) // 2 - metrics.padding
            top = metrics.margin if style.place == "top" else metrics.height - metrics.margin - whole
            _blend(picture, box, left, top)
        if notice:
            metrics = _Metrics.of(pixels, style, NOTICE_SIZE)
            box = self._once("notice", (notice, metrics), lambda: self._notice(notice, metrics))
            if box is not None:
                height, width = box.ink.shape[:2]
                top = metrics.margin if style.place == "bottom" else metrics.height - metrics.margin - height
                _blend(picture, box, (metrics.width - width) // 2, top)
        return picture

    def _once(self, what: str, key: object, draw: Callable[[], _Box | None]) -> _Box | None:
        known = self._drawn.get(what)
        if known is None or known[0] != key:
            known = self._drawn[what] = (key, draw())
        return known[1]

    def _lay_out(self, texts: Paragraphs, style: CaptionStyle, metrics: _Metrics) -> tuple[Line, ...]:
        """Return the lines to be drawn; unread text is less in each frame, while its lines stay the same for long."""

        def columns(text: str) -> float:
            return max(len(text), self._width(text, metrics.font) * style.columns / metrics.text)

        key = (texts, style, metrics)
        if self._lines[0] != key:
            self._lines = (
                key,
                layout(
                    texts.earlier,
                    texts.committed,
                    texts.partial,
                    style.columns,
                    style.lines,
                    columns,
                    unread=texts.unread,
                ),
            )
        return self._lines[1]

    def _caption(self, lines: tuple[Line, ...], style: CaptionStyle, metrics: _Metrics) -> _Box | None:
        colours = (_colour(style.colour), _colour(style.partial_colour), _colour(style.box_colour))
        return self._box(lines, metrics, colours, style.box_opacity) if lines else None

    def _notice(self, notice: str, metrics: _Metrics) -> _Box | None:
        room = metrics.width - 2 * (metrics.margin + metrics.padding)
        lines = wrap(notice, max(room, metrics.font), lambda text: self._width(text, metrics.font))
        white, grey = (255, 255, 255), (32, 32, 32)
        return self._box([(Run(line),) for line in lines], metrics, (white, white, grey), NOTICE_OPACITY)

    def _box(
        self,
        lines: Sequence[Line],
        metrics: _Metrics,
        colours: tuple[Colour, Colour, Colour],
        opacity: float,
    ) -> _Box:
        """Draw lines of text in a box with round corners."""
        final_colour, partial_colour, box_colour = colours
        longest = max(sum(self._width(run.text, metrics.font) for run in line) for line in lines)
        width = max(longest, metrics.font) + 2 * metrics.padding
        height = len(lines) * metrics.line + 2 * metrics.padding
        final = np.zeros((height, width), np.uint8)
        partial = np.zeros((height, width), np.uint8)
        rule = max(1, round(metrics.font * 0.07))
        for number, line in enumerate(lines):
            x = metrics.padding
            baseline = metrics.padding + number * metrics.line + round(metrics.line * 0.76)
            for run in line:
                mask = final if run.final else partial
                start = x
                (x, _), _ = cv2.putText(mask, run.text, (x, baseline), (255,), self._font, metrics.font, WEIGHT)
                if not run.final:  # told from final text not by colour alone
                    below = baseline + 2 * rule
                    cv2.rectangle(mask, (start, below), (x - 1, below + rule - 1), (255,), cv2.FILLED)
        text = np.maximum(final, partial)
        panel = cv2.convertScaleAbs(_round_box(width, height, metrics.padding), alpha=opacity)
        panel = cv2.multiply(cv2.max(panel, _edge(text, metrics.font)), 255 - text, scale=1 / 255)
        ink = _painted((final, final_colour), (partial, partial_colour), (np.asarray(panel, np.uint8), box_colour))
        keep = 255 - cv2.add(text, panel)
        return _Box(ink, np.asarray(cv2.merge([keep] * 3), np.uint8))

    def _width(self, text: str, font: int) -> int:
        if not text:
            return 0
        x, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), self._font, font, WEIGHT)
        return int(x + width)


def _colour(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return blue, green, red


def _round_box(width: int, height: int, radius: int) -> Pixels:
    radius = min(radius, width // 2 - 1, height // 2 - 1)
    mask = np.zeros((height, width), np.uint8)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, (255,), cv2.FILLED, cv2.LINE_AA)
    mask[radius : height - radius] = 255
    mask[:, radius : width - radius] = 255
    return mask


def _edge(mask: Pixels, font: int) -> Pixels:
    reach = max(1, round(font * OUTLINE_OF_FONT))
    grown = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    return np.asarray(grown, np.uint8)


def _painted(*layers: tuple[Pixels, Colour]) -> Pixels:
    """Sum of masks in their colours, on black."""
    channels = []
    for channel in range(3):
        inks = [cv2.convertScaleAbs(mask, alpha=colour[channel] / 255) for mask, colour in layers]
        channels.append(functools.reduce(cv2.add, inks))
    return np.asarray(cv2.merge(channels), np.uint8)


def _blend(picture: Pixels, box: _Box, left: int, top: int) -> None:
    """Blend the part of the box that lies in the picture into it."""
    left, top = max(left, 0), max(top, 0)
    part = picture[top : top + box.ink.shape[0], left : left + box.ink.shape[1]]
    height, width = part.shape[:2]
    if height and width:
        kept = cv2.multiply(part, box.keep[:height, :width], scale=1 / 255)
        cv2.add(kept, box.ink[:height, :width], dst=part)


def draw_hand(picture: Pixels, hand: Hand, weight: float = 1.0) -> None:
    """Draw thin translucent bones and joints into BGR uint8 (H, W, 3): the hand itself is still to be seen."""
    height, width = picture.shape[:2]
    thick = max(1, round(weight * min(height, width) / 360))
    points = np.clip(np.rint(hand.landmarks[:, :2]), -4 * width, 4 * width).astype(int)
    reach = 3 * thick
    left, top = (max(0, int(low) - reach) for low in points.min(axis=0))
    right, bottom = (int(high) + reach + 1 for high in points.max(axis=0))
    part = picture[top : max(bottom, 0), left : max(right, 0)]
    if not part.size:
        return
    drawn = part.copy()
    places = [(int(x) - left, int(y) - top) for x, y in points]
    for one, other in CONNECTIONS:
        cv2.line(drawn, places[one], places[other], HAND_COLOUR, thick, cv2.LINE_AA)
    for place in places:
        cv2.circle(drawn, place, 2 * thick, HAND_COLOUR, cv2.FILLED, cv2.LINE_AA)
    cv2.addWeighted(drawn, HAND_OPACITY, part, 1 - HAND_OPACITY, 0, dst=part)
