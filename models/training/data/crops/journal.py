"""The journal of cropping: `crops.jsonl` in the folder of crops says of every picture what became of it."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.core.files.atomic_text import lock
from overlay.core.files.strict_json import parse_json
from overlay.recognition.hands.hand_detector import Handedness

JOURNAL: Final = "crops.jsonl"
Why = Literal["no hand", "unreadable"]
Stamp = tuple[int, int]  # bytes and nanoseconds of the last change: another stamp is another picture


@dataclass(frozen=True)
class Crop:
    """What became of one picture.

    Attributes:
        path: of the crop, relative to the folder of crops, with forward slashes.
        source: of the picture, relative to the folder of pictures.
        stamp: of the picture when it was looked at.
        size: side of the crop in pixels.
        why: why there is no crop; None where there is one.
        hand: which hand MediaPipe takes it for; None where there is no crop, as with what follows.
        score: confidence of that, 0 to 1.
        box: middle (x, y) and side of the square that was cut out, in pixels of the picture; it may stick out of it.
        landmarks: float32 (21, 3) in the crop's own coordinates (`overlay.recognition.crop.normalise_landmarks`), not
            mirrored.
    """

    path: str
    source: str
    stamp: Stamp
    size: int
    why: Why | None
    hand: Handedness | None = None
    score: float = 0.0
    box: tuple[float, float, float] | None = None
    landmarks: NDArray[np.float32] | None = None

    @property
    def found(self) -> bool:
        """There is a crop."""
        return self.why is None

    def line(self) -> str:
        """One line of the journal, without its end."""
        landmarks = None
        if self.landmarks is not None:
            landmarks = [[round(float(value), 4) for value in point] for point in self.landmarks]
        return json.dumps(
            {
                "path": self.path,
                "source": self.source,
                "stamp": self.stamp,
                "size": self.size,
                "found": self.found,
                "why": self.why,
                "hand": self.hand,
                "score": round(self.score, 4),
                "box": None if self.box is None else [round(value, 2) for value in self.box],
                "landmarks": landmarks,
            },
            separators=(",", ":"),
        )


def read_crops(folder: Path) -> dict[str, Crop]:
    """What became of every picture, by the crop's path; also of those without a crop (`Crop.found` is false).

    A last line that was cut off is left out; empty where nothing was cropped into this folder.

    Raises:
        SigncapError: the journal cannot be read, or was changed.
    """
    path = folder / JOURNAL
    crops: dict[str, Crop] = {}
    try:
        whole, _, _ = path.read_bytes().rpartition(b"\n")
        for line in whole.splitlines():
            crop = _parse(parse_json(line))
            crops[crop.path] = crop  # a picture that was done again counts as it came out last
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SigncapError(f"{path} cannot be read ({error.strerror}): check its access rights.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SigncapError(
            f"{path} is damaged ({error}): remove it and run `signcap crop` again, which does all pictures anew."
        ) from error
    return crops


class Journal:
    """Appends to the journal of a folder; no two programs can at once.

    Raises:
        SigncapError: it cannot be written, or another program writes it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        try:
            self._file: IO[bytes] = self._path.open("ab+")
            lock(self._file, f"Another `signcap crop` is writing to {folder}: wait for it, or end it.")
            self._file.seek(0)
            whole = self._file.read().rfind(b"\n") + 1
            self._file.truncate(whole)  # a line that was cut off would spoil the next one
        except OSError as error:
            raise self._failed(error) from error

    def add(self, crop: Crop) -> None:
        """Note what became of a picture; after it no kill of the program can lose it."""
        try:
            self._file.write(crop.line().encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(OSError):  # a line that found no room; without its end it does not count
            self._file.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _failed(self, error: OSError) -> SigncapError:
        return cannot_write(self._path, error)


def cannot_write(path: Path, error: OSError) -> SigncapError:
    """One sentence for a disk that is full, or cannot be written."""
    return SigncapError(
        f"Cannot write {path} ({error.strerror}): make room or mend that, then run the same again; "
        "it goes on where it stopped, what is done stays."
    )


def _parse(line: Any) -> Crop:
    landmarks, box = line["landmarks"], line["box"]
    return Crop(
        path=str(line["path"]),
        source=str(line["source"]),
        stamp=(int(line["stamp"][0]), int(line["stamp"][1])),
        size=int(line["size"]),
        why=line["why"],
        hand=line["hand"],
        score=float(line["score"]),
        box=None if box is None else (float(box[0]), float(box[1]), float(box[2])),
        landmarks=None if landmarks is None else np.array(landmarks, np.float32).reshape(21, 3),
    )
