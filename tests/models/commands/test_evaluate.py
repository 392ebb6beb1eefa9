"""`signcap evaluate` as people run it."""

import functools
import json
import pickle
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.commands import evaluate
from models.evaluation import speed
from models.evaluation.plan import Plan
from overlay.media.frame import Pixels

pytestmark = pytest.mark.integration

Photograph = Callable[..., Pixels]
Signcap = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def people(collection: Path, photograph: Photograph) -> Path:
    """The collection, two pictures without a hand or at all, and a picture of a J."""
    cv2.imwrite(str(collection / "ann" / "B" / "empty.jpg"), np.full((240, 320, 3), 90, np.uint8))
    (collection / "bob" / "L" / "broken.jpg").write_bytes(b"no picture")
    (collection / "ann" / "J").mkdir()
    cv2.imwrite(str(collection / "ann" / "J" / "0.jpg"), photograph("J"))
    return collection


def others(make: Callable[[], Callable[[Any], Any]], tasks: Sequence[Any], jobs: int) -> Iterator[tuple[int, Any]]:
    """As `in_parallel` over processes: what they are given is pickled, and they are done in another order."""
    assert jobs == 2
    work = pickle.loads(pickle.dumps(make))()
    for number, task in reversed(list(enumerate(tasks))):
        yield number, work(pickle.loads(pickle.dumps(task)))


@pytest.mark.slow
def test_figures_are_printed_and_written_and_do_not_depend_on_the_number_of_jobs(
    people: Path, tmp_path: Path, here: Signcap, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for jobs in ("1", "2"):
        path = tmp_path / f"{jobs}.json"
        done = here("evaluate", people, "--json", path, "--jobs", jobs)
        assert done.returncode == 0, done.stderr
        results.append((done.stdout, json.loads(path.read_text())))
        monkeypatch.setattr("models.console.in_parallel", others)
    assert results[0] == results[1]
    shown, figures = results[0]
    assert figures["signers"]["ann"] == {"accuracy": 6 / 7, "found_accuracy": 1.0, "images": 7, "found": 6}
    assert figures["worst_signer"] in ("ann", "bob")
    assert figures["missed"] == ["ann/B/empty.jpg", "bob/L/broken.jpg"]
    assert figures["left_out"] == 1
    assert figures["spelling"] is None
    assert "Pictures of J and Z left out: 1," in shown
    assert "ann/B/empty.jpg" in shown
    assert "85.7 %" in shown
    assert "14/14" in done.stderr


def test_the_card_has_the_figures(
    collection: Path, tmp_path: Path, here: Signcap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "WARM", 1)  # how fast it is, is measured all the same, with fewer frames
    monkeypatch.setattr("models.evaluation.plan.speed_figures", functools.partial(speed.speed_figures, frames=5))
    card = tmp_path / "card.md"
    nothing = ("--words", "0", "--silence", "0", "--strokes", "0", "--tones", "0")
    done = here("evaluate", collection, "--card", card, *nothing, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    text = card.read_text()
    assert "| ann | 6 | 6 | 100.0 % | 100.0 % |" in text
    assert "| L | 100.0 % | 100.0 % | 100.0 % | 4 |" in text
    assert "expected calibration error" in text
    assert "| letters a second |" not in text  # no synthetic signers were asked for
    assert "| LSTM over the window |" in text
    assert "signcap evaluate" in text


@pytest.mark.parametrize(
    ("arguments", "words", "coarticulated"),
    [
        (("--words", "5"), 5, False),
        (("--words", "5", "--coarticulated"), 5, True),
        (("--card", "card.md"), 300, True),
        (("--card", "card.md", "--words", "0"), 0, False),
    ],
)
def test_coarticulated_spelling_is_measured_where_asked_for_and_for_the_card(
    here: Signcap, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: int, coarticulated: bool
) -> None:
    plans: list[Plan] = []
    monkeypatch.setattr(evaluate, "_evaluate", lambda *given: plans.append(given[4]))
    assert here("evaluate", "pictures", *arguments).returncode == 0
    (plan,) = plans
    assert (plan.words, plan.coarticulated) == (words, coarticulated)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent",), "There is no folder absent"),
        (("pictures", "--json", "absent/figures.json"), "make absent first"),
        (("pictures", "--json", "pictures"), "is a folder: name a file in it"),
        (("pictures", "--card", "absent/card.md"), "make absent first"),
        (("pictures", "--model", "pictures"), "does not hold a Signcap model"),
        (("only-moving",), "holds only pictures of J and Z"),
        ((), "Name a folder of pictures to read, or a trial to make"),
        (("--card", "card.md"), "Name a folder of pictures to read."),
        (
            ("--coarticulated", "--motion", "odd.npz"),
            "--coarticulated has no words to spell: say how many with --words",
        ),
        (("pictures", "--coarticulated"), "--coarticulated has no words to spell"),
        (("--motion", "absent.npz"), "There is no file absent.npz"),
        (("--motion", "pictures/A/0.jpg"), "is no .npz of arrays"),
        (("--motion", "pictures"), "is no .npz of arrays"),
        (("--motion", "odd.npz"), "odd.npz should hold landmarks (frames, 21, 3)"),
        (("--motion", "odd.npz", "--motion-aspect", "wide"), "--motion-aspect wide is no shape of a picture"),
        (("--running", "absent.npz"), "There is no file absent.npz"),
        (("--running", "odd.npz"), "odd.npz should hold landmarks (frames, 21, 3)"),
        (("--running", "only-moving"), "No videos in only-moving"),
        (("--running", "unnamed"), "clip-a.mp4 is not named after what is spelled in it"),
        (("--rest", "absent"), "There is no folder absent: --rest"),
        (("--rest", "pictures", "--silence", "0.1"), "No picture in pictures shows one hand"),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_a_sentence(
    tmp_path: Path, here: Signcap, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    for place in ("pictures/A", "only-moving/J"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "0.jpg").write_bytes(b"no picture")
    (tmp_path / "unnamed").mkdir()
    (tmp_path / "unnamed" / "clip-a.mp4").write_bytes(b"no video")
    np.savez(tmp_path / "odd.npz", landmarks=np.zeros((3, 21, 2)), offsets=np.array([0, 3]), letter=np.array(["A"]))
    monkeypatch.chdir(tmp_path)
    done = here("evaluate", *arguments)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert done.stdout == ""
