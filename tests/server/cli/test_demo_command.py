"""`signcap demo` as its users run it: in this process, and in its own where Ctrl-C ends it."""

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from overlay.media.frame import Picture
from overlay.media.sources.video_file import VideoFile
from overlay.mp4.video_writer import VideoWriter
from overlay.synthesis.signed_text import SignedText
from tests.waiting import until

Here = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "server.cli.main", "demo"]
# From any folder.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}


@pytest.fixture
def demo(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """Runs it in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield functools.partial(here, "demo")
    signal.signal(signal.SIGTERM, before)


@pytest.mark.slow
def test_a_video_is_named_after_its_text_and_a_second_one_takes_no_name_away(demo: Here, tmp_path: Path) -> None:
    first = demo("Hi, 5!", "--size", "160x120", "--speed", 8)
    assert (first.returncode, first.stdout) == (0, "hi-five.mp4\n")
    assert first.stderr == "Digits are spelled as words: 5 is FIVE.\n"
    before = (tmp_path / "hi-five.mp4").read_bytes()
    second = demo("Hi, five!", "--size", "160x120", "--speed", 8, "--signer-seed", 7, "-q")
    assert (second.returncode, second.stdout, second.stderr) == (0, "hi-five-2.mp4\n", "")
    assert (tmp_path / "hi-five.mp4").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["hi-five-2.mp4", "hi-five.mp4"]
    source = VideoFile(tmp_path / "hi-five.mp4", realtime=False)
    frame = source.read()
    assert frame is not None
    assert frame.size == (160, 120)


@pytest.mark.e2e
@pytest.mark.slow
def test_the_same_signer_gives_the_same_video(demo: Here, tmp_path: Path) -> None:
    """Also another time: in another process."""
    how = ("--size", "160x120", "--speed", "8", "--left-handed", "--no-captions")
    for name, seed in (("one", 7), ("other", 8)):
        done = demo("Hi", "-o", f"{name}.mp4", "--signer-seed", seed, *how)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}.mp4\n", "")
    again = [*COMMAND, "Hi", "-o", "same.mp4", "--signer-seed", "7", *how]
    done = subprocess.run(again, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "same.mp4\n", "")
    one, same, other = ((tmp_path / f"{name}.mp4").read_bytes() for name in ("one", "same", "other"))
    assert one == same != other


@pytest.mark.slow
def test_subtitle_files_are_written_beside_it(demo: Here, tmp_path: Path) -> None:
    done = demo("Hi. Yes", "--size", "160x120", "--vtt", "a.vtt", "--srt", "a.srt")
    assert done.returncode == 0
    letters = SignedText("Hi. Yes", size=(96, 96)).letters
    assert f"\nHI\n\n2\n00:00:0{letters[2].start:.3f} --> " in (tmp_path / "a.vtt").read_text()
    assert (tmp_path / "a.srt").read_text().endswith("\nYES\n")


@pytest.mark.parametrize("captions", [True, False])
def test_subtitles_that_players_would_show_a_second_time_are_told(demo: Here, tmp_path: Path, captions: bool) -> None:
    done = demo("H", "-o", "a.mp4", "--srt", "a.srt", "--size", "96x96", *(() if captions else ("--no-captions",)))
    assert done.returncode == 0
    assert ("Players show captions twice where a.srt loads with a.mp4" in done.stderr) is captions


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("日本 🎉",), "There is nothing to spell in this text"),
        (("Hi", "--speed", "9"), "choose a speed from 0.5 to 8"),
        (("Hi", "--size", "large"), "large is no size of a picture"),
        (("Hi", "--size", "641x480"), "choose even sides"),
        (("Hi", "--signer-seed", "-1"), "choose one of them"),
        (("Hi", "--coarticulation", 2), "A coarticulation of 2 cannot be signed"),
        (("Hi", "-o", "mine.mp4"), "mine.mp4 exists already"),
        (("Hi", "-o", "hi.avi"), "a name that ends in .mp4"),
        (("Hi", "-o", "hi.mp4", "--vtt", "mine.mp4"), "mine.mp4 exists already"),
        (("Hi", "-o", "nowhere/hi.mp4"), "choose a folder that exists"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    demo: Here, arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.mp4").write_text("mine")
    done = demo(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["mine.mp4"]
    assert (tmp_path / "mine.mp4").read_text() == "mine"


LONG = ("A long text " * 20, "-o", "a.mp4", "--vtt", "b.vtt", "--size", "320x240")


def is_begun(folder: Path) -> bool:
    return any(file.suffix == ".part" and file.stat().st_size > 0 for file in folder.iterdir())


@pytest.mark.e2e
@pytest.mark.slow
def test_ended_early_by_ctrl_c_it_leaves_nothing(tmp_path: Path) -> None:
    command = [*COMMAND, *LONG]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        until(lambda: process.poll() is not None or is_begun(tmp_path))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "")
    assert list(tmp_path.iterdir()) == []


def test_ended_early_by_a_signal_it_leaves_nothing(
    demo: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = VideoWriter.send

    def told(writer: VideoWriter, picture: Picture) -> None:
        send(writer, picture)
        if is_begun(tmp_path):
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(VideoWriter, "send", told)
    done = demo(*LONG)
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_is_spelled_is_read_again(demo: Here, here: Here, hand_model: Path) -> None:
    """The whole round: text to a video, the video to text."""
    made = demo("Hi Jo", "-o", "a.mp4", "--no-captions", "--size", "320x240", "--speed", 4)
    assert made.returncode == 0
    read = here("caption", "a.mp4")
    assert (read.returncode, read.stdout) == (0, "HI JO\n")
