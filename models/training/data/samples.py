"""A picture of pictures: a row for each letter, so that wrong labels and odd hands show at one glance."""

import colorsys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from models.training.data.crops.journal import read_crops
from models.training.data.tree import Entry, read_tree, signers_of
from overlay.captions.typesetting import Piece, Typesetter
from overlay.core.errors import SigncapError
from overlay.core.files.atomic import write_whole
from overlay.media.frame import Pixels
from overlay.media.images import read_picture

Colour = tuple[int, int, int]  # blue, green, red

PAPER: Final[Colour] = (239, 244, 245)
INK: Final[Colour] = (34, 29, 26)
BESIDE: Final[Colour] = (216, 224, 226)  # of a picture that is not square
BORDER: Final = 3  # pixels in the colour of the signer
GAP: Final = 4
MOST_COLUMNS: Final = 60


def sample_grid(
    folder: Path, *, columns: int = 10, signer: str | None = None, seed: int = 0, cell: int = 96
) -> Pixels:
    """Some pictures of each letter, from as many signers as there are; a border tells whose each is.

    Args:
        folder: a tree of pictures or crops.
        columns: pictures of each letter.
        signer: only this one's.
        seed: of the choice.
        cell: side of a picture in the grid, in pixels.

    Returns:
        BGR uint8 (H, W, 3).

    Raises:
        SigncapError: there are no pictures, or none by this signer.
    """
    if not 1 <= columns <= MOST_COLUMNS:
        raise SigncapError(f"{columns} columns will not do: choose 1 to {MOST_COLUMNS}.")
    entries = read_tree(folder)
    crops = read_crops(folder)
    if crops:
        entries = [entry for entry in entries if entry.path in crops and crops[entry.path].found]
    signers = signers_of(entries)
    if signer is not None:
        if signer not in signers:
            raise SigncapError(f"There is no signer {signer} in {folder}: the signers are {', '.join(signers)}.")
        entries, signers = [entry for entry in entries if entry.signer == signer], [signer]
    letters = sorted({entry.letter for entry in entries})
    colours = dict(zip(signers, _colours(len(signers)), strict=True))
    rng = np.random.default_rng(seed)
    sheet = _Sheet(len(letters), columns, cell, list(colours.items()))
    for row, letter in enumerate(letters):
        sheet.label(row, letter)
        column = 0
        for entry in _spread([entry for entry in entries if entry.letter == letter], rng):
            pixels = read_picture(folder / entry.path)
            if pixels is None:
                continue
            sheet.place(row, column, pixels, colours[entry.signer])
            column += 1
            if column == columns:
                break
    return sheet.pixels


def _spread(entries: Sequence[Entry], rng: np.random.Generator) -> list[Entry]:
    """All of them, one of each signer in turn, in an order that chance decides."""
    by_signer: dict[str, list[Entry]] = defaultdict(list)
    for number in rng.permutation(len(entries)):
        by_signer[entries[number].signer].append(entries[number])
    turns = [by_signer[name] for name in rng.permutation(sorted(by_signer))]
    longest = max(map(len, turns), default=0)
    return [turn[k] for k in range(longest) for turn in turns if k < len(turn)]


def _colours(count: int) -> list[Colour]:
    """Colours as different as can be; the hues of neighbours lie apart, their lightness changes too."""
    found = []
    for number in range(count):
        hue, light = number * 0.618 % 1.0, (0.42, 0.6, 0.3)[number // 6 % 3]
        red, green, blue = colorsys.hls_to_rgb(hue, light, 0.75)
        found.append((round(255 * blue), round(255 * green), round(255 * red)))
    return found


@dataclass(frozen=True)
class _Mark:
    """A signer in the legend."""

    name: str
    colour: Colour
    x: int
    row: int


class _Sheet:
    """The grid while it is being drawn."""

    def __init__(self, rows: int, columns: int, cell: int, signers: Sequence[tuple[str, Colour]]) -> None:
        self._setter = Typesetter()
        self._cell, self._step = cell, cell + GAP
        self._left = max(round(cell * 0.45), 24)
        self._small = max(round(cell * 0.16), 12)
        width = self._left + columns * self._step + GAP
        marks = self._legend(signers, width)
        line = round(self._small * 1.8)
        self._top = GAP + line * (marks[-1].row + 1) + GAP
        self.pixels: Pixels = np.full((self._top + rows * self._step, width, 3), PAPER, np.uint8)
        for mark in marks:
            y = GAP + mark.row * line
            side = self._small
            cv2.rectangle(self.pixels, (mark.x, y + 4), (mark.x + side, y + 4 + side), mark.colour, cv2.FILLED)
            self._text(mark.name, mark.x + side + 6, y + 4 + round(side * 0.88), self._small)

    def label(self, row: int, letter: str) -> None:
        """The letter at the left of its row."""
        size = round(self._left * 0.6)
        y = self._top + row * self._step + self._cell // 2 + round(size * 0.36)
        self._text(letter, (self._left - self._width(letter, size)) // 2, y, size)

    def place(self, row: int, column: int, pixels: Pixels, colour: Colour) -> None:
        """A picture, whole, with a border."""
        x, y = self._left + column * self._step, self._top + row * self._step
        inner = self._cell - 2 * BORDER
        scale = inner / max(pixels.shape[:2])
        size = [max(round(side * scale), 1) for side in pixels.shape[1::-1]]
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        self.pixels[y : y + self._cell, x : x + self._cell] = colour
        self.pixels[y + BORDER : y + BORDER + inner, x + BORDER : x + BORDER + inner] = BESIDE
        left, top = x + BORDER + (inner - size[0]) // 2, y + BORDER + (inner - size[1]) // 2
        self.pixels[top : top + size[1], left : left + size[0]] = small

    def _legend(self, signers: Sequence[tuple[str, Colour]], width: int) -> list[_Mark]:
        marks: list[_Mark] = []
        x, row = GAP, 0
        for name, colour in signers:
            needed = self._small + 6 + self._width(name, self._small) + 18
            if x > GAP and x + needed > width:
                x, row = GAP, row + 1
            marks.append(_Mark(name, colour, x, row))
            x += needed
        return marks

    def _text(self, text: str, x: int, baseline: int, size: int) -> None:
        self._setter.draw_over(self.pixels, Piece(text, INK), size, x, baseline)

    def _width(self, text: str, size: int) -> int:
        return round(self._setter.width(text, size))


def encode_grid(pixels: Pixels, kind: str = ".png") -> bytes:
    """BGR as the content of a picture file.

    Args:
        pixels: uint8 (H, W, 3).
        kind: ending of such a file's name.

    Raises:
        SigncapError: no picture has a name that ends like that.
    """
    try:
        good, data = cv2.imencode(kind.lower() or ".", pixels)
    except cv2.error:
        good, data = False, None
    if not good or data is None:
        raise SigncapError(f"No picture's name ends in {kind or 'nothing'}: let it end in .png or .jpg.")
    return data.tobytes()


def write_grid(path: Path, pixels: Pixels) -> None:
    """Write BGR as a picture file, whole or not at all; its kind is that of the name.

    Raises:
        SigncapError: it cannot be written, or the name is not of a picture.
    """
    data = encode_grid(pixels, path.suffix)
    try:
        write_whole(path, data, mode=None)
    except OSError as error:
        raise SigncapError(f"Cannot write {path} ({error.strerror}): choose another --output.") from error
