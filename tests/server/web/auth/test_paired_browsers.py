import json
from pathlib import Path

import pytest

from overlay.core.errors import SigncapError
from server.web.auth.paired_browsers import MOST, PairedBrowsers

pytestmark = pytest.mark.unit


def test_who_was_paired_is_known_in_the_next_run_by_the_token_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "browsers.json"
    token = PairedBrowsers(path, lambda: 1700.0).add("browser-1", "Chromium on Linux")
    again = PairedBrowsers(path)
    found = again.of(token)
    assert found is not None
    assert (found.name, found.browser, found.since) == ("browser-1", "Chromium on Linux", 1700.0)
    assert again.of(token[:-1]) is None
    assert again.of("") is None
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_who_is_removed_is_not_known_any_more_now_or_later(tmp_path: Path) -> None:
    path = tmp_path / "browsers.json"
    paired = PairedBrowsers(path)
    tokens = [paired.add(f"browser-{number}", "Chromium") for number in range(2)]
    assert paired.remove("browser-0")
    assert not paired.remove("browser-0")
    for known in (paired, PairedBrowsers(path)):
        assert known.of(tokens[0]) is None
        assert known.of(tokens[1]) is not None


def test_a_file_that_others_could_have_written_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "browsers.json"
    token = PairedBrowsers(path).add("browser-1", "Chromium")
    path.chmod(0o666)
    assert PairedBrowsers(path).of(token) is None


@pytest.mark.parametrize("damage", ["", "{", "[1]", '[{"name": "x"}]', "null", "[" * 5000])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "browsers.json"
    path.touch(mode=0o600)
    path.write_text(damage)
    paired = PairedBrowsers(path)
    assert paired.all() == []
    assert paired.of(paired.add("browser-1", "Chromium")) is not None
    assert len(json.loads(path.read_text())) == 1


def test_too_many_are_refused() -> None:
    paired = PairedBrowsers()
    for number in range(MOST):
        paired.add(f"browser-{number:02}", "Chromium")
    with pytest.raises(SigncapError, match="remove one first"):
        paired.add("browser-99", "Chromium")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="wants a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_told_and_nobody_is_paired() -> None:
    paired = PairedBrowsers(Path("/proc/self/browsers.json"))
    with pytest.raises(SigncapError, match="cannot be written"):
        paired.add("browser-1", "Chromium")
    assert paired.all() == []
