"""Clips in which a hand is hard to follow: nothing is written that nobody signed, and nothing that was is lost."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from overlay.captions.transcript import plain_text
from overlay.media.frame import Frame, Pixels
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.recognition.hands.detector_choice import open_detector
from overlay.synthesis.signer import Gesturing, SignerLook, SyntheticSigner

pytestmark = [pytest.mark.integration, pytest.mark.slow]

RATE = 15
SIZE = (480, 360)


def read(frames: Iterable[Pixels], hand_model: Path) -> tuple[str, int]:
    """What is read of a clip, and in how many frames a hand was seen."""
    captioner = LiveCaptioner(hand_model=hand_model)
    for number, pixels in enumerate(frames):
        captioner.accept(Frame(pixels, number, number / RATE))
    text = plain_text(captioner.finish().state)
    captioner.close()
    return text, captioner.frames_with_hand


def moments(seconds: float) -> list[float]:
    return [k / RATE for k in range(int(seconds * RATE))]


def hand_of(frame: Pixels, points: np.ndarray) -> tuple[Pixels, np.ndarray]:
    """The hand in a frame and a mask of it, to be laid over another frame."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points[:, :2]).astype(np.int32)), 255)
    return frame, np.asarray(cv2.dilate(mask, np.ones((13, 13), np.uint8)), np.uint8)


def laid_over(frame: Pixels, hand: tuple[Pixels, np.ndarray], across: float) -> Pixels:
    """A frame with a hand in it that comes from another, so far to the right of where it was."""
    matrix = np.array([[1, 0, across], [0, 1, 0]], np.float64)
    moved = cv2.warpAffine(hand[0], matrix, SIZE)
    mask = cv2.warpAffine(hand[1], matrix, SIZE)
    return np.where(mask[..., None] > 127, moved, frame).astype(np.uint8)


def test_a_hand_that_leaves_and_comes_back(hand_model: Path) -> None:
    """To the side, out of the picture and in again, between the words."""
    signer = SyntheticSigner("LOW LOW", letters_per_second=3, size=SIZE, pauses=(1.0, 0.0), tail=0.5)
    leaving = max(span.end for span in signer.letters[:3]) + 0.2
    frames = []
    for at in moments(signer.duration):
        away = np.clip(1 - abs(at - leaving - 0.6) / 0.6, 0, 1) * SIZE[0]
        matrix = np.array([[1, 0, -away], [0, 1, 0]], np.float64)
        frames.append(cv2.warpAffine(signer.render(at), matrix, SIZE, borderMode=cv2.BORDER_REPLICATE))
    assert read(frames, hand_model)[0] == "LOW LOW"


def test_two_hands_that_cross(hand_model: Path) -> None:
    """Another's open hand goes past the one that gestures, to and fro."""
    person = Gesturing(6, seed=3, size=SIZE)
    other = SyntheticSigner("B", look=SignerLook(handedness="left", skin=(74, 100, 146)), size=SIZE)
    at = (other.letters[0].start + other.letters[0].end) / 2
    points = other.landmarks(at)
    assert points is not None
    hand = hand_of(other.render(at), points)
    frames = [
        laid_over(person.render(at), hand, -float(points[:, 0].mean()) + SIZE[0] * (0.5 + 0.7 * np.sin(2.4 * at + 1)))
        for at in moments(person.duration)
    ]
    text, seen = read(frames, hand_model)
    assert seen > len(frames) / 3
    assert text == ""


@pytest.mark.parametrize("seed", [1, 4])
def test_a_face_as_large_as_a_fist_near_the_camera(hand_model: Path, seed: int) -> None:
    """It nods, comes nearer, and leans: nobody signs."""
    signer = SyntheticSigner("A", look=SignerLook.random(seed), size=(960, 720))
    still = signer.render(0.0)  # the hand is down
    frames = []
    for at in moments(4):
        zoom = 1.6 + 0.8 * np.sin(at)
        matrix = cv2.getRotationMatrix2D((480.0, 260.0), 12 * np.sin(2 * at), zoom)
        matrix[:, 2] += SIZE[0] / 2 - 480, SIZE[1] / 2 - 260 + 12 * np.sin(3 * at)
        frames.append(cv2.warpAffine(still, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE))
    text, seen = read(frames, hand_model)
    assert text == ""
    assert seen < len(frames) / 4


@pytest.mark.parametrize("size", [(16, 16), (7680, 4320)])
def test_the_smallest_and_the_largest_frames(hand_model: Path, size: tuple[int, int]) -> None:
    """In the small one there is nothing to see; in the large one the hand is found as ever."""
    signer = SyntheticSigner("L", size=(640, 360))
    at = (signer.letters[0].start + signer.letters[0].end) / 2
    frame = cv2.resize(signer.render(at), size, interpolation=cv2.INTER_AREA if size[0] < 640 else cv2.INTER_LINEAR)
    with open_detector(hand_model) as detector:
        found = [detector.find(np.asarray(frame, np.uint8), k / 10) for k in range(3)]
    if size[0] < 640:
        return
    points = signer.landmarks(at)
    assert points is not None
    assert found[-1] is not None
    palm = np.linalg.norm(points[9] - points[0]) * 12
    assert np.median(np.linalg.norm(found[-1].landmarks[:, :2] - points[:, :2] * 12, axis=1)) < 0.2 * palm
