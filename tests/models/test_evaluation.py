"""The evaluation command, on pictures of a synthetic person."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation import edit_distance
from overlay.signer import SyntheticSigner


@pytest.mark.parametrize(
    ("wanted", "got", "distance"),
    [("", "", 0), ("HELLO", "HELLO", 0), ("HELLO", "HELO", 1), ("HELLO", "", 5), ("", "AB", 2), ("CAT", "CUTE", 2)],
)
def test_edit_distance(wanted: str, got: str, distance: int) -> None:
    assert edit_distance(wanted, got) == distance


@pytest.mark.slow
def test_it_reads_pictures_counts_missed_hands_as_wrong_and_writes_the_card(tmp_path: Path, hand_model: Path) -> None:
    folder = tmp_path / "people"
    for letter in "BLY":
        signer = SyntheticSigner(letter, size=(320, 240))
        _, start, end = signer.letters[0]
        (folder / "ann" / letter).mkdir(parents=True)
        cv2.imwrite(str(folder / "ann" / letter / "0.jpg"), signer.render((start + end) / 2))
    cv2.imwrite(str(folder / "ann" / "B" / "1.jpg"), np.full((240, 320, 3), 90, np.uint8))
    figures, card = tmp_path / "figures.json", tmp_path / "card.md"
    command = [sys.executable, "-m", "models.evaluation", "--photographs", str(folder), "--texts", "1"]
    done = subprocess.run(
        [*command, "--json", str(figures), "--card", str(card)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text())
    assert found["signers"]["ann"] == {"accuracy": 0.75, "found_accuracy": 1.0, "images": 4, "found": 3}
    assert found["mean"] == found["worst"] == 0.75
    assert found["missed"] == ["ann/B/1.jpg"]
    assert "| ann | 4 | 3 | 75.0 % | 100.0 % |" in card.read_text()
