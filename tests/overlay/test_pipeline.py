"""The threads of the live path, with scripted sources, readers and sinks."""

import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from overlay.caption import CaptionState
from overlay.edits import WAITING, Edit
from overlay.errors import SigncapError, SourceError
from overlay.frame import Frame, Picture
from overlay.load import STEPS
from overlay.pipeline import Pipeline
from overlay.reading import Reading
from overlay.settings import Settings
from overlay.transcript import Transcript
from tests.waiting import until

pytestmark = pytest.mark.unit


class ScriptedSource:
    """Gives grey frames at a rate, then does what the test says."""

    name = "script"
    live = True

    def __init__(
        self,
        count: int = 30,
        rate: float = 60.0,
        size: tuple[int, int] = (320, 240),
        then: Callable[["ScriptedSource"], Frame | None] = lambda source: None,
    ) -> None:
        self.count, self.rate, self.size, self.then = count, rate, size, then
        self.notice: str | None = None
        self.closed = threading.Event()
        self.index = 0

    def read(self) -> Frame | None:
        if self.closed.is_set():
            return None
        if self.index >= self.count:
            return self.then(self)
        self.closed.wait(1 / self.rate)
        frame = Frame(np.full((*self.size[::-1], 3), 128, np.uint8), self.index, time.monotonic())
        self.index += 1
        return frame

    def close(self) -> None:
        self.closed.set()


class ScriptedReader:
    """Says how many frames it has seen; takes as long as it is told."""

    def __init__(self, pause: Callable[[], object] = lambda: None, fails_at: int | None = None) -> None:
        self.pause, self.fails_at, self.seen, self.closed = pause, fails_at, 0, False

    def accept(self, frame: Frame) -> Reading:
        self.seen += 1
        if self.seen == self.fails_at:
            raise ValueError("the reader broke")
        self.pause()
        state = CaptionState(self.seen, (), "A" * self.seen)
        return Reading(frame.at, state, stages={"hands": 1.0})

    def finish(self) -> Reading:
        return Reading(0.0, CaptionState(self.seen + 1, (), "THE END"))

    def configure(self, settings: Settings) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class CollectingSink:
    """Keeps what it was sent."""

    def __init__(
        self, name: str = "collector", pause: Callable[[], object] = lambda: None, fails_at: int | None = None
    ) -> None:
        self.name, self.pause, self.fails_at = name, pause, fails_at
        self.pictures: list[Picture] = []
        self.closed = 0

    def send(self, picture: Picture) -> None:
        self.pictures.append(picture)
        if len(self.pictures) == self.fails_at:
            raise OSError("the sink broke")
        self.pause()

    def close(self) -> None:
        self.closed += 1


def run(pipeline: Pipeline) -> None:
    """From its beginning until all its threads have ended."""
    before = set(threading.enumerate())
    pipeline.start()
    assert pipeline.finished.wait(60)
    pipeline.stop()
    until(lambda: set(threading.enumerate()) <= before)


def ten_more(sink: CollectingSink, source: ScriptedSource) -> Callable[[], None]:
    """Takes as long as the sink takes for ten more pictures, or until there are no more frames."""

    def wait() -> None:
        enough = len(sink.pictures) + 10
        until(lambda: len(sink.pictures) >= enough or source.index >= source.count)

    return wait


def test_pictures_reach_the_sink_in_order_as_i420_of_even_size() -> None:
    sink = CollectingSink()
    run(Pipeline(ScriptedSource(size=(321, 241)), ScriptedReader, sinks=[sink]))
    indices = [picture.index for picture in sink.pictures]
    assert len(indices) > 5
    assert indices == sorted(indices)
    assert {picture.size for picture in sink.pictures} == {(320, 240)}
    assert {picture.i420.shape for picture in sink.pictures} == {(360, 320)}
    assert sink.closed == 1


@pytest.mark.integration
def test_a_slow_reader_makes_captions_late_and_never_the_picture() -> None:
    sink, source = CollectingSink(), ScriptedSource(count=90, rate=60)
    reader = ScriptedReader(pause=ten_more(sink, source))
    pipeline = Pipeline(source, lambda: reader, sinks=[sink])
    run(pipeline)
    assert pipeline.error is None
    assert reader.seen < 15
    assert len(sink.pictures) > 30
    assert pipeline.stats()["recognise"].dropped > 20


@pytest.mark.integration
def test_a_slow_sink_does_not_hold_up_another() -> None:
    quick, source = CollectingSink("quick"), ScriptedSource(count=90, rate=60)
    slow = CollectingSink("slow", pause=ten_more(quick, source))
    pipeline = Pipeline(source, ScriptedReader, sinks=[slow, quick])
    run(pipeline)
    assert pipeline.sink_errors == {}
    assert len(slow.pictures) < 15
    assert len(quick.pictures) > 30


@pytest.mark.integration
def test_pictures_flow_before_the_reader_is_ready() -> None:
    ready, sink = threading.Event(), CollectingSink()

    def make_reader() -> ScriptedReader:
        assert ready.wait(60)
        return ScriptedReader()

    pipeline = Pipeline(ScriptedSource(count=10**6), make_reader, sinks=[sink])
    pipeline.start()
    until(lambda: len(sink.pictures) >= 5, 30)
    ready.set()
    pipeline.stop()


@pytest.mark.integration
def test_captions_stand_in_the_picture_and_listeners_hear_each_reading() -> None:
    sink = CollectingSink()
    heard: list[str] = []
    source = ScriptedSource(count=10**6)
    pipeline = Pipeline(source, ScriptedReader, sinks=[sink])
    unlisten = pipeline.listen(lambda reading: heard.append(reading.state.committed))
    pipeline.start()
    until(lambda: len(heard) >= 2)
    source.count = source.index + 10  # and some pictures that they stand in
    assert pipeline.finished.wait(60)
    pipeline.stop()
    until(lambda: heard[-1] == "THE END")
    assert heard[:2] == ["A", "AA"]
    assert heard[-1] == "THE END"
    assert pipeline.reading.state.committed == "THE END"
    bgr = cv2.cvtColor(sink.pictures[-1].i420, cv2.COLOR_YUV2BGR_I420)
    assert bgr.max() > 200  # white letters on a grey picture
    unlisten()


@pytest.mark.integration
def test_a_broken_sink_is_taken_out_and_named() -> None:
    broken, good = CollectingSink("broken", fails_at=3), CollectingSink("good")
    pipeline = Pipeline(ScriptedSource(count=10**6), ScriptedReader, sinks=[broken, good])
    pipeline.start()
    until(lambda: broken.closed and len(good.pictures) > 10)
    pipeline.stop()
    assert pipeline.sink_errors == {"broken": "the sink broke"}
    assert broken.closed == 1
    assert len(broken.pictures) == 3


def test_a_broken_reader_stops_the_pipeline_with_its_cause() -> None:
    sink, reader = CollectingSink(), ScriptedReader(fails_at=3)
    pipeline = Pipeline(ScriptedSource(count=10**6), lambda: reader, sinks=[sink])
    run(pipeline)
    assert isinstance(pipeline.error, ValueError)
    assert reader.closed
    assert sink.closed == 1


def test_a_source_that_cannot_go_on_stops_the_pipeline_with_its_cause() -> None:
    def fail(source: ScriptedSource) -> Frame | None:
        raise SourceError("The camera is gone: plug it in.")

    pipeline = Pipeline(ScriptedSource(count=5, then=fail), ScriptedReader)
    run(pipeline)
    assert isinstance(pipeline.error, SourceError)


@pytest.mark.integration
def test_a_camera_that_stalls_leaves_its_last_picture_with_a_notice() -> None:
    def stall(source: ScriptedSource) -> Frame | None:
        source.notice = "Camera unplugged: trying again"
        source.closed.wait(60)
        return None

    sink = CollectingSink()
    source = ScriptedSource(count=5, then=stall)
    pipeline = Pipeline(source, ScriptedReader, Settings(), sinks=[sink])
    pipeline.start()
    until(lambda: [picture.index for picture in sink.pictures].count(4) >= 3)
    pipeline.stop()
    fresh, *_, repeated = [picture for picture in sink.pictures if picture.index == 4]
    top = slice(0, 240 // 3)
    assert not np.array_equal(fresh.i420[top], repeated.i420[top])  # the notice stands at the top


@pytest.mark.integration
def test_sinks_come_and_go_while_it_runs() -> None:
    pipeline = Pipeline(ScriptedSource(count=10**6), ScriptedReader)
    pipeline.start()
    sink = CollectingSink()
    pipeline.add_sink(sink)
    until(lambda: len(sink.pictures) >= 3)
    pipeline.remove_sink(sink)
    until(lambda: sink.closed == 1)
    came = len(sink.pictures)
    time.sleep(0.1)
    assert len(sink.pictures) == came
    pipeline.stop()


@pytest.mark.integration
def test_stop_ends_every_thread_and_can_be_called_twice() -> None:
    before = set(threading.enumerate())
    pipeline = Pipeline(ScriptedSource(count=10**6), ScriptedReader, sinks=[CollectingSink()])
    pipeline.start()
    time.sleep(0.1)
    pipeline.stop()
    pipeline.stop()
    until(lambda: set(threading.enumerate()) <= before, 20)


def test_stats_name_every_stage() -> None:
    sink = CollectingSink()
    pipeline = Pipeline(ScriptedSource(count=40), ScriptedReader, sinks=[sink])
    pipeline.start()
    assert pipeline.finished.wait(60)
    stats = pipeline.stats()
    pipeline.stop()
    assert {"capture", "recognise", "compose", "hands"} <= set(stats)
    assert stats["compose"].rate > 1
    assert stats["compose"].p95_ms >= stats["compose"].median_ms >= 0


@pytest.mark.integration
def test_frames_are_handed_out_with_their_readings_until_the_listener_leaves() -> None:
    reader = ScriptedReader()
    pipeline = Pipeline(ScriptedSource(count=10**6), lambda: reader)
    pairs: list[tuple[Frame, Reading]] = []
    leave = pipeline.listen_frames(lambda frame, reading: pairs.append((frame, reading)))
    pipeline.start()
    until(lambda: len(pairs) >= 3)
    leave()
    left = reader.seen
    until(lambda: reader.seen >= left + 2)  # the one that was being handed out is
    came = len(pairs)
    until(lambda: reader.seen >= left + 8)
    pipeline.stop()
    assert len(pairs) == came
    assert all(frame.at == reading.at and frame.pixels.ndim == 3 for frame, reading in pairs)


class TypedReader(ScriptedReader):
    """Reads nothing: its text is what the user types."""

    def __init__(self) -> None:
        super().__init__()
        self.transcript = Transcript()
        self.threads: set[int] = set()

    def accept(self, frame: Frame) -> Reading:
        self.threads.add(threading.get_ident())
        return Reading(frame.at, self.transcript.state)

    def finish(self) -> Reading:
        return Reading(state=self.transcript.state)

    def edit(self, edit: Edit) -> CaptionState:
        self.threads.add(threading.get_ident())
        return edit(self.transcript)


def typed(text: str) -> Edit:
    return lambda transcript: transcript.type_text(text, 0.0)


def refuse(transcript: Transcript) -> CaptionState:
    raise SigncapError("That does not fit.")


def test_edits_are_made_in_the_thread_of_the_reader_and_everybody_gets_the_text() -> None:
    reader = TypedReader()
    pipeline = Pipeline(ScriptedSource(count=10**6), lambda: reader)
    heard: list[CaptionState] = []
    pipeline.listen(lambda reading: heard.append(reading.state))
    pipeline.start()
    edits = [pipeline.edit(typed(letter)) for letter in "HELLO"]
    assert [edit.result(60).committed for edit in edits] == ["H", "HE", "HEL", "HELL", "HELLO"]
    assert heard[-1].committed == pipeline.reading.state.committed == "HELLO"
    with pytest.raises(SigncapError, match="does not fit"):
        pipeline.edit(refuse).result(60)
    assert pipeline.edit(Transcript.undo).result(60).committed == "HELL"
    assert len(reader.threads) == 1
    assert pipeline.error is None
    pipeline.stop()


def test_edits_are_made_while_the_camera_is_lost_and_when_the_video_has_ended() -> None:
    held = threading.Event()
    pipeline = Pipeline(ScriptedSource(count=3, then=lambda source: held.wait(60) and None), TypedReader)
    pipeline.start()
    assert pipeline.edit(typed("A")).result(60).committed == "A"
    held.set()
    assert pipeline.finished.wait(60)
    assert pipeline.edit(typed("B")).result(60).committed == "AB"
    assert pipeline.reading.state.committed == "AB"
    pipeline.stop()
    with pytest.raises(SigncapError, match="ending"):
        pipeline.edit(typed("C")).result(60)


def test_edits_wait_for_the_reader_some_of_them_in_vain() -> None:
    loaded = threading.Event()

    def make_reader() -> TypedReader:
        loaded.wait(60)
        return TypedReader()

    pipeline = Pipeline(ScriptedSource(count=10**6), make_reader)
    pipeline.start()
    first, given_up = pipeline.edit(typed("A")), pipeline.edit(typed("B"))
    assert given_up.cancel()
    others = [pipeline.edit(typed("C")) for _ in range(WAITING)]
    loaded.set()
    assert first.result(60).committed == "A"
    assert others[0].result(60).committed == "AC"
    with pytest.raises(SigncapError, match="Too many"):
        others[-1].result(60)
    pipeline.stop()


def test_edits_are_refused_when_the_reader_has_failed() -> None:
    def fail() -> TypedReader:
        raise ValueError("no model")

    pipeline = Pipeline(ScriptedSource(count=10**6), fail)
    waiting = pipeline.edit(typed("A"))
    pipeline.start()
    with pytest.raises(SigncapError, match="ending"):
        waiting.result(60)
    pipeline.stop()


class SparingCollector(CollectingSink):
    """Notes whether it was told to do with less."""

    def __init__(self) -> None:
        super().__init__()
        self.lean: list[bool] = []

    def spare(self, lean: bool) -> None:
        self.lean.append(lean)


@pytest.mark.integration
@pytest.mark.slow
def test_slow_reading_gives_way_to_the_picture() -> None:
    reader, sink = ScriptedReader(pause=lambda: time.sleep(0.12)), SparingCollector()
    pipeline = Pipeline(ScriptedSource(count=10**6, rate=30.0), lambda: reader, sinks=[sink])
    pipeline.start()
    until(lambda: pipeline.step == STEPS[-1])
    assert pipeline.step.lean
    assert pipeline.step.every > 1
    until(lambda: sink.lean[-1:] == [True])
    late = SparingCollector()
    pipeline.add_sink(late)  # one that comes now is told as well
    assert late.lean == [True]
    before, drawn = reader.seen, len(sink.pictures)
    until(lambda: reader.seen >= before + 30)
    assert len(sink.pictures) - drawn > 2 * (reader.seen - before)
    pipeline.stop()
