"""Video files: all their frames, at their times, the right way up; and one sentence for what is none."""

import gc
import http.server
import itertools
import re
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from overlay.core.clock import Clock
from overlay.core.errors import SourceError
from overlay.media.frame import Frame
from overlay.media.sources.video_file import VideoFile, VideoLimits
from overlay.media.sources.webcam import open_source

pytestmark = pytest.mark.unit

TIMES = [0, 40, 80, 200, 240, 360]  # milliseconds; a camera that stutters


def write_video(path: Path, times: list[int], size: tuple[int, int] = (64, 48), start: int = 0) -> Path:
    """Pictures of growing brightness, the top left quarter white."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4" if path.suffix == ".mkv" else "libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, ms in enumerate(times):
            pixels = np.full((size[1], size[0], 3), 10 + 20 * (number % 8), np.uint8)
            pixels[: size[1] // 2, : size[0] // 2] = 255
            picture = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            picture.pts, picture.time_base = start + ms, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def read_all(source: VideoFile) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    return frames


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", TIMES)


def test_every_frame_at_its_time(clip: Path) -> None:
    source = VideoFile(clip, realtime=False)
    assert not source.live
    assert source.name == "clip.mp4"
    frames = read_all(source)
    assert [round(frame.at * 1000) for frame in frames] == TIMES
    assert [frame.index for frame in frames] == list(range(len(TIMES)))
    assert all(frame.pixels.shape == (48, 64, 3) and frame.pixels.dtype == np.uint8 for frame in frames)
    levels = [int(frame.pixels[40, 50].mean()) for frame in frames]
    assert levels == sorted(levels)
    assert frames[0].pixels[5, 5].mean() > 240
    assert source.read() is None


def test_time_counts_from_the_first_picture(tmp_path: Path) -> None:
    source = VideoFile(write_video(tmp_path / "late.mkv", TIMES, start=5000), realtime=False)
    assert [round(frame.at * 1000) for frame in read_all(source)] == TIMES


def test_real_time_takes_as_long_as_the_file_says(clip: Path) -> None:
    source = open_source(str(clip))
    assert source.live
    before = time.monotonic()
    frames = read_all(source)  # type: ignore[arg-type]
    after = time.monotonic()
    assert frames[-1].index == len(frames) - 1
    spans = [round((frame.at - frames[0].at) * 1000) for frame in frames]
    assert set(spans) <= set(TIMES)
    assert spans == sorted(spans)
    assert before <= frames[0].at <= frames[-1].at <= after
    assert after - before >= TIMES[-1] / 1000


class GivenClock(Clock):
    """Time that passes while it is waited for, and when told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: Callable[[], object] = lambda: None

    def monotonic(self) -> float:
        return self.now

    def wait(self, what: threading.Event | threading.Condition, seconds: float | None = None) -> bool:
        assert isinstance(what, threading.Event)
        self.now += seconds or 0.0
        self.waited()
        return what.is_set()


def test_real_time_leaves_no_frame_out_where_it_is_read_late(clip: Path) -> None:
    """It plays slower: the times of the file itself are told beside those of the clock."""
    clock = GivenClock()
    source = VideoFile(clip, clock=clock)
    assert source.patient
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
        assert frame.at == pytest.approx(clock.now)
        clock.now += 0.3
    assert [round((frame.moment - 100) * 1000) for frame in frames] == TIMES
    assert frames[-1].at == pytest.approx(100 + 5 * 0.3)


def test_real_time_keeps_its_first_frame_until_the_recogniser_is_there(clip: Path) -> None:
    clock, ready = GivenClock(), threading.Event()
    source = VideoFile(clip, clock=clock, ready=ready)
    clock.waited = lambda: ready.set() if clock.now > 104 else None
    frames = read_all(source)
    assert [round((frame.moment - 100) * 1000) for frame in frames] == TIMES
    assert frames[0].at == 100.0
    assert frames[1].at == pytest.approx(104, abs=0.1)
    assert frames[-1].at - frames[1].at == pytest.approx((TIMES[-1] - TIMES[1]) / 1000)


def test_close_ends_a_read_that_waits(tmp_path: Path) -> None:
    source = VideoFile(write_video(tmp_path / "slow.mp4", [0, 3_600_000]))
    assert source.read() is not None
    got: list[Frame | None] = []
    reader = threading.Thread(target=lambda: got.append(source.read()))
    reader.start()
    source.close()
    reader.join(30)
    assert got == [None]


def turned(path: Path, times: list[int], turn: int) -> Path:
    """A phone held upright writes a lying picture and how to turn it. The matrix is that of the MP4 format."""
    clip = write_video(path, times)
    content = bytearray(clip.read_bytes())
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turn]  # clockwise
    matrix = [cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 14]
    at = content.index(b"tkhd") + 4 + 4 + 20 + 16
    for value in matrix:
        content[at : at + 4] = (value << 16).to_bytes(4, "big", signed=True)
        at += 4
    clip.write_bytes(bytes(content))
    return clip


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotation_of_the_file_is_honoured(tmp_path: Path, turn: int) -> None:
    frame = VideoFile(turned(tmp_path / "clip.mp4", [0, 40], turn), realtime=False).read()
    assert frame is not None
    height, width = (48, 64) if turn % 180 == 0 else (64, 48)
    assert frame.pixels.shape == (height, width, 3)
    white = {0: (0, 0), 90: (0, 1), 180: (1, 1), 270: (1, 0)}[turn]  # row and column of the white quarter
    for row in (0, 1):
        for column in (0, 1):
            quarter = frame.pixels[row * height // 2 + 8 :, column * width // 2 + 8 :][:8, :8]
            assert (quarter.mean() > 200) == ((row, column) == white)


def test_a_camera_that_is_turned_while_it_films(tmp_path: Path) -> None:
    """It says so before each picture from then on: a message of the H.264 format, a quarter anticlockwise."""
    clip = write_video(tmp_path / "clip.h264", [40 * n for n in range(20)])
    message = bytes.fromhex("00000001 06 2f 03 08 00 09 80")
    content, begins = clip.read_bytes(), rb"\x00\x00\x01[\x01\x21\x41\x61\x65]"
    tenth = [found.start() for found in re.finditer(begins, content)][10]
    later = re.sub(begins, lambda found: message + found[0], content[tenth:])
    clip.write_bytes(content[:tenth] + later)
    frames = read_all(VideoFile(clip, realtime=False))
    assert {frame.size for frame in frames[:8]} == {(64, 48)}
    assert {frame.size for frame in frames[-8:]} == {(48, 64)}
    assert frames[-1].pixels[50:, 5].mean() > 200


def pictures_in_memory() -> int:
    return sum(issubclass(type(one), av.VideoFrame) for one in gc.get_objects())


@pytest.mark.parametrize("turn", [0, 90])
def test_pictures_that_were_read_do_not_wait_for_the_garbage_collector(tmp_path: Path, turn: int) -> None:
    """It comes after hundreds of them, or hours later: memory that long and large videos would want."""
    source = VideoFile(turned(tmp_path / "clip.mp4", [40 * n for n in range(100)], turn), realtime=False)
    gc.collect()
    gc.disable()
    try:
        before = pictures_in_memory()
        while (frame := source.read()) is not None:
            if frame.index % 33 == 32:  # to look at all objects takes long
                assert pictures_in_memory() < before + 10
        assert pictures_in_memory() < before + 10
    finally:
        gc.enable()


def test_what_is_left_of_a_cut_file_is_read(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mkv", [40 * n for n in range(100)], size=(320, 240))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    frames = read_all(VideoFile(cut, realtime=False))
    assert 10 < len(frames) < 100


def test_damage_in_the_middle_does_not_end_it(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mkv", [40 * n for n in range(100)], size=(320, 240))
    content = bytearray(whole.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(bytes(content))
    frames = read_all(VideoFile(damaged, realtime=False))
    assert frames[-1].at > 3.5
    assert all(later.at > earlier.at for earlier, later in itertools.pairwise(frames))


def sound_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 48000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))


def cut_short(path: Path) -> None:
    write_video(path, TIMES)
    path.write_bytes(path.read_bytes()[:600])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "There is no file .*: check its name"),
        (lambda path: path.write_bytes(b""), "is empty: choose another file"),
        (lambda path: path.write_text("Dear diary,\n" * 99), "cannot be read as a video"),
        (lambda path: path.mkdir(), "is a folder, not a video file"),
        (sound_only, "no pictures in .*, only sound"),
        (cut_short, "cannot be read as a video"),
    ],
    ids=["absent", "empty", "text", "folder", "sound", "cut short"],
)
def test_one_sentence_for_what_is_no_video(
    tmp_path: Path, make: Callable[[Path], object], says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    with pytest.raises(SourceError, match=says) as caught:
        open_source(str(path), realtime=False)
    assert "clip.mp4" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_names_that_no_file_can_have() -> None:
    for name in ("a\0b.mp4", "x" * 5000, "clip.mp4/inside.mp4"):
        with pytest.raises(SourceError):
            open_source(name, realtime=False)


def test_a_video_within_its_limits_is_read_whole(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mp4", TIMES)
    limited = VideoFile(path, realtime=False, limits=VideoLimits(seconds=1, side=64))
    assert len(read_all(limited)) == len(TIMES)


def test_a_video_beyond_its_limits_is_refused_at_once(tmp_path: Path) -> None:
    path = write_video(tmp_path / "video.mp4", TIMES)
    with pytest.raises(SourceError, match=r"64 × 48 pixels: choose"):
        VideoFile(path, realtime=False, limits=VideoLimits(seconds=1, side=63))
    with pytest.raises(SourceError, match=r"longer than 0.3 seconds"):
        VideoFile(path, realtime=False, limits=VideoLimits(seconds=0.3, side=64))


def test_a_video_that_does_not_say_how_long_it_is_is_stopped_at_its_limit(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "video.ts", TIMES)
    unknown = tmp_path / "stream.mkv"
    with av.open(str(whole)) as source, av.open(str(unknown), "w", options={"live": "1"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    limited = VideoFile(unknown, realtime=False, limits=VideoLimits(seconds=0.21, side=64))
    assert limited.duration is None
    with pytest.raises(SourceError, match=r"longer than 0.21 seconds"):
        read_all(limited)


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile video.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nvideo.mp4\n#EXT-X-ENDLIST\n",
    ],
)
def test_a_playlist_from_elsewhere_opens_no_other_file(tmp_path: Path, text: str) -> None:
    write_video(tmp_path / "video.mp4", TIMES)
    playlist = tmp_path / "uploaded.m3u8"
    playlist.write_text(text)
    assert read_all(VideoFile(playlist, realtime=False)), "it would be opened"
    with pytest.raises(SourceError, match="cannot be read as a video"):
        VideoFile(playlist, realtime=False, limits=VideoLimits(seconds=60, side=4096))


@pytest.mark.integration
@pytest.mark.parametrize("limits", [None, VideoLimits(60, 4096)])
def test_a_playlist_leads_to_no_network(tmp_path: Path, clip: Path, limits: VideoLimits | None) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        playlist = tmp_path / "talk.m3u8"
        address = f"http://127.0.0.1:{server.server_port}/part.ts"
        playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n")
        with pytest.raises(SourceError):
            VideoFile(playlist, realtime=False, limits=limits).read()
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize("size", [(9000, 16), (16, 9000)])
def test_a_video_that_is_too_long_on_one_side_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "long.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), format="bgr24")
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match=rf"{size[0]} × {size[1]} pixels: choose one with sides of at most 8192"):
        VideoFile(path, realtime=False)


def test_a_picture_that_is_larger_than_its_file_said_is_refused(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = VideoFile(clip, realtime=False)
    monkeypatch.setattr(source, "_side", 60)
    with pytest.raises(SourceError, match="64 × 48 pixels"):
        source.read()
