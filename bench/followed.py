"""Real pictures of letters as video, panned, turned and zoomed: read with Signcap's tracker and with MediaPipe's.

python bench/followed.py PICTURES [--each 2] [--seconds 1.2] [--jobs 2] [--json OUT]

Each picture is held before a camera that moves, 30 frames a second, 640x360, with its edge repeated around it; a
moment with nothing before and after it. A letter is right where the captions got just that letter. Printed by person,
with how far two readings of so many pictures differ by chance: twice the standard error of the difference, from the
pictures that one way read right and the other wrong (McNemar, 1947).
"""

import argparse
import contextlib
import json
import math
from collections import defaultdict
from functools import partial
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.console import progress_bar, ready_hand_model
from models.evaluation.silence.camera_noise import grainy
from models.training.data.tree import PICTURES, Entry, read_tree
from overlay.core.process.native_output import silence_opencv
from overlay.core.process.parallel import in_parallel
from overlay.media.frame import Frame
from overlay.media.images import read_picture
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.recognition.hands.detector_choice import choose_way

SIZE = (640, 360)
RATE = 30
REST = 1.3  # seconds with nothing, in which a letter ends
WAYS = ("mediapipe", "signcap")


def moving(picture: NDArray[np.uint8], seconds: float, seed: int) -> list[NDArray[np.uint8]]:
    """Frames of a camera that pans, turns and zooms."""
    rng = np.random.default_rng(seed)
    phases, paces = rng.uniform(0, 2 * np.pi, 4), rng.uniform(2, 5, 4)
    height, width = picture.shape[:2]
    frames = []
    for number in range(round(seconds * RATE)):
        across, down, turn, near = np.sin(phases + paces * number / RATE).tolist()
        scale = SIZE[1] / height * (0.85 + 0.1 * near)
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 10 * turn, scale)
        matrix[:, 2] += SIZE[0] / 2 - width / 2 + 60 * across, SIZE[1] / 2 - height / 2 + 15 * down
        frame = cv2.warpAffine(picture, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        frames.append(grainy(np.asarray(frame, np.uint8), seed, number / RATE))
    return frames


class Watcher:
    """Reads one picture after the other, in a process of its own, in both ways."""

    def __init__(self, folder: Path, hand_model: Path, seconds: float) -> None:
        silence_opencv()
        cv2.setNumThreads(1)
        self._folder, self._seconds = folder, seconds
        self._captioners = {}
        for way in WAYS:
            choose_way(way)
            self._captioners[way] = LiveCaptioner(hand_model=hand_model)
        self._count, self._at = 0, 0.0

    def __call__(self, entry: Entry) -> dict[str, tuple[str, float]]:
        """What was read, and in which part of the frames a hand was found, by way."""
        picture = read_picture(self._folder / entry.path)
        assert picture is not None
        frames = moving(picture, self._seconds, self._count)
        nothing = [np.full((SIZE[1], SIZE[0], 3), 110, np.uint8)] * round(REST * RATE)
        answers = {}
        began = self._at
        for way, captioner in self._captioners.items():
            text, before = "", captioner.frames_with_hand
            for number, pixels in enumerate(frames + nothing):
                reading = captioner.accept(Frame(pixels, self._count * 1000 + number, began + number / RATE))
                text += "".join(letter.text for letter in reading.letters)
            answers[way] = text, (captioner.frames_with_hand - before) / len(frames)
        self._count += 1
        self._at = began + len(frames + nothing) / RATE
        return answers


def chosen(folder: Path, each: int) -> list[Entry]:
    """So many pictures of each letter of each person, J and Z left out."""
    entries = sorted(
        (entry for entry in read_tree(folder, PICTURES) if entry.letter not in "JZ"),
        key=lambda entry: (entry.signer, entry.letter, entry.path),
    )
    picked: list[Entry] = []
    for _, group in groupby(entries, key=lambda entry: (entry.signer, entry.letter)):
        alike = list(group)
        picked += [alike[k] for k in np.unique(np.linspace(0, len(alike) - 1, each).astype(int))]
    return picked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.2)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, dest="out")
    given = parser.parse_args()
    entries = chosen(given.pictures, given.each)
    answers: dict[int, dict[str, tuple[str, float]]] = {}
    made = in_parallel(partial(Watcher, given.pictures, ready_hand_model(None), given.seconds), entries, given.jobs)
    with progress_bar() as bar, contextlib.closing(made):
        shown = bar.add_task("watching", total=len(entries))
        for number, answer in made:
            answers[number] = answer
            bar.advance(shown)
    right: dict[str, dict[str, list[bool]]] = {way: defaultdict(list) for way in WAYS}
    seen: dict[str, list[float]] = {way: [] for way in WAYS}
    for number, entry in enumerate(entries):
        for way in WAYS:
            text, share = answers[number][way]
            right[way][entry.signer].append(text == entry.letter)
            seen[way].append(share)
    print("| person | pictures | MediaPipe | Signcap |\n|---|---|---|---|")
    figures: dict[str, dict[str, float]] = {}
    for way in WAYS:
        by_person = {person: float(np.mean(ones)) for person, ones in right[way].items()}
        figures[way] = {"mean": float(np.mean(list(by_person.values()))), "worst": min(by_person.values())}
        figures[way]["frames_with_hand"] = float(np.mean(seen[way]))
    for person, ones in right["mediapipe"].items():
        theirs, ours = (100 * float(np.mean(right[way][person])) for way in WAYS)
        print(f"| {person} | {len(ones)} | {theirs:.1f} % | {ours:.1f} % |")
    for name, key in (
        ("**mean of the people**", "mean"),
        ("**worst**", "worst"),
        ("frames with a hand", "frames_with_hand"),
    ):
        theirs, ours = (100 * figures[way][key] for way in WAYS)
        print(f"| {name} | {len(entries)} | {theirs:.1f} % | {ours:.1f} % |")
    pairs = [pair for person in right["signcap"] for pair in zip(*(right[way][person] for way in WAYS), strict=True)]
    only_theirs, only_ours = (sum(pair == wanted for pair in pairs) for wanted in ((True, False), (False, True)))
    chance = 200 * math.sqrt(only_theirs + only_ours) / len(pairs)
    print(f"\nRead right by MediaPipe's way alone: {only_theirs}, by Signcap's alone: {only_ours}.")
    print(f"By chance, the two differ by up to {chance:.1f} points.")
    if given.out is not None:
        given.out.write_text(json.dumps(figures | {"chance": chance / 100}, indent=2) + "\n")


if __name__ == "__main__":
    main()
