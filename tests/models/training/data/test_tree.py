"""Pictures on disk, in every arrangement that is understood."""

from pathlib import Path

import pytest

from models.training.data.tree import ONLY_SIGNER, VIDEOS, Entry, read_tree, signer_of, signers_of
from overlay.core.errors import SigncapError

pytestmark = pytest.mark.unit


def touch(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return folder


def test_signers_letters_takes_and_frames_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "bob/A/10.jpg", "bob/A/2.jpg", "bob/A/two/1.PNG", "ann/Z/t1/0.webp", "ann/Z/t1/take.json")
    assert read_tree(tmp_path) == [
        Entry("ann", "Z", "t1", 0, "ann/Z/t1/0.webp"),
        Entry("bob", "A", "", 0, "bob/A/2.jpg"),
        Entry("bob", "A", "", 1, "bob/A/10.jpg"),
        Entry("bob", "A", "two", 0, "bob/A/two/1.PNG"),
    ]
    assert signers_of(read_tree(tmp_path)) == ["ann", "bob"]
    assert [entry.label for entry in read_tree(tmp_path)] == [25, 0, 0, 0]


def test_a_tree_of_one_signer_needs_no_folder_for_the_signer(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg", "B/first/1.jpg", "samples.png", "notes/1.jpg", ".cache/A/1.jpg")
    assert read_tree(tmp_path) == [
        Entry(ONLY_SIGNER, "A", "", 0, "a/1.jpg"),
        Entry(ONLY_SIGNER, "B", "first", 0, "B/first/1.jpg"),
    ]


def test_a_signer_may_be_called_by_one_letter(tmp_path: Path) -> None:
    touch(tmp_path, "J/A/1.jpg", "J/J/1.jpg")
    assert [(entry.signer, entry.letter) for entry in read_tree(tmp_path)] == [("J", "A"), ("J", "J")]


def test_videos_are_read_when_asked_for(tmp_path: Path) -> None:
    touch(tmp_path, "ann/J/1.mp4", "ann/J/1.jpg")
    assert [entry.path for entry in read_tree(tmp_path, VIDEOS)] == ["ann/J/1.mp4"]


def test_an_empty_letter_folder_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "ann/A/1.jpg", "ann/B/notes.txt")
    with pytest.raises(SigncapError, match=r"ann/B is empty: put pictures of the letter B into it"):
        read_tree(tmp_path)


@pytest.mark.parametrize(("folder", "said"), [("absent", "There is no folder"), (".", "No pictures in")])
def test_a_folder_that_is_no_tree_is_named(tmp_path: Path, folder: str, said: str) -> None:
    touch(tmp_path, "1.jpg", "someone/1.jpg")
    with pytest.raises(SigncapError, match=said):
        read_tree(tmp_path / folder)


def test_the_signer_of_a_path_is_that_of_the_tree(tmp_path: Path) -> None:
    for folder, paths in (
        ("signers", ("bob/A/10.jpg", "ann/Z/t1/0.webp", "J/A/1.jpg")),
        ("letters", ("a/1.jpg", "B/first/1.jpg")),
    ):
        for entry in read_tree(touch(tmp_path / folder, *paths)):
            assert signer_of(entry.path) == entry.signer
