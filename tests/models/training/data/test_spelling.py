"""Sequences to learn spelling from: what each row shows, and what is asked of it."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from models.training.data.batches.augmentation import Augmentation, resize, turn_upright
from models.training.data.batches.pictures import Pictures
from models.training.data.batches.sequence_batch import Item, collate_items
from models.training.data.batches.spelling import ANCHORS, LENGTH, SpellingSet
from models.training.data.rows import DELAY, IGNORED
from models.training.data.split.manifest import read_manifest
from models.training.data.split.splits import load_splits
from overlay.core.errors import SigncapError
from overlay.recognition.crop import CROP_SIZE
from overlay.recognition.feature_window import MOTION
from overlay.recognition.letter_model import BLANK, LETTERS

pytestmark = pytest.mark.unit

Run = tuple[int, int, int]  # label, first row, number of rows


@pytest.fixture(scope="module")
def pictures(crops_of_four: Path) -> Pictures:
    return load_splits(crops_of_four, read_manifest(crops_of_four))["train"]


@pytest.fixture(scope="module")
def items(pictures: Pictures) -> list[Item]:
    """Of held letters, over many epochs."""
    spelling = SpellingSet(pictures, Augmentation.none(), seed=3)
    found = []
    for epoch in range(12):
        spelling.epoch = epoch
        found += [spelling[number] for number in range(len(spelling) - len(spelling.bursts))]
    return found


def runs(labels: torch.Tensor) -> list[Run]:
    """Labels that follow each other, in order."""
    found, at = [], 0
    for label, group in groupby(labels.tolist()):
        count = len(list(group))
        found.append((label, at, count))
        at += count
    return found


def letters_of(item: Item) -> list[int]:
    """The letters that are asked for, one for each run."""
    return [label for label, _, _ in runs(item.labels) if label not in (BLANK, IGNORED)]


@pytest.mark.integration
def test_an_item_has_the_shapes_that_the_network_takes(items: list[Item]) -> None:
    for item in items:
        assert item.crops.shape == (2 * ANCHORS, CROP_SIZE, CROP_SIZE, 3)
        assert item.landmarks.shape == (2 * ANCHORS, 63)
        assert item.motion.shape == (LENGTH, MOTION)
        assert item.labels.shape == item.first.shape == item.second.shape == item.share.shape == (LENGTH,)
        assert min(item.first.min(), item.second.min()) >= 0
        assert max(item.first.max(), item.second.max()) < 2 * ANCHORS
        assert 0 <= item.share.min() <= item.share.max() <= 1


def test_over_an_epoch_every_held_letter_is_an_anchor(pictures: Pictures) -> None:
    spelling = SpellingSet(pictures, Augmentation.none())
    held = [index for index, sample in enumerate(pictures.samples) if sample.entry.letter != "J"]
    assert len(spelling.bursts) == 1
    assert len(spelling) == -(-30 // ANCHORS) * 2 + 1
    orders = []
    for epoch in (0, 1):
        spelling.epoch = epoch
        shown: Counter[bytes] = Counter()
        for number in range(len(spelling) - 1):
            shown.update(crop.numpy().tobytes() for crop in spelling[number].crops[:ANCHORS])
        assert len(shown) == len(held) == 60
        assert sum(shown.values()) - len(held) < 2 * ANCHORS  # each signer's last sequence is filled up
        orders.append([*shown])
    assert orders[0] != orders[1]


def test_a_sequence_is_of_one_signer(pictures: Pictures) -> None:
    spelling = SpellingSet(pictures, Augmentation.none())
    known = {}
    for index, sample in enumerate(pictures.samples):
        picture, landmarks = pictures.read(index)
        assert landmarks is not None
        known[turn_upright(resize(picture, CROP_SIZE), landmarks).tobytes()] = sample.entry
    for number in range(len(spelling) - 1):
        entries = [known[crop.numpy().tobytes()] for crop in spelling[number].crops]
        assert len({entry.signer for entry in entries}) == 1
        for anchor, beside in zip(entries[:ANCHORS], entries[ANCHORS:], strict=True):
            assert anchor.letter == beside.letter


def test_labels_come_later_than_the_rows_that_show_them(items: list[Item]) -> None:
    checked = 0
    for item in items:
        there = item.motion[:, -1] == 1
        for label, begin, count in runs(item.labels):
            if label in (BLANK, IGNORED):
                continue
            for row in range(begin - DELAY, begin - DELAY + count):
                assert row >= 0
                assert int(item.shown[item.first[row]]) == int(item.shown[item.second[row]]) == label
                checked += bool(there[row])
            if begin > DELAY:  # the row before shows something else, or nothing at all
                before = begin - DELAY - 1
                pair = {int(item.shown[item.first[before]]), int(item.shown[item.second[before]])}
                assert pair != {label} or not there[before] or item.labels[begin - 1] in (BLANK, IGNORED)
    assert checked > 1000


def test_letters_in_order_are_the_targets(items: list[Item]) -> None:
    for item in items:
        assert item.targets
        assert letters_of(item) == item.targets
        assert all(0 <= letter < len(LETTERS) for letter in item.targets)
    assert {len(item.targets) for item in items} >= {1, 2, 3, 4}


def test_between_two_of_the_same_letter_are_a_blank_and_a_slide_to_the_side(items: list[Item]) -> None:
    doubles = 0
    for item in items:
        every = runs(item.labels)
        letters = [run for run in every if run[0] not in (BLANK, IGNORED)]
        for one, two in pairwise(letters):
            if one[0] != two[0]:
                continue
            end, begin = one[1] + one[2], two[1]
            assert BLANK in item.labels[end:begin]
            way = item.motion[end - DELAY : begin - DELAY]
            if (way[:, -1] == 1).all():
                assert float(way[:, 0].sum()) < -0.2  # of a right hand: to the left of the picture
                doubles += 1
    assert doubles > 5


def test_rows_without_a_hand_do_not_move_and_ask_for_nothing(items: list[Item]) -> None:
    lost = 0
    for item in items:
        gone = item.motion[:, -1] == 0
        assert not item.motion[gone].any()
        there = torch.nonzero(~gone).flatten()
        first, last = int(there[0]), int(there[-1])
        assert not item.motion[first, :6].any()  # where from, nobody knows
        assert (item.labels[:first] == BLANK).all()
        assert (item.labels[last + 1 + DELAY :] == BLANK).all()
        lost += bool(gone[first:last].any())
    assert 0 < lost < len(items) / 2


def test_a_sequence_that_is_too_slow_asks_only_for_what_it_shows(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.data.batches.spelling.LENGTH", 24)
    spelling = SpellingSet(pictures, Augmentation.none(), seed=3)
    found = [spelling[number] for number in range(len(spelling) - len(spelling.bursts))]
    assert all(len(item.labels) == 24 for item in found)
    assert sum(len(item.targets) < ANCHORS for item in found) > len(found) / 2
    assert all(letters_of(item) == item.targets for item in found)


def test_a_burst_asks_for_its_letter_but_not_when(pictures: Pictures) -> None:
    spelling = SpellingSet(pictures, Augmentation.none(), seed=1)
    item = spelling[len(spelling) - 1]
    assert item.targets == [LETTERS.index("J")]
    assert (item.shown == IGNORED).all()
    assert len(item.crops) == 12
    assert set(item.labels.tolist()) == {BLANK, IGNORED}
    there = (item.motion[:, -1] == 1).nonzero().flatten()
    span = int(there[-1] - there[0]) + 1
    assert abs(span - 11 / 15 * 30) <= 2  # twelve frames at 15 a second, on a grid of 30
    start = int(there[0])
    assert (item.labels[start + DELAY : start + span + DELAY] == IGNORED).all()
    place = item.first + item.share  # frames follow each other
    assert (torch.diff(place[start : start + span]) > 0).all()
    tip = item.motion[start : start + span, 4:6].abs().sum()
    held = spelling[0].motion[:, 4:6].abs().sum() / (spelling[0].motion[:, -1] == 1).sum()
    assert tip / span > held  # the little finger draws


def test_a_left_handers_burst_moves_as_a_right_handers(crops_of_four: Path, tmp_path: Path) -> None:
    """The same frames, mirrored in the file and called left, make the same sequence."""
    folder = Path(shutil.copytree(crops_of_four, tmp_path / "crops"))
    lines = [json.loads(line) for line in (folder / "crops.jsonl").read_text().splitlines()]
    for line in lines:
        if line["path"].startswith("ann/"):
            line["hand"] = "left"
            line["landmarks"] = [[-x, y, z] for x, y, z in line["landmarks"]]
            line["box"][0] = 320 - line["box"][0]
    (folder / "crops.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    items = []
    for root in (crops_of_four, folder):
        train = load_splits(root, read_manifest(root))["train"]
        spelling = SpellingSet(train, Augmentation.none())
        items.append(spelling[len(spelling) - 1])
    torch.testing.assert_close(items[0].motion, items[1].motion, atol=2e-2, rtol=0)
    torch.testing.assert_close(items[0].landmarks, items[1].landmarks, atol=1e-4, rtol=0)


def test_an_item_depends_on_seed_epoch_and_number_alone(pictures: Pictures) -> None:
    def item(*before: int, epoch: int = 0, seed: int = 0) -> Item:
        spelling = SpellingSet(pictures, Augmentation(), seed)
        spelling.epoch = epoch
        for number in before:
            spelling[number]
        return spelling[2]

    assert torch.equal(item().crops, item(5, 1).crops)
    assert torch.equal(item().motion, item(5, 1).motion)
    assert not torch.equal(item().crops, item(epoch=1).crops)
    assert not torch.equal(item().crops, item(seed=1).crops)


def test_a_batch_keeps_each_sequence_with_its_own_pictures(pictures: Pictures) -> None:
    spelling = SpellingSet(pictures, Augmentation.none())
    some = [spelling[0], spelling[len(spelling) - 1], spelling[3]]
    batch = collate_items(some)
    at = target = 0
    for row, item in enumerate(some):
        for mine, theirs in ((batch.sequences.first, item.first), (batch.sequences.second, item.second)):
            assert torch.equal(batch.sequences.crops[mine[row]], item.crops[theirs])
        assert torch.equal(batch.sequences.landmarks[at : at + len(item.crops)], item.landmarks)
        assert torch.equal(batch.shown[at : at + len(item.crops)], item.shown)
        assert batch.targets[target : target + int(batch.lengths[row])].tolist() == item.targets
        at += len(item.crops)
        target += len(item.targets)
    assert at == len(batch.sequences.crops)
    assert np.array_equal(batch.labels[2], some[2].labels)


def test_without_landmarks_or_held_letters_there_is_nothing_to_learn(pictures: Pictures) -> None:
    bare = replace(pictures, samples=tuple(replace(sample, landmarks=None) for sample in pictures.samples))
    with pytest.raises(SigncapError, match="lacks the hands' landmarks"):
        SpellingSet(bare, Augmentation.none())
    moving = replace(pictures, samples=tuple(sample for sample in pictures.samples if sample.entry.letter == "J"))
    with pytest.raises(SigncapError, match="no held letters"):
        SpellingSet(moving, Augmentation.none())
