"""How good a model is on people it has not seen, with the live recogniser itself; writes the model card.

`python -m models.evaluation --help`
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from models.card import write_card
from models.stills import enlarge
from models.texts import random_text
from overlay.captioner import Captioner
from overlay.crop import crop_hand
from overlay.decoder import Decoder
from overlay.frame import Frame, Pixels
from overlay.hand_model import hand_model_path
from overlay.hands import Hand, HandFinder
from overlay.recognizer import LETTERS, Recognizer
from overlay.signer import Gesturing, SignerLook, SyntheticSigner
from overlay.transcript import plain_text
from overlay.window import GRID_RATE, Sample, Window

MOVING = "JZ"
HELD = 1.0  # seconds that a picture counts as a sign held
UNSEEN = 10_000_000  # seeds of looks that training never draws from begin here
SPEEDS = (2.0, 4.0, 6.0)
STDERR = Console(stderr=True)  # standard output is for the figures


@dataclass
class SignerScore:
    """One signer's pictures.

    Attributes:
        pictures: how many.
        found: in how many a hand was found.
        right: how many were read as their letter; those without a hand are wrong.
    """

    pictures: int = 0
    found: int = 0
    right: int = 0

    @property
    def accuracy(self) -> float:
        """Of all pictures."""
        return self.right / max(self.pictures, 1)

    @property
    def found_accuracy(self) -> float:
        """Of the pictures with a hand found."""
        return self.right / max(self.found, 1)


@dataclass
class StillScore:
    """All signers' pictures."""

    signers: dict[str, SignerScore] = field(default_factory=lambda: defaultdict(SignerScore))
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


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


def read_held(recognizer: Recognizer, pixels: Pixels, hand: Hand, seconds: float = HELD) -> str:
    """What the live path reads when one picture is shown for some time, then nothing."""
    window, decoder, text = Window(recognizer.info.features), Decoder(), ""
    crop = crop_hand(pixels, hand)
    feature = recognizer.encode(crop)
    count = round(seconds * GRID_RATE)
    for index in range(count + 10):
        at = index / GRID_RATE
        sample = Sample(at, feature, crop.traced, crop.palm) if index < count else None
        for step in window.accept(at, sample):
            for letter in decoder.accept(recognizer.posteriors(step), recognizer.answer_time(step)):
                text += letter.text
    return text


def score_stills(recognizer: Recognizer, folder: Path, hand_model: Path) -> StillScore:
    """Read `folder/<signer>/<LETTER>/*.jpg`, static letters only, each as a sign held for a second."""
    score = StillScore()
    files = sorted(
        path for path in folder.glob("*/*/*.jpg") if path.parent.name in LETTERS and path.parent.name not in MOVING
    )
    with HandFinder(hand_model, video=False) as finder:
        for path in track(files, description="reading pictures", console=STDERR):
            signer, letter = path.parent.parent.name, path.parent.name
            counted = score.signers[signer]
            counted.pictures += 1
            read = cv2.imread(str(path))
            pixels = None if read is None else enlarge(read)
            hand = None if pixels is None else finder.find(pixels, 0.0)
            if pixels is None or hand is None:
                score.missed.append(f"{signer}/{letter}/{path.name}")
                continue
            counted.found += 1
            text = read_held(recognizer, pixels, hand)
            if text == letter:
                counted.right += 1
            else:
                score.confusions[letter, text or "nothing"] += 1
    return score


def score_spelling(model: Path | None, texts: int, speed: float) -> SpellingScore:
    """Let synthetic signers of unseen looks spell random texts, and count the errors of the whole live path."""
    letters = errors = 0
    for index in track(range(texts), description=f"spelling at {speed:g} letters a second", console=STDERR):
        rng = np.random.default_rng(UNSEEN + index)
        text = random_text(rng, 3)
        look = SignerLook.random(UNSEEN + index)
        signer = SyntheticSigner(text, letters_per_second=speed, seed=UNSEEN + index, look=look, size=(640, 480))
        captioner = Captioner(model=model)
        for k in range(round(signer.duration * GRID_RATE)):
            at = k / GRID_RATE
            captioner.accept(Frame(signer.render(at), k, at))
        read = plain_text(captioner.finish().state).replace("\n", " ")
        captioner.close()
        letters += len(text)
        errors += edit_distance(text, read)
    return SpellingScore(speed, letters, errors)


def score_silence(model: Path | None, people: int, seconds: float = 20.0) -> float:
    """Letters a minute that are read while synthetic people of unseen looks gesture without spelling anything."""
    letters, span = 0, 0.0
    for index in track(range(people), description="people who only gesture", console=STDERR):
        look = SignerLook.random(UNSEEN + index)
        person = Gesturing(seconds, seed=UNSEEN + index, look=look, size=(640, 480))
        captioner = Captioner(model=model)
        for k in range(round(person.duration * GRID_RATE)):
            captioner.accept(Frame(person.render(k / GRID_RATE), k, k / GRID_RATE))
        letters += sum(symbol.isalpha() for symbol in plain_text(captioner.finish().state))
        captioner.close()
        span += person.duration
    return 60 * letters / span


def edit_distance(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Least number of insertions, deletions and replacements (Levenshtein, 1966)."""
    row = list(range(len(got) + 1))
    for i, left in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def main(
    photographs: Annotated[Path, typer.Option(help="Folder of SIGNER/LETTER/*.jpg of people not trained on.")],
    model: Annotated[Path | None, typer.Option(help="Folder of the model; the shipped one by default.")] = None,
    texts: Annotated[int, typer.Option(help="Synthetic texts at each speed.")] = 20,
    json_to: Annotated[Path | None, typer.Option("--json", help="Also write all figures here.")] = None,
    card: Annotated[Path | None, typer.Option(help="Write the model card here.")] = None,
) -> None:
    """Read pictures of people that the model has not seen, and synthetic spelling; print and write what came out."""
    recognizer = Recognizer(model)
    stills = score_stills(recognizer, photographs, hand_model_path())
    spelling = [score_spelling(model, texts, speed) for speed in SPEEDS] if texts else []
    false_letters = score_silence(model, max(texts // 2, 1)) if texts else None
    signers = {
        name: {
            "accuracy": score.accuracy,
            "found_accuracy": score.found_accuracy,
            "images": score.pictures,
            "found": score.found,
        }
        for name, score in sorted(stills.signers.items())
    }
    accuracies = [score.accuracy for score in stills.signers.values()]
    found = [score.found_accuracy for score in stills.signers.values()]
    figures = {
        "model": recognizer.info.name,
        "signers": signers,
        "mean": float(np.mean(accuracies)),
        "worst": min(accuracies),
        "found_mean": float(np.mean(found)),
        "found_worst": min(found),
        "confusions": [[*pair, count] for pair, count in stills.confusions.most_common(15)],
        "missed": stills.missed,
        "spelling": {
            f"{score.speed:g}": {"error_rate": score.error_rate, "letters": score.letters} for score in spelling
        },
        "false_letters_a_minute": false_letters,
    }
    print(json.dumps({key: figures[key] for key in figures if key != "missed"}, indent=2))
    if json_to is not None:
        json_to.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    if card is not None:
        write_card(card, figures)


if __name__ == "__main__":
    typer.run(main)
