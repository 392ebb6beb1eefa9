"""`signcap demo` as its users run it: in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from overlay.signed_text import SignedText
from overlay.video_file import VideoFile
from tests.waiting import until

Here = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.e2e

COMMAND = [sys.executable, "-m", "server.cli"]


def signcap(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=cwd)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is found from any folder."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))


@pytest.mark.slow
def test_a_video_is_named_after_its_text_and_a_second_one_takes_no_name_away(tmp_path: Path) -> None:
    first = signcap("demo", "Hi, 5!", "--size", "160x120", cwd=tmp_path)
    assert (first.returncode, first.stdout) == (0, "hi-five.mp4\n")
    assert first.stderr == "Digits are spelled as words: 5 is FIVE.\n"
    before = (tmp_path / "hi-five.mp4").read_bytes()
    second = signcap("demo", "Hi, five!", "--size", "160x120", "--signer-seed", "7", "-q", cwd=tmp_path)
    assert (second.returncode, second.stdout, second.stderr) == (0, "hi-five-2.mp4\n", "")
    assert (tmp_path / "hi-five.mp4").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["hi-five-2.mp4", "hi-five.mp4"]
    source = VideoFile(tmp_path / "hi-five.mp4", realtime=False)
    frame = source.read()
    assert frame is not None
    assert frame.size == (160, 120)


@pytest.mark.slow
def test_the_same_signer_gives_the_same_video(tmp_path: Path) -> None:
    how = ("--size", "160x120", "--speed", "8", "--left-handed", "--no-captions")
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        done = signcap("demo", "Hi", "-o", f"{name}.mp4", "--signer-seed", seed, *how, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}.mp4\n", "")
    one, same, other = ((tmp_path / f"{name}.mp4").read_bytes() for name in ("one", "same", "other"))
    assert one == same != other


@pytest.mark.slow
def test_subtitle_files_are_written_beside_it(tmp_path: Path) -> None:
    done = signcap("demo", "Hi. Yes", "--size", "160x120", "--vtt", "a.vtt", "--srt", "a.srt", cwd=tmp_path)
    assert done.returncode == 0
    letters = SignedText("Hi. Yes", size=(96, 96)).letters
    assert f"\nHI\n\n2\n00:00:0{letters[2].start:.3f} --> " in (tmp_path / "a.vtt").read_text()
    assert (tmp_path / "a.srt").read_text().endswith("\nYES\n")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("日本 🎉",), "There is nothing to spell in this text"),
        (("Hi", "--speed", "9"), "choose a speed from 0.5 to 8"),
        (("Hi", "--size", "large"), "large is no size of a picture"),
        (("Hi", "--size", "641x480"), "choose even sides"),
        (("Hi", "--signer-seed", "-1"), "choose one of them"),
        (("Hi", "-o", "mine.mp4"), "mine.mp4 exists already"),
        (("Hi", "-o", "hi.avi"), "a name that ends in .mp4"),
        (("Hi", "-o", "hi.mp4", "--vtt", "mine.mp4"), "mine.mp4 exists already"),
        (("Hi", "-o", "nowhere/hi.mp4"), "choose a folder that exists"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    here: Here, arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.mp4").write_text("mine")
    monkeypatch.chdir(tmp_path)
    done = here("demo", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["mine.mp4"]
    assert (tmp_path / "mine.mp4").read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ended_early_it_leaves_nothing(number: int, status: int, tmp_path: Path) -> None:
    command = [*COMMAND, "demo", "A long text " * 20, "-o", "a.mp4", "--vtt", "a.vtt"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: any(file.suffix == ".part" and file.stat().st_size > 0 for file in tmp_path.iterdir()))
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (status, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_is_spelled_is_read_again(hand_model: Path, tmp_path: Path) -> None:
    """The whole round: text to a video, the video to text."""
    made = signcap("demo", "Hello World", "-o", "a.mp4", "--no-captions", cwd=tmp_path)
    assert made.returncode == 0
    read = signcap("caption", "a.mp4", cwd=tmp_path)
    assert (read.returncode, read.stdout) == (0, "HELLO WORLD\n")
