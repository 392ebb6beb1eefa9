"""What the LSTM learns from."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from models.training.data.rows import IGNORED
from models.training.networks.shipped import FEATURES, Encoder
from models.training.shipped.clips import felt_clip
from models.training.shipped.sequences import (
    LINGERS,
    HeldLetters,
    Rows,
    encode_clip,
    lingering,
    of_what_is_seen,
    opened,
    rows_of_clip,
    spell_held_letters,
)
from models.training.shipped.stills import Stills
from overlay.recognition.feature_window import GRID_RATE, MOTION, STEPS
from overlay.recognition.letter_model import BLANK, LETTERS

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder().eval()


@pytest.fixture(scope="module")
def held(encoder: Encoder) -> HeldLetters:
    rng = np.random.default_rng(0)
    count = 120
    stills = Stills(
        None,
        rng.uniform(0, 200, (count, 21, 3)).astype(np.float32),
        np.arange(count) % len(LETTERS),
        np.where(np.arange(count) < count // 2, "ann", "bob"),
    )
    return HeldLetters.encode(encoder, stills, rng)


def test_a_clip_comes_onto_the_grid_with_its_labels(encoder: Encoder) -> None:
    rng = np.random.default_rng(2)
    clip = felt_clip(rng)
    rows = rows_of_clip(clip, encode_clip(encoder, clip, rng))
    assert rows.rows.shape == (len(rows.labels), FEATURES + MOTION)
    assert len(rows.labels) == pytest.approx(clip.times[-1] * GRID_RATE, abs=2)
    assert (rows.labels != BLANK).mean() == pytest.approx((clip.labels != BLANK).mean(), abs=0.05)
    assert rows.rows[:, -1].mean() == pytest.approx(clip.present.mean(), abs=0.05)


def test_augmentation_changes_a_clip_and_its_absence_does_not(encoder: Encoder) -> None:
    clip = felt_clip(np.random.default_rng(2))
    plain = [encode_clip(encoder, clip, np.random.default_rng(k), augment=False) for k in (0, 1)]
    np.testing.assert_array_equal(plain[0], plain[1])
    varied = encode_clip(encoder, clip, np.random.default_rng(0))
    assert np.abs(varied - plain[0]).max() > 0.01


def test_a_hand_stays_where_a_stroke_has_ended_and_nowhere_else() -> None:
    i, j, z = (LETTERS.index(letter) for letter in "IJZ")
    labels = np.array([BLANK] * 4 + [j] * 10 + [i] * 10 + [z] * 10 + [BLANK] * 10 + [z] * 5)
    table = np.arange(len(labels), dtype=np.float32)[:, None].repeat(FEATURES + MOTION, 1)
    table[:, -1] = 1
    table[34:44, -1] = 0  # the hand is gone after the first Z: it can stay nowhere
    rows = lingering(Rows(table, labels), np.random.default_rng(3), longest=20 / GRID_RATE)
    more = len(rows.labels) - len(labels)
    assert 0 < more <= 20
    assert rows.labels.tolist() == [*labels[:14], *[LINGERS] * more, *labels[14:]]
    stay = rows.rows[14 : 14 + more]
    assert np.abs(stay[:, :FEATURES] - table[14, 0]).max() < 1  # as the hand was when it ended, not quite still
    assert np.abs(stay[:, FEATURES:-1]).max() < 0.5
    assert (stay[:, -1] == 1).all()
    np.testing.assert_array_equal(np.delete(rows.rows, slice(14, 14 + more), 0), table)


def test_a_hand_that_stays_is_no_letter_only_to_one_who_has_seen_the_stroke() -> None:
    i, j = LETTERS.index("I"), LETTERS.index("J")
    labels = np.array([i, BLANK, *[j] * 4, *[LINGERS] * 3, i])
    kept = [i, BLANK, *[j] * 4, *[BLANK] * 3, i]
    assert of_what_is_seen(labels).tolist() == kept
    assert of_what_is_seen(labels[3:]).tolist() == kept[3:]
    for begin in (4, 6, 8):  # too little of the stroke, or nothing of it: it may be an I that is held
        assert of_what_is_seen(labels[begin:]).tolist() == [
            IGNORED if label == LINGERS else label for label in labels[begin:]
        ]


def test_the_way_between_letters_is_left_open_at_its_ends_unless_they_are_the_same() -> None:
    marks = "--------AAA------BB?--?CC---CC-DD--"
    labels = np.array([{"-": BLANK, "?": IGNORED}.get(mark, ord(mark) - ord("A")) for mark in marks])
    rows = Rows(np.zeros((len(labels), FEATURES + MOTION), np.float32), labels)
    shown = {BLANK: "-", IGNORED: "?"}
    result = "".join(shown.get(label) or LETTERS[label] for label in opened(rows).labels.tolist())
    assert result == "------??AAA??--??BB?--?CC---CC-DD--"
    assert "".join(shown.get(label) or LETTERS[label] for label in labels.tolist()) == marks


def test_held_letters_are_strung_together_with_rests_between(held: HeldLetters) -> None:
    rng = np.random.default_rng(0)
    seen: set[int] = set()
    for _ in range(30):
        rows = spell_held_letters(held, rng, 2 * STEPS)
        assert len(rows.rows) == len(rows.labels) >= 2 * STEPS
        there = rows.rows[:, -1] > 0
        lost = (~there) & (rows.labels != BLANK)
        assert lost.sum() <= 2 * 8  # MediaPipe loses a hand for a frame or two, no more
        assert (rows.labels == BLANK).any()
        seen |= set(rows.labels.tolist())
    assert len(seen) > 20
    assert not seen & {LETTERS.index("J"), LETTERS.index("Z")}  # a frozen J is no J


def test_a_double_letter_is_two_runs_with_a_slide_between(held: HeldLetters) -> None:
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(60):
        rows = spell_held_letters(held, rng, 2 * STEPS)
        labels = rows.labels
        changes = np.flatnonzero(np.diff(labels) != 0)
        runs = [(labels[start + 1], start + 1) for start in changes]
        letters = [(label, start) for label, start in runs if 0 <= label < BLANK]
        for (first, start), (second, end) in pairwise(letters):
            between = rows.rows[start:end]
            if first == second and between[:, -1].all():
                found += 1
                moved = between[:, FEATURES].sum() * 0.1  # palms to the side, in the picture to the left
                assert moved < -0.2
    assert found > 3
