"""What a person keeps of their spelling."""

import os
import stat
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.prompted.store import KeptSpelling
from overlay.recognition.landmark_file import RunningTake, read_running

pytestmark = pytest.mark.unit

WHEN = datetime(2031, 2, 3, 4, 5, 6)
HANDS = np.random.default_rng(1).random((45, 21, 3)).astype(np.float32)
TAKES = [RunningTake(HANDS, "ANNA LEE", 30.0, 1.5, "ann"), RunningTake(HANDS[:30], "PIZZA", 30.0, 1.5, "ann")]


@pytest.fixture
def kept(tmp_path: Path) -> KeptSpelling:
    return KeptSpelling(tmp_path / "signcap" / "spelling")


def test_what_is_kept_is_listed_and_can_be_read_as_running_spelling(kept: KeptSpelling) -> None:
    assert kept.files() == []
    saved = kept.save(TAKES, WHEN)
    assert (saved.name, saved.phrases, saved.signer) == ("spelling-20310203-040506", ("ANNA LEE", "PIZZA"), "ann")
    assert saved.seconds == pytest.approx(2.5)
    assert kept.files() == [saved]
    takes = read_running(saved.path)
    assert [(take.text, take.rate, take.aspect, take.signer) for take in takes] == [
        ("ANNA LEE", 30.0, 1.5, "ann"),
        ("PIZZA", 30.0, 1.5, "ann"),
    ]
    assert np.array_equal(takes[0].landmarks, HANDS)
    assert kept.content(saved.name) == saved.path.read_bytes()


def test_a_file_holds_numbers_and_text_alone(kept: KeptSpelling) -> None:
    path = kept.save(TAKES, WHEN).path
    with np.load(path, allow_pickle=False) as stored:
        assert set(stored.files) == {"landmarks", "offsets", "text", "rate", "aspect", "signer"}
        assert stored["landmarks"].shape == (75, 21, 3)


def test_two_of_the_same_second_are_two_files_and_the_newest_is_first(kept: KeptSpelling) -> None:
    first, second = kept.save(TAKES, WHEN), kept.save(TAKES[:1], WHEN)
    later = kept.save(TAKES, WHEN.replace(year=2032))
    assert second.name == f"{first.name}-2"
    assert [file.name for file in kept.files()] == [later.name, second.name, first.name]


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_nobody_else_may_read_it(kept: KeptSpelling) -> None:
    path = kept.save(TAKES, WHEN).path
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_what_is_removed_is_gone(kept: KeptSpelling) -> None:
    name = kept.save(TAKES, WHEN).name
    kept.remove(name)
    assert (kept.files(), list(kept.folder.iterdir())) == ([], [])
    for work in (kept.remove, kept.content, kept.path):
        with pytest.raises(SigncapError, match="no kept spelling"):
            work(name)


def test_no_other_file_is_touched(kept: KeptSpelling) -> None:
    kept.save(TAKES, WHEN)
    other = kept.folder / "mine.npz"
    other.write_bytes(b"x")
    for name in ("mine", "../spelling/mine", f"../spelling/{kept.files()[0].name}"):
        with pytest.raises(SigncapError, match="no kept spelling"):
            kept.remove(name)
    assert other.exists()
    assert len(kept.files()) == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"x" * 1000])
def test_a_damaged_file_is_listed_as_one_and_can_be_removed(kept: KeptSpelling, content: bytes) -> None:
    path = kept.save(TAKES, WHEN).path
    path.write_bytes(content)
    assert [(file.damaged, file.phrases) for file in kept.files()] == [(True, ())]
    kept.remove(path.stem)
    assert kept.files() == []


def test_one_bit_that_a_disk_has_turned_over_is_no_traceback(kept: KeptSpelling) -> None:
    path = kept.save(TAKES, WHEN).path
    whole = path.read_bytes()
    for place in np.random.default_rng(2).integers(0, 8 * len(whole), 200):
        data = bytearray(whole)
        data[place // 8] ^= 1 << (place % 8)
        path.write_bytes(bytes(data))
        assert len(kept.files()) == 1


def test_where_it_cannot_be_written_a_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SigncapError, match="cannot be kept"):
        KeptSpelling(tmp_path / "file" / "spelling").save(TAKES, WHEN)
