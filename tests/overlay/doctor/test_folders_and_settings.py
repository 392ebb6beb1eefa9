"""Memory, folders, the settings file; and what strangers may see of a finding."""

from pathlib import Path

import pytest

from overlay.doctor import Finding
from overlay.doctor.finding import for_strangers, joined
from overlay.doctor.system.resources import check_folder, check_memory
from overlay.doctor.system.settings import check_settings

pytestmark = pytest.mark.unit


def test_memory() -> None:
    assert check_memory().found.endswith("GB free")
    assert (check_memory(200_000_000).state, check_memory(4_000_000_000).state) == ("warning", "good")


def test_a_folder_that_is_not_there_yet_and_is_not_made(tmp_path: Path) -> None:
    assert check_folder("settings folder", tmp_path / "a" / "b").state == "good"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_whose_place_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finding = check_folder("settings folder", tmp_path / "file" / "signcap")
    assert (finding.name, finding.state) == ("settings folder", "problem")


def test_a_full_disk(tmp_path: Path) -> None:
    assert check_folder("settings folder", tmp_path, room=3_000_000).state == "warning"


def test_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert check_settings(path).state == "good"
    path.write_text('{"caption": {"lines": 2}}')
    assert check_settings(path).state == "good"
    path.write_text('{\n  "caption": {\n    "place": "middle"\n  }\n}')
    finding = check_settings(path)
    assert finding.state == "warning"
    assert "line 3, caption.place" in finding.found
    assert str(tmp_path) not in finding.found
    assert check_settings(tmp_path).state == "warning", "a folder in its place"


def test_names_that_are_mistaken_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{\n  "suggesting": {\n    "hot_words": ["Zebedee the 3rd"]\n  }\n}')
    finding = check_settings(path)
    assert "suggesting.hot_words" in finding.found
    assert "ZEBEDEE" not in (finding.found + (finding.advice or "")).upper()


def test_the_users_folder_is_not_told() -> None:
    told = Finding("settings", "warning", "in /home/ann/x", "Mend /home/ann/.config/signcap/settings.json.")
    assert for_strangers(told, [Path("/home/ann")]) == Finding(
        "settings", "warning", "in ~/x", "Mend ~/.config/signcap/settings.json."
    )
    assert for_strangers(told, [Path("/")]) == told
    elsewhere = Finding("settings", "warning", "of ann and annie", "Mend /data/ann/x and /data/annie.")
    assert for_strangers(elsewhere, [Path("/home/ann")], "ann").advice == "Mend /data/USER/x and /data/annie."


def test_lists_of_words() -> None:
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
