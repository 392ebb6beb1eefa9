import dataclasses

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.synthesis.signer import SignerLook, SyntheticSigner

pytestmark = pytest.mark.unit

SMALL = (320, 240)


def test_the_same_signer_gives_the_same_picture_in_any_order() -> None:
    first = SyntheticSigner("CAB", seed=3, look=SignerLook.random(5), size=SMALL)
    again = SyntheticSigner("CAB", seed=3, look=SignerLook.random(5), size=SMALL)
    times = [0.0, 0.7, 1.0, 1.4]
    pictures = [first.render(t) for t in times]
    for t, picture in reversed(list(zip(times, pictures, strict=True))):
        assert np.array_equal(again.render(t), picture)


@pytest.mark.parametrize("change", ["seed", "look", "time", "letter"])
def test_what_changes_the_picture(change: str) -> None:
    def picture(seed: int = 0, look: int = 1, t: float = 0.7, text: str = "A") -> np.ndarray:
        return SyntheticSigner(text, seed=seed, look=SignerLook.random(look), size=SMALL).render(t)

    other = {
        "seed": lambda: picture(seed=1),
        "look": lambda: picture(look=2),
        "time": lambda: picture(t=0.45),
        "letter": lambda: picture(text="L"),
    }[change]()
    assert not np.array_equal(other, picture())


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (321, 243), (64, 48)])
def test_pictures_have_the_size_asked_for(size: tuple[int, int]) -> None:
    signer = SyntheticSigner("HI", size=size)
    for t in (0.0, 0.7, signer.duration):
        picture = signer.render(t)
        assert picture.shape == (size[1], size[0], 3)
        assert picture.dtype == np.uint8


def test_a_picture_is_the_callers_own() -> None:
    signer = SyntheticSigner("A", size=SMALL)
    picture = signer.render(0.0)
    kept = picture.copy()
    picture[:] = 0
    assert np.array_equal(signer.render(0.0), kept)


def test_the_hand_is_drawn_where_its_landmarks_are() -> None:
    signer = SyntheticSigner("B", look=SignerLook(skin=(60, 60, 230), wall=(200, 60, 60)), size=(640, 360))
    landmarks = signer.landmarks(0.7)
    assert landmarks is not None
    picture = signer.render(0.7).astype(int)
    for x, y in landmarks[[5, 9, 13, 17, 6, 10, 14, 18], :2]:  # knuckles and middle joints of four fingers
        blue, _, red = picture[round(y), round(x)]
        assert red > blue + 20


def test_a_left_hander_is_the_mirror_image() -> None:
    right = SignerLook(pose_jitter=2.0)
    left = dataclasses.replace(right, handedness="left")
    one, other = (SyntheticSigner("GAJ Z", look=look, size=(640, 360)) for look in (right, left))
    assert one.letters == other.letters
    for t in np.arange(0.0, one.duration, 0.1):
        a, b = one.landmarks(t), other.landmarks(t)
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            b[:, 0] = 640 - b[:, 0]
            np.testing.assert_allclose(a, b, atol=1e-3)


def test_a_right_hand_is_on_the_left_of_the_picture_with_its_thumb_inwards() -> None:
    landmarks = SyntheticSigner("L").landmarks(0.7)
    assert landmarks is not None
    assert landmarks[:, 0].mean() < 640
    assert landmarks[4, 0] > landmarks[20, 0] + 100  # thumb right of the little finger: palm to the camera
    assert landmarks[8, 1] < landmarks[0, 1] - 150  # index finger up


def test_depth_is_towards_the_back_and_from_the_wrist() -> None:
    landmarks = SyntheticSigner("S").landmarks(0.7)
    assert landmarks is not None
    assert landmarks[0, 2] == pytest.approx(0, abs=1e-3)
    assert landmarks[6, 2] < landmarks[5, 2] - 20  # a curled finger's middle joint comes forward


def test_the_hand_is_down_before_between_and_after_words() -> None:
    signer = SyntheticSigner("AB CD")
    gap = np.arange(signer.letters[1].end, signer.letters[2].start, 0.01)
    assert sum(signer.landmarks(t) is None for t in gap) * 0.01 >= 0.35
    assert signer.landmarks(0.0) is None
    assert signer.landmarks(signer.duration) is None
    assert signer.landmarks(signer.duration + 60) is None


def test_letters_are_made_with_the_hand_in_view() -> None:
    for seed in range(6):
        signer = SyntheticSigner("QJZ PUG", look=SignerLook.random(seed), size=(640, 360))
        for span in signer.letters:
            assert signer.landmarks(span.start) is not None
            assert signer.landmarks((span.start + span.end) / 2) is not None


@pytest.mark.parametrize(("text", "named"), [("HI 5!", "! 5"), ("NAÏVE", "Ï"), ("a-b", "-")])
def test_characters_without_a_sign_are_listed(text: str, named: str) -> None:
    with pytest.raises(SigncapError, match="take these out") as caught:
        SyntheticSigner(text)
    assert str(caught.value).endswith(named)


def test_unusable_speeds_and_sizes_are_refused() -> None:
    with pytest.raises(SigncapError, match=r"choose 0\.2 to 12"):
        SyntheticSigner("A", letters_per_second=0)
    with pytest.raises(SigncapError, match="48x48 or more"):
        SyntheticSigner("A", size=(1280, 0))


def test_nothing_to_spell_is_a_person_at_rest() -> None:
    signer = SyntheticSigner("  ", size=SMALL)
    assert signer.letters == ()
    assert signer.duration > 0
    assert signer.landmarks(0.5) is None
    assert signer.render(0.5).std() > 5
