import string
from itertools import pairwise

import numpy as np
import pytest

from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.unit

STILL = SignerLook(wobble=0.0)


def test_every_letter_is_made_in_order() -> None:
    signer = SyntheticSigner("the quick brown fox jumps over the lazy dog")
    assert "".join(span.letter for span in signer.letters) == "THEQUICKBROWNFOXJUMPSOVERTHELAZYDOG"
    ends = [0.0]
    for letter, start, end in signer.letters:
        assert start > ends[-1]
        assert end > start
        assert signer.label((start + end) / 2) == letter
        ends.append(end)
    assert signer.duration > ends[-1] + 1.0


@pytest.mark.parametrize("speed", [1.0, 2.0, 3.0, 5.0, 8.0])
def test_a_letter_takes_its_share_of_the_speed(speed: float) -> None:
    spans = SyntheticSigner("ABC", letters_per_second=speed).letters
    assert spans[1].start - spans[0].start == pytest.approx(1 / speed)
    for span in spans:
        assert 0.5 / speed < span.end - span.start < 0.7 / speed


@pytest.mark.parametrize("letter", ["J", "Z"])
@pytest.mark.parametrize("speed", [2.0, 3.0, 8.0])
def test_strokes_take_their_time(letter: str, speed: float) -> None:
    (span,) = SyntheticSigner(letter, letters_per_second=speed).letters
    assert 0.3 < span.end - span.start < 1.0


def test_there_is_no_label_on_the_way_between_letters() -> None:
    signer = SyntheticSigner("AB C")
    a, b, c = signer.letters
    for before, after in ((a, b), (b, c)):
        for part in (0.05, 0.5, 0.95):
            assert signer.label(before.end + (after.start - before.end) * part) is None
    assert signer.label(0.0) is None
    assert signer.label(c.end + 0.01) is None
    assert signer.label(-1.0) is None


def test_a_word_gap_is_longer_than_any_pause_within_a_word() -> None:
    signer = SyntheticSigner("BALL A", letters_per_second=2.0)
    pauses = [b.start - a.end for a, b in pairwise(signer.letters)]
    assert 0.7 <= pauses[-1] <= 0.95
    assert max(pauses[:-1]) < 0.5 * pauses[-1]


def _middle(signer: SyntheticSigner, t: float) -> np.ndarray:
    landmarks = signer.landmarks(t)
    assert landmarks is not None
    return landmarks[[0, 5, 9, 13, 17], :2].mean(axis=0)


@pytest.mark.parametrize(("handedness", "outwards"), [("right", -1), ("left", 1)])
def test_a_double_letter_is_two_runs_with_a_slide_outwards(handedness: str, outwards: int) -> None:
    look = SignerLook(wobble=0.0, handedness="left" if handedness == "left" else "right")
    signer = SyntheticSigner("ALLO", look=look)
    _, first, second, _ = signer.letters
    assert first.letter == second.letter == "L"
    assert second.start - first.end == pytest.approx(0.2, abs=0.05)
    assert signer.label((first.end + second.start) / 2) is None
    palm = 0.165 * 720
    across, down = _middle(signer, second.start) - _middle(signer, first.end)
    assert 0.5 <= outwards * across / palm <= 0.85
    assert abs(down) < 0.1 * palm
    # The handshape is kept on the way.
    shapes = []
    for t in (first.end, (first.end + second.start) / 2, second.start):
        landmarks = signer.landmarks(t)
        assert landmarks is not None
        shapes.append(landmarks[:, :2] - landmarks[0, :2])
    np.testing.assert_allclose(shapes[1], shapes[0], atol=1.0)
    np.testing.assert_allclose(shapes[2], shapes[0], atol=1.0)


def test_the_hand_comes_back_after_a_double_letter() -> None:
    signer = SyntheticSigner("BOOB", look=STILL)
    first, *_, last = signer.letters
    assert np.linalg.norm(_middle(signer, first.start) - _middle(signer, last.end)) < 15


def test_motion_is_smooth() -> None:
    signer = SyntheticSigner(string.ascii_uppercase, letters_per_second=3.0)
    start, end = signer.letters[0].start, signer.letters[-1].end
    points = [signer.landmarks(t) for t in np.arange(start, end, 0.005)]
    steps = [np.abs(b - a)[:, :2].max() for a, b in pairwise(points) if a is not None and b is not None]
    assert len(steps) == len(points) - 1
    assert max(steps) < 45  # pixels in 5 ms at 720 lines: the tip of a finger that opens, never a jump


def _trace(letter: str, tip: int, look: SignerLook = STILL) -> np.ndarray:
    """The path of a fingertip in palms, x right and y up, from where it starts."""
    signer = SyntheticSigner(letter, look=look)
    (span,) = signer.letters
    path = []
    for t in np.linspace(span.start, span.end - 1e-6, 60):
        landmarks = signer.landmarks(t)
        assert landmarks is not None
        path.append(landmarks[tip, :2])
    out = (np.array(path) - path[0]) / (0.165 * 720)
    return out * (1, -1)


def test_the_little_finger_draws_a_j() -> None:
    path = _trace("J", 20)
    lowest = int(path[:, 1].argmin())
    assert 20 < lowest < 58  # down first, then the hook
    assert path[lowest, 1] < -1.5
    assert abs(path[: lowest // 2, 0]).max() < 0.5  # the stem is upright
    end = path[-1] - path[lowest]
    assert end[0] > 0.3  # towards the signer's other side, to the right in an unmirrored picture
    assert end[1] > 0.1  # and up


def test_the_index_finger_draws_a_z_as_the_signer_sees_it() -> None:
    path = _trace("Z", 8)
    left = int(path[:35, 0].argmin())
    right = left + int(path[left:, 0].argmax())
    assert 5 < left < right < 55
    top, slant, bottom = path[left] - path[0], path[right] - path[left], path[-1] - path[right]
    for stroke in (top, bottom):
        assert stroke[0] < -0.6  # to the signer's right: the left of an unmirrored picture
        assert abs(stroke[1]) < 0.15
    assert slant[0] > 0.6
    assert slant[1] < -0.6


def test_a_z_can_be_drawn_the_other_way_round() -> None:
    usual, other = _trace("Z", 8), _trace("Z", 8, SignerLook(wobble=0.0, mirrored_z=True))
    np.testing.assert_allclose(other[:, 0], -usual[:, 0], atol=0.02)
    np.testing.assert_allclose(other[:, 1], usual[:, 1], atol=0.02)


def test_a_held_letter_is_alive_but_still() -> None:
    signer = SyntheticSigner("A", letters_per_second=0.5)
    (span,) = signer.letters
    places = np.array([_middle(signer, t) for t in np.linspace(span.start, span.end - 1e-6, 40)])
    moved = np.linalg.norm(places - places.mean(axis=0), axis=1)
    assert 0.3 < moved.max() < 0.12 * 0.165 * 720


def test_pauses_move_what_comes_after_them_and_nothing_else() -> None:
    plain, paused = SyntheticSigner("HI YOU OK"), SyntheticSigner("HI YOU OK", pauses=(0.0, 1.5, 9.0))
    assert paused.letters[:5] == plain.letters[:5]
    for one, other in zip(paused.letters[5:], plain.letters[5:], strict=True):
        assert one.start - other.start == pytest.approx(1.5)
    assert paused.duration - plain.duration == pytest.approx(1.5)  # after the last word there is nothing to wait for
    low = plain.letters[4].end + 0.5
    assert paused.landmarks(low) is None
    assert paused.landmarks(low + 1.0) is None
