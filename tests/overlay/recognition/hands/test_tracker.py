"""How a hand is followed, lost and found again: networks that are told what to say, then the real ones."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.recognition.hands import tracker as hand_tracker
from overlay.recognition.hands.detector_choice import ENVIRONMENT, choose_way, chosen_way, open_detector
from overlay.recognition.hands.mediapipe_hands import MediaPipeHands
from overlay.recognition.hands.palm_detector import Palm
from overlay.recognition.hands.square import HandSquare, square_of_landmarks
from overlay.recognition.hands.tracker import HandTracker, Seen, shipped_networks
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

FRAME = np.zeros((360, 640, 3), np.uint8)


def hand_at(x: float, y: float) -> np.ndarray:
    """Landmarks (21, 3) of an upright hand, its wrist there."""
    signer = SyntheticSigner("B", size=(640, 480))
    points = signer.landmarks((signer.letters[0].start + signer.letters[0].end) / 2)
    assert points is not None
    return points + np.array([x, y, 0], np.float32) - points[0]


class Told:
    """Stands for both networks: hands that are there, each with a presence, and how often each network was asked."""

    def __init__(self) -> None:
        self.hands: list[tuple[np.ndarray, float, float]] = []  # landmarks, presence, being a right one
        self.palms, self.looks = 0, 0

    def find(self, pixels: Pixels, least: float, most: int = 2) -> list[Palm]:
        self.palms += 1
        return [Palm(square_of_landmarks(points), 0.9) for points, _, _ in self.hands][:most]

    def look(self, pixels: Pixels, square: HandSquare) -> Seen:
        self.looks += 1
        for points, presence, right in self.hands:
            place = square_of_landmarks(points)
            if np.hypot(place.x - square.x, place.y - square.y) < 0.4 * square.side:
                return Seen(points, presence, right)
        return Seen(hand_at(0, 0), 0.0, 0.5)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    networks = Told()
    monkeypatch.setattr(hand_tracker, "load_networks", lambda _bundle, _folder: (networks, networks))
    return networks


def test_a_hand_that_is_followed_needs_no_palm_and_one_look(told: Told) -> None:
    told.hands = [(hand_at(200, 300), 0.99, 0.9)]
    tracker = HandTracker(Path("none"))
    assert tracker.find(FRAME, 0.0) is not None
    assert (told.palms, told.looks) == (1, 1)
    for k in range(1, 10):
        told.hands = [(hand_at(200 + 5 * k, 300), 0.99, 0.9)]
        hand = tracker.find(FRAME, k / 30)
        assert hand is not None
        np.testing.assert_array_equal(hand.landmarks, told.hands[0][0])
    assert (told.palms, told.looks) == (1, 10)


def test_a_hand_that_darts_away_is_found_in_the_same_frame(told: Told) -> None:
    tracker = HandTracker(Path("none"))
    for at, x in enumerate((200, 200, 400)):
        told.hands = [(hand_at(x, 300), 0.99, 0.9)]
        hand = tracker.find(FRAME, at / 30)
        assert hand is not None
        assert hand.landmarks[0, 0] == pytest.approx(x)
    assert told.palms == 2


def test_a_hand_that_leaves_is_no_hand_and_one_that_comes_back_is_found(told: Told) -> None:
    tracker = HandTracker(Path("none"))
    there = [(hand_at(200, 300), 0.99, 0.9)]
    found = []
    for k in range(120):
        told.hands = [] if 30 <= k < 90 else there
        found.append(tracker.find(FRAME, k / 30) is not None)
    assert all(found[:30])
    assert not any(found[30:90])
    assert all(found[93:])


def test_what_the_landmark_network_doubts_is_no_hand(told: Told) -> None:
    """A face, of which the detector thinks that it is a fist."""
    told.hands = [(hand_at(200, 200), 0.3, 0.9)]
    assert HandTracker(Path("none")).find(FRAME, 0.0) is None


def test_beside_a_face_that_looks_like_a_fist_the_hand_is_found(told: Told) -> None:
    told.hands = [(hand_at(500, 200), 0.3, 0.9), (hand_at(150, 300), 0.97, 0.9)]
    hand = HandTracker(Path("none")).find(FRAME, 0.0)
    assert hand is not None
    assert hand.landmarks[0, 0] == pytest.approx(150)


def test_another_hand_that_comes_is_not_taken_for_the_one_that_is_followed(told: Told) -> None:
    tracker = HandTracker(Path("none"))
    for k in range(30):
        told.hands = [(hand_at(450, 300), 0.99, 0.1)] if k else []
        told.hands.append((hand_at(150, 300), 0.9, 0.9))
        hand = tracker.find(FRAME, k / 30)
        assert hand is not None
        assert (hand.landmarks[0, 0], hand.handedness) == (pytest.approx(150), "right")


@pytest.mark.parametrize(("right", "side", "score"), [(0.9, "right", 0.9), (0.2, "left", 0.8)])
def test_which_hand_it_is_and_how_sure_that_is(told: Told, right: float, side: str, score: float) -> None:
    told.hands = [(hand_at(200, 300), 0.99, right)]
    hand = HandTracker(Path("none")).find(FRAME, 0.0)
    assert hand is not None
    assert (hand.handedness, hand.score) == (side, pytest.approx(score))


def test_a_picture_is_looked_at_without_what_was_before(told: Told) -> None:
    told.hands = [(hand_at(200, 300), 0.99, 0.9)]
    tracker = HandTracker(Path("none"), video=False)
    assert tracker.find(FRAME, 0.0) is not None
    assert tracker.find(FRAME, 0.0) is not None
    assert told.palms == 2


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def emptied(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(b"")


def exchanged(folder: Path) -> None:
    """The file of another network under that name."""
    shutil.copy(shipped_networks().parent / "temporal.onnx", folder / "hand.onnx")
    (folder / "hand.json").unlink()


@pytest.mark.parametrize(
    "harm",
    [
        without("hand.onnx"),
        emptied("hand.onnx"),
        without("hand.json"),
        emptied("hand.json"),
        without("palm.json"),
        emptied("palm.onnx"),
        exchanged,
    ],
    ids=[
        "gone",
        "empty",
        "weights' places gone",
        "places empty",
        "palm's gone",
        "palm's graph empty",
        "another network",
    ],
)
def test_networks_that_cannot_be_used_are_one_sentence(
    hand_model: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "hands"
    shutil.copytree(shipped_networks(), folder)
    harm(folder)
    with pytest.raises(SigncapError, match=r"install Signcap anew, or find hands with --hands mediapipe\.$"):
        HandTracker(hand_model, networks=folder)


def test_the_way_that_is_asked_for_is_taken(
    monkeypatch: pytest.MonkeyPatch, hand_model: Path, tmp_path: Path, told: Told
) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    assert chosen_way() is None
    assert isinstance(open_detector(hand_model), HandTracker)
    monkeypatch.setattr(
        "overlay.recognition.hands.mediapipe_hands.MediaPipeHands", lambda _bundle, **_: "MediaPipe's"
    )
    choose_way("mediapipe")
    assert open_detector(hand_model) == "MediaPipe's"
    monkeypatch.setenv(ENVIRONMENT, "")
    own = tmp_path / "own.task"  # other networks: MediaPipe runs those
    own.write_bytes(hand_model.read_bytes()[:-1000])
    assert open_detector(own) == "MediaPipe's"
    choose_way("signcap")
    with pytest.raises(SigncapError, match=r"own\.task is another hand model .* leave it out, or find hands with"):
        open_detector(own)
    with pytest.raises(SigncapError, match="choose signcap or mediapipe"):
        choose_way("opencv")
    monkeypatch.setenv(ENVIRONMENT, "opencv")
    with pytest.raises(SigncapError, match="SIGNCAP_HANDS is opencv"):
        open_detector(hand_model)


@pytest.mark.integration
@pytest.mark.parametrize("size", [(16, 16), (2, 500), (7680, 4320)])
def test_frames_of_any_size(hand_model: Path, size: tuple[int, int]) -> None:
    grey = np.full((size[1], size[0], 3), 110, np.uint8)
    with HandTracker(hand_model) as tracker:
        assert [tracker.find(grey, k / 10) for k in range(3)] == [None] * 3


def test_a_hand_far_off_the_middle_is_looked_at_again_where_it_is(told: Told) -> None:
    """One that moves fast: what was seen at the edge of the square is worse."""
    tracker = HandTracker(Path("none"))
    for at, (x, looks) in enumerate(((200, 1), (210, 2), (300, 4), (305, 5))):
        told.hands = [(hand_at(x, 300), 0.99, 0.9)]
        hand = tracker.find(FRAME, at / 30)
        assert hand is not None
        assert told.looks == looks
    assert told.palms == 1


def test_a_followed_hand_that_seems_to_change_sides_is_found_anew(told: Told) -> None:
    """It turned too fast: thumb and little finger were taken for each other, and would be for a third of a second."""
    tracker = HandTracker(Path("none"))
    for at, (right, palms) in enumerate(((0.9, 1), (0.8, 1), (0.2, 2), (0.1, 2), (0.7, 3))):
        told.hands = [(hand_at(200, 300), 0.99, right)]
        hand = tracker.find(FRAME, at / 30)
        assert hand is not None
        assert told.palms == palms


def test_a_hand_that_seems_to_change_sides_where_no_palm_is_found_stays(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = HandTracker(Path("none"))
    told.hands = [(hand_at(200, 300), 0.99, 0.9)]
    assert tracker.find(FRAME, 0.0) is not None
    monkeypatch.setattr(told, "find", lambda *_: [])
    told.hands = [(hand_at(205, 300), 0.99, 0.2)]
    hand = tracker.find(FRAME, 1 / 30)
    assert hand is not None
    assert hand.handedness == "left"


@pytest.mark.integration
def test_it_gives_what_mediapipe_gives(hand_model: Path) -> None:
    """The package stays the measure: landmarks, and when there is a hand."""
    signer = SyntheticSigner("SIGNCAP", letters_per_second=3, size=(640, 360))
    apart: list[float] = []
    with HandTracker(hand_model) as ours, MediaPipeHands(hand_model) as theirs:
        for at in np.arange(signer.letters[0].start, signer.letters[-1].end, 1 / 15).tolist():
            frame = signer.render(at)
            hand, wanted = ours.find(frame, at), theirs.find(frame, at)
            assert hand is not None
            if wanted is None:
                continue
            palm = float(np.linalg.norm(wanted.landmarks[9] - wanted.landmarks[0]))
            apart.append(float(np.median(np.linalg.norm((hand.landmarks - wanted.landmarks)[:, :2], axis=1))) / palm)
            assert hand.handedness == wanted.handedness == "right"
    assert np.median(apart) < 0.06
