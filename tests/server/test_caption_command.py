"""`signcap caption` as its users run it: in a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from overlay.demo import DemoSource
from overlay.frame import Picture
from overlay.sinks.video_writer import VideoWriter
from overlay.video_file import VideoFile

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
@pytest.mark.parametrize("text", ["HELLO WORLD", "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG", "BALLOON", "PIZZA"])
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


@pytest.mark.parametrize("kind", ["absent", "empty", "text", "folder"])
def test_input_that_is_no_video(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "clip.mp4"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("Dear diary,\n" * 99)
    elif kind == "folder":
        path.mkdir()
    done = caption(path, "--output", tmp_path / "out.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert "clip.mp4" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.mp4").exists()


def test_output_that_exists_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    output.write_text("dear diary")
    done = caption("demo", "--text", "HI", "--output", output)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("exists already: choose another name, or remove it first.\n")
    assert output.read_text() == "dear diary"


def test_output_where_nothing_can_be_written(tmp_path: Path) -> None:
    done = caption("demo", "--text", "HI", "--output", tmp_path / "absent" / "out.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert "choose a folder that exists" in done.stderr
    assert done.stderr.count("\n") == 1


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
def test_one_sentence_for_each_mistake(hand_model: Path, arguments: list[str], says: str) -> None:
    done = caption(*arguments)
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
