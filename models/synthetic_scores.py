"""How well synthetic signers of looks that training never draws are read, from rendered picture to text."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from models.console import progress_bar
from models.parallel import in_parallel
from models.texts import random_text
from overlay.captioner import Captioner
from overlay.frame import Frame
from overlay.signer import Gesturing, SignerLook, SyntheticSigner
from overlay.transcript import plain_text
from overlay.window import GRID_RATE

UNSEEN: Final = 10_000_000  # seeds of looks that training never draws from begin here
SPEEDS: Final = (2.0, 4.0, 6.0)  # letters a second
SILENCE: Final = 20.0  # seconds that each person gestures


@dataclass(frozen=True)
class SpellingScore:
    """Running spelling at one speed: letters that had to be inserted, deleted or replaced, of all letters."""

    speed: float
    letters: int
    errors: int

    @property
    def error_rate(self) -> float:
        """Character error rate."""
        return self.errors / max(self.letters, 1)


def score_synthetic(
    model: Path | None,
    hand_model: Path,
    texts: int,
    jobs: int = 1,
    *,
    speeds: Sequence[float] = SPEEDS,
    silence: float = SILENCE,
) -> tuple[list[SpellingScore], float]:
    """Let synthetic signers spell, and others gesture, before the whole live path.

    Args:
        model: folder of a model; the shipped one by default.
        hand_model: MediaPipe's bundle.
        texts: how many are spelled at each speed; half as many people gesture without spelling anything.
        jobs: how many processes.
        speeds: letters a second.
        silence: seconds that each of the others gestures.

    Returns:
        The scores at each speed, and the letters a minute that are read where nobody signs.
    """
    people = max(texts // 2, 1)
    tasks: list[tuple[int, float | None]] = [(index, speed) for speed in speeds for index in range(texts)]
    tasks += [(index, None) for index in range(people)]
    answers: dict[int, _Answer] = {}
    made = in_parallel(partial(_Performer, model, hand_model, silence), tasks, jobs)
    with progress_bar() as bar, contextlib.closing(made):
        shown = bar.add_task("synthetic signers", total=len(tasks))
        for number, answer in made:
            answers[number] = answer
            bar.advance(shown)
    scores = []
    for place, speed in enumerate(speeds):
        mine = [answers[number] for number in range(place * texts, (place + 1) * texts)]
        letters = sum(len(answer.wanted) for answer in mine)
        scores.append(SpellingScore(speed, letters, sum(edit_distance(one.wanted, one.read) for one in mine)))
    silent = [answers[number] for number in range(len(speeds) * texts, len(tasks))]
    letters = sum(symbol.isalpha() for answer in silent for symbol in answer.read)
    return scores, 60 * letters / sum(answer.duration for answer in silent)


def edit_distance(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Least number of insertions, deletions and replacements (Levenshtein, 1966)."""
    row = list(range(len(got) + 1))
    for i, left in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


@dataclass(frozen=True, slots=True)
class _Answer:
    wanted: str
    read: str
    duration: float


class _Performer:
    """Performs and reads, one person after the other, in a process of its own."""

    def __init__(self, model: Path | None, hand_model: Path, silence: float) -> None:
        self._model, self._hand_model, self._silence = model, hand_model, silence

    def __call__(self, task: tuple[int, float | None]) -> _Answer:
        index, speed = task
        look, seed = SignerLook.random(UNSEEN + index), UNSEEN + index
        text = random_text(np.random.default_rng(seed), 3) if speed is not None else ""
        person: SyntheticSigner | Gesturing
        if speed is not None:
            person = SyntheticSigner(text, letters_per_second=speed, seed=seed, look=look, size=(640, 480))
        else:
            person = Gesturing(self._silence, seed=seed, look=look, size=(640, 480))
        captioner = Captioner(model=self._model, hand_model=self._hand_model)
        for k in range(round(person.duration * GRID_RATE)):
            captioner.accept(Frame(person.render(k / GRID_RATE), k, k / GRID_RATE))
        read = plain_text(captioner.finish().state)
        captioner.close()
        return _Answer(text, read.replace("\n", " "), person.duration)
