"""Material for training made with the synthetic signer, and real motion read from a file."""

from pathlib import Path

import numpy as np
import pytest

from models.training.data.rows import IGNORED
from models.training.shipped.clips import felt_clip, load_clips, motion_clips, save_clips, seen_clip
from models.training.shipped.material import letters_as_stills
from overlay.recognition.letter_model import BLANK, LETTERS

pytestmark = pytest.mark.unit


def test_a_felt_clip_has_landmarks_and_labels_for_every_frame() -> None:
    clip = felt_clip(np.random.default_rng(3))
    assert clip.crops is None
    assert len(clip.times) == len(clip.labels) == len(clip.landmarks) == len(clip.palm)
    signed = clip.labels != BLANK
    assert 0.2 < signed.mean() < 0.9
    assert clip.present[signed].mean() > 0.95
    assert clip.palm[clip.present].min() > 5


def test_the_same_seed_makes_the_same_clip_and_another_seed_another() -> None:
    first, again, other = (felt_clip(np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.landmarks, again.landmarks)
    assert len(first.times) != len(other.times) or not np.array_equal(first.landmarks, other.landmarks)


@pytest.mark.integration
@pytest.mark.slow
def test_a_seen_clip_holds_what_mediapipe_found(hand_model: Path, tmp_path: Path) -> None:
    clip = seen_clip(np.random.default_rng(39), hand_model, words=1)  # KING, by a left-hander
    signed = clip.labels != BLANK
    assert clip.present[signed].mean() > 0.9
    assert clip.crops is not None
    held = letters_as_stills([clip], every=1)
    assert held.crops is not None
    assert len(held.labels) == int((signed & clip.present).sum())
    assert held.crops.std(axis=(1, 2, 3)).min() > 3  # pictures, not empty squares

    save_clips([clip, clip], tmp_path / "clips.npz")
    first, second = load_clips(tmp_path / "clips.npz")
    for loaded in (first, second):
        np.testing.assert_array_equal(loaded.labels, clip.labels)
        assert loaded.crops is not None
        np.testing.assert_array_equal(loaded.crops, clip.crops)


def _stroke(letter: str, *, mirrored: bool) -> np.ndarray:
    """A take of 24 frames in which the drawing tip moves in the middle third; fractions of a 4:3 picture."""
    hand = np.zeros((21, 3), np.float32)
    hand[:, 0] = np.linspace(0.45, 0.55, 21)
    hand[:, 1] = np.linspace(0.7, 0.4, 21)
    hand[0], hand[5], hand[9], hand[17] = (0.5, 0.8, 0), (0.55, 0.6, 0), (0.5, 0.58, 0), (0.42, 0.62, 0)
    take = np.repeat(hand[None], 24, 0)
    tip = 20 if letter == "J" else 8
    take[8:16, tip, 0] += np.linspace(0, 0.2, 8)
    take[16:, tip, 0] += 0.2
    if mirrored:
        take[..., 0] = 1 - take[..., 0]
    return take


def test_real_motion_is_labelled_where_the_tip_moves_and_left_hands_are_mirrored(tmp_path: Path) -> None:
    takes = [_stroke("J", mirrored=False), _stroke("J", mirrored=True), _stroke("Z", mirrored=False)]
    gone = np.full((24, 21, 3), np.nan, np.float32)
    path = tmp_path / "motion.npz"
    np.savez(
        path,
        landmarks=np.concatenate([*takes, gone]),
        offsets=np.array([0, 24, 48, 72, 96]),
        letter=np.array(["J", "J", "Z", "Z"]),
    )
    clips = list(motion_clips(path))
    assert len(clips) == 3  # the take without a hand is left out
    for clip, letter in zip(clips, "JJZ", strict=True):
        labelled = np.flatnonzero((clip.labels != BLANK) & (clip.labels != IGNORED))
        assert set(clip.labels[labelled]) == {LETTERS.index(letter)}
        assert labelled.min() >= 8
        assert labelled.max() <= 16
        # Until then it may be an I or a D that is held: how often one shows so is no reason to doubt those.
        assert np.flatnonzero(clip.labels == IGNORED).tolist() == list(range(labelled.min()))
    spread = [clip.landmarks[:, :, 0] - clip.landmarks[:, :1, 0] for clip in clips[:2]]
    np.testing.assert_allclose(spread[0], spread[1], atol=1e-2)
