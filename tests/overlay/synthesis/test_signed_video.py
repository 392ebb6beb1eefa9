"""A signed text as a file: its pictures, its captions, and what is left of one that was given up."""

from pathlib import Path

import av
import numpy as np
import pytest

from overlay.core.errors import SinkError
from overlay.core.settings import Settings
from overlay.media.sources.video_file import VideoFile
from overlay.synthesis.signed_text import RATE, SignedText, Signing
from overlay.synthesis.signed_video import file_name, signed_subtitles, write_video

pytestmark = pytest.mark.unit

SIZE = (320, 240)


def pictures(path: Path) -> list[np.ndarray]:
    source = VideoFile(path, realtime=False)
    frames = []
    while (frame := source.read()) is not None:
        assert frame.at == pytest.approx(frame.index / RATE, abs=0.001)
        frames.append(frame.pixels)
    source.close()
    return frames


def subtitle_texts(path: Path) -> list[tuple[float, str]]:
    with av.open(str(path)) as container:
        found = []
        for packet in container.demux(subtitles=0):
            data = bytes(packet)
            if len(data) > 2:
                assert packet.pts is not None
                found.append((float(packet.pts * packet.time_base), data[2:].decode()))
    return found


def captioned(with_captions: np.ndarray, without: np.ndarray) -> float:
    """Share of the picture's lower half that captions have changed."""
    changed = np.abs(with_captions.astype(int) - without).max(axis=2)[SIZE[1] // 2 :] > 60
    return float(changed.mean())


@pytest.mark.integration
def test_captions_grow_with_the_letters_in_the_picture_and_are_a_track(tmp_path: Path) -> None:
    signed = SignedText("Ill. Fly", Signing(speed=5, signer=3), size=SIZE)
    counts: list[int] = []
    write_video(signed, tmp_path / "with.mp4", Settings(), note=counts.append)
    write_video(signed, tmp_path / "without.mp4", Settings(), captions=False)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["with.mp4", "without.mp4"]
    assert counts == list(range(1, signed.count + 1))

    with_captions, without = pictures(tmp_path / "with.mp4"), pictures(tmp_path / "without.mp4")
    assert len(with_captions) == len(without) == signed.count
    letters = signed.letters
    before, first, second, last = (
        round(at * RATE) for at in (letters[0].start - 0.1, letters[0].end, letters[2].end, letters[-1].end)
    )
    shares = [captioned(with_captions[number], without[number]) for number in (before, first, second, last)]
    assert shares[0] == 0
    assert 0.005 < shares[1] < shares[2] < shares[3]
    plain = signed.picture(second / RATE)
    assert np.abs(without[second].astype(int) - plain).mean() < 6, "the signer's own picture"

    assert subtitle_texts(tmp_path / "with.mp4") == [
        (pytest.approx(signed.cues[0].start, abs=0.002), "ILL"),
        (pytest.approx(signed.cues[1].start, abs=0.002), "FLY"),
    ]
    with av.open(str(tmp_path / "without.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    def give_up(count: int) -> None:
        if count == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(SignedText("Hi", size=SIZE), tmp_path / "hi.mp4", Settings(), note=give_up)
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "hi.mp4").write_text("mine")
    with pytest.raises(SinkError, match="exists already"):
        write_video(SignedText("Hi", size=SIZE), tmp_path / "hi.mp4", Settings())
    assert (tmp_path / "hi.mp4").read_text() == "mine"


def test_subtitles_are_the_text(tmp_path: Path) -> None:
    signed = SignedText("See you. Bye", size=(96, 96))
    assert [one.lines for one in signed_subtitles(signed)] == [("SEE YOU",), ("BYE",)]
    assert signed_subtitles(signed)[0].start == signed.letters[0].start


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, World!", "hello-world"),
        ("../etc/passwd", "etc-passwd"),
        ("Con", "con-spelled"),
        ("The quick brown fox jumps over the lazy dog", "the-quick-brown-fox-jumps-over-the-lazy"),
        ("a" * 60, "a" * 40),
    ],
)
def test_the_name_comes_from_the_text(text: str, name: str) -> None:
    assert file_name(SignedText(text, size=(96, 96))) == name
