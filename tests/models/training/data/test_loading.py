"""From a manifest to batches: which pictures, of which hand, in which order."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from models.training.data.batches.augmentation import Augmentation
from models.training.data.batches.loading import PictureSet, ShardedSampler, collate
from models.training.data.batches.pictures import check_pictures, read_square
from models.training.data.crops.journal import Journal, read_crops
from models.training.data.split.manifest import Manifest, read_manifest
from models.training.data.split.splits import load_splits
from overlay.core.errors import SigncapError

pytestmark = pytest.mark.unit


@pytest.fixture
def own_crops(crops_of_four: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(crops_of_four, tmp_path / "crops"))


@pytest.mark.integration
def test_the_splits_are_those_of_the_manifest(crops_of_four: Path) -> None:
    manifest = read_manifest(crops_of_four)
    splits = load_splits(crops_of_four, manifest)
    assert {name: len(pictures) for name, pictures in splits.items()} == {"train": 72, "validation": 30, "test": 30}
    for name, pictures in splits.items():
        assert pictures.paths == sorted(getattr(manifest, name))
        assert [chr(65 + label) for label in pictures.labels] == [path.split("/")[1] for path in pictures.paths]
    some = load_splits(crops_of_four, manifest, letters="AY")
    assert {sample.entry.letter for sample in some["train"].samples} == {"A", "Y"}
    with pytest.raises(SigncapError, match="nothing to train on"):
        load_splits(crops_of_four, manifest, letters="Q")


def test_pictures_of_left_hands_are_mirrored_with_their_landmarks(crops_of_four: Path) -> None:
    train = load_splits(crops_of_four, read_manifest(crops_of_four))["train"]
    assert {sample.entry.signer for sample in train.samples if sample.mirrored} == {"bob"}
    for index in (0, len(train) - 1):
        sample = train.samples[index]
        stored = cv2.cvtColor(cv2.imread(str(train.root / sample.entry.path)), cv2.COLOR_BGR2RGB)
        picture, landmarks = train.read(index)
        assert sample.landmarks is not None
        assert landmarks is not None
        assert sample.mirrored == (sample.entry.signer == "bob")
        np.testing.assert_array_equal(picture, stored[:, ::-1] if sample.mirrored else stored)
        sign = -1 if sample.mirrored else 1
        np.testing.assert_array_equal(landmarks, sample.landmarks * np.array([sign, 1, 1], np.float32))
    # of a right hand seen from the palm's side, the thumb of an L is on the same side for everybody
    thumbs = {
        sample.entry.signer: float(points[4, 0])
        for index, sample in enumerate(train.samples)
        if sample.entry.letter == "L" and (points := train.read(index)[1]) is not None
    }
    assert len(thumbs) == 2
    assert len({np.sign(side) for side in thumbs.values()}) == 1


def test_the_majority_of_a_signers_pictures_says_which_hand_it_is(own_crops: Path) -> None:
    known = read_crops(own_crops)
    with Journal(own_crops) as journal:
        for path in [path for path in known if path.startswith("ann/")][:10]:  # of 42
            journal.add(replace(known[path], hand="left"))
    train = load_splits(own_crops, read_manifest(own_crops))["train"]
    assert {sample.entry.signer for sample in train.samples if sample.mirrored} == {"bob"}


def test_takes_that_were_stored_flipped_are_of_the_other_hand(own_crops: Path) -> None:
    """ann turned the mirror on for her A: in those pictures alone her hand is a left one."""
    known = read_crops(own_crops)
    flipped = [path for path in known if path.startswith("ann/A/001/")]
    with Journal(own_crops) as journal:
        for path in flipped:
            journal.add(replace(known[path], hand="left"))
    take = own_crops / "ann" / "A" / "001" / "take.json"
    take.write_text(json.dumps(json.loads(take.read_text()) | {"flipped": True}))
    train = load_splits(own_crops, read_manifest(own_crops))["train"]
    assert [
        sample.entry.path for sample in train.samples if sample.mirrored and sample.entry.signer == "ann"
    ] == flipped


def test_pictures_that_were_never_cropped_have_no_landmarks_and_are_not_mirrored(own_crops: Path) -> None:
    (own_crops / "crops.jsonl").unlink()
    train = load_splits(own_crops, read_manifest(own_crops))["train"]
    assert {sample.landmarks is None for sample in train.samples} == {True}
    assert not any(sample.mirrored for sample in train.samples)
    batch = PictureSet(train, 32)[0]
    assert batch.crops.shape == (32, 32, 3)
    assert not batch.landmarks.any()


def test_the_rate_of_a_burst_is_that_at_which_its_frames_came(own_crops: Path) -> None:
    """The record says what was asked of the camera, 30; it gave 15."""

    def rates() -> dict[str, set[float | None]]:
        train = load_splits(own_crops, read_manifest(own_crops))["train"]
        found: dict[str, set[float | None]] = {}
        for sample in train.samples:
            found.setdefault(sample.entry.letter, set()).add(sample.rate)
        return found

    measured = rates()
    assert [round(rate or 0, 6) for rate in measured.pop("J")] == [15]
    assert set().union(*measured.values()) == {None}
    record = own_crops / "ann" / "J" / "001" / "take.json"
    record.write_text(json.dumps({"burst": 12, "rate": 24}))
    assert rates()["J"] == {24}
    for unusable in ("{", "[]", '{"burst": 12}', '{"burst": 12, "rate": "fast"}', '{"burst": 12, "rate": 0}'):
        record.write_text(unusable)
        assert rates()["J"] == {None}, unusable


def test_a_picture_that_is_gone_is_named(own_crops: Path) -> None:
    (own_crops / "ann" / "A" / "001" / "0003.jpg").unlink()
    with pytest.raises(
        SigncapError, match=r"names 1 pictures that are not there, ann/A/001/0003\.jpg.*signcap split"
    ):
        load_splits(own_crops, read_manifest(own_crops))


def test_a_picture_that_cannot_be_read_is_named_before_training_begins(own_crops: Path) -> None:
    (own_crops / "bob" / "Y" / "001" / "0002.jpg").write_bytes(b"no picture")
    (own_crops / "ann" / "A" / "001" / "0001.jpg").write_bytes(b"")
    splits = load_splits(own_crops, read_manifest(own_crops))
    with pytest.raises(SigncapError, match=r"2 pictures cannot be read, .*ann/A/001/0001\.jpg for one"):
        check_pictures(list(splits.values()))
    with pytest.raises(SigncapError, match=r"bob/Y/001/0002\.jpg cannot be read"):
        read_square(own_crops / "bob" / "Y" / "001" / "0002.jpg")


def test_a_picture_that_is_not_square_becomes_so_by_its_edges(tmp_path: Path) -> None:
    picture = np.zeros((20, 50, 3), np.uint8)
    picture[0], picture[-1] = (0, 0, 255), (255, 0, 0)  # red above, blue below
    cv2.imwrite(str(tmp_path / "wide.png"), picture)
    square = read_square(tmp_path / "wide.png")
    assert square.shape == (50, 50, 3)
    assert (square[:15] == (255, 0, 0)).all()
    assert (square[-15:] == (0, 0, 255)).all()


@pytest.mark.parametrize("count", [1, 2, 29, 30, 31])
@pytest.mark.parametrize("world", [1, 2, 3])
def test_every_item_comes_once_an_epoch_whatever_the_number_of_processes(count: int, world: int) -> None:
    shares = [list(ShardedSampler(count, 5, 2, rank=rank, world=world)) for rank in range(world)]
    assert len({len(share) for share in shares}) == 1
    counts = Counter(item for share in shares for item in share)
    assert set(counts) == set(range(count))
    assert sum(counts.values()) - count < world  # only to make the shares equal


def test_the_same_items_make_up_each_batch_whatever_the_number_of_processes() -> None:
    def batches(world: int, skipped: int = 0) -> list[set[int]]:
        mine = 6 // world
        shares = [
            list(ShardedSampler(30, 7, 1, rank=rank, world=world, skip=skipped * mine)) for rank in range(world)
        ]
        return [
            {item for share in shares for item in share[start : start + mine]}
            for start in range(0, len(shares[0]), mine)
        ]

    assert len(batches(1)) == 5
    assert batches(1) == batches(2) == batches(3)
    assert batches(1)[2:] == batches(1, 2) == batches(2, 2) == batches(3, 2)


@pytest.mark.parametrize(("count", "world", "batch"), [(33, 1, 32), (65, 2, 32), (1, 1, 8), (9, 3, 2), (34, 1, 32)])
def test_no_batch_is_of_a_single_item(count: int, world: int, batch: int) -> None:
    for rank in range(world):
        share = list(ShardedSampler(count, 0, 0, rank=rank, world=world, batch=batch))
        sizes = [len(share[start : start + batch]) for start in range(0, len(share), batch)]
        assert len(sizes) == -(-count // (batch * world))
        assert sizes[-1] >= 2


def test_the_order_depends_on_seed_and_epoch() -> None:
    orders = [list(ShardedSampler(40, seed, epoch)) for seed, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0] != orders[3]
    assert list(ShardedSampler(40, 0, 0, shuffle=False)) == list(range(40))


def test_an_item_depends_on_seed_epoch_and_number_alone(crops_of_four: Path) -> None:
    train = load_splits(crops_of_four, read_manifest(crops_of_four))["train"]

    def item(number: int, before: tuple[int, ...] = (), *, epoch: int = 0, seed: int = 0) -> torch.Tensor:
        items = PictureSet(train, 32, Augmentation(), seed)
        items.epoch = epoch
        for other in before:
            items[other]
        return items[number].crops

    assert torch.equal(item(7), item(7, (3, 12, 7)))
    assert not torch.equal(item(7), item(7, epoch=1))
    assert not torch.equal(item(7), item(7, seed=1))
    assert item(7).dtype == torch.uint8


def test_clips_are_following_pictures_of_one_take_augmented_alike(crops_of_four: Path) -> None:
    train = load_splits(crops_of_four, read_manifest(crops_of_four))["train"]
    clips = PictureSet(train, 32, clip=4)
    assert len(clips) == 10 * 2 + 3
    assert clips.items[0] == [0, 1, 2, 3]
    assert clips.items[1] == [4, 5, 0, 1]  # a take's last clip begins anew to be full
    for indices in clips.items:
        entries = [train.samples[index].entry for index in indices]
        assert len({(entry.signer, entry.letter, entry.take) for entry in entries}) == 1
    batch = collate([clips[0], clips[5]])
    assert batch.crops.shape == (2, 4, 32, 32, 3)
    assert batch.landmarks.shape == (2, 4, 63)
    assert batch.labels.shape == (2, 4)

    same = replace(train, samples=(train.samples[0],) * 4)  # one picture four times in a take stays one
    turned = PictureSet(same, 32, Augmentation(), clip=4)[0].crops
    assert all(torch.equal(turned[0], each) for each in turned)
    assert not torch.equal(turned[0], PictureSet(same, 32, clip=4)[0].crops[0])


def test_another_folders_manifest_does_not_fit(crops_of_four: Path) -> None:
    manifest = Manifest("signer", 0, (1, 0, 0), ("zoe/A/1.jpg", "zoe/A/2.jpg"), (), ())
    with pytest.raises(SigncapError, match="names 2 pictures"):
        load_splits(crops_of_four, manifest)
