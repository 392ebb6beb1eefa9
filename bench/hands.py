"""What finding the hand costs: MediaPipe's own call and Signcap's tracker, by turns in one run.

python bench/hands.py [--frames 300] [--json OUT]

Both follow the same hand of the synthetic signer, who spells, through the same frames: that is a tracked frame. For a
hand that is found anew, both are shown an empty picture before each frame, which is not counted. Counted is processor
time, of all threads of this process, as a median; OpenCV has one thread. The ratios in --json are those at 640x360.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.console import ready_hand_model
from overlay.recognition.hands.mediapipe_hands import MediaPipeHands
from overlay.recognition.hands.tracker import HandTracker
from overlay.synthesis.signer import SyntheticSigner

SIZES = ((640, 360), (1280, 720))
RATE = 30
EMPTY = np.full((64, 64, 3), 110, np.uint8)
WARM = 20  # calls before those that count


def pictures(size: tuple[int, int], count: int) -> list[NDArray[np.uint8]]:
    """Frames of a signer who spells, with the hand up in each."""
    signer = SyntheticSigner("HELLOWORLDTHISISQUICKJAZZ", size=size)
    start, end = signer.letters[0].start, signer.letters[-1].end
    moments = start + np.arange(count) / RATE % (end - start)
    return [np.asarray(signer.render(float(at)), np.uint8) for at in moments]


def milliseconds(
    frames: list[NDArray[np.uint8]], detectors: dict[str, MediaPipeHands | HandTracker], *, anew: bool
) -> dict[str, float]:
    """Median processor milliseconds of a call, of each way."""
    taken: dict[str, list[float]] = {way: [] for way in detectors}
    found = dict.fromkeys(detectors, 0)
    for number, frame in enumerate(frames):
        for way, detector in detectors.items():
            at = number / RATE
            if anew:
                detector._look(EMPTY, at, None)  # only the frame as it is, without views of it by turns
            began = time.process_time()
            hand = detector._look(frame, at + 0.01, None)
            taken[way].append((time.process_time() - began) * 1000)
            found[way] += hand is not None
    for way, count in found.items():
        if count < 0.9 * len(frames):
            raise SystemExit(f"{way} found the hand in {count} of {len(frames)} frames: nothing to compare.")
    return {way: float(np.median(times[WARM:])) for way, times in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--json", type=Path, dest="out")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    bundle = ready_hand_model(None)
    ratios: dict[str, float] = {}
    print("| picture | hand | MediaPipe's call, ms | Signcap's, ms | ratio |\n|---|---|---|---|---|")
    for size in SIZES:
        frames = pictures(size, given.frames)
        for anew in (False, True):
            detectors = {"mediapipe": MediaPipeHands(bundle), "signcap": HandTracker(bundle)}
            times = milliseconds(frames[: len(frames) // (3 if anew else 1)], detectors, anew=anew)
            for detector in detectors.values():
                detector.close()
            ratio = times["signcap"] / times["mediapipe"]
            ratios.setdefault("new" if anew else "tracked", ratio)
            kind = "found anew" if anew else "tracked"
            print(
                f"| {size[0]}x{size[1]} | {kind} | {times['mediapipe']:.2f} | {times['signcap']:.2f} | {ratio:.2f} |"
            )
    if given.out is not None:
        given.out.write_text(json.dumps(ratios) + "\n")


if __name__ == "__main__":
    main()
