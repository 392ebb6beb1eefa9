"""Fluent spelling put together from landmarks of held letters."""

import numpy as np
import pytest

from models.training.data.rows import IGNORED
from models.training.shipped.clips import make_clip
from models.training.shipped.fluent import FluentSpeller, Hands, Manner, Passage, hands_of, strokes_of
from models.training.shipped.poses import Poses, blend
from models.training.shipped.stills import Stills
from overlay.recognition.letter_model import BLANK, LETTERS
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

POSED = Manner(coarticulated=False, turned=0, varied=0, entering=False)
SIZE = (640, 480)


def held(letter: str) -> np.ndarray:
    """Landmarks (21, 3) of a letter as the synthetic signer holds it."""
    signer = SyntheticSigner(letter, letters_per_second=1, size=SIZE)
    points = signer.landmarks((signer.letters[0].start + signer.letters[0].end) / 2)
    assert points is not None
    return points


def stills(letters: str, signer: str = "ann") -> Stills:
    return Stills(
        None,
        np.stack([held(letter) for letter in letters]),
        np.array([LETTERS.index(letter) for letter in letters]),
        np.full(len(letters), signer),
    )


@pytest.fixture(scope="module")
def people() -> list[Hands]:
    return hands_of(stills("ABCEHLORST"), {})


def runs(passage: Passage) -> str:
    """The letters that are marked, in order."""
    text, last = "", BLANK
    for label in passage.labels.tolist():
        if label not in (last, BLANK, IGNORED):
            text += LETTERS[label]
        last = label if label != IGNORED else last
    return text


def test_a_hand_taken_apart_and_put_together_is_the_same() -> None:
    points = np.stack([held("A"), held("B")])
    again = Poses.of(points).landmarks()
    palm = np.linalg.norm(points[:, (5, 9, 13, 17)].mean(1) - points[:, 0], axis=1)
    np.testing.assert_allclose(again * palm[:, None, None], points - points[:, :1], atol=0.01)


def test_a_finger_on_its_way_keeps_its_length() -> None:
    a, b = (Poses.of(held(letter)[None]) for letter in "AB")
    half = np.full((1, 6, 2), 0.5, np.float32)
    mixed = blend([a, b], half)
    lengths = [np.linalg.norm(pose.bones, axis=-1) for pose in (a, b, mixed)]
    np.testing.assert_allclose(lengths[2], (lengths[0] + lengths[1]) / 2, rtol=1e-3)


def test_fingers_bend_towards_the_palm() -> None:
    pose = Poses.of(held("B")[None])
    bent = pose.bent(np.radians(np.full((1, 5, 3), 30.0)))
    assert (bent.bones[:, 1:, 2, 2] > pose.bones[:, 1:, 2, 2]).all()
    np.testing.assert_array_equal(bent.bones[:, 0], pose.bones[:, 0])


@pytest.mark.parametrize("manner", [POSED, Manner()], ids=["posed", "fluent"])
def test_a_word_is_marked_letter_by_letter(people: list[Hands], manner: Manner) -> None:
    speller = FluentSpeller(people, manner)
    for seed in range(20):
        passage = speller.spell("HORSE", np.random.default_rng(seed), speed=3.5)
        assert runs(passage) == "HORSE"
        assert np.isfinite(passage.landmarks).all()
        assert (passage.labels[~passage.present] == BLANK).all()


def test_between_double_letters_something_is_seen_and_the_hand_has_moved(people: list[Hands]) -> None:
    passage = FluentSpeller(people, POSED).spell("LL", np.random.default_rng(1), speed=3)
    marked = passage.labels == LETTERS.index("L")
    first = int(np.argmax(marked))
    gap = first + int(np.argmin(marked[first:]))
    second = gap + int(np.argmax(marked[gap:]))
    assert second - gap >= 3
    moved = passage.landmarks[second, 0] - passage.landmarks[gap - 1, 0]
    assert np.linalg.norm(moved) > 0.3


def test_the_faster_the_less_of_a_letter_is_made(people: list[Hands]) -> None:
    """Undershoot: the middle letter of ABA, against the same letter held."""

    def far(speed: float) -> float:
        speller = FluentSpeller(people, Manner(turned=0, varied=0, entering=False))
        apart = []
        for seed in range(40):
            points = speller.spell("ABA", np.random.default_rng(seed), speed=speed).landmarks
            apart.append(float(np.linalg.norm(points[:, 8] - points[:, 0], axis=1).max()))
        return float(np.mean(apart))

    assert far(6.5) < far(1.4) - 0.05


def test_a_hand_that_comes_up_is_no_letter_yet(people: list[Hands]) -> None:
    speller = FluentSpeller(people, Manner(coarticulated=False, turned=0, varied=0))
    for seed in range(20):
        passage = speller.spell("A", np.random.default_rng(seed), speed=2)
        made = np.flatnonzero(passage.labels == 0)
        there = np.flatnonzero(passage.present)
        assert made[0] - there[0] >= 3
        wrist = passage.landmarks[:, 0]
        assert np.linalg.norm(wrist[made[0]] - wrist[made[-1]]) < 0.5
        assert np.linalg.norm(wrist[0] - wrist[made[0]]) > 0.7


def test_letters_that_a_person_has_not_are_left_out(people: list[Hands]) -> None:
    assert runs(FluentSpeller(people, POSED).spell("HXE", np.random.default_rng(0), speed=2)) == "HE"
    nothing = FluentSpeller(people, POSED).spell("XX", np.random.default_rng(0))
    assert not nothing.present.any()


def test_strokes_are_drawn_inside_of_words() -> None:
    signer = SyntheticSigner("J", letters_per_second=1, size=SIZE)
    times = np.arange(signer.letters[0].start, signer.letters[0].end, 1 / 30)
    points = [signer.landmarks(float(at)) for at in times]
    labels: list[str | None] = ["J" if 0.3 < k / len(times) < 0.95 else None for k in range(len(times))]
    strokes = strokes_of([make_clip(times, points, labels)])
    assert list(strokes) == [LETTERS.index("J")]
    people = hands_of(stills("ABCEHL"), strokes)
    passage = FluentSpeller(people, POSED).spell("AJA", np.random.default_rng(0), speed=2)
    assert runs(passage) == "AJA"
    made = passage.landmarks[passage.labels == LETTERS.index("J"), 20, :2]
    assert np.ptp(made, axis=0).max() > 0.5  # the little finger draws


def test_who_shows_only_a_few_letters_spells_no_words() -> None:
    assert hands_of(stills("ABC"), {}) == []
