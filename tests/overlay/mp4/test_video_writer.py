"""Captioned videos: every picture at its time, whole files only, and nothing overwritten."""

import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from overlay.core.errors import SinkError
from overlay.media.frame import Picture
from overlay.media.sources.video_file import VideoFile
from overlay.mp4.video_writer import VideoWriter

pytestmark = pytest.mark.unit

TIMES = [10.0, 10.04, 10.12, 10.5, 12.0]


def picture(at: float, colour: tuple[int, int, int] = (30, 60, 200), size: tuple[int, int] = (128, 96)) -> Picture:
    bgr = np.full((size[1], size[0], 3), colour, np.uint8)
    return Picture(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), 0, at)


def write(path: Path) -> None:
    writer = VideoWriter(path)
    for at in TIMES:
        writer.send(picture(at))
    writer.close()


def test_pictures_at_their_times(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write(path)
    source = VideoFile(path, realtime=False)
    frames = [source.read() for _ in TIMES]
    assert source.read() is None
    assert [round(frame.at, 3) for frame in frames if frame] == [round(at - TIMES[0], 3) for at in TIMES]
    assert frames[0] is not None
    assert frames[0].size == (128, 96)
    assert np.abs(frames[0].pixels.astype(int) - (30, 60, 200)).max() < 8
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]


def test_what_players_can_play(tmp_path: Path) -> None:
    write(tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    content = (tmp_path / "out.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # can be played while it loads


def test_file_has_no_name_until_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    writer = VideoWriter(path)
    writer.send(picture(0.0))
    assert not path.exists()
    writer.discard()
    assert list(tmp_path.iterdir()) == []
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_no_pictures_no_file(tmp_path: Path) -> None:
    VideoWriter(tmp_path / "out.mp4").close()
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_text("dear diary")
    with pytest.raises(SinkError, match=r"out\.mp4 exists already: choose another name"):
        VideoWriter(path)
    assert path.read_text() == "dear diary"


def test_file_that_comes_up_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    writer = VideoWriter(path)
    writer.send(picture(0.0))
    path.write_text("dear diary")
    with pytest.raises(SinkError, match="come up meanwhile"):
        writer.close()
    assert [file.read_text() for file in tmp_path.iterdir()] == ["dear diary"]


def test_times_that_do_not_grow_are_mended(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "out.mp4")
    for at in (0.0, 0.5, 0.5, 0.4, 1.0):
        writer.send(picture(at))
    writer.close()
    source = VideoFile(tmp_path / "out.mp4", realtime=False)
    times = []
    while (frame := source.read()) is not None:
        times.append(frame.at)
    assert len(times) == 5
    assert times == sorted(times)


def test_pictures_of_another_size_are_fitted(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "out.mp4")
    writer.send(picture(0.0))
    writer.send(picture(0.1, size=(64, 96)))
    writer.close()
    source = VideoFile(tmp_path / "out.mp4", realtime=False)
    source.read()
    frame = source.read()
    assert frame is not None
    assert frame.size == (128, 96)
    assert frame.pixels[48, 64].max() > 150
    assert frame.pixels[48, 8].max() < 20


@pytest.mark.parametrize("name", ["out.avi", "out", "mp4"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SinkError, match=r"ends in \.mp4"):
        VideoWriter(tmp_path / name)


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="choose a folder that exists"):
        VideoWriter(tmp_path / "absent" / "out.mp4")


@pytest.mark.e2e
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit on file sizes, set as Linux does")
def test_full_disk(tmp_path: Path) -> None:
    script = (
        "import resource, signal, sys; import numpy as np; from pathlib import Path\n"
        "from overlay.core.errors import SinkError; from overlay.media.frame import Picture\n"
        "from overlay.mp4.video_writer import VideoWriter\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "writer = VideoWriter(Path(sys.argv[1])); source = np.random.default_rng(1)\n"
        "try:\n"
        "    for n in range(60):\n"
        "        writer.send(Picture(source.integers(0, 255, (720, 640), dtype=np.uint8), n, n / 30))\n"
        "    writer.close()\n"
        "except SinkError as error: print(error)\n"
    )
    path = tmp_path / "out.mp4"
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False)
    assert "make room on the disk" in done.stdout, done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
