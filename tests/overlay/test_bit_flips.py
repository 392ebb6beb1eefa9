"""One bit that a disk has turned over prevents no start: what is damaged is read as far as it goes, or told."""

import math
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from overlay.core.errors import SigncapError
from overlay.core.settings import Settings, load_settings, save_settings
from overlay.core.settings_store import SettingsStore
from overlay.enrolment.adaptation import Correction
from overlay.enrolment.fit import Enrolled, Tally
from overlay.enrolment.profile import InUse, Profile, Profiles, model_digest
from overlay.recognition.feature_window import STEPS, Sample
from overlay.recognition.letter_model import read_model_info, shipped_model
from overlay.transcripts.session import KeptCue
from overlay.transcripts.session_files import RECORD, SessionFiles
from overlay.transcripts.store import TranscriptStore
from server.session.profile_choice import choose_profile
from server.web.auth.paired_browsers import PairedBrowsers
from server.web.auth.viewer_links import kept_viewer_secrets
from tests.bit_flips import FLIPS, flipped

pytestmark = pytest.mark.unit

CENTRES = np.linspace(0, 1, 2 * 128, dtype=np.float32).reshape(2, 128)


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    """Ann's, of few numbers, so that many flips hit the structure of its file."""
    profiles = Profiles(tmp_path / "profiles", now=lambda: 1_764_000_000.0)
    found = Enrolled(Correction(CENTRES, CENTRES / 7, 4.0), "ABE", {"A": Tally(3, 2, 0)}, (0.5, 0.75))
    profiles.save(Profile("ann", model_digest(), found, True, 0.0))
    return profiles


@pytest.mark.integration
def test_a_profile_is_right_or_left_out_with_a_sentence(profiles: Profiles) -> None:
    path = profiles.folder / "ann.npz"
    sample = Sample(0.0, np.zeros(128, np.float32), np.zeros((21, 2), np.float32), 1.0)
    left_out = 0
    for data in flipped(path.read_bytes()):
        path.write_bytes(data)
        said: list[str] = []
        found = profiles.newest(said.append)
        if found is None:
            left_out += bool(said)
            assert said == [] or "ann.npz is damaged" in said[0]
        else:
            assert np.isfinite(InUse(found).apply(sample).feature).all()
            assert datetime.fromtimestamp(found.changed, UTC)
    assert left_out > FLIPS / 2


@pytest.mark.parametrize("place", [0, 30, 60, 400, -30])
def test_a_run_goes_on_without_a_damaged_profile(profiles: Profiles, place: int) -> None:
    path = profiles.folder / "ann.npz"
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    said: list[str] = []
    choose_profile(profiles, None, None, said.append)
    assert len(said) == 1


def test_a_models_description_is_possible_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    for data in flipped((shipped_model() / "model.json").read_bytes()):
        path.write_bytes(data)
        try:
            info = read_model_info(tmp_path)
        except SigncapError:
            continue
        assert math.isfinite(info.temperature)
        assert 0 <= info.delay < STEPS


@pytest.mark.integration
def test_settings_are_right_or_the_last_good_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    path = tmp_path / "settings.json"
    save_settings(Settings(), path)
    good = path.read_bytes()
    told = 0
    for data in flipped(good):
        path.write_bytes(data)
        store = SettingsStore(path)
        told += store.problem is not None
        assert store.current == (Settings() if store.problem else load_settings(path))
        (tmp_path / "settings.json.last-good").unlink(missing_ok=True)
    assert told > FLIPS / 4


def test_a_kept_session_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    files = SessionFiles(tmp_path, 1_764_000_000.0, times=True)
    for index, text in enumerate(("HELLO", "NICE TO MEET YOU", "SEE YOU SOON")):
        files.add(KeptCue(index, text, 1_764_000_001.0 + index, 1_764_000_001.5 + index), now=1_764_000_004.0)
    files.end(1_764_000_010.0)
    path = tmp_path / f"{files.name}{RECORD}"
    for number, data in enumerate(flipped(path.read_bytes())):
        path.write_bytes(data)
        os.utime(path, (number, number))
        store = TranscriptStore(tmp_path)
        (session,) = store.sessions()
        assert len(session.cues) >= 1
        assert session.seconds >= 0
        store.search("you")


@pytest.mark.parametrize("name", ["viewers.json", "browsers.json"])
def test_secrets_are_right_or_new(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    read: Callable[[], object]
    if name == "viewers.json":
        kept_viewer_secrets(path)
        read = lambda: kept_viewer_secrets(path)  # noqa: E731
    else:
        PairedBrowsers(path).add("abcdefgh", "Chromium 150")
        read = lambda: PairedBrowsers(path).all()  # noqa: E731
    for data in flipped(path.read_bytes()):
        path.write_bytes(data)
        path.chmod(0o600)
        read()
