"""How many letters are wrong in words and names as they are read, and as they are read with a language.

python bench/assisted.py --landmarks FILE [--people fitting|reporting] [--running FILE]

FILE is an .npz of real people's held letters: `landmarks` (N, 21, 3) in pixels, `letter`, `signer` and `hand` ("left"
ones are mirrored). Letters of one person at a time are strung together, so that the hand goes from one to the next
and does not quite reach either, with errors such as those of a hand detector. What was fitted was fitted to every
other person of the file and to other words and names than are reported here. J and Z are drawn, not held: no word has
them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.crop import HandCrop, normalise_landmarks, trace
from overlay.decoder import Decoder
from overlay.language import AROUND
from overlay.language.word_list import DICTIONARY
from overlay.recognizer import Recognizer
from overlay.window import GRID_RATE, Sample, Window

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
SLOWEST, FASTEST = 3.0, 5.0  # letters a second
LEAST_LETTERS: Final = 22  # of somebody whose letters are strung together
PALM: Final = 60.0  # pixels
MIDDLE: Final = np.array([320, 240, 0], np.float32)
AWAY: Final = 12  # frames without a hand before and after a word
RESTING: Final = 8  # frames at the end in which the hand stays

Floats = NDArray[np.float32]
Person = dict[str, Floats]  # of each letter landmarks (N, 21, 3) in palms around the palm's middle


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


def spell(word: str, person: Person, rng: np.random.Generator) -> Floats:
    """Landmarks (T, 21, 3) in pixels, 30 a second, NaN before and after: somebody's held letters strung together."""
    speed = float(rng.uniform(SLOWEST, FASTEST))
    shapes = [person[letter][rng.integers(len(person[letter]), size=2)] for letter in word]
    middles = [pair.mean(0) for pair in shapes]
    frames: list[Floats] = []
    place = np.zeros(3, np.float32)
    for k, pair in enumerate(shapes):
        slot = max(4, round(GRID_RATE / speed * float(np.exp(rng.normal(0, 0.2)))))
        way = max(2, round(slot * rng.uniform(0.4, 0.65)))
        # A quick hand sets out for the next letter before it has quite arrived.
        before, after = (float(rng.uniform(0, 0.3)) if 0 <= other < len(word) else 0.0 for other in (k - 1, k + 1))
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


def read(recognizer: Recognizer, landmarks: Floats, rate: float = GRID_RATE) -> tuple[str, Floats]:
    """What is read literally from landmarks (T, 21, 3) in pixels of a right hand, and the word's posteriors."""
    window, decoder = Window(recognizer.info.features), Decoder()
    letters, posteriors, times = [], [], []
    for k, points in enumerate(landmarks):
        sample = None if np.isnan(points).any() else _sample(recognizer, points, k / rate)
        for step in window.accept(k / rate, sample):
            answer, at = recognizer.posteriors(step), recognizer.answer_time(step)
            letters += decoder.accept(answer, at, recognizer.moved(step))
            posteriors.append(answer)
            times.append(at)
    letters += decoder.finish()
    if not letters:
        return "", np.array(posteriors, np.float32)
    near = np.array([letters[0].start - AROUND <= at <= letters[-1].end + AROUND for at in times])
    return "".join(letter.text for letter in letters), np.array(posteriors, np.float32)[near]


def _sample(recognizer: Recognizer, points: Floats, at: float) -> Sample:
    traced, palm = trace(points, mirror=False)
    crop = HandCrop(None, normalise_landmarks(points, mirror=False), traced, palm)
    return Sample(at, recognizer.encode(crop), traced, palm)


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
    recognizer: Recognizer, people: Sequence[Person], words: Sequence[str], seed: int, *, names: bool
) -> Iterator[Spelling]:
    """Each word spelled by somebody of whom there are all its letters."""
    rng = np.random.default_rng(seed)
    for word in words:
        able = [person for person in people if set(word) <= set(person)]
        literal, posteriors = read(recognizer, spell(word, able[rng.integers(len(able))], rng))
        if literal:
            yield Spelling(word, literal, posteriors, names)
