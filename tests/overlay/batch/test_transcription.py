"""Letters and captions of a video, and which letter belongs to which word."""

import json

import pytest

from overlay.batch.transcription import Transcription, to_jsonl
from overlay.captions.state import AssistedWord, CaptionState, Cue, Letter
from overlay.pipeline.result import CaptionResult

pytestmark = pytest.mark.unit


def letter(text: str, at: float) -> Letter:
    return Letter(text, 0.98765, at, at + 0.1)


def test_letters_by_caption_and_word() -> None:
    letters = [letter(text, number) for number, text in enumerate("HIYOUOK")]
    cues = [Cue(0, "HI YOU", 0.0, 4.5), Cue(1, "OK", 5.0, 6.12345)]
    lines = [json.loads(line) for line in to_jsonl(letters, cues).splitlines()]
    assert [(line["letter"], line["cue"], line["word"]) for line in lines if line["kind"] == "letter"] == [
        ("H", 0, 0),
        ("I", 0, 0),
        ("Y", 0, 1),
        ("O", 0, 1),
        ("U", 0, 1),
        ("O", 1, 0),
        ("K", 1, 0),
    ]
    assert lines[0] == {
        "kind": "letter",
        "letter": "H",
        "confidence": 0.9877,
        "start": 0.0,
        "end": 0.1,
        "cue": 0,
        "word": 0,
    }
    assert lines[5] == {"kind": "cue", "cue": 0, "text": "HI YOU", "start": 0.0, "end": 4.5}
    assert lines[-1] == {"kind": "cue", "cue": 1, "text": "OK", "start": 5.0, "end": 6.123}
    assert to_jsonl([], []) == ""


def test_captions_are_kept_that_the_recogniser_forgets() -> None:
    spelled, cues = Transcription(), [Cue(number, f"C{number}", number, number + 0.5) for number in range(9)]
    assert spelled.note(CaptionResult(letters=(letter("A", 0),))) == ()
    assert spelled.note(CaptionResult(state=CaptionState(cues=tuple(cues[:2])))) == tuple(cues[:2])
    assert spelled.note(CaptionResult(state=CaptionState(cues=tuple(cues[:2])), letters=(letter("B", 1),))) == ()
    assert spelled.note(CaptionResult(state=CaptionState(cues=tuple(cues[1:4])))) == tuple(cues[2:4])
    assert spelled.note(CaptionResult(state=CaptionState(cues=tuple(cues[3:9])))) == tuple(cues[4:9])
    assert spelled.cues == cues
    assert [one.text for one in spelled.letters] == ["A", "B"]


def test_letters_belong_to_words_as_they_were_read_where_others_stand_there() -> None:
    letters = [letter(text, number) for number, text in enumerate("HIYOUOK")]
    cue = Cue(0, "HI YOU OAK", 0.0, 6.5, (AssistedWord(0, "HI YOU", "HIYOU"), AssistedWord(2, "OAK", "OK")))
    *spelled, last = [json.loads(line) for line in to_jsonl(letters, [cue]).splitlines()]
    assert [(line["letter"], line["word"]) for line in spelled] == [
        *((one, 0) for one in "HIYOU"),
        *((one, 1) for one in "OK"),
    ]
    assert (last["text"], last["read"]) == ("HI YOU OAK", "HIYOU OK")
