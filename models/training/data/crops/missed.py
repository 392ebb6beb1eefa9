"""What cropping did not find: one page that can be opened anywhere, pictures included, and figures by signer."""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from models.training.data.crops.cropping import Cropped
from models.training.data.tree import Entry
from overlay.core.files.atomic_text import write_text
from overlay.media.images import read_picture

REPORT: Final = "missed.html"
MOST: Final = 600  # thumbnails: about four megabytes
THUMBNAIL: Final = 120  # longest side in pixels


@dataclass
class Count:
    """Pictures of one signer, or of all."""

    pictures: int = 0
    found: int = 0
    no_hand: int = 0
    unreadable: int = 0

    @property
    def share(self) -> float:
        """Of the pictures, those with a hand found."""
        return self.found / max(self.pictures, 1)


def count_crops(cropped: Cropped) -> tuple[dict[str, Count], Count]:
    """Figures by signer, and of all."""
    signers: dict[str, Count] = {}
    everyone = Count()
    for entry, crop in cropped.crops.items():
        for count in (signers.setdefault(entry.signer, Count()), everyone):
            count.pictures += 1
            count.found += crop.found
            count.no_hand += crop.why == "no hand"
            count.unreadable += crop.why == "unreadable"
    return signers, everyone


def write_missed(path: Path, source: Path, cropped: Cropped, *, most: int = MOST) -> None:
    """Write the page.

    Args:
        path: of the page.
        source: the tree of pictures.
        cropped: what became of them.
        most: thumbnails on the page; of more missed pictures an even choice is shown, and all are counted.

    Raises:
        SigncapError: it cannot be written.
    """
    signers, everyone = count_crops(cropped)
    missed = [entry for entry, crop in cropped.crops.items() if crop.why == "no hand"]
    step = max(len(missed) / max(most, 1), 1.0)
    shown = [missed[int(index * step)] for index in range(min(len(missed), most))]
    environment = Environment(
        loader=PackageLoader("models", "templates"), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    page = environment.get_template("missed.html").render(
        signers=signers,
        everyone=everyone,
        groups=_groups(source, missed, shown),
        missed=len(missed),
        shown=len(shown),
        unreadable=[entry.path for entry, crop in cropped.crops.items() if crop.why == "unreadable"],
    )
    write_text(path, page.encode("utf-8", "replace").decode())  # a file name may be no Unicode


def _groups(source: Path, missed: Sequence[Entry], shown: Sequence[Entry]) -> list[dict[str, Any]]:
    counts = Counter((entry.signer, entry.letter) for entry in missed)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in shown:
        key = entry.signer, entry.letter
        group = groups.setdefault(
            key, {"signer": entry.signer, "letter": entry.letter, "missed": counts[key], "pictures": []}
        )
        group["pictures"].append({"path": entry.path, "data": _thumbnail(source / entry.path)})
    return list(groups.values())


def _thumbnail(path: Path) -> str:
    """A data: URI."""
    pixels = read_picture(path)
    if pixels is None:  # gone or changed meanwhile
        pixels = np.zeros((THUMBNAIL, THUMBNAIL, 3), np.uint8)
    scale = THUMBNAIL / max(pixels.shape[:2])
    size = [max(round(side * scale), 1) for side in pixels.shape[1::-1]]
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
