"""Cropping, by the real MediaPipe, of pictures of people who do not exist."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.data.crops.cropping import Cropped, crop_tree, read_crops
from models.training.data.crops.missed import count_crops, write_missed
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.recognition.crop import crop_hand, normalise_landmarks
from overlay.recognition.hands.detector_choice import open_detector

pytestmark = pytest.mark.integration

Photograph = Callable[..., Pixels]

GREY = np.full((240, 320, 3), 90, np.uint8)


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "crops.jsonl").read_text().splitlines()]


def hidden(folder: Path) -> list[str]:
    """Files that are left half done."""
    return [str(path) for path in folder.rglob(".*")]


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    return tmp_path / "crops"


@pytest.fixture(scope="module")
def made(rendered: Path, hand_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cropped]:
    """The crops of the collection and what was said of them; only to read."""
    crops = tmp_path_factory.mktemp("made") / "crops"
    return crops, crop_tree(rendered, crops, hand_model=hand_model)


@pytest.fixture
def own(made: tuple[Path, Cropped], crops: Path) -> Path:
    """The same crops, of this test's own collection: its pictures are as old."""
    return Path(shutil.copytree(made[0], crops))


def test_a_crop_is_what_the_live_path_cuts_out(rendered: Path, made: tuple[Path, Cropped], hand_model: Path) -> None:
    crops, cropped = made
    known = read_crops(crops)
    assert cropped.new == len(cropped.crops) == len(known) == 12
    assert [entry.path for entry in cropped.crops] == sorted(known)
    with open_detector(hand_model, video=False) as finder:
        found = {
            path: finder.find(cv2.imread(str(rendered / path)).astype(np.uint8), 0.0) for path in reversed(known)
        }
    for path, crop in known.items():
        pixels, hand = cv2.imread(str(rendered / path)), found[path]
        assert hand is not None
        wanted = crop_hand(pixels.astype(np.uint8), hand, mirror=False, size=224).pixels
        got = cv2.imread(str(crops / path))
        assert got.shape == (224, 224, 3)
        assert np.abs(cv2.cvtColor(got, cv2.COLOR_BGR2RGB).astype(int) - wanted).mean() < 3  # JPEG
        assert (crop.found, crop.why, crop.source, crop.hand) == (True, None, path, hand.handedness)
        assert crop.landmarks is not None
        np.testing.assert_allclose(crop.landmarks, normalise_landmarks(hand.landmarks, mirror=False), atol=6e-5)
    assert {crop.hand for path, crop in known.items() if path.startswith("ann")} == {"right"}
    assert {crop.hand for path, crop in known.items() if path.startswith("bob")} == {"left"}
    assert not hidden(crops)


def test_the_box_is_in_pixels_of_the_picture_however_small_and_close_the_hand_is(
    tmp_path: Path, crops: Path, hand_model: Path, photograph: Photograph
) -> None:
    """The same hand in a whole picture, in one of half the size and in one that it fills."""
    whole: Pixels = photograph("Y")
    with open_detector(hand_model, video=False) as finder:
        hand = finder.find(whole, 0.0)
        assert hand is not None
        (x, y), (right, bottom) = (hand.landmarks[:, :2].min(0) - 4).astype(int), hand.landmarks[:, :2].max(0) + 4
        close = np.ascontiguousarray(whole[y : int(bottom), x : int(right)])
    folder = tmp_path / "pictures" / "A"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "whole.png"), whole)
    cv2.imwrite(str(folder / "half.png"), cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    cv2.imwrite(str(folder / "close.png"), close)
    crop_tree(tmp_path / "pictures", crops, hand_model=hand_model)
    known = read_crops(crops)
    box = np.array(known["A/whole.jpg"].box)
    np.testing.assert_allclose(np.array(known["A/half.jpg"].box) * 2, box, atol=0.06 * box[2])
    np.testing.assert_allclose(np.add(np.array(known["A/close.jpg"].box), (x, y, 0)), box, atol=0.06 * box[2])


def test_a_picture_that_is_too_long_on_one_side_is_noted_as_unreadable(
    tmp_path: Path, crops: Path, hand_model: Path
) -> None:
    collection = tmp_path / "pictures"
    (collection / "ann" / "A").mkdir(parents=True)
    cv2.imwrite(str(collection / "ann" / "A" / "screen.png"), np.zeros((2, 9000, 3), np.uint8))
    crop_tree(collection, crops, hand_model=hand_model)
    assert read_crops(crops)["ann/A/screen.jpg"].why == "unreadable"


def test_what_is_done_is_not_done_again(
    collection: Path, own: Path, hand_model: Path, photograph: Photograph
) -> None:
    crops = own
    before = {path: path.stat().st_mtime_ns for path in crops.rglob("*.jpg")}
    assert crop_tree(collection, crops, hand_model=hand_model).new == 0
    cv2.imwrite(str(collection / "ann" / "A" / "2.jpg"), photograph("A", part=0.5))
    cv2.imwrite(str(collection / "ann" / "B" / "0.jpg"), photograph("B", part=0.55))
    (crops / "bob" / "L" / "1.jpg").unlink()
    again = crop_tree(collection, crops, hand_model=hand_model)
    assert again.new == 3  # one added, one changed, one whose crop was removed
    assert len(again.crops) == 13
    after = {path: path.stat().st_mtime_ns for path in crops.rglob("*.jpg")}
    assert {path.relative_to(crops).as_posix() for path in after if before.get(path) != after[path]} == {
        "ann/A/2.jpg",
        "ann/B/0.jpg",
        "bob/L/1.jpg",
    }
    shutil.rmtree(collection / "bob")
    assert crop_tree(collection, crops, hand_model=hand_model).orphans == 6
    assert (crops / "bob" / "A" / "0.jpg").exists()


def test_a_line_that_was_cut_off_costs_one_picture(collection: Path, own: Path, hand_model: Path) -> None:
    crops = own
    journal = crops / "crops.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    assert len(read_crops(crops)) == 11
    assert crop_tree(collection, crops, hand_model=hand_model).new == 1
    assert len(lines(crops)) == len(read_crops(crops)) == 12


def test_missed_and_unreadable_pictures_are_noted_and_shown(collection: Path, own: Path, hand_model: Path) -> None:
    crops = own
    cv2.imwrite(str(collection / "ann" / "A" / "empty <room>.png"), GREY)
    (collection / "ann" / "L" / "broken.jpg").write_bytes(b"no picture")
    (collection / "bob" / "B" / "nothing.jpg").touch()
    cropped = crop_tree(collection, crops, hand_model=hand_model)
    known = read_crops(crops)
    assert known["ann/A/empty <room>.jpg"].why == "no hand"
    assert known["ann/L/broken.jpg"].why == known["bob/B/nothing.jpg"].why == "unreadable"
    assert known["ann/L/broken.jpg"].landmarks is None
    assert not (crops / "ann" / "A" / "empty <room>.jpg").exists()
    signers, everyone = count_crops(cropped)
    assert (signers["ann"].pictures, signers["ann"].found, signers["ann"].no_hand, signers["ann"].unreadable) == (
        8,
        6,
        1,
        1,
    )
    assert (everyone.pictures, everyone.found, everyone.share) == (15, 12, 0.8)
    write_missed(crops / "missed.html", collection, cropped)
    page = (crops / "missed.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 1
    assert "empty &lt;room&gt;.png" in page
    assert "ann/L/broken.jpg" in page
    assert "1 picture without a hand" in page
    assert "http" not in page  # nothing is fetched from elsewhere


def test_of_many_missed_pictures_the_page_shows_some_and_counts_all(
    tmp_path: Path, crops: Path, hand_model: Path
) -> None:
    for letter in "ABC":
        (tmp_path / "pictures" / letter).mkdir(parents=True)
        for index in range(2):
            cv2.imwrite(str(tmp_path / "pictures" / letter / f"{index}.png"), GREY)
    cropped = crop_tree(tmp_path / "pictures", crops, hand_model=hand_model)
    write_missed(crops / "missed.html", tmp_path / "pictures", cropped, most=3)
    page = (crops / "missed.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 3
    assert page.count("2 missed") == 3
    assert "6 pictures without a hand" in page


def test_a_picture_changed_into_one_without_a_hand_leaves_no_crop(
    collection: Path, own: Path, hand_model: Path
) -> None:
    crops = own
    assert (crops / "ann" / "A" / "0.jpg").exists()
    cv2.imwrite(str(collection / "ann" / "A" / "0.jpg"), GREY)
    crop_tree(collection, crops, hand_model=hand_model)
    assert not (crops / "ann" / "A" / "0.jpg").exists()
    assert not read_crops(crops)["ann/A/0.jpg"].found


def test_pictures_of_one_stem_do_not_write_over_each_other(
    tmp_path: Path, crops: Path, hand_model: Path, photograph: Photograph
) -> None:
    folder = tmp_path / "pictures" / "A"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.png"), photograph("A"))
    crop_tree(tmp_path / "pictures", crops, hand_model=hand_model)
    cv2.imwrite(str(folder / "1.jpg"), photograph("A", part=0.4))
    assert crop_tree(tmp_path / "pictures", crops, hand_model=hand_model).new == 1
    assert {crop.path: crop.source for crop in read_crops(crops).values()} == {
        "A/1.jpg": "A/1.png",
        "A/1.jpg.jpg": "A/1.jpg",
    }


def test_takes_and_their_notes_keep_their_places(
    tmp_path: Path, crops: Path, hand_model: Path, photograph: Photograph
) -> None:
    for take, pixels in (("t1", photograph("B")), ("t2", GREY)):
        folder = tmp_path / "pictures" / "ann" / "B" / take
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "0.jpg"), pixels)
        (folder / "take.json").write_text(f'{{"take": "{take}"}}')
    crop_tree(tmp_path / "pictures", crops, hand_model=hand_model)
    assert (crops / "ann" / "B" / "t1" / "0.jpg").is_file()
    assert (crops / "ann" / "B" / "t1" / "take.json").read_text() == '{"take": "t1"}'
    assert not (crops / "ann" / "B" / "t2").exists()  # no hand, no folder


@pytest.mark.e2e
def test_two_processes_find_what_one_finds(
    rendered: Path, made: tuple[Path, Cropped], crops: Path, hand_model: Path
) -> None:
    alone, _ = made
    crop_tree(rendered, crops, hand_model=hand_model, jobs=2)
    one, two = (sorted(lines(folder), key=lambda line: line["path"]) for folder in (alone, crops))
    assert one == two
    for path in alone.rglob("*.jpg"):
        assert path.read_bytes() == (crops / path.relative_to(alone)).read_bytes()


def test_folders_in_one_another_are_refused(collection: Path, hand_model: Path) -> None:
    for target in (collection, collection / "crops", collection / "ann" / ".." / "crops", collection.parent):
        with pytest.raises(SigncapError, match="a folder of their own"):
            crop_tree(collection, target, hand_model=hand_model)
    assert not (collection / "crops").exists()
    assert not (collection / "crops.jsonl").exists()


def test_another_size_is_refused_and_loses_nothing(
    tmp_path: Path, crops: Path, hand_model: Path, photograph: Photograph
) -> None:
    collection = tmp_path / "pictures"
    (collection / "ann" / "A").mkdir(parents=True)
    cv2.imwrite(str(collection / "ann" / "A" / "0.jpg"), photograph("A"))
    crop_tree(collection, crops, hand_model=hand_model, size=96)
    assert cv2.imread(str(crops / "ann" / "A" / "0.jpg")).shape == (96, 96, 3)
    before = (crops / "crops.jsonl").read_bytes()
    with pytest.raises(SigncapError, match="holds crops of 96×96"):
        crop_tree(collection, crops, hand_model=hand_model)
    assert (crops / "crops.jsonl").read_bytes() == before


def test_a_damaged_journal_is_named(collection: Path, crops: Path, hand_model: Path) -> None:
    crops.mkdir()
    (crops / "crops.jsonl").write_text('{"path": 1}\n')
    with pytest.raises(SigncapError, match=r"crops\.jsonl is damaged"):
        crop_tree(collection, crops, hand_model=hand_model)
    assert (crops / "crops.jsonl").read_text() == '{"path": 1}\n'


@pytest.mark.skipif(os.name != "posix", reason="files are locked on POSIX only")
def test_only_one_program_writes_into_a_folder(collection: Path, crops: Path, hand_model: Path) -> None:
    import fcntl

    crops.mkdir()
    with (crops / "crops.jsonl").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(SigncapError, match="Another `signcap crop`"):
            crop_tree(collection, crops, hand_model=hand_model)


@pytest.mark.unit
def test_a_folder_without_crops_has_none(tmp_path: Path) -> None:
    assert read_crops(tmp_path) == {}
