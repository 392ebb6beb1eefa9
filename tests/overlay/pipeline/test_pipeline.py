"""The threads of the live path, with scripted sources, readers and sinks, by a clock that is stepped."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import cv2
import numpy as np
import pytest

from overlay.captions.edits import WAITING, Edit
from overlay.captions.state import CaptionState, Letter
from overlay.captions.subtitles import subtitles
from overlay.captions.transcript import Transcript
from overlay.core.errors import SigncapError, SourceError
from overlay.core.settings import Settings
from overlay.media.frame import Frame, Picture
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.pipeline.load_shedding import CALM, LEVELS, SPAN
from overlay.pipeline.pipeline import EDIT_WAIT, LOST_AFTER, PATIENCE, Pipeline
from overlay.pipeline.result import CaptionResult
from overlay.pipeline.run_captions import CaptionRecord
from overlay.recording.recorded_captions import RecordedCaptions
from overlay.transcripts.session import KeptCue
from tests.clock import SteppedClock

pytestmark = pytest.mark.unit


class ScriptedSource:
    """Gives grey frames at a rate, then does what the test says."""

    name = "script"
    live = True

    def __init__(
        self,
        clock: SteppedClock,
        count: int = 10**6,
        rate: float = 60.0,
        size: tuple[int, int] = (320, 240),
        then: Callable[["ScriptedSource"], Frame | None] = lambda source: None,
    ) -> None:
        self.clock, self.count, self.rate, self.size, self.then = clock, count, rate, size, then
        self.notice: str | None = None
        self.closed = threading.Event()
        self.index = 0

    def read(self) -> Frame | None:
        if self.closed.is_set():
            return None
        if self.index >= self.count:
            return self.then(self)
        self.clock.wait(self.closed, 1 / self.rate)
        frame = Frame(np.full((*self.size[::-1], 3), 128, np.uint8), self.index, self.clock.monotonic())
        self.index += 1
        return frame

    def close(self) -> None:
        self.closed.set()


class ScriptedCaptioner:
    """Says how many frames it has seen; takes as long as it is told."""

    def __init__(self, pause: Callable[[], object] = lambda: None, fails_at: int | None = None) -> None:
        self.pause, self.fails_at, self.seen, self.closed = pause, fails_at, 0, False

    def accept(self, frame: Frame) -> CaptionResult:
        self.seen += 1
        if self.seen == self.fails_at:
            raise ValueError("the reader broke")
        self.pause()
        state = CaptionState(self.seen, (), "A" * self.seen)
        return CaptionResult(frame.at, state, stages={"hands": 1.0})

    def finish(self) -> CaptionResult:
        return CaptionResult(0.0, CaptionState(self.seen + 1, (), "THE END"))

    def edit(self, edit: Edit) -> CaptionState:
        return CaptionState(self.seen, (), "A" * self.seen)  # the script holds no transcript

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


class Scene:
    """A pipeline and its clock; stopped at the end."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.threads = set(threading.enumerate())
        self.pipelines: list[Pipeline] = []

    def source(self, count: int = 10**6, **options: Any) -> ScriptedSource:
        return ScriptedSource(self.clock, count, **options)

    def start(
        self, source: ScriptedSource, make_captioner: Callable[[], Any] = ScriptedCaptioner, *sinks: Any
    ) -> Pipeline:
        """Start a pipeline."""
        pipeline = Pipeline(source, make_captioner, Settings(), sinks, clock=self.clock)
        self.pipelines.append(pipeline)
        pipeline.start()
        self.clock.settle()
        return pipeline

    def run(self, *parts: Any) -> Pipeline:
        """From its beginning until all its threads have ended."""
        pipeline = self.start(*parts)
        self.clock.advance(5.0)
        assert pipeline.finished.is_set()
        pipeline.stop()
        assert set(threading.enumerate()) <= self.threads
        return pipeline

    def result(self, edit: "Future[CaptionState]") -> CaptionState:
        """What became of an edit that had its turn."""
        self.clock.advance(EDIT_WAIT)
        return edit.result(0)


@pytest.fixture
def scene() -> Iterator[Scene]:
    one = Scene()
    yield one
    for pipeline in one.pipelines:
        pipeline.source.count = 0  # type: ignore[attr-defined]
        one.clock.advance(1.0)  # what takes its time is over then
        pipeline.stop()


def test_pictures_reach_the_sink_in_order_as_i420_of_even_size(scene: Scene) -> None:
    sink = CollectingSink()
    scene.run(scene.source(30, size=(321, 241)), ScriptedCaptioner, sink)
    assert [picture.index for picture in sink.pictures] == list(range(30))
    assert {picture.size for picture in sink.pictures} == {(320, 240)}
    assert {picture.i420.shape for picture in sink.pictures} == {(360, 320)}
    assert sink.closed == 1


def test_a_slow_reader_makes_captions_late_and_never_the_picture(scene: Scene) -> None:
    sink, reader = CollectingSink(), ScriptedCaptioner(pause=lambda: scene.clock.pass_by(10 / 60))
    pipeline = scene.run(scene.source(90), lambda: reader, sink)
    assert pipeline.error is None
    assert reader.seen == pytest.approx(9, abs=1)
    assert len(sink.pictures) == 90
    assert pipeline.stats()["recognise"].dropped == pytest.approx(81, abs=1)


class PatientScript(ScriptedSource):
    """One that waits for who reads it."""

    patient = True


def test_a_source_that_can_wait_is_read_whole_however_slow_the_reader(scene: Scene) -> None:
    sink, reader = CollectingSink(), ScriptedCaptioner(pause=lambda: scene.clock.pass_by(3 / 60))
    pipeline = scene.start(PatientScript(scene.clock, 90), lambda: reader, sink)
    scene.clock.advance(1.0)
    assert len(sink.pictures) == pytest.approx(20, abs=2)  # as many as are read in a second: slower, and even
    scene.clock.advance(4.0)
    assert pipeline.finished.is_set()
    assert reader.seen == len(sink.pictures) == 90
    assert pipeline.stats()["recognise"].dropped == 0
    assert pipeline.step == LEVELS[0]  # nothing is to be given up for it


def test_a_source_that_can_wait_does_not_wait_for_a_reader_that_hangs(scene: Scene) -> None:
    sink, reader = CollectingSink(), ScriptedCaptioner(pause=lambda: scene.clock.pass_by(100.0))
    scene.start(PatientScript(scene.clock), lambda: reader, sink)
    scene.clock.advance(4.5 * PATIENCE)
    assert (reader.seen, len({picture.index for picture in sink.pictures})) == (1, 6)


def test_a_source_that_can_wait_does_not_wait_for_models_that_are_loaded(scene: Scene) -> None:
    ready, sink = threading.Event(), CollectingSink()

    def make_captioner() -> ScriptedCaptioner:
        scene.clock.wait(ready)
        return ScriptedCaptioner()

    scene.start(PatientScript(scene.clock), make_captioner, sink)
    scene.clock.advance(0.5)
    assert len(sink.pictures) == pytest.approx(30, abs=1)
    ready.set()
    scene.clock.settle()


def test_a_slow_sink_does_not_hold_up_another(scene: Scene) -> None:
    quick, slow = CollectingSink("quick"), CollectingSink("slow", pause=lambda: scene.clock.pass_by(10 / 60))
    pipeline = scene.run(scene.source(90), ScriptedCaptioner, slow, quick)
    assert pipeline.sink_errors == {}
    assert len(slow.pictures) == pytest.approx(9, abs=1)
    assert len(quick.pictures) == 90


def test_pictures_flow_before_the_reader_is_ready(scene: Scene) -> None:
    ready, sink, reader = threading.Event(), CollectingSink(), ScriptedCaptioner()

    def make_captioner() -> ScriptedCaptioner:
        scene.clock.wait(ready)
        return reader

    scene.start(scene.source(), make_captioner, sink)
    scene.clock.advance(0.5)
    assert (len(sink.pictures), reader.seen) == (pytest.approx(30, abs=1), 0)
    ready.set()
    scene.clock.advance(0.1)
    assert reader.seen > 3


def test_captions_stand_in_the_picture_and_listeners_hear_each_reading(scene: Scene) -> None:
    sink, source = CollectingSink(), scene.source()
    heard: list[str] = []
    pipeline = scene.start(source, ScriptedCaptioner, sink)
    unlisten = pipeline.listen(lambda reading: heard.append(reading.state.committed))
    scene.clock.advance(0.5)
    source.count = source.index
    scene.clock.advance(0.1)
    assert pipeline.finished.is_set()
    assert heard == [*("A" * count for count in range(1, source.index + 1)), "THE END"]
    assert pipeline.reading.state.committed == "THE END"
    bgr = cv2.cvtColor(sink.pictures[-1].i420, cv2.COLOR_YUV2BGR_I420)
    assert bgr.max() > 200  # white letters on a grey picture
    unlisten()


def test_a_broken_sink_is_taken_out_and_named(scene: Scene) -> None:
    broken, good = CollectingSink("broken", fails_at=3), CollectingSink("good")
    pipeline = scene.start(scene.source(), ScriptedCaptioner, broken, good)
    scene.clock.advance(0.5)
    assert pipeline.sink_errors == {"broken": "the sink broke"}
    assert pipeline.sinks == (good,)
    assert broken.closed == 1
    assert len(broken.pictures) == 3
    assert len(good.pictures) > 20


def test_a_broken_reader_stops_the_pipeline_with_its_cause(scene: Scene) -> None:
    sink, reader = CollectingSink(), ScriptedCaptioner(fails_at=3)
    pipeline = scene.run(scene.source(), lambda: reader, sink)
    assert isinstance(pipeline.error, ValueError)
    assert reader.closed
    assert sink.closed == 1


def test_a_source_that_cannot_go_on_stops_the_pipeline_with_its_cause(scene: Scene) -> None:
    def fail(source: ScriptedSource) -> Frame | None:
        raise SourceError("The camera is gone: plug it in.")

    pipeline = scene.run(scene.source(5, then=fail))
    assert isinstance(pipeline.error, SourceError)


def test_a_camera_that_stalls_leaves_its_last_picture_with_a_notice(scene: Scene) -> None:
    def stall(source: ScriptedSource) -> Frame | None:
        source.notice = "Camera unplugged: trying again"
        scene.clock.wait(source.closed)
        return None

    sink = CollectingSink()
    scene.start(scene.source(5, then=stall), ScriptedCaptioner, sink)
    scene.clock.advance(5 / 60 + 2.1 * LOST_AFTER)
    assert [picture.index for picture in sink.pictures] == [0, 1, 2, 3, 4, 4, 4]
    fresh, repeated = sink.pictures[4], sink.pictures[-1]
    top = slice(0, 240 // 3)
    assert not np.array_equal(fresh.i420[top], repeated.i420[top])  # the notice stands at the top


def test_sinks_come_and_go_while_it_runs(scene: Scene) -> None:
    pipeline = scene.start(scene.source())
    sink = CollectingSink()
    pipeline.add_sink(sink)
    scene.clock.advance(0.1)
    assert len(sink.pictures) > 3
    pipeline.remove_sink(sink)
    came = len(sink.pictures)
    scene.clock.advance(0.5)
    assert (len(sink.pictures), sink.closed) == (came, 1)


def test_stop_ends_every_thread_and_can_be_called_twice(scene: Scene) -> None:
    pipeline = scene.start(scene.source(), ScriptedCaptioner, CollectingSink())
    scene.clock.advance(0.1)
    pipeline.stop()
    pipeline.stop()
    assert set(threading.enumerate()) <= scene.threads


def test_stats_name_every_stage(scene: Scene) -> None:
    sink = CollectingSink(pause=lambda: scene.clock.pass_by(0.01))
    pipeline = scene.start(scene.source(), ScriptedCaptioner, sink)
    scene.clock.advance(2.0)
    stats = pipeline.stats()
    assert {"capture", "recognise", "compose", "hands", "sink collector", "delay collector"} <= set(stats)
    assert stats["compose"].rate == pytest.approx(60, rel=0.05)
    assert stats["capture"].median_ms == pytest.approx(1000 / 60)
    assert stats["sink collector"].p95_ms == pytest.approx(10)
    assert stats["delay collector"].p95_ms == pytest.approx(10)
    assert stats["hands"].median_ms == 1.0


def test_frames_are_handed_out_with_their_readings_until_the_listener_leaves(scene: Scene) -> None:
    reader = ScriptedCaptioner()
    pipeline = scene.start(scene.source(), lambda: reader)
    pairs: list[tuple[Frame, CaptionResult]] = []
    leave = pipeline.listen_frames(lambda frame, reading: pairs.append((frame, reading)))
    scene.clock.advance(0.1)
    leave()
    came, seen = len(pairs), reader.seen
    scene.clock.advance(0.1)
    assert len(pairs) == came > 3
    assert reader.seen > seen
    assert all(frame.at == reading.at and frame.pixels.ndim == 3 for frame, reading in pairs)


def test_another_hand_is_asked_of_a_captioner_that_chooses(scene: Scene) -> None:
    class Choosing(ScriptedCaptioner):
        asked = 0

        def take_other_hand(self) -> None:
            self.asked += 1

    reader, ready = Choosing(), threading.Event()

    def make_captioner() -> Choosing:
        scene.clock.wait(ready)
        return reader

    pipeline = scene.start(scene.source(), make_captioner)
    assert not pipeline.take_other_hand()
    ready.set()
    scene.clock.advance(0.1)
    assert pipeline.take_other_hand()
    assert reader.asked == 1
    assert not scene.start(scene.source()).take_other_hand()


class TypedCaptioner(ScriptedCaptioner):
    """Reads nothing: its text is what the user types."""

    def __init__(self) -> None:
        super().__init__()
        self.transcript = Transcript()
        self.threads: set[int] = set()

    def accept(self, frame: Frame) -> CaptionResult:
        self.threads.add(threading.get_ident())
        return CaptionResult(frame.at, self.transcript.state)

    def finish(self) -> CaptionResult:
        return CaptionResult(state=self.transcript.state)

    def edit(self, edit: Edit) -> CaptionState:
        self.threads.add(threading.get_ident())
        return edit(self.transcript)


def typed(text: str) -> Edit:
    return lambda transcript: transcript.type_text(text)


def refuse(transcript: Transcript) -> CaptionState:
    raise SigncapError("That does not fit.")


def test_edits_are_made_in_the_thread_of_the_reader_and_everybody_gets_the_text(scene: Scene) -> None:
    reader = TypedCaptioner()
    pipeline = scene.start(scene.source(), lambda: reader)
    heard: list[CaptionState] = []
    pipeline.listen(lambda reading: heard.append(reading.state))
    edits = [pipeline.edit(typed(letter)) for letter in "HELLO"]
    assert [scene.result(edit).committed for edit in edits] == ["H", "HE", "HEL", "HELL", "HELLO"]
    assert heard[-1].committed == pipeline.reading.state.committed == "HELLO"
    with pytest.raises(SigncapError, match="does not fit"):
        scene.result(pipeline.edit(refuse))
    assert scene.result(pipeline.edit(Transcript.undo)).committed == "HELL"
    assert len(reader.threads) == 1
    assert pipeline.error is None


def test_edits_are_made_while_the_camera_is_lost_and_when_the_video_has_ended(scene: Scene) -> None:
    held = threading.Event()

    def hold(_source: ScriptedSource) -> Frame | None:
        scene.clock.wait(held)
        return None

    pipeline = scene.start(scene.source(3, then=hold), TypedCaptioner)
    scene.clock.advance(1.0)
    assert scene.result(pipeline.edit(typed("A"))).committed == "A"
    held.set()
    scene.clock.settle()
    assert pipeline.finished.is_set()
    assert scene.result(pipeline.edit(typed("B"))).committed == "AB"
    assert pipeline.reading.state.committed == "AB"
    pipeline.stop()
    with pytest.raises(SigncapError, match="ending"):
        pipeline.edit(typed("C")).result(0)


def typed_now(text: str, *, end: bool = True) -> Edit:
    """As the page, the extension and scripts do: without a time."""

    def edit(transcript: Transcript) -> CaptionState:
        state = transcript.type_text(text)
        return transcript.finish() if end else state

    return edit


def has_captions(picture: Picture) -> bool:
    """Whether white letters stand in the grey picture."""
    return bool(cv2.cvtColor(picture.i420, cv2.COLOR_YUV2BGR_I420).max() > 200)


class TimedReader(TypedCaptioner):
    """Reads each frame, in which nobody signs."""

    def accept(self, frame: Frame) -> CaptionResult:
        return CaptionResult(frame.at, self.transcript.accept((), None, frame.at, hand_up=False))


def test_what_is_typed_while_captions_are_paused_is_in_the_picture_and_has_its_time_everywhere(scene: Scene) -> None:
    sink, stream, record = CollectingSink(), FinalCaptionStream(scene.clock), CaptionRecord(scene.clock)
    pipeline = scene.start(scene.source(), TimedReader, sink)
    recorded = RecordedCaptions()
    pipeline.listen(stream.accept)
    pipeline.listen(recorded.accept)
    record.follow(stream, pipeline)
    dated: list[KeptCue] = []
    stream.listen(lambda update: dated.extend(update.dated))
    scene.clock.advance(1.0)
    zero = record.began
    pipeline.pause()
    scene.clock.advance(8.0)
    assert not has_captions(sink.pictures[-1])
    at = scene.clock.monotonic()
    scene.result(pipeline.edit(typed_now("HELLO")))
    assert has_captions(sink.pictures[-1])
    (cue,) = record.cues()
    assert (cue.start, cue.end) == pytest.approx((at, at), abs=0.1)
    (kept,) = dated  # of transcripts, text files and captions for calls
    assert (kept.start, kept.end) == pytest.approx((scene.clock.ahead + at,) * 2, abs=0.1)
    (subtitle,) = subtitles(record.cues(), zero)
    assert subtitle.start == pytest.approx(at - zero, abs=0.1)
    scene.clock.advance(3.0)
    assert [one.start for one in recorded.due(zero)] == pytest.approx([at - zero], abs=0.1)  # while it is paused
    scene.clock.advance(Settings().endpointing.shown_after)
    assert not has_captions(sink.pictures[-1])


def test_what_is_typed_while_the_camera_is_lost_comes_into_the_picture_and_goes_again(scene: Scene) -> None:
    def stall(source: ScriptedSource) -> Frame | None:
        scene.clock.wait(source.closed)
        return None

    sink = CollectingSink()
    pipeline = scene.start(scene.source(5, then=stall), TimedReader, sink)
    scene.clock.advance(20.0)
    at = scene.clock.monotonic()
    state = scene.result(pipeline.edit(typed_now("HELLO")))
    assert state.cues[0].start == pytest.approx(at, abs=EDIT_WAIT)
    scene.clock.advance(LOST_AFTER)
    assert has_captions(sink.pictures[-1])
    scene.clock.advance(Settings().endpointing.shown_after + LOST_AFTER)
    assert not has_captions(sink.pictures[-1])


@pytest.mark.parametrize("lost", [False, True], ids=["paused", "camera lost"])
def test_text_that_nobody_ended_ends_by_itself_though_no_frame_is_read(scene: Scene, lost: bool) -> None:
    def stall(source: ScriptedSource) -> Frame | None:
        scene.clock.wait(source.closed)
        return None

    pipeline = scene.start(scene.source(5 if lost else 10**6, then=stall), TimedReader)
    if not lost:
        pipeline.pause()
    scene.clock.advance(5.0)
    assert scene.result(pipeline.edit(typed_now("HELLO", end=False))).committed == "HELLO"
    silence = Settings().endpointing.caption_silence
    scene.clock.advance(silence - 2 * EDIT_WAIT)
    assert pipeline.reading.state.committed == "HELLO"
    scene.clock.advance(3 * EDIT_WAIT)
    assert [cue.text for cue in pipeline.reading.state.cues] == ["HELLO"]


def test_a_frame_that_comes_late_ends_no_word_and_no_caption() -> None:
    transcript = Transcript()
    transcript.accept([Letter("A", 0.9, 0.0, 0.1)], Letter("B", 0.9, 0.2, 0.3), 0.3, hand_up=True)
    assert transcript.pass_time(2.0).committed == "A"
    assert transcript.accept([Letter("B", 0.9, 0.2, 0.3)], None, 2.1, hand_up=True, signing=True).committed == "AB"
    state = transcript.pass_time(2.1 + Settings().endpointing.caption_silence)
    assert [cue.text for cue in state.cues] == ["AB"]


def test_edits_wait_for_the_reader_some_of_them_in_vain(scene: Scene) -> None:
    loaded = threading.Event()

    def make_captioner() -> TypedCaptioner:
        scene.clock.wait(loaded)
        return TypedCaptioner()

    pipeline = scene.start(scene.source(), make_captioner)
    first, given_up = pipeline.edit(typed("A")), pipeline.edit(typed("B"))
    assert given_up.cancel()
    others = [pipeline.edit(typed("C")) for _ in range(WAITING)]
    scene.clock.advance(1.0)
    assert not first.done()
    loaded.set()
    assert scene.result(first).committed == "A"
    assert scene.result(others[0]).committed == "AC"
    with pytest.raises(SigncapError, match="Too many"):
        scene.result(others[-1])


def test_edits_are_refused_when_the_reader_has_failed(scene: Scene) -> None:
    def fail() -> TypedCaptioner:
        raise ValueError("no model")

    pipeline = Pipeline(scene.source(), fail, clock=scene.clock)
    scene.pipelines.append(pipeline)
    waiting = pipeline.edit(typed("A"))
    pipeline.start()
    with pytest.raises(SigncapError, match="ending"):
        scene.result(waiting)


class SparingCollector(CollectingSink):
    """Notes whether it was told to do with less."""

    def __init__(self) -> None:
        super().__init__()
        self.lean: list[bool] = []

    def spare(self, lean: bool) -> None:
        self.lean.append(lean)


def test_slow_reading_gives_way_to_the_picture_until_it_is_quick_again(scene: Scene) -> None:
    took = [0.12]
    reader, sink = ScriptedCaptioner(pause=lambda: scene.clock.pass_by(took[0])), SparingCollector()
    pipeline = scene.start(scene.source(rate=30.0, size=(64, 48)), lambda: reader, sink)
    scene.clock.advance(3.5 * SPAN)
    assert pipeline.step == LEVELS[-1]
    assert sink.lean[-1]
    late = SparingCollector()
    pipeline.add_sink(late)  # one that comes now is told as well
    assert late.lean == [True]
    before, drawn = reader.seen, len(sink.pictures)
    scene.clock.advance(3.0)
    assert reader.seen - before == pytest.approx(25, abs=2)
    assert len(sink.pictures) - drawn == pytest.approx(90, abs=2)
    took[0] = 0.005
    scene.clock.advance(2.5 * CALM)
    assert pipeline.step == LEVELS[1]
    assert (sink.lean[-1], late.lean[-1]) == (False, False)
