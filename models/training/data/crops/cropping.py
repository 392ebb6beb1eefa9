"""Cutting the hands out of a tree of pictures, just as the live path does, into a tree of crops."""

import contextlib
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import cv2

from models.console import progress_bar
from models.training.data.crops.journal import Crop, Journal, Stamp, cannot_write, read_crops
from models.training.data.tree import Entry, read_tree
from overlay.core.errors import SigncapError
from overlay.core.files.atomic import make_private_folder, replacing, write_whole
from overlay.core.process.native_output import silence_opencv
from overlay.core.process.parallel import in_parallel
from overlay.media.frame import Pixels
from overlay.media.images import read_picture
from overlay.recognition.crop import MARGIN, cut_hand, normalise_landmarks
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.hands.photograph import SMALLEST, find_hand_in_picture

__all__ = ["Crop", "Cropped", "crop_tree", "read_crops"]

SIZE: Final = 224
QUALITY: Final = 95  # of the JPEG files
TAKE: Final = "take.json"  # what the collecting page notes of a take; goes along


@dataclass(frozen=True)
class Cropped:
    """What became of all pictures of a tree.

    Attributes:
        crops: by the entries of the tree.
        new: how many were looked at this time.
        orphans: crops in the folder whose pictures are not in the tree (any more).
    """

    crops: dict[Entry, Crop]
    new: int
    orphans: int


def crop_tree(source: Path, target: Path, *, hand_model: Path, size: int = SIZE, jobs: int = 1) -> Cropped:
    """Crop every picture of `source` that is not yet cropped in `target`.

    Args:
        source: the tree of pictures.
        target: a folder of its own; the same tree of crops comes to lie in it, with the journal `crops.jsonl`.
        hand_model: MediaPipe's bundle.
        size: side of the crops in pixels.
        jobs: how many processes.

    Raises:
        SigncapError: the folders will not do, the disk is full, or another program crops into `target`. What is
            done stays, and is not done again.
    """
    _check_apart(source, target)
    entries = read_tree(source)
    try:
        make_private_folder(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    with Journal(target) as journal:
        known = {crop.source: crop for crop in read_crops(target).values()}
        _check_size(known.values(), size, target)
        names = _names(entries, known)
        done: dict[Entry, Crop] = {}
        waiting: list[Entry] = []
        for entry in entries:
            crop = known.get(entry.path)
            if crop is not None and _is_done(crop, source, target):
                done[entry] = crop
            else:
                waiting.append(entry)
        tasks = [_Task(str(source), str(target), entry.path, names[entry.path], size) for entry in waiting]
        with (
            progress_bar() as bar,
            contextlib.closing(in_parallel(partial(_Cropper, hand_model), tasks, jobs)) as made,
        ):
            shown = bar.add_task("cropping", total=len(entries), completed=len(done))
            for number, crop in made:
                journal.add(crop)
                done[waiting[number]] = crop
                bar.advance(shown)
        _copy_takes(source, target)
    return Cropped({entry: done[entry] for entry in entries}, len(waiting), len(known.keys() - names.keys()))


@dataclass(frozen=True, slots=True)
class _Task:
    source: str
    target: str
    path: str
    name: str
    size: int


class _Cropper:
    """Crops one picture after the other, in a process of its own."""

    def __init__(self, hand_model: Path) -> None:
        silence_opencv()
        self._finder = open_detector(hand_model, video=False)

    def __call__(self, task: _Task) -> Crop:
        picture, name = Path(task.source, task.path), Path(task.target, task.name)
        try:
            stamp = _stamp(picture)
            pixels = read_picture(picture)
        except OSError:
            stamp, pixels = (0, 0), None
        found = None if pixels is None else find_hand_in_picture(self._finder, pixels)
        try:
            if pixels is None or found is None:
                name.unlink(missing_ok=True)  # of a picture that has been changed since
                return Crop(task.name, task.path, stamp, task.size, "unreadable" if pixels is None else "no hand")
            enlarged, hand = found
            _write_picture(name, cut_hand(enlarged, hand.landmarks, mirror=False, size=task.size))
        except OSError as error:
            raise cannot_write(name, error) from error
        landmarks = normalise_landmarks(hand.landmarks, mirror=False)
        box = _box_in_picture(pixels, hand)
        return Crop(task.name, task.path, stamp, task.size, None, hand.handedness, hand.score, box, landmarks)


def _write_picture(path: Path, pixels: Pixels) -> None:
    """Write RGB as a JPEG file, whole or not at all."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    make_private_folder(path.parent)
    part = path.with_name(f".{path.name}.part")  # one left by a kill is written over when the picture is done again
    write_whole(path, data.tobytes(), mode=None, part=part)


def _box_in_picture(pixels: Pixels, hand: Hand) -> tuple[float, float, float]:
    """Middle and side of the crop, before `find_hand_in_picture` enlarged the picture."""
    scale = max(SMALLEST / max(pixels.shape[:2]), 1.0)
    low, high = hand.landmarks[:, :2].min(0), hand.landmarks[:, :2].max(0)
    x, y = (low + high) / 2 / scale
    return float(x), float(y), float((high - low).max()) * MARGIN / scale


def _check_apart(source: Path, target: Path) -> None:
    here, there = source.resolve(), target.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise SigncapError(
            f"The crops need a folder of their own, neither in {source} nor around it: {target} is not."
        )


def _check_size(crops: Iterable[Crop], size: int, target: Path) -> None:
    for crop in crops:
        if crop.found and crop.size != size:
            raise SigncapError(
                f"{target} holds crops of {crop.size}×{crop.size}: leave --size out or give {crop.size}, "
                "or choose another folder."
            )


def _names(entries: Sequence[Entry], known: dict[str, Crop]) -> dict[str, str]:
    """Path of each picture's crop, by the picture's path: the same, with .jpg; a.jpg.jpg where a.png is a.jpg."""
    taken = {crop.path: crop.source for crop in known.values()}
    names = {}
    for entry in entries:
        name = (
            known[entry.path].path
            if entry.path in known
            else PurePosixPath(entry.path).with_suffix(".jpg").as_posix()
        )
        if taken.get(name, entry.path) != entry.path:
            name = f"{entry.path}.jpg"
        while taken.get(name, entry.path) != entry.path:
            name += ".jpg"
        taken[name] = entry.path
        names[entry.path] = name
    return names


def _is_done(crop: Crop, source: Path, target: Path) -> bool:
    """The picture is what it was, and its crop is there if there was one."""
    try:
        return _stamp(source / crop.source) == crop.stamp and (not crop.found or (target / crop.path).is_file())
    except OSError:
        return False


def _stamp(path: Path) -> Stamp:
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def _copy_takes(source: Path, target: Path) -> None:
    """The notes of takes go where crops of the take are."""
    for path in source.rglob(TAKE):
        copy = target / path.relative_to(source)
        if not copy.parent.is_dir():
            continue
        try:
            with replacing(copy, mode=None, part=copy.with_name(f".{TAKE}.part")) as part:
                shutil.copyfile(path, part)
        except OSError as error:
            raise cannot_write(copy, error) from error
