"""Setting lines of text in any script: in reading order, with joined letters, and in a font that has them."""

import functools
import locale
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import skia
from skia import textlayout

from overlay.captions.layout import is_rtl
from overlay.core.errors import SigncapError
from overlay.core.process.native_output import without_chatter
from overlay.media.frame import Pixels

Colour = tuple[int, int, int]  # blue, green, red

OWN_FONT: Final = Path(__file__).parent / "fonts" / "Rubik.ttf"  # ships with Signcap: the same on every machine
WEIGHT: Final = 500
RULE_OF_SIZE: Final = 0.066  # thickness of the line below text that may still change

# Families for the generic names, as each system has them; the first that is installed is taken.
GENERIC: Final[dict[str, tuple[str, ...]]] = {
    "sans-serif": ("Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial"),
    "serif": ("Georgia", "Times New Roman", "Noto Serif", "DejaVu Serif", "Liberation Serif"),
    "monospace": ("Consolas", "Menlo", "Noto Sans Mono", "DejaVu Sans Mono", "Liberation Mono", "Courier New"),
    "cursive": ("Comic Sans MS", "Comic Neue", "Chalkboard SE", "Segoe Script", "Snell Roundhand", "Z003"),
}
_EMOJI: Final = ("Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", "Twemoji Mozilla", "Twemoji")

_SIGNS: Final = 0x2300  # emoji begin here, among signs that text fonts have in black and white
_WIDEST: Final = 1_000_000.0  # pixels; lines are broken before they come here
_TO_LEFT: Final = "\u2067{}\u2069"  # a right-to-left isolate: Skia's binding knows no direction of a paragraph
_KEPT_WIDTHS: Final = 2048
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp"))  # categories of characters that show nothing


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line in one colour.

    Attributes:
        text: in the order in which it is read.
        colour: blue, green, red.
        underlined: whether a line is drawn below it.
    """

    text: str
    colour: Colour
    underlined: bool = False


class Typesetter:
    """Measures and draws lines of text. Belongs to one thread.

    Args:
        font: a family that is installed, or a key of `GENERIC`; "" and what is not installed mean Signcap's own.
    """

    def __init__(self, font: str = "") -> None:
        own = _own_typeface()
        chosen = find_font(font)
        self._faces = [own] if chosen is None else [chosen, own]
        self._system = _system_fonts()
        self._names: dict[str, str | None] = {}  # of the family for each character that these lack
        self._registered: dict[int, str] = {}
        self._provider = textlayout.TypefaceFontProvider()
        self._first = [self._register(face) for face in self._faces]
        self._collection = textlayout.FontCollection()
        self._collection.setDefaultFontManager(self._provider)
        self._unicode = _unicode()
        self._width = functools.lru_cache(_KEPT_WIDTHS)(self._measure)

    def width(self, text: str, size: int) -> float:
        """Return the width of a line of text in pixels, for letters of `size` pixels."""
        return self._width(text, size) if text else 0.0

    def missing(self, text: str) -> tuple[str, ...]:
        """Return the characters of a text that no font here has, each once, in order."""
        return tuple(dict.fromkeys(character for character in text if self._lacks(character)))

    def draw(self, layer: Pixels, pieces: Sequence[Piece], size: int, x: float, baseline: int, rtl: bool) -> None:
        """Draw one line of text.

        Args:
            layer: blue, green, red, alpha, uint8 (H, W, 4), colours already multiplied by alpha; drawn into.
            pieces: the line, in the order in which it is read.
            size: of the letters, in pixels.
            x: where its left end is.
            baseline: the row on which its letters stand.
            rtl: whether the line begins at the right.
        """
        pieces = [piece for piece in pieces if piece.text]
        if pieces:
            self._paint(layer, pieces, size, x, baseline, rtl)
        if any(piece.underlined and piece.text.strip() for piece in pieces):
            self._underline(layer, pieces, size, x, baseline, rtl)

    def draw_over(self, picture: Pixels, piece: Piece, size: int, x: int, baseline: int) -> None:
        """Draw a text into a picture, BGR uint8 (H, W, 3). The part that does not fit is left out."""
        top, left = max(baseline - 2 * size, 0), max(x, 0)
        part = picture[top : baseline + size, left : left + round(self.width(piece.text, size)) + 2]
        if part.size:
            layer = np.zeros((*part.shape[:2], 4), np.uint8)
            self.draw(layer, [piece], size, x - left, baseline - top, is_rtl(piece.text))
            kept = 255 - layer[..., 3:].astype(np.uint16)
            part[:] = (part * kept // 255 + layer[..., :3]).astype(np.uint8)

    def _underline(
        self, layer: Pixels, pieces: Sequence[Piece], size: int, x: float, baseline: int, rtl: bool
    ) -> None:
        """Draw a line below what is underlined: as far as its ink reaches, wherever the script's order puts it."""
        rule = max(1, round(size * RULE_OF_SIZE))
        top = baseline + 2 * rule
        for number, piece in enumerate(pieces):
            if not piece.underlined:
                continue
            alone = np.zeros_like(layer)
            self._paint(alone, pieces, size, x, baseline, rtl, only=number)
            columns = np.nonzero(alone[..., 3].any(axis=0))[0]
            if columns.size:
                part = layer[top : top + rule, columns[0] : columns[-1] + 1]
                part[:] = (*piece.colour, 255)

    def _paint(
        self,
        layer: Pixels,
        pieces: Sequence[Piece],
        size: int,
        x: float,
        baseline: int,
        rtl: bool,
        only: int | None = None,
    ) -> None:
        runs = []
        for number, piece in enumerate(pieces):
            blue, green, red = piece.colour
            seen = only is None or only == number
            runs.append((piece.text, skia.Color(red, green, blue, 255 if seen else 0)))
        paragraph = self._paragraph(runs, size, rtl)
        surface = skia.Surface(layer, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType)
        paragraph.paint(surface.getCanvas(), x, baseline - paragraph.AlphabeticBaseline)

    def _measure(self, text: str, size: int) -> float:
        paragraph = self._paragraph([(text, skia.ColorBLACK)], size, rtl=False)
        return float(max(paragraph.MaxIntrinsicWidth, paragraph.LongestLine))

    def _paragraph(self, runs: Iterable[tuple[str, int]], size: int, rtl: bool) -> textlayout.Paragraph:
        # What is no Unicode, as names of folders and what scripts send may be, cannot be drawn.
        runs = [(text.encode("utf-8", "replace").decode(), colour) for text, colour in runs]
        families = self._families("".join(text for text, _ in runs))
        builder = textlayout.ParagraphBuilder.make(textlayout.ParagraphStyle(), self._collection, self._unicode)
        opening, closing = _TO_LEFT.split("{}") if rtl else ("", "")
        for number, (text, colour) in enumerate(runs):
            style = textlayout.TextStyle()
            style.setFontFamilies(families)
            style.setFontSize(size)
            style.setFontStyle(_style())
            style.setColor(colour)
            builder.pushStyle(style)
            builder.addText((opening if number == 0 else "") + text + (closing if number == len(runs) - 1 else ""))
            builder.pop()
        paragraph = builder.Build()
        paragraph.layout(_WIDEST)
        return paragraph

    def _families(self, text: str) -> list[str]:
        """Names of the fonts for a text, those to be preferred first."""
        if text.isascii():
            return self._first
        others = dict.fromkeys(name for character in text if (name := self._name_for(character)) is not None)
        return [*self._first, *others]

    def _lacks(self, character: str) -> bool:
        if _shows_nothing(character) or any(face.unicharToGlyph(ord(character)) for face in self._faces):
            return False
        return self._name_for(character) is None

    def _name_for(self, character: str) -> str | None:
        """Name of a font of this computer that has a character, or None where it is not needed or there is none."""
        if character not in self._names:
            found = None
            if not _shows_nothing(character) and not any(f.unicharToGlyph(ord(character)) for f in self._faces):
                face = _fallback(character)
                found = None if face is None else self._register(face)
            self._names[character] = found
        return self._names[character]

    def _register(self, face: skia.Typeface) -> str:
        """Make a font known to the paragraphs; of fonts with one name the right one is taken."""
        number = face.uniqueID()
        if number not in self._registered:
            name = f"signcap {len(self._registered)}"
            self._provider.registerTypeface(face, name)
            self._registered[number] = name
        return self._registered[number]


def families() -> list[str]:
    """Return the names of the fonts that are installed, in the order of the alphabet."""
    fonts = _system_fonts()
    names = {fonts.getFamilyName(number) for number in range(fonts.countFamilies())}
    # Names with a dot in front belong to the system alone, and "@" is text that stands on its side.
    return sorted((name for name in names if name and name[0] not in ".@"), key=str.casefold)


def find_font(font: str) -> "skia.Typeface | None":
    """The typeface of a family or generic name; None where there is none."""
    for name in GENERIC.get(font.lower(), (font,) if font else ()):
        face = _system_fonts().matchFamilyStyle(name, _style())
        if face is not None and face.getFamilyName().casefold() == name.casefold():
            return face
    return None


def font_warnings(font: str) -> list[str]:
    """A sentence where captions cannot have the font that was chosen."""
    if not font or find_font(font) is not None:
        return []
    return [f"This computer has no font for {font}, so the picture shows Signcap's own. Choose another font."]


@functools.cache
def _fallback(character: str) -> "skia.Typeface | None":
    fonts, code = _system_fonts(), ord(character)
    if code >= _SIGNS:
        for name in _EMOJI:
            face = fonts.matchFamilyStyle(name, _style())
            if face is not None and face.getFamilyName() == name and face.unicharToGlyph(code):
                return face
    face = fonts.matchFamilyStyleCharacter("", _style(), _languages(), code)
    return face if face is not None and face.unicharToGlyph(code) else None


def _shows_nothing(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or "VARIATION SELECTOR" in unicodedata.name(character, "")


@functools.cache
def _languages() -> list[str]:
    """The user's language, the one that counts last: Chinese and Japanese share characters that look different."""
    language = (locale.getlocale()[0] or "").replace("_", "-")
    return [language] if language and language.isascii() and " " not in language and language != "C" else ["en"]


@functools.cache
def _style() -> skia.FontStyle:
    return skia.FontStyle(WEIGHT, skia.FontStyle.kNormal_Width, skia.FontStyle.kUpright_Slant)


@functools.cache
def _system_fonts() -> skia.FontMgr:
    with without_chatter():  # its fontconfig is older than many systems' files
        return skia.FontMgr()


@functools.cache
def _own_typeface() -> skia.Typeface:
    try:
        data = OWN_FONT.read_bytes()  # Skia itself may not find paths that are not ASCII
    except OSError as error:
        raise SigncapError(f"The captions' font cannot be read ({error}): install Signcap again.") from error
    face = _system_fonts().makeFromData(skia.Data(data, True))  # a copy: it holds on to no buffer
    position = skia.FontArguments.VariationPosition
    axes = position.Coordinates([position.Coordinate(int.from_bytes(b"wght", "big"), WEIGHT)])
    where = position(axes)
    arguments = skia.FontArguments()
    arguments.setVariationDesignPosition(where)
    return face.makeClone(arguments) or face


@functools.cache
def _unicode() -> skia.Unicode:
    found = skia.Unicodes.ICU.Make()
    if found is None:
        raise SigncapError(
            "The library that draws captions is not complete: run `pip install --force-reinstall skia-python`."
        )
    return found
