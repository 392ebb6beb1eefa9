"""`signcap caption` as its users run it: in a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from overlay.demo import DemoSource
from overlay.frame import Picture
from overlay.sinks.video_writer import VideoWriter
from overlay.video_file import VideoFile

Here = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.e2e

COMMAND = [sys.executable, "-m", "server.cli", "caption"]


def caption(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *(str(argument) for argument in arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env=os.environ | environment
    )


def write_still(path: Path, level: int = 128, count: int = 20) -> Path:
    """A video in which there is nothing to see."""
    writer = VideoWriter(path)
    i420 = cv2.cvtColor(np.full((240, 320, 3), level, np.uint8), cv2.COLOR_BGR2YUV_I420)
    for number in range(count):
        writer.send(Picture(i420, number, number / 30))
    writer.close()
    return path


@pytest.mark.slow
@pytest.mark.parametrize("text", ["THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG", "BALLOON PIZZA"])
def test_demo_is_read(hand_model: Path, text: str) -> None:
    done = caption("demo", "--text", text)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{text}\n", "")


@pytest.mark.slow
def test_video_of_the_demo_is_captioned(hand_model: Path, tmp_path: Path) -> None:
    """The signer's video, as a file: its text on standard output, and its captions in the pixels."""
    plain, captioned = tmp_path / "plain.mp4", tmp_path / "captioned.mp4"
    writer, demo = VideoWriter(plain), DemoSource("HELLO", realtime=False, size=(960, 540))
    frames = 0
    while (frame := demo.read()) is not None:
        writer.send(Picture(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), frame.index, frame.at))
        frames += 1
    writer.close()

    done = caption(plain, "--output", captioned)
    assert (done.returncode, done.stdout, done.stderr) == (0, "HELLO\n", "")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["captioned.mp4", "plain.mp4"]
    before, after = VideoFile(plain, realtime=False), VideoFile(captioned, realtime=False)
    times = []
    while (frame := before.read()) is not None:
        with_captions = after.read()
        assert with_captions is not None
        times.append((frame.at, with_captions.at))
        difference = np.abs(frame.pixels.astype(int) - with_captions.pixels).max(axis=2) > 100
        if frame.index == 0:
            assert not difference.any()
    assert len(times) == frames
    assert all(abs(one - other) < 0.001 for one, other in times)
    rows, columns = np.nonzero(difference)  # of the last picture: the letters and their box
    assert len(rows) > 1000
    assert rows.min() > 540 // 2
    assert np.ptp(columns) > np.ptp(rows)


@pytest.mark.slow
def test_outline_of_the_hand_is_asked_for(hand_model: Path, tmp_path: Path) -> None:
    plain, outlined = tmp_path / "plain.mp4", tmp_path / "outlined.mp4"
    for path, options in ((plain, []), (outlined, ["--hand-outline"])):
        assert caption("demo", "--text", "B", "--output", path, *options).returncode == 0
    one, other = VideoFile(plain, realtime=False), VideoFile(outlined, realtime=False)
    different = 0
    while (frame := one.read()) is not None:
        with_outline = other.read()
        assert with_outline is not None
        upper = slice(0, frame.size[1] // 2)  # above the captions
        different += bool((np.abs(frame.pixels[upper].astype(int) - with_outline.pixels[upper]) > 60).any())
    assert different > 10


def test_no_hand(hand_model: Path, tmp_path: Path) -> None:
    still = write_still(tmp_path / "wall.mp4")
    done = caption(still, "--output", tmp_path / "out.mp4")
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
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_the_middle(hand_model: Path, tmp_path: Path, number: int, status: int) -> None:
    output = tmp_path / "out.mp4"
    command = [*COMMAND, "demo", "--text", "A" * 400, "--output", str(output)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while not any(part.stat().st_size for part in _parts(tmp_path)):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (status, "", "")
    assert list(tmp_path.iterdir()) == []


def _parts(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):
        return list(folder.iterdir())
    return []


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of Unix")
def test_progress_on_a_terminal_only(hand_model: Path, tmp_path: Path) -> None:
    import pty

    controller, terminal = pty.openpty()
    process = subprocess.Popen([*COMMAND, "demo", "--text", "A"], stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError), open(controller, "rb", buffering=0) as screen:  # an error marks its end
        while chunk := screen.read(4096):
            shown += chunk
    out, _ = process.communicate(timeout=60)
    assert out == "A\n"
    assert b"frames/s" in shown
    assert b"demo" in shown


def test_sound_is_no_obstacle(hand_model: Path, tmp_path: Path) -> None:
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
    assert "No hand was found in talk.mp4" in caption(path).stderr


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small video in which the signer spells A."""
    path = tmp_path_factory.mktemp("signed") / "a.mp4"
    writer, demo = VideoWriter(path), DemoSource("A", realtime=False, size=(320, 240))
    while (frame := demo.read()) is not None:
        writer.send(Picture(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), frame.index, frame.at))
    writer.close()
    return path.read_bytes()


@pytest.fixture
def talks(tmp_path: Path, signed: bytes) -> list[Path]:
    """Three videos in a folder."""
    paths = [tmp_path / "talks" / f"{name}.mp4" for name in ("one", "two", "three")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(signed)
    return paths


@pytest.mark.slow
def test_many_videos_with_bad_ones_among_them(hand_model: Path, tmp_path: Path, talks: list[Path]) -> None:
    notes, out = tmp_path / "notes.mp4", tmp_path / "out"
    notes.write_text("Dear diary,\n" * 99)
    wall = write_still(tmp_path / "wall.mp4")
    inputs = [notes, *talks, wall, talks[0].parent, tmp_path / "absent.mp4", talks[0]]
    done = caption(*inputs, "--output", f"{out}/", "--text", f"{out}/", "--jobs", 2)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[0] == f"{talks[0]} is named twice: it is read once."
    assert sorted(line.split(" is done")[0] for line in lines[1:4]) == sorted(map(str, talks))
    said = "\n".join(sorted(lines[4:-1]))
    assert len(lines[4:-1]) == 4
    for words in (
        f"{notes} cannot be read as a video",
        "No hand was found in wall.mp4",
        f"{talks[0].parent} is a folder, not a video file",
        f"There is no file {tmp_path / 'absent.mp4'}",
    ):
        assert words in said
    assert lines[-1] == "4 of 7 videos could not be captioned, see above."
    names = ["one.captioned.mp4", "one.txt", "three.captioned.mp4", "three.txt", "two.captioned.mp4", "two.txt"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert (out / "two.txt").read_text() == "A\n"
    again = caption(*talks, "--output", f"{out}/", "--text", f"{out}/")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.count("is done already") == 3


@pytest.mark.slow
def test_texts_of_many_videos_are_printed_under_their_names(hand_model: Path, talks: list[Path]) -> None:
    done = caption(*talks[:2], "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split("\n\n")) == sorted(["", *(f"{talk}:\nA" for talk in talks[:2])])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_what_is_done_stays_when_it_is_stopped_and_a_second_run_goes_on(
    hand_model: Path, tmp_path: Path, talks: list[Path]
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
        while not all(path.exists() for path in first):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
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
    again = caption(talks[0], talks[1], "--vtt", "beside", "--output", "beside")
    assert again.returncode == 0
    assert f"{talks[0]} is done already: {first[1]} and {first[0]} are there." in again.stderr
    assert talks[1].with_suffix(".vtt").exists()
    assert [path.stat().st_mtime_ns for path in first] == made


@pytest.mark.slow
@pytest.mark.skipif(not (sys.platform.startswith("linux") and os.geteuid() == 0), reason="only root mounts a disk")
def test_full_disk(hand_model: Path, tmp_path: Path, talks: list[Path]) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "none", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        (disk / "filler").write_bytes(bytes(20 * 2**20 - 3 * 4096))
        done = caption(*talks, "--output", f"{disk}/", "--vtt", f"{disk}/", "--jobs", 1)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("No space left on device") == 3
        assert done.stderr.count("make room on the disk") == 3
        assert "Traceback" not in done.stderr
        assert [path.name for path in disk.iterdir()] == ["filler"]
        (disk / "filler").unlink()
        done = caption(*talks, "--output", f"{disk}/", "--vtt", f"{disk}/", "--jobs", 1)
        assert done.returncode == 0
        assert len(list(disk.iterdir())) == 6
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux tells it")
def test_memory_does_not_grow_with_length(hand_model: Path, tmp_path: Path, signed: bytes) -> None:
    """A letter, and two minutes of a wall at five pictures a second."""
    (tmp_path / "a.mp4").write_bytes(signed)
    letter, path = VideoFile(tmp_path / "a.mp4", realtime=False), tmp_path / "long.mp4"
    writer = VideoWriter(path, 5)
    while (frame := letter.read()) is not None:
        writer.send(Picture(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), frame.index, frame.at))
        last = frame
    wall = cv2.cvtColor(np.full((240, 320, 3), 128, np.uint8), cv2.COLOR_BGR2YUV_I420)
    for number in range(1, 600):
        writer.send(Picture(wall, number, last.at + number / 5))
    writer.close()
    script = (
        "import pathlib, sys, psutil; from overlay.hand_model import hand_model_path\n"
        "from overlay.settings import Settings\n"
        "from server.captioning.one_file import How, caption_source, open_video\n"
        "own, used = psutil.Process(), []\n"
        "how = How(Settings(), None, hand_model_path())\n"
        "show = lambda far: used.append((far.at, own.memory_info().rss))\n"
        "outputs = {'output': pathlib.Path(sys.argv[2]), 'vtt': pathlib.Path(sys.argv[3])}\n"
        "print(caption_source(open_video(pathlib.Path(sys.argv[1])), outputs, how, show).text)\n"
        "early = max(rss for at, rss in used if at < 40)\n"
        "print(max(rss for _, rss in used) - early)\n"
    )
    command = [sys.executable, "-c", script, str(path), str(tmp_path / "out.mp4"), str(tmp_path / "out.vtt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    said, grown = done.stdout.split()
    assert said == "A"
    assert int(grown) < 12_000_000  # bytes, of 400 pictures; each has 230,000 while it is read
