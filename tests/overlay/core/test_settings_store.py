"""Settings that change while Signcap runs: from pages, by hand, for one run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from overlay.core.errors import SigncapError
from overlay.core.settings import Settings, load_settings
from overlay.core.settings_store import GOOD, MISTAKEN, SettingsStore

pytestmark = pytest.mark.unit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_change_acts_at_once_is_saved_and_told(path: Path) -> None:
    store = SettingsStore(path)
    told: list[float] = []
    stop = store.listen(lambda: told.append(store.current.decoding.letter_confidence))
    store.change({"decoding": {"letter_confidence": 0.7}})
    assert told == [0.7]
    assert load_settings(path).decoding.letter_confidence == 0.7
    assert load_settings(path).decoding.least_hold == Settings().decoding.least_hold
    stop()
    store.change({"decoding": {"letter_confidence": 0.8}})
    assert told == [0.7]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"decoding": {"letter_confidence": 2}}, "decoding.letter_confidence"),
        ({"decoding": {"letter_confidence": "high"}}, "decoding.letter_confidence"),
        ({"decoding": {"letters": {"AB": {}}}}, "decoding.letters"),
        ({"decoding": {"letters": {"A": {"colour": 1}}}}, "decoding.letters.A.colour"),
        ({"nothing": {}}, "nothing"),
        ({"caption": None}, "caption"),
        ({"caption": {"size": float("nan")}}, "size"),
    ],
)
def test_what_cannot_be_set_changes_nothing_and_is_named(path: Path, change: dict[str, Any], named: str) -> None:
    store = SettingsStore(path)
    store.change({"caption": {"lines": 3}})
    before = path.read_text()
    with pytest.raises(SigncapError, match=named):
        store.change(change)
    assert store.current.caption.lines == 3
    assert path.read_text() == before


def test_a_letter_can_have_thresholds_of_its_own_and_lose_them_again(path: Path) -> None:
    store = SettingsStore(path)
    store.change({"decoding": {"letters": {"A": {"letter_confidence": 0.9}}}})
    store.change({"decoding": {"letters": {"A": {"least_hold": 0.3}, "S": {"letter_confidence": 0.8}}}})
    rules = SettingsStore(path).current.decoding
    assert (rules.confidence_of("A"), rules.least_hold_of("A"), rules.confidence_of("S")) == (0.9, 0.3, 0.8)
    assert rules.confidence_of("B") == rules.letter_confidence
    store.change({"decoding": {"letters": {"A": None}}})
    assert set(SettingsStore(path).current.decoding.letters) == {"S"}


def test_edits_by_hand_act(path: Path) -> None:
    store = SettingsStore(path)
    told: list[bool] = []
    store.listen(lambda: told.append(True))
    store.look()
    assert told == []
    write(path, '{"caption": {"place": "top"}}')
    store.look()
    assert store.current.caption.place == "top"
    assert told == [True]


def test_a_mistake_by_hand_is_named_with_its_line_and_the_last_good_settings_stay(path: Path) -> None:
    write(path, '{"decoding": {"letter_confidence": 0.7}}')
    store = SettingsStore(path)
    write(path, '{\n  "decoding": {\n    "letter_confidence": 7\n  }\n}')
    store.look()
    assert store.current.decoding.letter_confidence == 0.7
    assert store.problem is not None
    assert "line 3" in store.problem
    assert "decoding.letter_confidence" in store.problem
    assert str(path) in store.problem
    write(path, '{"decoding": {"letter_confidence": 0.75}}')
    store.look()
    assert store.problem is None
    assert store.current.decoding.letter_confidence == 0.75


@pytest.mark.parametrize("text", ['{"decoding": {"letter_confidence": 7}}', "{", "", "[]", '{"a": 1}', "\x00"])
def test_a_start_with_a_mistaken_file_has_the_last_good_settings(path: Path, text: str) -> None:
    SettingsStore(path).change({"decoding": {"letter_confidence": 0.7}})
    write(path, text)
    store = SettingsStore(path)
    assert store.current.decoding.letter_confidence == 0.7
    assert store.problem is not None
    assert "\n" not in store.problem


def test_what_was_mistaken_is_kept_when_a_page_saves(path: Path) -> None:
    write(path, '{"caption": {"place": "topp"}}')
    store = SettingsStore(path)
    assert store.current == Settings()
    store.change({"caption": {"lines": 3}})
    assert store.problem is None
    assert json.loads(path.read_text())["caption"]["lines"] == 3
    assert "topp" in path.with_name(path.name + MISTAKEN).read_text()


def test_settings_for_one_run_are_not_saved_unless_they_are_changed(path: Path) -> None:
    store = SettingsStore(path, {"caption": {"hand_outline": True}})
    store.change({"caption": {"lines": 3}})
    assert store.current.caption.hand_outline
    assert not load_settings(path).caption.hand_outline
    store.change({"caption": {"hand_outline": False}})
    assert not store.current.caption.hand_outline


def test_back_to_the_defaults_keeps_the_hot_words(path: Path) -> None:
    store = SettingsStore(path)
    store.change(
        {"suggesting": {"hot_words": ["ANNA"]}, "decoding": {"letters": {"A": {"least_hold": 1}}, "smoothing": 0.2}}
    )
    store.reset()
    assert store.current.suggesting.hot_words == ("ANNA",)
    assert store.current.decoding == Settings().decoding


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(path: Path) -> None:
    store = SettingsStore(path)
    path.parent.mkdir()
    path.parent.chmod(0o500)
    with pytest.raises(SigncapError, match="could not be saved"):
        store.change({"caption": {"lines": 3}})
    assert store.current.caption.lines == Settings().caption.lines


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    with pytest.raises(SigncapError, match="could not be saved"):
        SettingsStore(tmp_path / "config" / "settings.json").change({"caption": {"lines": 3}})


def test_nothing_is_left_beside_but_the_good_copy(path: Path) -> None:
    store = SettingsStore(path)
    for lines in (1, 2, 3):
        store.change({"caption": {"lines": lines}})
    assert sorted(os.listdir(path.parent)) == [path.name, path.name + GOOD]
