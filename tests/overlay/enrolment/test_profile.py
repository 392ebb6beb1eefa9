"""Profiles on disk."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.enrolment.adaptation import Correction
from overlay.enrolment.fit import Enrolled, Tally
from overlay.enrolment.profile import InUse, Profile, Profiles, check_name, model_digest
from overlay.enrolment.prototypes import read_letter_means
from overlay.recognition.feature_window import Sample

pytestmark = pytest.mark.unit

CENTRES = np.arange(12, dtype=np.float32).reshape(3, 4)
FOUND = Enrolled(
    Correction(CENTRES, CENTRES / 7, 4.0), "ABE", {"A": Tally(3, 2, 0), "J": Tally(1, 1, 1)}, (0.5, 0.75)
)
ANN = Profile("ann", "abc", FOUND, True, 0.0)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(tmp_path / "not/there/yet", now=Clock())


def test_what_is_saved_is_what_is_loaded_and_nobody_else_can_read_it(profiles: Profiles) -> None:
    assert profiles.names() == []
    saved = profiles.save(ANN)
    loaded = profiles.load("ann")
    assert replace(loaded, enrolled=FOUND) == replace(saved, enrolled=FOUND)
    correction = loaded.enrolled.correction
    assert correction is not None
    assert FOUND.correction is not None
    assert np.array_equal(correction.shifts, FOUND.correction.shifts)
    assert replace(loaded.enrolled, correction=None) == replace(FOUND, correction=None)
    assert os.listdir(profiles.folder) == ["ann.npz"]
    assert stat.S_IMODE((profiles.folder / "ann.npz").stat().st_mode) == 0o600
    assert loaded.verdict == "Of 4 letters held out, 3 were misread before and 1 now."


def test_a_profile_that_corrects_nothing_is_never_on(profiles: Profiles) -> None:
    saved = profiles.save(replace(ANN, enrolled=replace(FOUND, correction=None)))
    assert not saved.on
    assert "stays off" in saved.verdict
    with pytest.raises(SigncapError, match="stays off"):
        profiles.switch("ann", on=True)
    assert profiles.newest() is None


def test_the_newest_that_is_on_is_the_usual_one(profiles: Profiles) -> None:
    for name in ("ann", "ben"):
        profiles.save(replace(ANN, name=name))
    newest = profiles.newest()
    assert newest is not None
    assert newest.name == "ben"
    profiles.switch("ben", on=False)
    newest = profiles.newest()
    assert newest is not None
    assert newest.name == "ann"
    profiles.switch("ben", on=True)
    profiles.remove("ben")
    assert profiles.names() == ["ann"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and no more", b"no zip at all"])
def test_damaged_files_are_explained_and_passed_over(profiles: Profiles, damage: bytes) -> None:
    profiles.save(ANN)
    (profiles.folder / "ben.npz").write_bytes(damage)
    with pytest.raises(SigncapError, match="damaged"):
        profiles.load("ben")
    newest = profiles.newest()
    assert newest is not None
    assert newest.name == "ann"
    profiles.remove("ben")


def test_impossible_values_are_refused(profiles: Profiles) -> None:
    profiles.save(replace(ANN, enrolled=replace(FOUND, correction=Correction(CENTRES * np.nan, CENTRES, 1.0))))
    with pytest.raises(SigncapError, match="damaged"):
        profiles.load("ann")


def test_nothing_is_lost_when_the_disk_is_full(profiles: Profiles, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.save(ANN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(SigncapError, match="No space left"):
            profiles.save(replace(ANN, enrolled=replace(FOUND, letters="XYZ")))
    assert profiles.load("ann").enrolled.letters == "ABE"
    assert os.listdir(profiles.folder) == ["ann.npz"]


@pytest.mark.parametrize("name", ["", "-a", "a/b", "../ann", "a.b", "nul", "x" * 41, "ann smith"])
def test_names_that_are_none(profiles: Profiles, name: str) -> None:
    for ask in (check_name, profiles.load, profiles.remove):
        with pytest.raises(SigncapError, match="profile's name"):
            ask(name)


def test_who_asks_for_one_that_is_not_there_is_told_which_are(profiles: Profiles) -> None:
    with pytest.raises(SigncapError, match="there is none yet"):
        profiles.load("ann")
    profiles.save(ANN)
    with pytest.raises(SigncapError, match="there is ann"):
        profiles.remove("ben")


def test_the_profile_in_use_can_be_exchanged() -> None:
    sample = Sample(0.0, CENTRES[1].copy(), np.zeros((3, 2), np.float32), 50.0)
    in_use = InUse()
    assert in_use.apply(sample) is sample
    in_use.profile = ANN
    moved = in_use.apply(sample)
    assert FOUND.correction is not None
    assert np.array_equal(moved.feature, FOUND.correction.apply(sample.feature))
    assert not np.array_equal(moved.feature, sample.feature)
    in_use.profile = replace(ANN, on=False)
    assert in_use.apply(sample) is sample


def test_models_are_told_apart_and_need_the_means_of_letters(tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").write_bytes(b"one")
    one = model_digest(tmp_path)
    (tmp_path / "encoder.onnx").write_bytes(b"other")
    assert one != model_digest(tmp_path) != model_digest()
    with pytest.raises(SigncapError, match="cannot be enrolled"):
        read_letter_means(tmp_path, 128)
    (tmp_path / "letters.npz").write_bytes(b"no such thing")
    with pytest.raises(SigncapError, match="cannot be enrolled"):
        read_letter_means(tmp_path, 128)
    np.savez(tmp_path / "letters.npz", mean=np.zeros((26, 64), np.float32))
    with pytest.raises(SigncapError, match="another model"):
        read_letter_means(tmp_path, 128)
