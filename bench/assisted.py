"""How many letters are wrong in words and names as they are read, and as they are read with a language.

python bench/assisted.py --landmarks FILE [--running FILE]

FILE is an .npz of real people's held letters: `landmarks` (N, 21, 3) in pixels, `letter`, `signer` and `hand` ("left"
ones are mirrored). Letters of one person at a time are strung together, so that the hand goes from one to the next
and does not quite reach either, with errors such as those of a hand detector. What was fitted was fitted to every
other person of the file and to other words and names than are reported here. J and Z are drawn, not held: no word has
them.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.captions.language import AROUND, AssistedReader
from overlay.captions.language.word_list import DICTIONARY
from overlay.core.edit_distance import edits, total
from overlay.recognition.crop import trace
from overlay.recognition.feature_window import GRID_RATE
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.letter_stream import DecoderStep, LetterStream

MOVING: Final = "JZ"
WORDS: Final = 200
FREQUENT: Final = 20_000
NAMES: Final = (
    "ABUBAKAR AINHOA ALESSIA AMARA ANAIS ARISTIDIS ARNAV ASHOK AUBRIELLA AYUMI BEGONA BEHNAM BOGUMILA BOHDAN "
    "BRAYLEN BRYLEE CHIARA CHINONSO CIARA DONATELLA DUONG EFUA ELIF ELISABETTA EOGHAN ESPINOSA EVERLEIGH FEDERICA "
    "FEMI GAETANO GAURAV GAYATHRI GERTRAUD GONCALO GRAINNE HARISH HARUTO HUDSYN HUONG IKER INGEBORG IRATXE IRYNA "
    "KADEEM KALANI KARLSSON KARTHIK KAVITHA KEKOA KRYSTYNA LEILANI LINDQVIST LOIC LOSALINI LOTTE LYUDMILA MAELLE "
    "MARLOES MATHILDE MCKENNA MEENAKSHI MIROSLAW MISOOK MOHAMMED MOSHE MYKOLA NEDA NESLIHAN NGUYET OLUMIDE "
    "ORLAITH OSTROWSKI PADRAIG PANAGIOTIS POLINA RAMAKRISHNAN REINHILD RIVKA ROISIN RYOTA SANDEEP SHREYA SOOBIN "
    "SUBRAMANIAN SUNITA SVEIN SWATI TEUILA THABO THEODOROS TIAGO TIMO TOMOKO TREMBLAY TYRELL ULRIKE USHA VIKRAM "
    "WEILING YUSRA"
).split()
LEAST_LETTERS: Final = 22  # of somebody whose letters are strung together
PALM: Final = 60.0  # pixels
MIDDLE: Final = np.array([320, 240, 0], np.float32)
AWAY: Final = 12  # frames without a hand before and after a word
RESTING: Final = 8  # frames at the end in which the hand stays

Floats = NDArray[np.float32]
Person = dict[str, Floats]  # of each letter landmarks (N, 21, 3) in palms around the palm's middle


@dataclass(frozen=True)
class Pace:
    """How somebody spells.

    Attributes:
        slowest, fastest: letters a second.
        short: share of the way to a letter by which the hand falls short of it, at most, on either side.
    """

    slowest: float
    fastest: float
    short: float

    def __str__(self) -> str:
        return f"{self.slowest:g} to {self.fastest:g} letters a second"


CALM, FLUENT = Pace(2.0, 3.5, 0.15), Pace(3.0, 5.0, 0.3)


@dataclass(frozen=True)
class Spelling:
    """A word and what came of it.

    Attributes:
        word: what was spelled.
        literal: what was read.
        posteriors: float32 (T, CLASSES), from `AROUND` before the first letter to as long after the last.
        is_name: it is in no list.
    """

    word: str
    literal: str
    posteriors: Floats
    is_name: bool


def read_people(path: Path) -> dict[str, Person]:
    """Those of whom there are enough letters."""
    with np.load(path) as stored:
        landmarks, letters, signers, hands = (stored[name] for name in ("landmarks", "letter", "signer", "hand"))
    people: dict[str, dict[str, list[Floats]]] = {}
    for points, letter, signer, hand in zip(landmarks, letters, signers, hands, strict=True):
        if str(letter) in MOVING:
            continue
        points = points * np.array([-1 if str(hand) == "left" else 1, 1, 1], np.float32)
        traced, palm = trace(points, mirror=False)
        points = (points - np.array([*traced[0], points[0, 2]], np.float32)) / palm
        people.setdefault(str(signer), {}).setdefault(str(letter), []).append(points)
    return {
        name: {letter: np.array(several, np.float32) for letter, several in mine.items()}
        for name, mine in sorted(people.items())
        if len(mine) >= LEAST_LETTERS
    }


def spell(word: str, person: Person, rng: np.random.Generator, pace: Pace) -> Floats:
    """Landmarks (T, 21, 3) in pixels, 30 a second, NaN before and after: somebody's held letters strung together."""
    speed = float(rng.uniform(pace.slowest, pace.fastest))
    shapes = [person[letter][rng.integers(len(person[letter]), size=2)] for letter in word]
    middles = [pair.mean(0) for pair in shapes]
    frames: list[Floats] = []
    place = np.zeros(3, np.float32)
    for k, pair in enumerate(shapes):
        slot = max(4, round(GRID_RATE / speed * float(np.exp(rng.normal(0, 0.2)))))
        way = max(2, round(slot * rng.uniform(0.4, 0.65)))
        # A quick hand sets out for the next letter before it has quite arrived.
        before, after = (
            float(rng.uniform(0, pace.short)) if 0 <= other < len(word) else 0.0 for other in (k - 1, k + 1)
        )
        held = np.clip(rng.uniform(0, 1) + 0.15 * np.cumsum(rng.normal(0, 0.3, max(2, slot - way))), 0, 1)
        own = [pair[0] + np.float32(share) * (pair[1] - pair[0]) for share in held]
        own = [
            (1 - before - after) * one + before * middles[k - 1] + after * middles[(k + 1) % len(word)] for one in own
        ]
        if frames:
            twice = word[k] == word[k - 1]
            aside = np.array([-rng.uniform(0.4, 0.9), rng.normal(0, 0.08), 0], np.float32)
            shift = aside if twice else np.array([*rng.normal(0, 0.05, 2), 0], np.float32)
            start, begin = frames[-1] - place, place
            for step in range(way):
                share = np.float32((step + 1) / (way + 1))
                share = np.float32(share * share * (3 - 2 * share))
                place = np.asarray(begin + share * shift, np.float32)
                frames.append(start + share * (own[0] - start) + place)
        for one in own:
            place = place + np.array([*rng.normal(0, 0.006, 2), 0], np.float32)
            frames.append(one + place)
    frames += [frames[-1]] * RESTING
    points = np.array(frames, np.float32)
    error = rng.normal(0, 1, (21, 3))
    for one in points:  # a detector's errors last
        error = 0.85 * error + 0.527 * rng.normal(0, 1, (21, 3))
        one += (error * (0.035, 0.035, 0.08) + rng.normal(0, 0.008, (21, 3))).astype(np.float32)
    nowhere = np.full((AWAY, 21, 3), np.nan, np.float32)
    return np.concatenate([nowhere, points * np.float32(PALM) + MIDDLE, nowhere])


def read(letter_model: LetterModel, landmarks: Floats, rate: float = GRID_RATE) -> tuple[str, Floats]:
    """What is read literally from landmarks (T, 21, 3) in pixels of a right hand, and the word's posteriors."""
    steps: list[DecoderStep] = []
    stream = LetterStream(letter_model, observer=steps.append)
    letters = []
    for k, points in enumerate(landmarks):
        letters += stream.accept_landmarks(k / rate, None if np.isnan(points).any() else points)
    letters += stream.finish()
    posteriors = np.array([step.posteriors for step in steps], np.float32)
    if not letters:
        return "", posteriors
    near = np.array([letters[0].start - AROUND <= step.at <= letters[-1].end + AROUND for step in steps])
    return "".join(letter.text for letter in letters), posteriors[near]


def frequent_words(count: int, seed: int) -> list[str]:
    """Words of the list drawn by how often they are written, each once."""
    with (files("symspellpy") / DICTIONARY).open(encoding="utf-8-sig") as lines:
        counts = {word.upper(): int(count) for word, count in map(str.split, lines)}
    usual = sorted(counts, key=lambda word: -counts[word])[:FREQUENT]
    words = [word for word in usual if 3 <= len(word) <= 10 and not set(word) & set(MOVING)]
    rng = np.random.default_rng(seed)
    shares = np.array([counts[word] for word in words], float)
    return [words[k] for k in rng.choice(len(words), count, replace=False, p=shares / shares.sum())]


def spellings(
    letter_model: LetterModel, people: Sequence[Person], words: Sequence[str], pace: Pace, seed: int, *, names: bool
) -> Iterator[Spelling]:
    """Each word spelled by somebody of whom there are all its letters."""
    rng = np.random.default_rng(seed)
    for word in words:
        able = [person for person in people if set(word) <= set(person)]
        literal, posteriors = read(letter_model, spell(word, able[rng.integers(len(able))], rng, pace))
        if literal:
            yield Spelling(word, literal, posteriors, names)


def as_assisted(one: Spelling, reader: AssistedReader) -> str:
    assisted = reader.read(one.literal, one.posteriors)
    return one.literal if assisted is None else assisted.text


def errors(wanted: str, got: str) -> int:
    return len(edits(wanted, got.replace(" ", "")).pairs)


def row(title: str, several: Sequence[Spelling], reader: AssistedReader) -> str:
    """A line of the table: error rates of both readings, and what was changed."""
    pairs = [(one, as_assisted(one, reader)) for one in several]
    literal = total(edits(one.word, one.literal) for one, _ in pairs)
    assisted = total(edits(one.word, text.replace(" ", "")) for one, text in pairs)
    changed = [(one, text) for one, text in pairs if text != one.literal]
    wrong = sum(text != one.word for one, text in changed)
    worse = sum(errors(one.word, text) > errors(one.word, one.literal) for one, text in changed)
    spoiled = sum(one.literal == one.word for one, _ in changed)
    cells = (
        title,
        len(pairs),
        f"{100 * literal.error_rate:.1f} %",
        f"{100 * assisted.error_rate:.1f} %",
        sum(one.literal == one.word for one, _ in pairs),
        sum(text == one.word for one, text in pairs),
        len(changed),
        wrong,
        worse,
        spoiled,
    )
    return f"| {' | '.join(map(str, cells))} |"


HEAD: Final = (
    "| | spelled | letters wrong, literal | assisted | exact, literal | assisted | changed | not to the word "
    "| for the worse | were right |\n|---|---|---|---|---|---|---|---|---|---|"
)


def running(letter_model: LetterModel, path: Path, reader: AssistedReader) -> None:
    """Print what is read of running words by real people: landmarks as fractions, `text`, `offsets`, `rate`."""
    with np.load(path) as stored:
        landmarks, offsets, texts = stored["landmarks"], stored["offsets"], stored["text"]
        rate, aspect = float(stored["rate"]), float(stored["aspect"])
    unit = np.array([640, 640 / aspect, 640], np.float32)
    print("\n| running word | literal | assisted | clearer |\n|---|---|---|---|")
    for k, text in enumerate(texts):
        points = (landmarks[offsets[k] : offsets[k + 1]] * unit).astype(np.float32)
        literal, posteriors = read(letter_model, points, rate)
        assisted = reader.read(literal, posteriors)
        shown, clearer = (assisted.text, f"{assisted.clearer:.1f}") if assisted is not None else (literal, "")
        print(f"| {text} | {literal} | {shown} | {clearer} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--landmarks", type=Path, required=True)
    parser.add_argument("--running", type=Path)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    letter_model = LetterModel(arguments.model)
    people = list(read_people(arguments.landmarks).values())[1::2]
    reader = AssistedReader()
    reader.load()
    hot = AssistedReader(NAMES)
    hot.load()
    print(f"{len(people)} people\n\n{HEAD}", flush=True)
    times = []
    for pace in (CALM, FLUENT):
        words = list(spellings(letter_model, people, frequent_words(WORDS, 1), pace, 12, names=False))
        names = list(spellings(letter_model, people, NAMES, pace, 13, names=True))
        print(row(f"words, {pace}", words, reader))
        print(row("names in no list", names, reader))
        print(row("the same, given as hot words", names, hot), flush=True)
        for one in (*words, *names):
            began = time.thread_time()
            reader.read(one.literal, one.posteriors)
            times.append(1000 * (time.thread_time() - began))
    print(f"\n{statistics.median(times):.1f} ms a word, {max(times):.1f} ms at most")
    if arguments.running is not None:
        running(letter_model, arguments.running, reader)


if __name__ == "__main__":
    main()
