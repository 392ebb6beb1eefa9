"""Google's public data of running fingerspelling ("ASL Fingerspelling Recognition" on Kaggle), phrase by phrase.

`train.csv` lists phrases: `path` of the Parquet file with its landmarks, `sequence_id` in there, `participant_id` of
the signer and `phrase`. The file has a row for each frame of each of its phrases: `sequence_id`, `frame` and 1,629
columns of MediaPipe's Holistic, of which those of the hands are used: `x_right_hand_0` to `z_left_hand_20`.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.recognition.landmark_file import mirrored
from overlay.recognition.letter_model import LETTERS

INDEX: Final = "train.csv"
FIELDS: Final = ("path", "sequence_id", "participant_id", "phrase")
HANDS: Final = ("right", "left")  # the first one where both are seen equally often
POINTS: Final = 21
LONGEST: Final = 36_000  # frames from a phrase's first to its last; more cannot be one phrase

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the list.

    Attributes:
        path: of its Parquet file, relative to the folder.
        sequence: its number in there.
        signer: who spelled it.
        text: what was spelled: A to Z, and single spaces between words.
    """

    path: str
    sequence: int
    signer: str
    text: str


@dataclass(frozen=True)
class Chosen:
    """The phrases that can be imported.

    Attributes:
        phrases: those of one file after one another.
        listed: how many phrases of these signers are listed.
        characters: in how many of those each character occurs that is neither a letter nor a space.
    """

    phrases: tuple[Phrase, ...]
    listed: int
    characters: Counter[str]

    @property
    def digest(self) -> str:
        """Differs where the phrases differ."""
        told = "\n".join(f"{one.path}\t{one.sequence}\t{one.signer}\t{one.text}" for one in self.phrases)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Spelling:
    """The hand that spelled a phrase.

    Attributes:
        landmarks: float32 (T, 21, 3) in fractions of the picture, of a right hand; a left one is mirrored. NaN in
            frames in which it was not seen.
        left: it is a left hand.
        seen: in how many frames it was seen.
    """

    landmarks: Floats
    left: bool
    seen: int


def choose_phrases(
    folder: Path,
    index: str = INDEX,
    *,
    leave_out: bool = False,
    signers: Collection[str] = (),
    without: Collection[str] = (),
) -> Chosen:
    """Read the list of phrases and choose from it.

    Args:
        folder: of the data.
        index: name of the list in it.
        leave_out: take characters that are no letters out of a phrase, rather than skip the phrase.
        signers: only these; all where there are none.
        without: none of these.

    Raises:
        SigncapError: the list cannot be read, or nothing in it can be imported.
    """
    rows = _read_index(folder / index)
    known = {row["participant_id"] for row in rows}
    if unknown := sorted({*signers, *without} - known):
        raise SigncapError(f"{folder / index} knows no signer {unknown[0]}: see its column participant_id.")
    rows = [row for row in rows if (not signers or row["participant_id"] in signers)]
    rows = [row for row in rows if row["participant_id"] not in without]
    characters: Counter[str] = Counter()
    phrases = []
    for row in rows:
        text = row["phrase"].upper()
        others = sorted({character for character in text if character not in LETTERS and not character.isspace()})
        characters.update(others)
        text = " ".join("".join(character for character in text if character not in others).split())
        if text and (leave_out or not others):
            phrases.append(Phrase(row["path"], int(row["sequence_id"]), row["participant_id"], text))
    if not phrases:
        raise SigncapError(
            f"No phrase of {folder / index} can be imported: choose other signers, or --others leave-out."
        )
    places = {path: place for place, path in enumerate(dict.fromkeys(phrase.path for phrase in phrases))}
    return Chosen(tuple(sorted(phrases, key=lambda phrase: places[phrase.path])), len(rows), characters)


def read_spellings(path: Path, sequences: Collection[int]) -> dict[int, Spelling]:
    """Read the dominant hand of each of these phrases from a Parquet file; those that are not in it are left out.

    The dominant hand is the one that is seen in more frames. Frames that the file skips have no hand.

    Raises:
        SigncapError: the file is damaged or of another kind.
    """
    import pyarrow as arrow
    from pyarrow import parquet

    names = ["sequence_id", "frame"]
    names += [f"{axis}_{hand}_hand_{k}" for hand in HANDS for k in range(POINTS) for axis in "xyz"]
    try:
        present = set(parquet.read_schema(path).names)
        missing = [name for name in names if name not in present]
        table = parquet.read_table(path, columns=names) if not missing else None
    except (OSError, arrow.ArrowException) as error:
        raise SigncapError(f"{path} cannot be read as a Parquet file: download it again.") from error
    if table is None:
        raise SigncapError(f"{path} has no column {missing[0]}: it is not of this data.")
    numbers, frames = (_column(table, name).astype(np.int64) for name in names[:2])
    rows = np.lexsort((frames, numbers))
    rows = rows[np.isin(numbers[rows], list(sequences))]
    numbers, frames = numbers[rows], frames[rows]
    hands = []
    for hand in HANDS:
        columns = [f"{axis}_{hand}_hand_{k}" for k in range(POINTS) for axis in "xyz"]
        points = np.empty((len(rows), len(columns)), np.float32)
        for place, name in enumerate(columns):
            points[:, place] = _column(table, name)[rows]
        points[~np.isfinite(points).all(1)] = np.nan
        hands.append(points.reshape(-1, POINTS, 3))
    found, starts = np.unique(numbers, return_index=True)
    ends = [*starts[1:], len(numbers)]
    return {
        int(number): _spelling(frames[start:end], hands[0][start:end], hands[1][start:end])
        for number, start, end in zip(found, starts, ends, strict=True)
    }


def _spelling(frames: NDArray[np.int64], right: Floats, left: Floats) -> Spelling:
    seen = [int(np.isfinite(points[:, 0, 0]).sum()) for points in (right, left)]
    is_left = seen[1] > seen[0]
    count = int(frames[-1] - frames[0]) + 1
    if count > LONGEST:
        return Spelling(np.empty((0, POINTS, 3), np.float32), is_left, 0)
    landmarks = np.full((count, POINTS, 3), np.nan, np.float32)
    landmarks[frames - frames[0]] = mirrored(left) if is_left else right
    return Spelling(landmarks, is_left, max(seen))


def _column(table: Any, name: str) -> NDArray[Any]:
    values: NDArray[Any] = table.column(name).to_numpy()
    return values


def _read_index(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise SigncapError(f"There is no {path}: name the folder that the data was unpacked into.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SigncapError(f"{path} cannot be read as a list of phrases: download it again.") from error
    if not rows or any(row.get(field) is None for row in rows for field in FIELDS) or not _numbered(rows):
        raise SigncapError(f"{path} should have the columns {', '.join(FIELDS)}: it is not of this data.")
    return rows


def _numbered(rows: list[dict[str, str]]) -> bool:
    return all(row["sequence_id"].lstrip("-").isdecimal() for row in rows)


def by_file(phrases: Collection[Phrase]) -> Iterator[tuple[str, list[Phrase]]]:
    """Give each file with its phrases, in their order."""
    groups: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        groups.setdefault(phrase.path, []).append(phrase)
    yield from groups.items()
