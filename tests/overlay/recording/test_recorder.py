"""The recorder with real files, encoders and disks."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from overlay.caption import Letter
from overlay.errors import SinkError
from overlay.frame import Frame
from overlay.pipeline import Pipeline
from overlay.reading import Reader, Reading
from overlay.recording.microphone import Microphone
from overlay.recording.recorder import Recorder
from overlay.settings import Settings
from overlay.transcript import Transcript
from tests.overlay.recording.conftest import make_picture, play
from tests.waiting import until

pytestmark = pytest.mark.unit

ZERO = 50.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.mp4"


def send(recorder: Recorder, times: list[float], brightness: int = 90, pause: float = 0.0) -> None:
    """Pictures, no faster than they are written, with a pause after each."""
    for at in times:
        recorder.send(make_picture(ZERO + at, brightness))
        time.sleep(pause)
        until(lambda at=at: recorder.seconds >= at - 0.3 or recorder.error is not None)  # type: ignore[misc]


def thirty_a_second(seconds: float, begin: float = 0.0) -> list[float]:
    return [begin + number / 30 for number in range(round(seconds * 30))]


@pytest.mark.integration
def test_a_clean_picture_beside_the_captioned_one(path: Path) -> None:
    recorder = Recorder(path, 30.0, clean=True)
    send(recorder, thirty_a_second(2.0), brightness=80, pause=0.03)  # the clean one is written by another thread
    recorder.stop()
    captioned, clean = (play(one) for one in recorder.paths)
    assert recorder.paths[1] == path.with_name("talk-clean.mp4")
    assert captioned.pictures == pytest.approx(thirty_a_second(2.0), abs=0.001)
    assert clean.pictures == pytest.approx(captioned.pictures)
    assert np.mean(clean.brightness) - np.mean(captioned.brightness) == pytest.approx((255 - 160) * 219 / 255, abs=3)
    assert sorted(one.name for one in path.parent.iterdir()) == ["talk-clean.mp4", "talk.mp4", "talk.srt", "talk.vtt"]
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


@pytest.mark.integration
def test_pictures_are_never_held_up_and_those_that_are_missing_are_counted(path: Path) -> None:
    recorder = Recorder(path, 30.0)
    pictures = [make_picture(ZERO + at, size=(1280, 720), noise=3) for at in thirty_a_second(0.2)]
    for number in range(300):  # ten seconds of noise in an instant, which no encoder keeps up with
        picture = pictures[number % len(pictures)]
        recorder.send(replace(picture, at=ZERO + number / 30))
    waiting = recorder.dropped
    assert waiting > 200
    recorder.stop()
    assert recorder.dropped == waiting
    assert len(play(path).pictures) == 300 - waiting


@pytest.mark.integration
def test_the_picture_of_a_lost_camera_stays_for_as_long_as_it_is_lost(path: Path) -> None:
    now = [ZERO]
    recorder = Recorder(path, 30.0, clock=lambda: now[0])
    send(recorder, thirty_a_second(1.0), brightness=60)
    for number in range(6):  # the pipeline sends the last one again, with a notice on it
        now[0] = ZERO + 1.5 + number / 2
        recorder.send(make_picture(ZERO + thirty_a_second(1.0)[-1], 120))
    send(recorder, thirty_a_second(1.0, begin=4.6), brightness=180)
    recorder.stop()
    played = play(path)
    assert played.pictures[30:36] == pytest.approx([1.5, 2.0, 2.5, 3.0, 3.5, 4.0], abs=0.001)
    assert played.pictures[36] == pytest.approx(4.6, abs=0.001)
    assert played.brightness[29] < played.brightness[30] < played.brightness[36]


@pytest.mark.e2e
def test_a_full_disk_ends_it_with_one_sentence_and_what_is_there_is_played(small_disk: Path) -> None:
    path = small_disk / "talk.mp4"
    sentences: list[str] = []
    recorder = Recorder(path, 30.0, clean=True, ended=sentences.append)
    sent = 0
    deadline = time.monotonic() + 60
    while recorder.error is None:
        assert time.monotonic() < deadline
        recorder.send(make_picture(ZERO + sent / 30, size=(640, 360), noise=sent))
        sent += 1
        time.sleep(0.02)
    recorder.stop()
    assert len(sentences) == 1
    assert "the disk is full" in sentences[0]
    assert str(small_disk) in sentences[0]
    for one in recorder.paths:
        played = play(one)
        assert len(played.pictures) > 30
        assert played.pictures[-1] <= sent / 30
    assert (small_disk / "talk.vtt").read_text().startswith("WEBVTT")
    recorder.send(make_picture(ZERO + 1000))  # the pipeline may not have noticed yet


@pytest.mark.e2e
def test_nothing_is_written_to_a_closed_disk(closed_disk: Path) -> None:
    with pytest.raises(SinkError, match="choose a folder that you may write to"):
        Recorder(closed_disk / "talk.mp4", 30.0)


@pytest.mark.integration
@pytest.mark.parametrize("taken", ["talk.mp4", "talk-clean.mp4", "talk.vtt", "talk.srt"])
def test_no_file_of_somebody_is_written_over_and_none_of_ours_is_left(path: Path, taken: str) -> None:
    (path.parent / taken).write_text("somebody's")
    with pytest.raises(SinkError, match=f"{taken} exists already"):
        Recorder(path, 30.0, clean=True)
    until(lambda: [one.name for one in path.parent.iterdir()] == [taken])
    assert (path.parent / taken).read_text() == "somebody's"


def test_without_a_picture_there_is_no_file(path: Path) -> None:
    recorder = Recorder(path, 30.0)
    recorder.stop()
    assert list(path.parent.iterdir()) == []


@pytest.mark.integration
def test_a_microphone_that_cannot_be_opened_does_not_stop_the_picture(path: Path) -> None:
    def refuse(name: str, _take: object) -> Microphone:
        raise SinkError(f"There is no microphone {name}: choose another.")

    recorder = Recorder(path, 30.0, microphone="violin", open_microphone=refuse)
    assert recorder.notice == "There is no microphone violin: choose another. This recording has no sound."
    send(recorder, thirty_a_second(1.0))
    recorder.stop()
    assert len(play(path).pictures) == 30


@pytest.mark.e2e
@pytest.mark.slow
def test_a_microphone_that_is_unplugged_does_not_stop_the_picture(sine: Callable[[], None], path: Path) -> None:
    recorder = Recorder(path, 30.0, microphone="sine")
    began = time.monotonic()

    def until(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            recorder.send(make_picture(time.monotonic()))
            time.sleep(1 / 30)

    until(lambda: recorder.seconds > 6)
    sine()
    unplugged = time.monotonic() - began
    until(lambda: recorder.notice)
    assert recorder.notice is not None
    assert "Nothing comes from the microphone sine any more" in recorder.notice
    until(lambda: recorder.seconds > unplugged + 4)
    recorder.stop()
    played = play(path)
    assert played.pictures[-1] > unplugged + 4
    assert np.abs(played.sound[24_000:96_000]).max() > 0.3


class Spelling:
    """A source of empty pictures, and a reader that reads letters from it as they are due.

    Times are counted in pictures: a busy machine makes pauses longer, and none that a caption would end in.
    """

    name, live, rate, notice = "a list", True, 30.0, None

    def __init__(self, text: str) -> None:
        self.text, self.began, self.number, self.closed = text, time.monotonic(), 0, False
        self.due, self.signing = self.began + 1.0, False
        self.letters: list[Letter] = []
        self.transcript = Transcript()

    def read(self) -> Frame | None:
        time.sleep(1 / 30)
        self.number += 1
        pixels = np.full((180, 320, 3), 90, np.uint8)
        return None if self.closed else Frame(pixels, self.number, self.began + self.number / 30)

    def accept(self, frame: Frame) -> Reading:
        letters: list[Letter] = []
        if frame.at >= self.due:  # each letter has its time, also after frames that were left out
            self.due, self.signing = frame.at + 0.19, False
            if len(self.letters) < len(self.text):
                text = self.text[len(self.letters)]
                self.letters.append(Letter(text, 0.9, frame.at - 0.15, frame.at))
                self.signing = text.isalpha()
                letters = self.letters[-1:] if self.signing else []
        state = self.transcript.accept(letters, None, frame.at, hand_up=self.signing, signing=self.signing)
        return Reading(frame.at, state, letters=tuple(letters))

    def finish(self) -> Reading:
        return Reading(state=self.transcript.finish())

    def edit(self, edit: Callable[[Transcript], object]) -> object:
        return edit(self.transcript)

    def configure(self, settings: Settings) -> None:
        pass

    def close(self) -> None:
        self.closed = True


@pytest.mark.integration
@pytest.mark.slow
def test_captions_of_a_pipeline_begin_with_their_letters_in_track_and_files(path: Path) -> None:
    spelling = Spelling("HELLO" + " " * 20 + "AGAIN" + " " * 20 + "NOW")

    def make_reader() -> Reader:
        return spelling  # type: ignore[return-value]

    pipeline = Pipeline(spelling, make_reader)
    pictures: list[float] = []
    recorder = Recorder(path, 30.0)
    take = recorder.send
    recorder.send = lambda picture: (pictures.append(picture.at), take(picture))[1]  # type: ignore[method-assign]
    recorder.start(pipeline)
    pipeline.start()
    try:
        until(lambda: len(spelling.letters) >= len(spelling.text), 120)
        assert "HELLO" in path.with_suffix(".vtt").read_text()  # long before the end
    finally:
        recorder.stop()
        pipeline.stop()
    zero = pictures[0]
    begins = [spelling.letters[place].start - zero for place in (0, 25, 50)]
    played = play(path)
    assert [text for *_, text in played.captions] == ["HELLO", "AGAIN", "NOW"]
    assert [start for start, *_ in played.captions] == pytest.approx(begins, abs=0.1)
    for suffix in (".vtt", ".srt"):
        lines = path.with_suffix(suffix).read_text().replace(",", ".").splitlines()
        starts = [line.split(" --> ")[0] for line in lines if "-->" in line]
        seconds = [sum(float(part) * 60**power for power, part in enumerate(one.split(":")[::-1])) for one in starts]
        assert seconds == pytest.approx(begins, abs=0.1)
