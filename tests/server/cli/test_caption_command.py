"""`signcap caption` as its users run it: in this process, and in its own where a terminal or a signal is needed."""

import contextlib
import functools
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from overlay.batch.output_plan import Job
from overlay.batch.workers import Failed, Report, Work
from overlay.core.errors import SigncapError
from overlay.media.frame import Picture
from overlay.media.sources.video_file import VideoFile
from overlay.mp4.video_writer import VideoWriter
from overlay.synthesis.demo_source import DemoSource
from tests.server.processes import SMALL_DEMO
from tests.waiting import until

Here = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.e2e

COMMAND = [sys.executable, "-m", "server.cli.main", "caption"]


def write_still(path: Path, level: int = 128, count: int = 5) -> Path:
    """A video in which there is nothing to see."""
    writer = VideoWriter(path)
    i420 = cv2.cvtColor(np.full((240, 320, 3), level, np.uint8), cv2.COLOR_BGR2YUV_I420)
    for number in range(count):
        writer.send(Picture(i420, number, number / 30))
    writer.close()
    return path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small video in which the signer spells HEY, with every second picture of the demo."""
    path = tmp_path_factory.mktemp("signed") / "hey.mp4"
    writer, demo = VideoWriter(path, 15), DemoSource("HEY", realtime=False, size=(320, 240))
    while (frame := demo.read()) is not None:
        if frame.index % 2 == 0:
            writer.send(Picture(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), frame.index, frame.at))
    writer.close()
    return path


@pytest.fixture
def handlers() -> Iterator[None]:
    """Signals have the handlers from before when the test is over."""
    numbers = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of Unix")
def test_demo_is_read_with_progress_on_a_terminal(hand_model: Path) -> None:
    """A doubled letter, and one that is motion."""
    import pty

    controller, terminal = pty.openpty()
    command = [sys.executable, *SMALL_DEMO, "caption", "demo", "--text", "ZOO"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError), open(controller, "rb", buffering=0) as screen:  # an error marks its end
        while chunk := screen.read(4096):
            shown += chunk
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "ZOO\n")
    assert b"frames/s" in shown
    assert b"demo" in shown


@pytest.mark.slow
@pytest.mark.integration
def test_video_of_the_demo_is_captioned(here: Here, hand_model: Path, signed: Path, tmp_path: Path) -> None:
    """The signer's video, as a file: its text on standard output, and its captions in the pixels."""
    captioned = tmp_path / "captioned.mp4"
    done = here("caption", signed, "--output", captioned)
    assert (done.returncode, done.stdout, done.stderr) == (0, "HEY\n", "")  # and nothing of progress
    assert [file.name for file in tmp_path.iterdir()] == ["captioned.mp4"]
    times, differences = compare(signed, captioned)
    assert all(abs(one - other) < 0.001 for one, other in times)
    assert not (differences[0] > 100).any()
    assert not any((difference[: 240 // 2] > 60).any() for difference in differences)  # no outline of the hand
    rows, columns = np.nonzero(differences[-1] > 100)  # of the last picture: the letters and their box
    assert len(rows) > 1000 / 9
    assert rows.min() > 240 // 2
    assert np.ptp(columns) > np.ptp(rows)


def compare(one: Path, other: Path) -> tuple[list[tuple[float, float]], list[np.ndarray]]:
    """The times of all pictures of a video and of the same ones of another, and how much each pixel differs."""
    before, after = VideoFile(one, realtime=False), VideoFile(other, realtime=False)
    times, differences = [], []
    while (frame := before.read()) is not None:
        again = after.read()
        assert again is not None
        times.append((frame.at, again.at))
        differences.append(np.abs(frame.pixels.astype(int) - again.pixels).max(axis=2))
    return times, differences


@pytest.mark.slow
@pytest.mark.integration
def test_outline_of_the_hand_is_asked_for(here: Here, hand_model: Path, signed: Path, tmp_path: Path) -> None:
    outlined = tmp_path / "outlined.mp4"
    assert here("caption", signed, "--output", outlined, "--hand-outline").returncode == 0
    _, differences = compare(signed, outlined)
    assert sum((difference[: 240 // 2] > 60).any() for difference in differences) > 10  # above the captions


@pytest.mark.integration
def test_no_hand(here: Here, hand_model: Path, tmp_path: Path) -> None:
    still = write_still(tmp_path / "wall.mp4")
    done = here("caption", still, "--output", tmp_path / "out.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "No hand was found in wall.mp4: the signing hand must be in the picture and lit.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["wall.mp4"]


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["absent", "empty", "text", "folder"])
def test_input_that_is_no_video(here: Here, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "clip.mp4"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("Dear diary,\n" * 99)
    elif kind == "folder":
        path.mkdir()
    done = here("caption", path, "--output", tmp_path / "out.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert "clip.mp4" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.integration
def test_output_that_exists_is_kept(here: Here, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    output.write_text("dear diary")
    done = here("caption", "demo", "--text", "HI", "--output", output)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("exists already: choose another name, or remove it first.\n")
    assert output.read_text() == "dear diary"


@pytest.mark.integration
def test_output_where_nothing_can_be_written(here: Here, tmp_path: Path) -> None:
    done = here("caption", "demo", "--text", "HI", "--output", tmp_path / "absent" / "out.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert "choose a folder that exists" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["0"], "use `signcap run --source 0`"),
        (["demo", "--text", "CAFÉ 7"], "É"),
        (["demo", "--text", " "], "nothing to spell"),
        (["clip.mp4", "--text", "HELLO"], "give a name that ends in .txt"),
        (["demo", "--hand-model", "/nowhere.task"], "no hand model at /nowhere.task"),
        (["demo", "--model", "/nowhere"], "/nowhere"),
    ],
)
def test_one_sentence_for_each_mistake(here: Here, hand_model: Path, arguments: list[str], says: str) -> None:
    done = here("caption", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_stopped_in_the_middle(hand_model: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    command = [sys.executable, *SMALL_DEMO, "caption", "demo", "--text", "A" * 400, "--output", str(output)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: process.poll() is not None or any(part.stat().st_size for part in _parts(tmp_path)))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


def _parts(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):
        return list(folder.iterdir())
    return []


@pytest.mark.integration
@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_to_end_it_leaves_nothing(
    here: Here,
    hand_model: Path,
    signed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    status: int,
) -> None:
    send = VideoWriter.send

    def told(writer: VideoWriter, picture: Picture) -> None:
        send(writer, picture)
        if picture.index == 5:
            assert list(tmp_path.iterdir())
            signal.raise_signal(number)

    monkeypatch.setattr(VideoWriter, "send", told)
    done = here("caption", signed, "--output", tmp_path / "out.mp4")
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.integration
def test_sound_is_no_obstacle(here: Here, hand_model: Path, tmp_path: Path) -> None:
    """A video with sound beside its pictures, of which only the pictures are read."""
    path = tmp_path / "talk.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=48000)
        video = container.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        for _ in range(10):
            picture = av.VideoFrame.from_ndarray(np.zeros((240, 320, 3), np.uint8), format="bgr24")
            container.mux(video.encode(picture))
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.float32), format="fltp", layout="mono")
            tone.sample_rate = 48000
            container.mux(sound.encode(tone))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    assert "No hand was found in talk.mp4" in here("caption", path).stderr


@pytest.fixture
def talks(tmp_path: Path, signed: Path) -> list[Path]:
    """Two videos in a folder."""
    paths = [tmp_path / "talks" / f"{name}.mp4" for name in ("one", "two")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(signed.read_bytes())
    return paths


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Several videos are read one after the other, without workers, each of which would load all that it needs."""

    def do_all(jobs: Sequence[Job], work: Work, _count: int, report: Report) -> Iterator[tuple[int, Any]]:
        for number, job in enumerate(jobs):
            try:
                came = work(job, functools.partial(report, number))
            except SigncapError as error:
                came = Failed(str(error))
            yield number, pickle.loads(pickle.dumps(came))

    threads = cv2.getNumThreads()
    monkeypatch.setattr("overlay.batch.workers.do_all", do_all)
    yield
    cv2.setNumThreads(threads)


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.usefixtures("in_this_process")
def test_many_videos_with_bad_ones_among_them(
    here: Here, hand_model: Path, tmp_path: Path, talks: list[Path]
) -> None:
    notes, out = tmp_path / "notes.mp4", tmp_path / "out"
    notes.write_text("Dear diary,\n" * 99)
    wall = write_still(tmp_path / "wall.mp4")
    inputs = [notes, *talks, wall, talks[0].parent, tmp_path / "absent.mp4", talks[0]]
    done = here("caption", *inputs, "--output", f"{out}/", "--text", f"{out}/", "--jobs", 2)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[0] == f"{talks[0]} is named twice: it is read once."
    assert sorted(line.split(" is done")[0] for line in lines[1:3]) == sorted(map(str, talks))
    said = "\n".join(sorted(lines[3:-1]))
    assert len(lines[3:-1]) == 4
    for words in (
        f"{notes} cannot be read as a video",
        "No hand was found in wall.mp4",
        f"{talks[0].parent} is a folder, not a video file",
        f"There is no file {tmp_path / 'absent.mp4'}",
    ):
        assert words in said
    assert lines[-1] == "4 of 6 videos could not be captioned, see above."
    names = ["one.captioned.mp4", "one.txt", "two.captioned.mp4", "two.txt"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert (out / "two.txt").read_text() == "HEY\n"
    again = here("caption", *talks, "--output", f"{out}/", "--text", f"{out}/")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.count("is done already") == 2


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.usefixtures("in_this_process")
def test_texts_of_many_videos_are_printed_under_their_names(here: Here, hand_model: Path, talks: list[Path]) -> None:
    done = here("caption", *talks, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split("\n\n")) == sorted(["", *(f"{talk}:\nHEY" for talk in talks)])


@pytest.mark.slow
@pytest.mark.usefixtures("in_this_process")  # the second run
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_what_is_done_stays_when_it_is_stopped_and_a_second_run_goes_on(
    here: Here, hand_model: Path, tmp_path: Path, talks: list[Path]
) -> None:
    long = tmp_path / "long.mkv"  # one that is not done soon
    with av.open(str(talks[0])) as source, av.open(str(long), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(source.streams.video[0]) if packet.dts is not None]
        length = packets[-1].dts + packets[-1].duration
        for turn in range(60):
            for packet in packets:
                copy = av.Packet(bytes(packet))
                copy.pts, copy.dts = (packet.pts or 0) + turn * length, packet.dts + turn * length
                copy.time_base, copy.stream, copy.is_keyframe = packet.time_base, stream, packet.is_keyframe
                target.mux(copy)
    command = [*COMMAND, str(talks[0]), str(long), "--vtt", "beside", "--output", "beside", "--jobs", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    first = [talks[0].with_suffix(".vtt"), talks[0].with_suffix(".captioned.mp4")]
    try:
        until(lambda: process.poll() is not None or all(path.exists() for path in first))
        assert process.poll() is None, process.communicate()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
        out, err = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.mkv", "talks"]
    assert sorted(path.name for path in talks[0].parent.glob("*")) == sorted(
        [*(path.name for path in talks), *(path.name for path in first)]
    )
    made = [path.stat().st_mtime_ns for path in first]
    again = here("caption", talks[0], talks[1], "--vtt", "beside", "--output", "beside")
    assert again.returncode == 0
    assert f"{talks[0]} is done already: {first[1]} and {first[0]} are there." in again.stderr
    assert talks[1].with_suffix(".vtt").exists()
    assert [path.stat().st_mtime_ns for path in first] == made


@pytest.mark.slow
@pytest.mark.skipif(not (sys.platform.startswith("linux") and os.geteuid() == 0), reason="only root mounts a disk")
def test_full_disk(here: Here, hand_model: Path, tmp_path: Path, signed: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        (disk / "filler").write_bytes(bytes(2**20 - 3 * 4096))
        done = here("caption", signed, "--output", f"{disk}/", "--vtt", f"{disk}/")
        assert (done.returncode, done.stdout) == (1, "")
        assert "No space left on device" in done.stderr
        assert "make room on the disk" in done.stderr
        assert done.stderr.count("\n") == 1
        assert [path.name for path in disk.iterdir()] == ["filler"]
        (disk / "filler").unlink()
        done = here("caption", signed, "--output", f"{disk}/", "--vtt", f"{disk}/")
        assert done.returncode == 0
        assert len(list(disk.iterdir())) == 2
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux tells it")
def test_memory_does_not_grow_with_length(hand_model: Path, tmp_path: Path, signed: Path) -> None:
    """A word, and twelve seconds of a wall at five pictures a second."""
    word, path = VideoFile(signed, realtime=False), tmp_path / "long.mp4"
    writer = VideoWriter(path, 5)
    while (frame := word.read()) is not None:
        pixels = cv2.resize(frame.pixels, (640, 480))
        writer.send(Picture(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), frame.index, frame.at))
        last = frame
    wall = cv2.cvtColor(np.full((480, 640, 3), 128, np.uint8), cv2.COLOR_BGR2YUV_I420)
    for number in range(1, 61):
        writer.send(Picture(wall, number, last.at + number / 5))
    writer.close()
    script = (
        "import pathlib, sys, psutil; from overlay.recognition.hands.hand_model import hand_model_path\n"
        "from overlay.core.settings import Settings\n"
        "from overlay.batch.caption_file import How, caption_source, open_video\n"
        "own, used = psutil.Process(), []\n"
        "how = How(Settings(), None, hand_model_path())\n"
        "show = lambda far: used.append((far.at, own.memory_info().rss))\n"
        "outputs = {'output': pathlib.Path(sys.argv[2]), 'vtt': pathlib.Path(sys.argv[3])}\n"
        "print(caption_source(open_video(pathlib.Path(sys.argv[1])), outputs, how, show).text)\n"
        "early = max(rss for at, rss in used if at < 6)\n"
        "print(max(rss for _, rss in used) - early)\n"
    )
    command = [sys.executable, "-c", script, str(path), str(tmp_path / "out.mp4"), str(tmp_path / "out.vtt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    said, grown = done.stdout.split()
    assert said == "HEY"
    assert int(grown) < 12_000_000  # bytes, of 40 pictures; each has 920,000 while it is read
