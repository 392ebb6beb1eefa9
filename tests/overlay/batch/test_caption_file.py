"""What becomes of one video: every kind that people have, with its pictures, sound and times right."""

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from overlay.batch.caption_file import Captioned, How, caption_source, open_video
from overlay.core.errors import SigncapError, SourceError
from overlay.core.settings import Settings
from overlay.media.frame import Pixels
from overlay.media.sources.flipped import FlippedSource
from overlay.pipeline import live_captioner
from overlay.recognition import seeing
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand

pytestmark = pytest.mark.integration

BEEP, FLASH = 0.2, 240  # from which sound and brightness count
CLEAR = {"b": "2000000"}
QUIET_X265 = {"x265-params": "log-level=none"}
KINDS = ("output", "vtt", "srt", "text", "jsonl")


@dataclass(frozen=True)
class Seen:
    """What a player finds in a video.

    Attributes:
        sizes: of its pictures, in all.
        times: of its pictures, in seconds.
        flash: when the upper edge becomes white.
        beep: when the sound becomes loud.
        kinds: of its streams.
        last: the last picture.
    """

    sizes: set[tuple[int, int]]
    times: list[float]
    flash: float
    beep: float | None
    kinds: list[str]
    last: NDArray[np.uint8]


def look(path: Path) -> Seen:
    sizes, times, flash, beep, last = set(), [], None, None, None
    with av.open(str(path)) as container:
        kinds = [
            f"{stream.type} {stream.codec_context.name if stream.codec_context else '?'}"
            for stream in container.streams
        ]
        for packet in container.demux(*container.streams.video[:1], *container.streams.audio[:1]):
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    last = frame.to_ndarray(format="bgr24")
                    sizes.add((frame.width, frame.height))
                    times.append(float(frame.time or 0))
                    if flash is None and last[4 : frame.height // 12, 50:-50].mean() > FLASH:
                        flash = times[-1]
                elif isinstance(frame, av.AudioFrame) and beep is None:
                    wave = av.AudioResampler("flt", "mono").resample(frame)[0].to_ndarray()[0]
                    if np.abs(wave).max() > BEEP:
                        beep = float(frame.time or 0) + int(np.argmax(np.abs(wave) > BEEP)) / frame.sample_rate
    assert last is not None
    return Seen(sizes, times, flash or -1.0, beep, kinds, last)


@pytest.fixture(scope="module")
def how(hand_model: Path) -> How:
    return How(Settings(), None, hand_model)


class Recalling:
    """Stands for MediaPipe: finds in a picture of the clip what that found, and nothing in any other picture.

    A picture that came out turned, mirrored, of another clip or in other colours is another.
    """

    def __init__(self, pictures: Sequence[Pixels], hands: Sequence[Hand | None]) -> None:
        self._known = np.array([thumbnail(pixels) for pixels in pictures])
        self._hands = hands
        self._width = pictures[0].shape[1]

    def find(self, pixels: Pixels, _at: float) -> Hand | None:
        apart = np.abs(self._known - thumbnail(pixels)).mean((1, 2))
        hand = self._hands[int(apart.argmin())] if apart.min() < 10 else None
        scale = np.float32(pixels.shape[1] / self._width)
        return None if hand is None else replace(hand, landmarks=hand.landmarks * scale)

    def close(self) -> None:
        """There is nothing to let go of."""


def thumbnail(pixels: Pixels) -> NDArray[np.float64]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    size = (32, 18) if width > height else (18, 32)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float64)


@pytest.fixture(scope="module")
def recall(hand_model: Path, sign: Callable[..., Sequence[Pixels]]) -> Callable[[tuple[int, int]], Recalling]:
    """Gives a finder that knows the usual clip's pictures of that size."""

    @functools.cache
    def known(size: tuple[int, int]) -> Recalling:
        pictures = sign("HI", size)
        with open_detector(hand_model) as finder:
            return Recalling(pictures, [finder.find(pixels, k / 15) for k, pixels in enumerate(pictures)])

    return known


@pytest.fixture
def recalled(recall: Callable[[tuple[int, int]], Recalling], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From now on nothing is found but what was found in the usual clip, upright and of that size."""

    def use(size: tuple[int, int] = (320, 180)) -> None:
        finder = recall(size)
        monkeypatch.setattr(live_captioner, "open_detector", lambda _model: finder)

    return use


def run(path: Path, how: How, *kinds: str) -> tuple[Captioned, dict[str, Path]]:
    endings = {"output": ".mp4", "text": ".txt"}
    outputs = {kind: path.parent / f"out{endings.get(kind, f'.{kind}')}" for kind in kinds}
    source = open_video(path)
    try:
        return caption_source(source, outputs, how, lambda _far: None), outputs
    finally:
        source.close()


@dataclass(frozen=True)
class Run:
    """A clip and what became of it."""

    clip: Path
    came: Captioned
    outputs: dict[str, Path]


@pytest.fixture(scope="module")
def whole(how: How, make_clip: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A clip with sound, of which all is written that can be."""
    clip = make_clip(tmp_path_factory.mktemp("whole") / "clip.mp4", sound="aac")
    return Run(clip, *run(clip, how, *KINDS))


@pytest.fixture(scope="module")
def silent(how: How, make_clip: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A clip without sound, of a phone that takes pictures when it can; no track of captions is asked for."""
    late = np.random.default_rng(3)

    def at(index: int) -> float | None:
        return None if index % 7 == 3 else round(index / 15 + float(late.uniform(0, 0.06)), 3)

    clip = make_clip(tmp_path_factory.mktemp("silent") / "clip.mp4", at=at)
    return Run(clip, *run(clip, How(how.settings, None, how.hand_model, subtitle_track=False), "output"))


def test_all_that_is_written(whole: Run) -> None:
    came, outputs = whole.came, whole.outputs
    assert (came.text, came.note) == ("HI\n", None)
    assert outputs["text"].read_text() == "HI\n"
    lines = [json.loads(line) for line in outputs["jsonl"].read_text().splitlines()]
    names = ["kind", "letter", "confidence", "start", "end", "cue", "word"]
    assert [list(line) for line in lines[:-1]] == [names] * 2
    assert [(line["kind"], line["letter"], line["cue"], line["word"]) for line in lines[:-1]] == [
        ("letter", "H", 0, 0),
        ("letter", "I", 0, 0),
    ]
    times = [(line["start"], line["end"]) for line in lines[:-1]]
    assert all(start < end for start, end in times)
    assert times == sorted(times)
    assert all(0.5 < line["confidence"] <= 1 for line in lines[:-1])
    cue = lines[-1]
    assert list(cue) == ["kind", "cue", "text", "start", "end"]
    assert (cue["kind"], cue["cue"], cue["text"], cue["start"]) == ("cue", 0, "HI", times[0][0])
    assert cue["end"] >= times[-1][1]
    seen = look(outputs["output"])
    assert seen.kinds == ["video h264", "audio aac", "subtitle mov_text"]
    for kind in ("output", "vtt", "srt"):
        with av.open(str(outputs[kind])) as container:
            stream = container.streams.subtitles[0]
            shown = [packet for packet in container.demux(stream) if bytes(packet).strip(b"\0")]
            assert [float(packet.pts * packet.time_base) for packet in shown] == [cue["start"]]
            assert b"HI" in bytes(shown[0])
    assert sorted(path.name for path in whole.clip.parent.iterdir() if path != whole.clip) == sorted(
        p.name for p in outputs.values()
    )


def test_a_mirrored_video_is_turned_round_and_its_captions_are_upright(
    whole: Run, how: How, recalled: Callable[..., None], tmp_path: Path
) -> None:
    """Nothing is found in a picture that is mirrored."""
    recalled()

    def caption(flip: bool) -> tuple[Captioned, Path]:
        source = FlippedSource(open_video(whole.clip))
        try:
            out = tmp_path / f"{flip}.mp4"
            return caption_source(source, {"output": out}, replace(how, flip=flip), lambda _far: None), out
        finally:
            source.close()

    came, turned = caption(flip=True)
    assert came.text == "HI\n"
    apart = np.abs(look(turned).last.astype(int) - look(whole.outputs["output"]).last)
    assert apart.mean() < 2  # pictures and captions are those of the video as it was before it was mirrored
    with pytest.raises(SigncapError, match="No hand was found"):
        caption(flip=False)


@pytest.mark.parametrize(("least", "part"), [("SMALL", "The hand is small in"), ("DARK", "It is dark where")])
def test_what_could_hardly_be_seen_is_told(
    least: str, part: str, whole: Run, how: How, recalled: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    recalled()
    monkeypatch.setattr(seeing, least, 255.0)
    monkeypatch.setattr(seeing, {"SMALL": "LARGE", "DARK": "LIGHT"}[least], 255.0)
    monkeypatch.setattr(seeing, "LEAST_LOOKS", 1)
    note = run(whole.clip, how)[0].note
    assert note is not None
    assert note.startswith(part)
    assert "clip.mp4" in note


def test_track_and_sound_are_left_out(silent: Run) -> None:
    assert look(silent.outputs["output"]).kinds == ["video h264"]


def test_every_picture_at_its_own_time(silent: Run) -> None:
    before, after = look(silent.clip), look(silent.outputs["output"])
    assert len({round(b - a, 3) for a, b in zip(before.times, before.times[1:], strict=False)}) > 10
    own = [time - before.times[0] for time in before.times]  # without sound, the first picture is the beginning
    assert after.times[: len(own)] == pytest.approx(own, abs=0.0005)


def test_last_picture_stands_until_its_caption_can_be_read(silent: Run) -> None:
    before = look(silent.clip)
    end = before.times[-1] - before.times[0]
    assert look(silent.outputs["output"]).times[-1] == pytest.approx(end + 2, abs=0.001)
    with av.open(str(silent.outputs["output"])) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) > end + 2


def in_step(done: Run, sound: str) -> None:
    """Its sound comes as long after the flash as before, and all counts from the file's beginning."""
    before, after = look(done.clip), look(done.outputs["output"])
    assert after.kinds == ["video h264", f"audio {sound}", "subtitle mov_text"]
    assert before.beep is not None
    assert after.beep is not None
    assert after.beep - after.flash == pytest.approx(before.beep - before.flash, abs=0.003)
    with av.open(str(done.clip)) as container:
        begins = max(0, container.start_time or 0) / 1_000_000
    assert after.flash == pytest.approx(before.flash - begins, abs=0.001)
    first = json.loads(done.outputs["jsonl"].read_text().splitlines()[0])
    assert first["start"] == pytest.approx(after.flash - 0.4, abs=0.2)  # H is made before the flash
    assert done.came.text == "HI\n"


def test_sound_of_a_usual_video_stays_in_step(whole: Run) -> None:
    in_step(whole, "aac")


@pytest.mark.parametrize(
    ("name", "options", "sound"),
    [
        ("copied.mkv", {"sound": "libopus", "starts": 5.0, "sound_starts": 5.0}, "opus"),
        ("copied.ts", {"sound": "aac", "rate": 44_100}, "aac"),
        ("later.mkv", {"sound": "flac", "starts": 0.0, "sound_starts": 0.8}, "flac"),
        ("encoded.mkv", {"sound": "pcm_s16le", "rate": 44_100}, "aac"),
        ("encoded.avi", {"sound": "mp2", "codec": "mpeg4", "ticks": Fraction(1, 15), "options": CLEAR}, "aac"),
        ("encoded_later.mkv", {"sound": "pcm_s16le", "starts": 2.7, "sound_starts": 3.5}, "aac"),
        ("encoded_before.mkv", {"sound": "pcm_u8", "starts": 0.7}, "aac"),
    ],
)
def test_sound_stays_in_step(
    tmp_path: Path,
    how: How,
    make_clip: Callable[..., Path],
    recalled: Callable[..., None],
    name: str,
    options: dict[str, object],
    sound: str,
) -> None:
    """Whatever its kind, and whenever file, pictures and sound begin."""
    recalled()
    clip = make_clip(tmp_path / name, **options)
    in_step(Run(clip, *run(clip, how, "output", "jsonl")), sound)


@pytest.mark.parametrize(
    ("matrix", "size", "laid"),
    [
        ((0, 1, -1, 0), (180, 320), lambda pixels: np.rot90(pixels, 1)),  # a phone held upright
        ((0, -1, 1, 0), (180, 320), lambda pixels: np.rot90(pixels, -1)),
        ((-1, 0, 0, -1), (320, 180), lambda pixels: pixels[::-1, ::-1]),
        ((-1, 0, 0, 1), (320, 180), lambda pixels: pixels[:, ::-1]),  # one that mirrors its user
    ],
)
def test_pictures_come_out_upright(
    tmp_path: Path,
    how: How,
    make_clip: Callable[..., Path],
    turn_clip: Callable[..., Path],
    recalled: Callable[..., None],
    matrix: tuple[int, int, int, int],
    size: tuple[int, int],
    laid: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
) -> None:
    recalled(size)
    clip = turn_clip(make_clip(tmp_path / "clip.mp4", size=size, change=laid), matrix)
    came, outputs = run(clip, how, "output")
    assert came.text == "HI\n"
    seen = look(outputs["output"])
    assert seen.sizes == {size}
    assert seen.flash == pytest.approx(1.0, abs=0.001)  # the upper edge is the upper one
    box = (seen.last.max(axis=2) < 90)[-size[1] // 4 :, : size[0] // 2]
    assert box.mean() > 0.01  # the captions' box stands below, upright


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (
            "ten_bits.mkv",
            {"codec": "libx265", "pix_fmt": "yuv420p10le", "options": QUIET_X265},
        ),
        ("odd.mkv", {"codec": "ffv1", "pix_fmt": "bgr0", "size": (321, 181)}),
        ("rgb.mov", {"codec": "qtrle", "pix_fmt": "rgb24"}),
        ("half_colours.avi", {"codec": "mjpeg", "pix_fmt": "yuvj422p"}),
        ("web.webm", {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}}),
    ],
)
def test_kinds_of_pictures(
    tmp_path: Path,
    how: How,
    make_clip: Callable[..., Path],
    recalled: Callable[..., None],
    name: str,
    options: dict[str, object],
) -> None:
    recalled()
    clip = make_clip(tmp_path / name, **options)
    came, outputs = run(clip, how, "output")
    assert came.text == "HI\n"
    seen = look(outputs["output"])
    with av.open(str(outputs["output"])) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    assert seen.sizes == {(320, 180)}
    wall = slice(27, 40), slice(133, 147)
    assert (
        np.abs(look(clip).last[wall].mean((0, 1)) - seen.last[wall].mean((0, 1))).max() < 8
    )  # as bright, as coloured


def test_pictures_get_their_true_shape(
    tmp_path: Path, how: How, make_clip: Callable[..., Path], recalled: Callable[..., None]
) -> None:
    """Pixels that are not square, as of tapes: the picture comes out as players show it."""
    recalled()
    clip = make_clip(
        tmp_path / "tape.mp4",
        change=lambda pixels: cv2.resize(pixels, (160, 180)),
        shape=Fraction(2),
    )
    came, outputs = run(clip, how, "output")
    assert came.text == "HI\n"
    with av.open(str(outputs["output"])) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (320, 180)
        assert video.sample_aspect_ratio in (None, 1)


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured as Unix does")
def test_large_pictures_within_memory(tmp_path: Path, hand_model: Path, make_clip: Callable[..., Path]) -> None:
    clip = make_clip(
        tmp_path / "large.mp4",
        change=lambda pixels: cv2.resize(pixels, (3840, 2160)),
        at=lambda index: index / 15 if index % 3 == 0 else None,
        options={"preset": "ultrafast"},
    )
    script = (
        "import resource, sys; from server.cli.main import app; app(sys.argv[1:], standalone_mode=False)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    command = [sys.executable, "-c", script, "caption", str(clip), "--output", str(tmp_path / "out.mp4"), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert look(tmp_path / "out.mp4").sizes == {(3840, 2160)}
    assert int(done.stdout.split()[-1]) < 2_000_000  # kilobytes


def test_a_part_that_is_damaged(tmp_path: Path, how: How, make_clip: Callable[..., Path]) -> None:
    clip = make_clip(
        tmp_path / "clip.mkv", "HI YOU", sound="aac", codec="mpeg4", ticks=Fraction(1, 1000), options=CLEAR
    )
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    clip.write_bytes(bytes(content))
    came, outputs = run(clip, how, "output", "vtt")
    assert came.note is not None
    assert "damaged" in came.note
    assert came.text.startswith("HI")
    before, after = look(clip), look(outputs["output"])
    assert after.times[-1] >= before.times[-1] > 3
    assert "audio aac" in after.kinds


def test_a_video_that_is_cut_short(tmp_path: Path, how: How, make_clip: Callable[..., Path]) -> None:
    """As when its disk was full, or it was not loaded to its end."""
    clip = make_clip(tmp_path / "clip.mp4", "HI YOU", options={"preset": "ultrafast"})
    with (
        av.open(str(clip)) as source,
        av.open(str(tmp_path / "cut.mp4"), "w", options={"movflags": "faststart"}) as cut,
    ):
        stream = cut.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                cut.mux(packet)
    whole = (tmp_path / "cut.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    came, outputs = run(tmp_path / "cut.mp4", how, "output", "text")
    assert came.note is not None
    assert "cut short" in came.note
    assert came.text.startswith("H")
    assert look(outputs["output"]).times


def test_all_else_that_a_video_has_is_kept_or_somebody_is_told(
    tmp_path: Path, how: How, make_clip: Callable[..., Path], recalled: Callable[..., None]
) -> None:
    recalled()
    clip = make_clip(tmp_path / "clip.mp4")
    with av.open(str(clip)) as source, av.open(str(tmp_path / "talk.mkv"), "w") as target:
        target.metadata["title"] = "My talk"
        stream = target.add_stream_from_template(source.streams.video[0])
        for number in range(12):
            target.add_attachment(f"{number}.ttf", "application/x-truetype-font", b"glyphs")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    came, outputs = run(tmp_path / "talk.mkv", how, "output")
    files = ", ".join(f"the attached file {number}.ttf" for number in range(7))
    assert came.note == f"The captioned copy of talk.mkv, an MP4 file, lacks {files} and 5 other parts."
    with av.open(str(outputs["output"])) as container:
        assert container.metadata["title"] == "My talk"
        assert container.streams.subtitles[0].metadata["language"] == "und"
    outputs["output"].unlink()
    assert run(tmp_path / "talk.mkv", how, "vtt")[0].note is None  # nothing is copied


def test_no_index_no_video(tmp_path: Path, how: How, make_clip: Callable[..., Path]) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(SourceError, match="cannot be read as a video"):
        run(clip, how, "output")


def test_no_pictures(tmp_path: Path, how: How) -> None:
    """A video of no frames, and a song with a picture on its sleeve."""
    with av.open(str(tmp_path / "none.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 64, 48
        container.start_encoding()
    with pytest.raises(SourceError, match=r"none.mkv cannot be read as a video"):
        run(tmp_path / "none.mkv", how, "output", "vtt")
    with av.open(str(tmp_path / "song.mp4"), "w") as container:
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        tone.sample_rate = 48_000
        container.mux(sound.encode(tone))
        container.mux(sound.encode(None))
    with pytest.raises(SourceError, match=r"There are no pictures in .*song.mp4, only sound"):
        run(tmp_path / "song.mp4", how, "output")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none.mkv", "song.mp4"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a folder that even root cannot write to")
def test_a_folder_that_cannot_be_written_to(tmp_path: Path, how: How, make_clip: Callable[..., Path]) -> None:
    source = open_video(make_clip(tmp_path / "clip.mp4"))
    for option, name in (("output", "out.mp4"), ("vtt", "out.vtt")):
        with pytest.raises(SigncapError, match=r"Cannot write /proc/out.*choose a folder .* you may write to"):
            caption_source(source, {option: Path("/proc", name)}, how, lambda _far: None)
    assert source.read() is not None  # it is said before hours are spent on reading
