"""How much enrolment helps signers who are hard to read: errors on takes of which it has seen nothing.

python bench/enrolment.py PHOTOGRAPHS [--words] [--model FOLDER] [--jobs 2]

Two groups. Synthetic signers of proportions and habits far outside of those that training draws hold each letter for
two seconds (or spell the ten words) and are then read while they spell another text with all letters in it. People,
PHOTOGRAPHS/SIGNER/LETTER/*.jpg that the model was not trained on: their even pictures enrol, their odd ones are read,
each as a sign held for a second. J and Z of the photographs are left out, as they are motion; so are pictures in
which no hand is found. Reading is the live path's: window, network, decoder. Prints a table.
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from models.console import progress_bar, ready_hand_model
from overlay.core.errors import SigncapError
from overlay.core.process.parallel import cores, in_parallel
from overlay.enrolment.clip import WORDS, EnrolmentClip, held_take, misread, replay
from overlay.enrolment.fit import Enrolled, enrol
from overlay.enrolment.prototypes import MOVING, read_letter_means
from overlay.enrolment.still_samples import EitherHand, of_one_signer, sample_picture
from overlay.media.frame import Frame
from overlay.media.images import read_picture
from overlay.recognition.features import FeatureExtractor
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import HandDetector
from overlay.recognition.letter_model import LETTERS, LetterModel, shipped_model
from overlay.synthesis.signer import SignerLook, SyntheticSigner

UNSEEN = 20_000_000  # seeds of looks that nothing else draws from begin here
SIZE = (640, 480)
HELD = 2.0  # seconds that a letter is held to enrol
ENROL_RATE = 15  # frames a second in which a held letter is looked at: half of a camera's, for the sake of time
RATE = 30
SPEED = 2.5  # letters a second in running spelling
PANGRAMS = "QUICK BROWN FOX JUMPS OVER THE LAZY DOG SPHINX OF BLACK QUARTZ JUDGE MY VOW"

# Training draws lengths of 0.89 to 1.11 of the median hand's, and a jitter of 1 to 6 degrees.
ODD = (
    {"finger_length": 1.30, "thumb_length": 0.72, "palm_width": 0.78, "pose_jitter": 9.0},
    {"finger_length": 0.72, "thumb_length": 1.30, "palm_width": 1.28, "pose_jitter": 9.0},
    {"finger_length": 1.25, "thumb_length": 1.35, "palm_width": 1.25, "pose_jitter": 10.0},
    {"finger_length": 0.75, "thumb_length": 0.70, "palm_width": 0.80, "pose_jitter": 10.0},
    {"finger_length": 0.70, "thumb_length": 0.75, "palm_width": 1.30, "pose_jitter": 11.0},
    {"finger_length": 1.30, "thumb_length": 1.30, "palm_width": 0.75, "pose_jitter": 11.0},
)


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of one signer on the test: `shown` letters, misread before and after."""

    name: str
    shown: int
    before: int
    after: int
    enrolled: Enrolled


class Bench:
    """Enrols and reads one signer after the other, in a process of its own."""

    def __init__(self, model: Path, hand_model: Path, words: bool) -> None:
        self._letter_model = LetterModel(model)
        self._means = read_letter_means(model, self._letter_model.info.features)
        self._hand_model, self._words = hand_model, words

    def __call__(self, signer: int | Path) -> Score:
        return self._person(signer) if isinstance(signer, Path) else self._synthetic(signer)

    def _synthetic(self, index: int) -> Score:
        look = replace(SignerLook.random(UNSEEN + index), **ODD[index])
        with open_detector(self._hand_model) as finder:
            watch = _Watcher(finder, self._letter_model)
            if self._words:
                takes = [watch.spelled(word, look, seed) for seed, word in enumerate(WORDS)]
            else:
                takes = [watch.held(letter, look, seed) for seed, letter in enumerate(LETTERS)]
            test = watch.spelled(PANGRAMS, look, len(takes))
        fingers, thumb, palm, jitter = ODD[index].values()
        name = f"synthetic {index + 1}: fingers {fingers:g}, thumb {thumb:g}, palm {palm:g}, jitter {jitter:g}°"
        return self._score(name, takes, [EnrolmentClip(PANGRAMS.replace(" ", ""), test.frames)])

    def _person(self, folder: Path) -> Score:
        found: list[tuple[str, int, EitherHand]] = []
        with open_detector(self._hand_model, video=False) as finder:
            for letter in LETTERS:
                if letter in MOVING:
                    continue
                for index, path in enumerate(sorted((folder / letter).glob("*.jpg"))):
                    pixels = read_picture(path)
                    either = None if pixels is None else sample_picture(self._letter_model, finder, pixels)
                    if either is not None:
                        found.append((letter, index, either))
        samples = of_one_signer([either for _, _, either in found])
        pairs = list(zip(found, samples, strict=True))
        takes = [held_take(letter, sample) for (letter, index, _), sample in pairs if index % 2 == 0]
        tests = [held_take(letter, sample, 1.0) for (letter, index, _), sample in pairs if index % 2]
        return self._score(folder.name, takes, tests)

    def _score(self, name: str, takes: Sequence[EnrolmentClip], tests: Sequence[EnrolmentClip]) -> Score:
        enrolled = enrol(takes, self._letter_model, self._means)
        before, after = (
            sum(misread(test.text, replay(self._letter_model, test, correction).text).total() for test in tests)
            for correction in (None, enrolled.correction)
        )
        return Score(name, sum(len(test.text) for test in tests), before, after, enrolled)


class _Watcher:
    """Takes of synthetic signers, before a camera."""

    def __init__(self, finder: HandDetector, letter_model: LetterModel) -> None:
        self._finder, self._letter_model = finder, letter_model
        self._clock = 0.0

    def held(self, letter: str, look: SignerLook, seed: int) -> EnrolmentClip:
        """A letter that is held; J and Z are made once, as they are motion."""
        speed = 1.0 if letter in MOVING else 0.6 / HELD
        signer = SyntheticSigner(letter, letters_per_second=speed, seed=seed, look=look, size=SIZE)
        _, start, end = signer.letters[0]
        if letter in MOVING:
            return self._watch(letter, signer, start - 0.2, end + 0.2, RATE)
        return self._watch(letter, signer, start, end, ENROL_RATE)

    def spelled(self, text: str, look: SignerLook, seed: int) -> EnrolmentClip:
        """Running spelling, from the hand coming up to its going down."""
        signer = SyntheticSigner(text, letters_per_second=SPEED, seed=100 + seed, look=look, size=SIZE)
        return self._watch(text, signer, 0.0, signer.duration, RATE)

    def _watch(self, text: str, signer: SyntheticSigner, start: float, end: float, rate: int) -> EnrolmentClip:
        extractor, frames = FeatureExtractor(self._letter_model), []
        self._clock += 1.0
        for index in range(int((end - start) * rate) + 1):
            at = start + index / rate
            self._clock += 1 / rate
            frame = Frame(signer.render(at), index, at)
            hand = self._finder.find(frame.pixels, self._clock)
            frames.append((at, None if hand is None else extractor.sample(frame, hand)))
        return EnrolmentClip(text, tuple(frames))


def cut(before: int, after: int) -> str:
    """Share of the errors that is gone, in words."""
    return f"{1 - after / before:.0%}" if before else "–"


def show(scores: Sequence[Score]) -> None:
    """Print a group's rows."""
    for score in scores:
        used = "" if score.enrolled.correction else ", stays off"
        gone = cut(score.before, score.after) + used
        print(f"| {score.name} | {score.shown} | {score.before} | {score.after} | {gone} |")
    before, after = sum(score.before for score in scores), sum(score.after for score in scores)
    shown = sum(score.shown for score in scores)
    print(f"| **together** | {shown} | {before} | {after} | **{cut(before, after)}** |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="PHOTOGRAPHS")
    parser.add_argument("--words", action="store_true", help="synthetic signers spell the ten words to enrol")
    parser.add_argument("--model", type=Path, default=shipped_model())
    parser.add_argument("--jobs", type=int, default=cores(), help="processes")
    arguments = parser.parse_args()
    people = sorted(path for path in arguments.folder.glob("*") if path.is_dir())
    if not people:
        sys.exit(f"{arguments.folder} holds no signers: it should hold SIGNER/LETTER/*.jpg.")
    tasks: list[int | Path] = [*range(len(ODD)), *people]
    try:
        hand_model = ready_hand_model(None)
        made = in_parallel(partial(Bench, arguments.model, hand_model, arguments.words), tasks, arguments.jobs)
        scores: dict[int, Score] = {}
        with progress_bar() as bar, contextlib.closing(made):
            shown = bar.add_task("signers", total=len(tasks))
            for number, score in made:
                scores[number] = score
                bar.advance(shown)
    except SigncapError as error:
        sys.exit(str(error))
    print("| signer | letters shown | errors before | errors after | cut |\n|---|---|---|---|---|")
    show([scores[number] for number in range(len(ODD))])
    show([scores[number] for number in range(len(ODD), len(tasks))])


if __name__ == "__main__":
    main()
