"""The recorder with real files, encoders and disks, by a clock that is stepped."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from overlay.captions.state import Letter
from overlay.captions.transcript import Transcript
from overlay.core.clock import Clock
from overlay.core.errors import SinkError
from overlay.core.settings import Settings
from overlay.media.frame import Frame, Picture, Pixels
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import Captioner, CaptionResult
from overlay.recording import append_file as growing_file
from overlay.recording import fragmented_mp4
from overlay.recording import recorder as recorder_module
from overlay.recording.append_file import SYNC_EVERY
from overlay.recording.audio_sync import Samples
from overlay.recording.fragmented_mp4 import Movie
from overlay.recording.microphone import Microphone
from overlay.recording.movie_writer import PICTURES
from overlay.recording.paths import beside_path, clean_path
from overlay.recording.recorder import GONE_AFTER, Recorder
from tests.clock import SteppedClock
from tests.overlay.recording.conftest import make_picture, play
from tests.waiting import until

pytestmark = pytest.mark.unit

ZERO = 50.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.mp4"


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(ZERO)


def send(recorder: Recorder, clock: SteppedClock, times: list[float], brightness: int = 90) -> None:
    """Pictures, no faster than they are written."""
    for at in times:
        recorder.send(make_picture(ZERO + at, brightness))
        clock.settle()


def thirty_a_second(seconds: float, begin: float = 0.0) -> list[float]:
    return [begin + number / 30 for number in range(round(seconds * 30))]


def test_a_clean_picture_beside_the_captioned_one(path: Path, clock: SteppedClock) -> None:
    recorder = Recorder(path, 30.0, clean=True, clock=clock)
    send(recorder, clock, thirty_a_second(1.0), brightness=80)
    recorder.stop()
    captioned, clean = (play(one) for one in recorder.paths)
    assert recorder.paths[1] == path.with_name("talk-clean.mp4")
    assert captioned.pictures == pytest.approx(thirty_a_second(1.0), abs=0.001)
    assert clean.pictures == pytest.approx(captioned.pictures)
    assert np.mean(clean.brightness) - np.mean(captioned.brightness) == pytest.approx((255 - 160) * 219 / 255, abs=3)
    files = {one.name for one in path.parent.iterdir()}
    assert files == {"talk.mp4", "talk-clean.mp4", "Captions of talk.vtt", "Captions of talk.srt"}
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


def test_a_recording_is_no_time_long_while_its_first_picture_is_written(
    path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds: list[float] = []

    class Watched(Movie):
        def add_picture(self, pixels: Pixels, at: float) -> None:
            seconds.append(recorder.seconds)
            super().add_picture(pixels, at)

    monkeypatch.setattr(fragmented_mp4, "Movie", Watched)
    recorder = Recorder(path, 30.0, clock=clock)
    send(recorder, clock, thirty_a_second(0.1))
    recorder.stop()
    assert seconds == pytest.approx([0.0, 0.0, 1 / 30], abs=0.001)


def test_pictures_are_never_held_up_and_those_that_are_missing_are_counted(
    path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def encode_no_more(picture: Picture) -> Pixels:
        clock.wait(free)
        return picture.i420

    monkeypatch.setattr(recorder_module, "_captioned", encode_no_more)
    recorder = Recorder(path, 30.0, clock=clock)
    for at in thirty_a_second(3.0):
        recorder.send(make_picture(ZERO + at))
        clock.settle()
    assert recorder.dropped == 90 - 1 - PICTURES
    free.set()
    recorder.stop()
    assert recorder.dropped == 90 - 1 - PICTURES
    assert len(play(path).pictures) == 1 + PICTURES


def test_the_picture_of_a_lost_camera_stays_for_as_long_as_it_is_lost(path: Path, clock: SteppedClock) -> None:
    recorder = Recorder(path, 30.0, clock=clock)
    send(recorder, clock, thirty_a_second(1.0), brightness=60)
    clock.advance(1.0)
    for _ in range(6):  # the pipeline sends the last one again, with a notice on it
        clock.advance(0.5)
        send(recorder, clock, [thirty_a_second(1.0)[-1]], brightness=120)
    send(recorder, clock, thirty_a_second(1.0, begin=4.6), brightness=180)
    recorder.stop()
    played = play(path)
    assert played.pictures[30:36] == pytest.approx([1.5, 2.0, 2.5, 3.0, 3.5, 4.0], abs=0.001)
    assert played.pictures[36] == pytest.approx(4.6, abs=0.001)
    assert played.brightness[29] < played.brightness[30] < played.brightness[36]


@pytest.mark.e2e
def test_a_full_disk_ends_it_with_one_sentence_and_what_is_there_is_played(
    small_disk: Path, clock: SteppedClock
) -> None:
    (small_disk / "hog").write_bytes(bytes(16_000_000))
    path = small_disk / "talk.mp4"
    sentences: list[str] = []
    recorder = Recorder(path, 30.0, clean=True, ended=sentences.append, clock=clock)
    sent = 0
    while recorder.error is None:
        recorder.send(make_picture(ZERO + sent / 30, noise=sent))
        sent += 1
        clock.settle()
    recorder.stop()
    assert len(sentences) == 1
    assert "the disk is full" in sentences[0]
    assert str(small_disk) in sentences[0]
    for one in recorder.paths:
        played = play(one)
        assert len(played.pictures) > 30
        assert played.pictures[-1] <= sent / 30
    assert (small_disk / "Captions of talk.vtt").read_text().startswith("WEBVTT")
    recorder.send(make_picture(ZERO + 1000))  # the pipeline may not have noticed yet


@pytest.mark.e2e
def test_nothing_is_written_to_a_closed_disk(closed_disk: Path) -> None:
    with pytest.raises(SinkError, match="choose a folder that you may write to"):
        Recorder(closed_disk / "talk.mp4", 30.0)


@pytest.mark.parametrize("taken", ["talk.mp4", "talk-clean.mp4", "Captions of talk.vtt", "Captions of talk.srt"])
def test_no_file_of_somebody_is_written_over_and_none_of_ours_is_left(
    path: Path, clock: SteppedClock, taken: str
) -> None:
    (path.parent / taken).write_text("somebody's")
    with pytest.raises(SinkError, match=f"{taken} exists already"):
        Recorder(path, 30.0, clean=True, clock=clock)
    clock.settle()
    assert [one.name for one in path.parent.iterdir()] == [taken]
    assert (path.parent / taken).read_text() == "somebody's"


def test_without_a_picture_there_is_no_file(path: Path) -> None:
    recorder = Recorder(path, 30.0)
    recorder.stop()
    assert list(path.parent.iterdir()) == []


def test_a_microphone_that_cannot_be_opened_does_not_stop_the_picture(path: Path, clock: SteppedClock) -> None:
    def refuse(name: str, *_more: object) -> Microphone:
        raise SinkError(f"There is no microphone {name}: choose another.")

    recorder = Recorder(path, 30.0, microphone="violin", clock=clock, open_microphone=refuse)
    assert recorder.notice == "There is no microphone violin: choose another. This recording has no sound."
    send(recorder, clock, thirty_a_second(1.0))
    recorder.stop()
    assert len(play(path).pictures) == 30


class Tone(Microphone):
    """A microphone that hears what a test says, when the clock says that it is time."""

    def __init__(self, name: str, take: Callable[[Samples, float], None], clock: SteppedClock) -> None:
        self.name, self.rate = name, 48_000
        self._take, self._clock, self._heard = take, clock, clock.monotonic()

    def hear(self, seconds: float) -> None:
        """The seconds before now."""
        self._heard = now = self._clock.monotonic()
        samples = np.sin(np.arange(round(seconds * self.rate)) / 10).astype(np.float32)
        self._take(samples * np.float32(0.5), now - seconds)

    def close(self) -> None:
        pass


def test_a_microphone_that_falls_silent_does_not_stop_the_picture(path: Path, clock: SteppedClock) -> None:
    recorder = Recorder(path, 30.0, microphone="tone", clock=clock, open_microphone=Tone)  # type: ignore[arg-type]
    tone = recorder._microphone
    assert isinstance(tone, Tone)
    for number in range(40):
        clock.advance(0.1)
        if number < 20:
            tone.hear(0.1)
        recorder.send(make_picture(clock.monotonic()))
    assert recorder.notice is None
    clock.advance(GONE_AFTER - 1.9)
    assert "Nothing comes from the microphone tone any more" in str(recorder.notice)
    recorder.stop()
    played = play(path)
    assert len(played.pictures) == 40
    assert np.abs(played.sound[12_000:84_000]).max() > 0.3


@pytest.mark.e2e
def test_a_real_microphone_that_is_unplugged_does_not_stop_the_picture(sine: Callable[[], None], path: Path) -> None:
    heard: list[float] = []

    def open_microphone(name: str, take: Callable[[Samples, float], None], clock: Clock) -> Microphone:
        def hear(samples: Samples, at: float) -> None:
            heard.append(at)
            take(samples, at)

        return Microphone(name, hear, clock)

    recorder = Recorder(path, 10.0, microphone="sine", open_microphone=open_microphone)

    def send_until(condition: Callable[[], object]) -> None:
        def step() -> object:
            recorder.send(make_picture(time.monotonic()))
            return condition()

        until(step)

    send_until(lambda: recorder.seconds > 2 and heard)
    unplugged = recorder.seconds
    sine()
    send_until(lambda: recorder.notice and recorder.seconds > unplugged + 2)
    assert "Nothing comes from the microphone sine any more" in str(recorder.notice)
    recorder.stop()
    played = play(path)
    assert played.pictures[-1] > unplugged + 2
    assert np.abs(played.sound).max() > 0.3


def test_what_is_written_is_brought_to_the_disk_now_and_then(
    path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(growing_file.os, "fsync", synced.append)
    recorder = Recorder(path, 30.0, clock=clock)
    clock.advance(SYNC_EVERY + 0.1)
    assert len(synced) == 3  # the movie and both files of captions
    recorder.stop()


class Spelling:
    """A source of empty pictures, and a reader that reads letters from it as they are due."""

    name, live, rate, notice = "a list", True, 15.0, None

    def __init__(self, text: str, clock: SteppedClock) -> None:
        self.text, self.clock, self.number, self.closed = text, clock, 0, threading.Event()
        self.due, self.signing = clock.monotonic() + 0.5, False
        self.letters: list[Letter] = []
        self.transcript = Transcript()

    def read(self) -> Frame | None:
        self.clock.wait(self.closed, 1 / self.rate)
        self.number += 1
        pixels = np.full((180, 320, 3), 90, np.uint8)
        return None if self.closed.is_set() else Frame(pixels, self.number, self.clock.monotonic())

    def accept(self, frame: Frame) -> CaptionResult:
        letters: list[Letter] = []
        if frame.at >= self.due:
            self.due, self.signing = frame.at + 0.19, False
            if len(self.letters) < len(self.text):
                text = self.text[len(self.letters)]
                self.letters.append(Letter(text, 0.9, frame.at - 0.15, frame.at))
                self.signing = text.isalpha()
                letters = self.letters[-1:] if self.signing else []
        state = self.transcript.accept(letters, None, frame.at, hand_up=self.signing, signing=self.signing)
        return CaptionResult(frame.at, state, letters=tuple(letters))

    def finish(self) -> CaptionResult:
        return CaptionResult(state=self.transcript.finish())

    def edit(self, edit: Callable[[Transcript], object]) -> object:
        return edit(self.transcript)

    def configure(self, settings: Settings) -> None:
        pass

    def close(self) -> None:
        self.closed.set()


def test_captions_of_a_pipeline_begin_with_their_letters_in_track_and_files(path: Path, clock: SteppedClock) -> None:
    spelling = Spelling("HELLO" + " " * 20 + "AGAIN" + " " * 20 + "NOW", clock)

    def make_captioner() -> Captioner:
        return spelling  # type: ignore[return-value]

    pipeline = Pipeline(spelling, make_captioner, clock=clock)
    pictures: list[float] = []
    recorder = Recorder(path, spelling.rate, clean=True, clock=clock)
    take = recorder.send
    recorder.send = lambda picture: (pictures.append(picture.at), take(picture))[1]  # type: ignore[method-assign]
    recorder.start(pipeline)
    pipeline.start()
    try:
        clock.advance(0.5 + 0.24 * len(spelling.text))
        assert len(spelling.letters) == len(spelling.text)
        assert "HELLO" in beside_path(path, ".vtt").read_text()  # long before the end
    finally:
        recorder.stop()
        pipeline.stop()
    zero = pictures[0]
    begins = [spelling.letters[place].start - zero for place in (0, 25, 50)]
    played = play(path)
    assert [text for *_, text in played.captions] == ["HELLO", "AGAIN", "NOW"]
    assert [start for start, *_ in played.captions] == pytest.approx(begins, abs=0.1)
    assert play(clean_path(path)).captions == played.captions
    shown = []
    for one in recorder.paths:
        with av.open(str(one)) as container:
            shown.append(bool(container.streams.subtitles[0].disposition & Disposition.default))
    assert shown == [False, True]  # only the clean picture needs them
    for suffix in (".vtt", ".srt"):
        lines = beside_path(path, suffix).read_text().replace(",", ".").splitlines()
        starts = [line.split(" --> ")[0] for line in lines if "-->" in line]
        seconds = [sum(float(part) * 60**power for power, part in enumerate(one.split(":")[::-1])) for one in starts]
        assert seconds == pytest.approx(begins, abs=0.1)
