"""One typed, validated, saved place."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from overlay.core.errors import SigncapError
from overlay.core.settings import CaptionStyle, Settings, load_settings, merged, save_settings

pytestmark = pytest.mark.unit


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "absent.json") == Settings()


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    settings = Settings(caption=CaptionStyle(place="top", size=0.1, columns=20))
    path = tmp_path / "new" / "settings.json"
    save_settings(settings, path)
    assert load_settings(path) == settings
    assert os.listdir(path.parent) == ["settings.json"]


def test_a_file_may_name_a_few_settings_only(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"endpointing": {"word_pause": 1.5}}')
    loaded = load_settings(path)
    assert loaded.endpointing.word_pause == 1.5
    assert loaded.caption == CaptionStyle()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"caption": {"size": 5}}', "caption.size"),
        ('{"caption": {"colour": "red"}}', "caption.colour"),
        ('{"captions": {}}', "captions"),
        ('{"suggesting": {"hot_words": ["ANNA", "R2D2"]}}', "suggesting.hot_words: 'R2D2' is not"),
        ("{", "Invalid JSON"),
        ("[1]", "settings.json"),
    ],
)
def test_mistakes_are_named_in_one_sentence(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(SigncapError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert named in message
    assert str(path) in message
    assert "\n" not in message


def test_hot_words_are_kept_as_they_will_be_shown_and_more_can_be_added(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"suggesting": {"hot_words": ["anna", " José "]}}', "utf-8")
    loaded = load_settings(path)
    assert loaded.suggesting.hot_words == ("ANNA", "JOSÉ")
    assert loaded.with_hot_words(("Kenji", "ANNA")).suggesting.hot_words == ("KENJI", "ANNA", "JOSÉ")
    with pytest.raises(SigncapError, match="MARY ANN"):
        loaded.with_hot_words(("Mary Ann",))


def test_settings_cannot_be_changed_behind_ones_back() -> None:
    with pytest.raises(ValidationError):
        Settings().caption.place = "top"  # type: ignore[misc]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    save_settings(Settings(), path)
    before = path.read_text()

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        save_settings(Settings(caption=CaptionStyle(place="top")), path)
    assert path.read_text() == before
    assert os.listdir(tmp_path) == ["settings.json"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"transcript": {"folder": "transcripts"}}, "Give the whole path"),
        ({"decoding": {"letter_confidence": 0.19}}, "decoding.letter_confidence"),
        ({"decoding": {"letter_confidence": 1.0}}, "decoding.letter_confidence"),
        ({"caption": None}, "caption"),
    ],
)
def test_what_no_setting_has_cannot_be_set(change: dict[str, object], named: str) -> None:
    with pytest.raises(SigncapError, match=named):
        merged(Settings(), change)
