"""Drawing captions into the picture. The picture comes unmirrored, and so does the text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from overlay.captions.layout import Line, Run, layout, letters, wrap
from overlay.captions.placement import Placement, Room
from overlay.captions.presentation import as_shown
from overlay.captions.state import CaptionState, Paragraphs
from overlay.captions.typesetting import Colour, Piece, Typesetter
from overlay.core.settings import CaptionStyle, Settings
from overlay.media.frame import Pixels
from overlay.recognition.hands.hand_detector import CONNECTIONS, Hand

FONT_OF_LINE = 0.79  # font size, as a fraction of the line height
EM_OF_COLUMN = 0.6  # width of a column in font sizes, which Rubik's capitals and spaces take on average
LEAST_FONT = 12  # pixels; smaller cannot be read
OUTLINE_OF_FONT = 0.047  # letters have a thin edge in the colour of the box, for boxes that are hardly there
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

    @property
    def around(self) -> int:
        """Width of a box less that of its longest line: one partial letter may hang over the end."""
        return self.font + 2 * self.padding

    def room(self, style: CaptionStyle) -> Room:
        """The room for captions, which does not depend on how many lines there are, or text would jump."""
        tall = style.lines * self.line + 2 * self.padding
        return Room(self.width, self.height, self.margin, self.around, tall, self.text, self.font)


@dataclass(frozen=True, slots=True)
class _Box:
    """Drawn text, ready to be blended: picture * keep / 255 + ink, all uint8 (h, w, 3)."""

    ink: Pixels
    keep: Pixels
    rtl: bool  # all of its lines begin at the right, where it has to stay


class CaptionRenderer:
    """Paints captions, notices and the outline of the hand. Belongs to one thread.

    Text is drawn only when it, the style or the size of the picture has changed; otherwise a frame costs a
    copy and the blending of the box's part of the picture.
    """

    def __init__(self) -> None:
        self._typesetter = Typesetter()
        self._font = ""
        self._placement = Placement()
        self._shown: tuple[CaptionState, Settings, CaptionState] | None = None
        self._drawn: dict[str, tuple[object, _Box | None]] = {}
        self._lines: tuple[object, tuple[Line, ...], int] = (None, (), 0)

    def paint(
        self,
        pixels: Pixels,
        state: CaptionState,
        at: float,
        settings: Settings,
        *,
        hand: Hand | None = None,
        signing: Hand | None = None,
        notice: str | None = None,
    ) -> Pixels:
        """Draw the captions of one frame.

        Args:
            pixels: BGR uint8 (H, W, 3); left as it is.
            state: the text.
            at: capture time of the frame: it tells whether a finished caption is still shown.
            settings: how captions look and how long they stay.
            hand: outline this hand, whose landmarks are in pixels of this picture.
            signing: the hand that captions keep away from, if the style asks for that.
            notice: a short sentence to show at the edge that the captions leave free.

        Returns:
            A new picture of the same size.
        """
        picture = pixels.copy()
        style = settings.caption
        if hand is not None:
            draw_hand(picture, hand)
        metrics = _Metrics.of(pixels, style)
        state = self._shown_of(state, settings)
        texts = state.paragraphs(at, settings.endpointing.shown_after)
        place = style.place
        if texts.earlier or texts.committed or texts.partial:
            current = bool(texts.committed or texts.partial)
            newest = (state.cues[-1].index + 1 if state.cues else 0) - (not current)
            spot = self._placement.spot(metrics.room(style), style, signing, newest)
            metrics, place = replace(metrics, text=spot.text), spot.place
            self._use(style.font)
            lines, blank = self._lay_out(texts, newest, style, metrics)
            box = self._once("caption", (lines, style, metrics), lambda: self._caption(lines, style, metrics))
            if box is not None:
                left, top = spot.left, spot.top + blank * metrics.line
                if box.rtl:
                    left += metrics.text + metrics.around - box.ink.shape[1]
                if place == "bottom":  # where one line is asked for, unread text has a second above it
                    top -= max(0, len(lines) - style.lines) * metrics.line
                _blend(picture, box, left, top)
        else:
            self._placement.nothing_shown()
            self._lines = (None, (), 0)
        if notice:
            metrics = _Metrics.of(pixels, style, NOTICE_SIZE)
            box = self._once("notice", (notice, metrics), lambda: self._notice(notice, metrics))
            if box is not None:
                height, width = box.ink.shape[:2]
                top = metrics.margin if place == "bottom" else metrics.height - metrics.margin - height
                _blend(picture, box, (metrics.width - width) // 2, top)
        return picture

    def _shown_of(self, state: CaptionState, settings: Settings) -> CaptionState:
        if self._shown is None or self._shown[0] is not state or self._shown[1] is not settings:
            self._shown = (state, settings, as_shown(state, settings))
        return self._shown[2]

    def _use(self, font: str) -> None:
        if font != self._font:
            self._font, self._typesetter = font, Typesetter(font)

    def _once(self, what: str, key: object, draw: Callable[[], _Box | None]) -> _Box | None:
        known = self._drawn.get(what)
        if known is None or known[0] != key:
            known = self._drawn[what] = (key, draw())
        return known[1]

    def _lay_out(
        self, texts: Paragraphs, newest: int, style: CaptionStyle, metrics: _Metrics
    ) -> tuple[tuple[Line, ...], int]:
        """Return the lines to be drawn, and how many rows above them stay empty.

        Unread text is less in each frame, while its lines stay the same for long.
        """

        def columns(text: str) -> float:
            return max(letters(text), self._width(text, metrics.font) * style.columns / metrics.text)

        key = (texts, newest, style, metrics)
        if self._lines[0] == key:
            return self._lines[1:]
        earlier, committed, partial = texts.earlier, texts.committed, texts.partial
        lines = layout(earlier, committed, partial, style.columns, style.lines, columns, unread=texts.unread)
        own = layout(() if committed or partial else earlier[-1:], committed, partial, style.columns, 10**6, columns)
        blank = self._placement.blank_rows(newest, max(0, len(lines) - len(own)), len(own), style.lines)
        self._lines = (key, lines, blank)
        return lines, blank

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
        widths = [self._width("".join(run.text for run in line), metrics.font) for line in lines]
        directions = {line[0].rtl for line in lines if line}
        # Lines from both sides need a box of one width: else what begins at the right would move with each letter.
        longest = max(widths) if len(directions) <= 1 else metrics.text + metrics.font
        width = round(max(longest, metrics.font)) + 2 * metrics.padding
        height = len(lines) * metrics.line + 2 * metrics.padding
        text = np.zeros((height, width, 4), np.uint8)
        for number, (line, wide) in enumerate(zip(lines, widths, strict=True)):
            rtl = bool(line) and line[0].rtl
            baseline = metrics.padding + number * metrics.line + round(metrics.line * 0.76)
            x = width - metrics.padding - wide if rtl else metrics.padding
            pieces = [  # told from final text not by colour alone
                Piece(run.text, final_colour if run.final else partial_colour, underlined=not run.final)
                for run in line
            ]
            self._typesetter.draw(text, pieces, metrics.font, x, baseline, rtl)
        cover = np.ascontiguousarray(text[..., 3])
        panel = cv2.convertScaleAbs(_round_box(width, height, metrics.padding), alpha=opacity)
        panel = cv2.multiply(cv2.max(panel, _edge(cover, metrics.font)), 255 - cover, scale=1 / 255)
        ink = cv2.add(np.ascontiguousarray(text[..., :3]), _painted(np.asarray(panel, np.uint8), box_colour))
        keep = 255 - cv2.add(cover, panel)
        return _Box(np.asarray(ink, np.uint8), np.asarray(cv2.merge([keep] * 3), np.uint8), directions == {True})

    def _width(self, text: str, font: int) -> float:
        return self._typesetter.width(text, font)


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


def _painted(mask: Pixels, colour: Colour) -> Pixels:
    """A mask in a colour, on black."""
    return np.asarray(cv2.merge([cv2.convertScaleAbs(mask, alpha=channel / 255) for channel in colour]), np.uint8)


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
