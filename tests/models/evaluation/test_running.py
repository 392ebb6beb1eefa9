"""Running spelling, read from landmarks and from videos, and its figures."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation.live import Eyes
from models.evaluation.people.running import Clip, ReadTake, ReadWord, assist, read_all_running, running_takes
from models.evaluation.people.running_figures import running_figures, running_letters
from models.evaluation.plan import Plan, trial_figures
from overlay.captions.language import Assisted
from overlay.captions.state import Letter
from overlay.core.errors import SigncapError
from overlay.media.frame import Picture
from overlay.mp4.video_writer import VideoWriter
from overlay.recognition.landmark_file import RunningTake, write_running
from overlay.recognition.letter_model import BLANK, LETTERS
from overlay.synthesis.demo_source import DemoSource
from overlay.synthesis.signer import SyntheticSigner

pytestmark = pytest.mark.unit

RATE, SIZE = 25.0, (640, 360)


def word(text: str, confidence: float = 0.95) -> ReadWord:
    letters = tuple(Letter(letter, confidence, float(k), k + 0.5) for k, letter in enumerate(text))
    return ReadWord(letters, np.zeros((4, len(LETTERS) + 1), np.float32))


def read(text: str, got: str, signer: str = "ann", confidence: float = 0.95) -> ReadTake:
    return ReadTake(text, signer, tuple(word(one, confidence) for one in got.split()), 10, 5)


def take(text: str) -> RunningTake:
    signer = SyntheticSigner(text, letters_per_second=2.0, seed=3, size=SIZE)
    unit = np.array([*SIZE, SIZE[0]], np.float32)
    frames = [signer.landmarks(k / RATE) for k in range(round(signer.duration * RATE))]
    points = [np.full((21, 3), np.nan, np.float32) if one is None else one / unit for one in frames]
    return RunningTake(np.stack(points), text, RATE, SIZE[0] / SIZE[1], "synthetic")


def test_errors_are_counted_by_letter_text_and_signer() -> None:
    takes = [read("HORSE", "HRTE"), read("HORSE", "HORSE", "ben"), read("AT SEA", "ATSEAA"), read("AT SEA", "AT SEA")]
    figures = json.loads(json.dumps(running_figures(takes)))
    literal = figures["literal"]
    assert (figures["takes"], figures["letters"], figures["hand_found"]) == (4, 20, 0.5)
    assert (literal["errors"], literal["cer"]) == (3, 3 / 20)
    assert (literal["substitutions"], literal["deletions"], literal["insertions"]) == (1, 1, 1)
    assert literal["exact"] == 2  # a space that is missing is no letter, but not the text either
    assert sorted(literal["confusions"]) == [["O", "nothing", 1], ["S", "T", 1], ["nothing", "A", 1]]
    assert figures["signers"]["ben"]["literal"]["cer"] == 0.0
    assert figures["signers"]["ann"]["literal"]["cer"] == 3 / 15
    assert list(figures["words"]) == ["AT SEA", "HORSE"]
    assert figures["words"]["HORSE"]["literal"]["cer"] == 2 / 10
    assert figures["words"]["HORSE"]["read"] == ["HRTE", "HORSE"]
    assert figures["unreadable"] == []


def test_the_assisted_reading_is_counted_beside_the_literal_one() -> None:
    horse, hello = read("HORSE", "HRTE"), read("HI THERE", "HI THERE")
    assisted = [
        replace(horse, words=(replace(horse.words[0], assisted="HORSE"),)),
        replace(hello, words=(hello.words[0], replace(hello.words[1], assisted="THESE"))),
    ]
    figures = running_figures(assisted)
    assert (figures["literal"]["errors"], figures["literal"]["exact"]) == (2, 1)
    assert (figures["assisted"]["errors"], figures["assisted"]["exact"]) == (1, 1)
    assert figures["assisted"]["cer"] == 1 / 12
    assert figures["words"]["HORSE"]["read_assisted"] == ["HORSE"]
    assert figures["words"]["HI THERE"]["assisted"]["errors"] == 1


def test_words_are_read_with_a_language_from_their_posteriors() -> None:
    asked = []

    class Reader:
        def read(self, text: str, posteriors: np.ndarray) -> Assisted | None:
            asked.append((text, posteriors.shape))
            return Assisted("Sea", 3.0) if text == "SEE" else None

    assert assist(Reader(), read("AT SEA", "AT SEE")).assisted == "AT SEA"  # type: ignore[arg-type]
    assert asked == [("AT", (4, 27)), ("SEE", (4, 27))]


def test_a_letter_is_right_where_it_is_aligned_to_the_same_letter() -> None:
    assert [right for _, right in running_letters([read("HORSE", "HRTE")])] == [True, True, False, True]
    assert [right for _, right in running_letters([read("AT SEA", "ATSEAA")])].count(False) == 1
    assert running_letters([read("AB", "")]) == []
    sure = running_figures([read("ABBA", "ABBA", confidence=0.95), read("ABBA", "ACBA", confidence=0.65)])
    calibration = sure["literal"]["calibration"]
    assert calibration["counted"] == 8
    assert calibration["error"] == pytest.approx(0.5 * 0.05 + 0.5 * 0.1)


def test_videos_that_cannot_be_read_are_left_out_and_named() -> None:
    broken = ReadTake("HI", "ann", unreadable="HI.mp4 is no video.")
    figures = running_figures([read("AB", "AB"), broken])
    assert (figures["takes"], figures["unreadable"]) == (1, ["HI.mp4 is no video."])
    with pytest.raises(SigncapError, match=r"HI\.mp4 is no video"):
        running_figures([broken])


def test_videos_are_named_after_signer_and_text(tmp_path: Path) -> None:
    for name in ("HORSE.mp4", "ann/at sea-10.MOV", "ann/at sea-2.mov", "ben/cat.webm", "notes.txt", ".x.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert running_takes(tmp_path) == [
        Clip(tmp_path / "HORSE.mp4", "HORSE", ""),
        Clip(tmp_path / "ann" / "at sea-2.mov", "AT SEA", "ann"),
        Clip(tmp_path / "ann" / "at sea-10.MOV", "AT SEA", "ann"),
        Clip(tmp_path / "ben" / "cat.webm", "CAT", "ben"),
    ]
    for name in ("CAFÉ.mp4", "-2.mp4", "HI_2.mp4"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(SigncapError, match="is not named after what is spelled"):
            running_takes(tmp_path)
        (tmp_path / name).unlink()


@pytest.mark.integration
def test_landmarks_are_read_with_spaces_and_with_the_posteriors_of_each_word(
    tmp_path: Path, hand_model: Path
) -> None:
    write_running(tmp_path / "some.npz", [take("LOW CAB")])
    eyes = Eyes(None, hand_model)
    (got,) = read_all_running(eyes, running_takes(tmp_path / "some.npz"))
    assert got.read == "LOW CAB"
    assert got.signer == "synthetic"
    assert got.with_hand < got.frames
    for one in got.words:
        labels = one.posteriors.argmax(1)
        assert one.posteriors.sum(1) == pytest.approx(1.0, abs=1e-4)
        assert [LETTERS[k] for k in dict.fromkeys(labels) if k != BLANK] == list(one.text)
        seconds = one.letters[-1].end - one.letters[0].start + 0.6
        assert len(labels) == pytest.approx(seconds * 30, abs=2)
    figures = trial_figures(Plan(running=tmp_path / "some.npz"), eyes)
    assert figures["running"]["literal"]["cer"] == 0.0
    assert figures["running"]["literal"]["exact"] == 1


@pytest.mark.integration
def test_videos_are_read_with_their_pictures(tmp_path: Path, hand_model: Path) -> None:
    writer, demo = VideoWriter(tmp_path / "LOW-3.mp4", 15), DemoSource("LOW", realtime=False, size=(320, 240))
    while (frame := demo.read()) is not None:
        if frame.index % 2 == 0:
            writer.send(Picture(cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2YUV_I420), frame.index, frame.at))
    writer.close()
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "CAT.mp4").write_bytes(b"no video")
    low, cat = read_all_running(Eyes(None, hand_model), running_takes(tmp_path))
    assert (low.text, low.read, low.signer) == ("LOW", "LOW", "signer")
    assert 0 < low.with_hand <= low.frames
    assert len(low.words[0].posteriors) > 30
    assert cat.unreadable is not None
    assert "CAT.mp4" in cat.unreadable
