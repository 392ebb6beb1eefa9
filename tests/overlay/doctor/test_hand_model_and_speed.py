"""The hand model, and how fast it is run."""

from pathlib import Path

import pytest

from overlay.doctor.system.hand_model import check_hand_model, here
from overlay.doctor.system.speed import judge, measure

pytestmark = pytest.mark.unit


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of the user."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.delenv("SIGNCAP_HAND_MODEL", raising=False)
    return tmp_path / "cache"


def test_not_fetched_yet_is_no_problem_and_nothing_is_fetched(cache: Path) -> None:
    finding = check_hand_model()
    assert (finding.state, finding.found) == ("warning", "not fetched yet")
    assert finding.advice is not None
    assert "35 MB" in finding.advice
    assert here() is None
    assert not cache.exists()


def test_without_pip_it_cannot_be_fetched(cache: Path) -> None:
    finding = check_hand_model(find=lambda _name: None)
    assert finding.state == "problem"
    assert finding.advice is not None
    assert "ensurepip" in finding.advice


@pytest.mark.integration
def test_damaged_and_right(cache: Path, hand_model: Path) -> None:
    content = hand_model.read_bytes()
    cache.mkdir()
    (cache / "hand_landmarker.task").write_bytes(content[: len(content) // 2])
    assert check_hand_model().found == "damaged"
    (cache / "hand_landmarker.task").write_bytes(content)
    assert check_hand_model().state == "good"
    assert here() == cache / "hand_landmarker.task"


@pytest.mark.integration
def test_one_of_the_users_own(cache: Path, hand_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_hand_model(hand_model).state == "good"
    monkeypatch.setenv("SIGNCAP_HAND_MODEL", str(tmp_path / "absent.task"))
    finding = check_hand_model()
    assert finding.state == "problem"
    assert "SIGNCAP_HAND_MODEL" in finding.found
    assert str(tmp_path) not in finding.found + (finding.advice or "")


@pytest.mark.parametrize(
    ("milliseconds", "state", "part"),
    [
        (11.0, "good", None),
        (25.0, "good", None),
        (30.0, "warning", "leaves out a few frames"),
        (40.0, "warning", "reads every second frame"),
        (90.0, "warning", "about one frame in 3"),
        (400.0, "problem", "a faster computer"),
        (3900.0, "problem", "a faster computer"),
        (None, "unknown", None),
    ],
)
def test_what_a_time_means(milliseconds: float | None, state: str, part: str | None) -> None:
    finding = judge(milliseconds)
    assert finding.state == state
    assert (finding.advice is None) == (part is None)
    assert milliseconds != 3900.0 or finding.found == "a frame is read in 3.9 s"
    assert part is None or (finding.advice is not None and part in finding.advice)


@pytest.mark.integration
def test_the_real_recogniser_is_timed(hand_model: Path) -> None:
    assert measure(hand_model) > 0
