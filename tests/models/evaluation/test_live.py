"""Synthetic people before the whole live path: small trials of every kind."""

import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from models.evaluation.live import Eyes, Scene, Seen
from models.evaluation.synthetic import spelling, strokes
from models.evaluation.synthetic.spelling import spelling_figures
from models.evaluation.synthetic.strokes import stroke_figures
from models.evaluation.synthetic.tones import tone_figures
from models.evaluation.synthetic.unseen import WORDS, text
from models.training.shipped.texts import WORDS as TRAINED
from overlay.synthesis.signer import SyntheticSigner
from overlay.synthesis.signer.look import SKIN_TONES

pytestmark = pytest.mark.integration

SMALL = (320, 240)


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large ones take longer to draw and are read alike, and so are people who begin at once."""
    for trial in (spelling, strokes):
        monkeypatch.setattr(trial, "SIZE", SMALL)
    monkeypatch.setattr(spelling, "SyntheticSigner", partial(SyntheticSigner, lead=0.4, tail=0.5))


@pytest.mark.unit
def test_no_word_is_one_that_training_draws() -> None:
    assert not set(WORDS) & set(TRAINED)
    assert text(1, 3) == text(1, 3)
    assert len(text(1, 3).split()) == 3


class Attentive(Eyes):
    """Reads whatever is spelled but for E, without looking, and keeps what was before the camera."""

    scenes: ClassVar[list[Scene]] = []

    def read(self, scenes: Sequence[Scene], title: str) -> list[Seen]:
        self.scenes.extend(scenes)
        begun = [scene.begin for scene in scenes if isinstance(scene.begin, partial)]
        return [Seen(begin.args[0].replace("E", ""), 1.0, 10, 9, 10, 9) for begin in begun]


@pytest.mark.unit
def test_coarticulated_spelling_is_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same people and words, at four letters a second, and nothing else changes by it."""
    monkeypatch.setattr(Attentive, "scenes", [])
    eyes = Attentive(None, Path("hands"))
    posed = spelling_figures(eyes, 6, rates=(15.0, 30.0))
    count = len(eyes.scenes)
    both = spelling_figures(eyes, 6, rates=(15.0, 30.0), coarticulated=True)
    fluent = both["coarticulated"]
    assert posed == both | {"coarticulated": None}
    texts = [text(0, 3), text(1, 3)]
    missing = sum(one.count("E") for one in texts)
    assert fluent["speed"] == 4
    assert fluent["characters"] == sum(map(len, texts))
    assert fluent["deletions"] == fluent["error_rate"] == missing / fluent["characters"]
    assert fluent["errors"] == [["E", "nothing", missing]]
    assert {rate: one["characters"] for rate, one in fluent["rates"].items()} == {
        "15": len(texts[0]),
        "30": len(texts[1]),
    }
    last = eyes.scenes[2 * count :]
    assert [scene.rate for scene in last] == [15, 30]
    for spelled, scene, before in zip(texts, last, eyes.scenes, strict=False):
        signer, same = scene.begin(), before.begin()
        assert isinstance(signer, SyntheticSigner)
        assert isinstance(same, SyntheticSigner)
        assert signer.look == same.look
        assert "".join(span.letter for span in signer.letters) == spelled.replace(" ", "")
        lasts = [span.end - span.start for span in signer.letters if span.letter not in "JZ"]
        assert len({round(seconds, 4) for seconds in lasts}) > 3  # an uneven rhythm


def in_processes(
    make: Callable[[], Callable[[Any], Any]], tasks: Sequence[Any], _jobs: int
) -> Iterator[tuple[int, Any]]:
    """As `in_parallel` with a process for each scene, in another order: what goes there and back is pickled."""
    for number, task in reversed(list(enumerate(tasks))):
        work = pickle.loads(pickle.dumps(make))()
        yield number, pickle.loads(pickle.dumps(work(pickle.loads(pickle.dumps(task)))))


@pytest.mark.slow
def test_running_spelling_is_read_alike_by_any_number_of_jobs(
    hand_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spelling, "SPELLED", 2)  # words of a signer
    monkeypatch.setattr(spelling, "text", lambda seed, words: text(4 - 2 * seed, words))  # shorter ones
    one = spelling_figures(Eyes(None, hand_model, 1), 3, speeds=(6.0,), rates=(15.0, 24.0))
    monkeypatch.setattr("models.console.in_parallel", in_processes)
    assert one == spelling_figures(Eyes(None, hand_model, 2), 3, speeds=(6.0,), rates=(15.0, 24.0))
    assert one["words"] == 3
    assert one["signers"] == 2
    speed = one["speeds"]["6"]
    assert set(speed["rates"]) == {"15", "24"}
    assert sum(score["characters"] for score in speed["rates"].values()) == speed["characters"]
    assert speed["characters"] > speed["letters"]
    assert speed["error_rate"] < 0.5
    parts = sum(speed[kind] for kind in ("substitutions", "deletions", "insertions"))
    assert parts == pytest.approx(speed["error_rate"])
    assert 0.8 < one["hand_found"] <= 1
    json.dumps(one)


@pytest.mark.slow
def test_strokes_are_read_and_a_hand_that_is_held_still_writes_nothing_more(
    few_frames: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than the window of the network, which then sees nothing but a hand that stands still.
    monkeypatch.setattr(strokes, "HELD_SPEED", 0.5)
    monkeypatch.setattr(strokes, "HELD", 1.2)
    monkeypatch.setattr(strokes, "KEPT", 1.1)
    monkeypatch.setattr(strokes, "SLOWEST", 2.0)
    figures = stroke_figures(few_frames, 1)
    assert sum(one["right"] for one in figures["moving"].values()) >= 3
    assert [(one["held"], one["not"], one["times"]) for one in figures["held"]] == [
        ("I", "J", 1),
        ("D", "Z", 1),
        ("1", "Z", 1),
    ]
    assert sum(one["read"] for one in figures["held"]) == 0
    assert {letter: (one["takes"], one["right"]) for letter, one in figures["kept"].items()} == {
        "J": (1, 1),
        "Z": (1, 1),
    }


@pytest.mark.slow
def test_every_skin_tone_spells_the_same(few_frames: Eyes) -> None:
    figures = tone_figures(few_frames, 1, skins=(SKIN_TONES[0], SKIN_TONES[-1]))
    assert [one["skin"] for one in figures["tones"]] == ["#423026", "#f2d0ba"]
    assert len({one["characters"] for one in figures["tones"]}) == 1
    assert all(one["hand_found"] > 0.8 for one in figures["tones"])
