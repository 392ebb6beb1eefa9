"""From Collect to a model: what it takes by default, and each command as the page Data fills it in."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from overlay.media.frame import Frame
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import LetterModel
from overlay.synthesis.signer import SyntheticSigner
from server.collection.collector import Collector
from server.collection.next_steps import collected, next_steps, what_is_missing
from server.collection.options import Choice
from server.collection.state import Phase
from server.collection.store import Store
from tests.waiting import until

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

HAND = Hand(np.zeros((21, 3), np.float32), "right", 0.9)


def collect(store: Store, letters: str) -> None:
    """Take pictures as the page does by default, fewer of them."""
    collector = Collector(store, "camera 0", Choice("ann", letters[0], count=6, countdown=0.1), letters=letters)
    at = 0.0
    for letter in letters:
        signer = SyntheticSigner(letter, size=(320, 240))
        _, start, end = signer.letters[0]
        collector.choose(letter=letter)
        collector.start()
        for index in range(1000):
            if collector.state.phase is Phase.DONE:
                break
            shown = signer.render(start + (end - start) * (0.1 + 0.8 * (index * 7 % 11) / 11))
            collector.accept(Frame(shown, index, at), HAND)
            at += 0.1
    until(lambda: all(collector.state.counts[letter] == 6 for letter in letters))
    collector.close()


def test_no_command_is_refused(
    here: Callable[..., "subprocess.CompletedProcess[str]"], hand_model: Path, tmp_path: Path
) -> None:
    store, runs = Store(tmp_path / "data"), tmp_path / "runs"
    collect(store, "BL")
    assert what_is_missing(collected(store)) == []
    for place, name in enumerate(("crop", "split", "train", "export")):
        assert not next_steps(store, runs)[place].done
        words = shlex.split(next_steps(store, runs)[place].command)
        line = words[words.index(name) :]
        if name == "train":
            line[line.index("--epochs") + 1] = "1"
        done = here(*line)
        assert done.returncode == 0, (line, done.stderr)
        assert next_steps(store, runs)[place].done, (line, done.stdout)
    model = Path(shlex.split(next_steps(store, runs)[5].command)[-1])
    LetterModel(model)  # as `signcap run --model` loads it
