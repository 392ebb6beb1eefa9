"""What the network says of each step of the time grid, kept so that decoders can be compared on the very same."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.live import Performer
from models.training.data.tree import MOVING, PICTURES, Entry, read_tree
from overlay.core.errors import SigncapError
from overlay.media.frame import Frame
from overlay.media.images import read_picture
from overlay.pipeline.live_captioner import LiveCaptioner
from overlay.recognition.feature_window import GRID_RATE, Sample
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import HandDetector
from overlay.recognition.hands.photograph import find_hand_in_picture
from overlay.recognition.letter_model import CLASSES, LetterModel
from overlay.recognition.letter_stream import DecoderStep, LetterStream
from overlay.synthesis.signer import SyntheticSigner
from overlay.synthesis.signer.movement.motion import HOLD_SHARE, Span

LETTERS_A_WORD: Final = 6
PICTURES_EACH: Final = 2  # of each letter, between which a held hand wavers
AWAY: Final = 0.6  # seconds without a hand after a word
ARRAYS: Final = ("posteriors", "at", "known", "moved")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """Posteriors of one performance.

    Attributes:
        kind: "synthetic", "photographs" or "silent".
        posteriors: float32 (G, CLASSES).
        at: float (G,), the moments they are about, in seconds.
        known: float (G,), when the live path has them, in seconds.
        moved: float (G, 6), see `overlay.recognition.letter_model.LetterModel.moved`.
        letters: what was signed when.
    """

    kind: str
    posteriors: Floats
    at: NDArray[np.float64]
    known: NDArray[np.float64]
    moved: NDArray[np.float64]
    letters: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The letters that were signed."""
        return "".join(span.letter for span in self.letters)


class _Recorder:
    """Keeps what the network says, and when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._rows: list[tuple[Floats, float, float, tuple[float, ...]]] = []

    def keep(self, step: DecoderStep) -> None:
        self._rows.append((step.posteriors, step.at, self.now, step.moved))

    def heard(self, kind: str, letters: tuple[Span, ...]) -> Heard:
        answers, at, known, moved = zip(*self._rows, strict=True)
        return Heard(kind, np.array(answers, np.float32), np.array(at), np.array(known), np.array(moved), letters)


def hear(performer: Performer, rate: float, *, model: Path | None, hand_model: Path) -> Heard:
    """Somebody synthetic before the whole live path."""
    recorder = _Recorder()
    with contextlib.closing(LiveCaptioner(model=model, hand_model=hand_model)) as captioner:
        for index in range(round(performer.duration * rate)):
            recorder.now = index / rate
            for step in captioner.accept(Frame(performer.render(index / rate), index, index / rate)).moments:
                recorder.keep(step)
    spells = isinstance(performer, SyntheticSigner)
    return recorder.heard(
        "synthetic" if spells else "silent", performer.letters if isinstance(performer, SyntheticSigner) else ()
    )


class HeldPictures:
    """Held letters of one real signer, to string together.

    Args:
        folder: the tree that the entries lie in.
        entries: the signer's pictures; of each letter the first in which a hand is found are used.
        model: folder of a model; the shipped one by default.
        hand_model: MediaPipe's bundle.

    Attributes:
        letters: those that there are pictures of.
    """

    def __init__(self, folder: Path, entries: list[Entry], *, model: Path | None, hand_model: Path) -> None:
        self.letter_model = LetterModel(model)
        found: list[tuple[str, Any, Any]] = []
        with open_detector(hand_model, video=False) as finder:
            for letter in sorted({entry.letter for entry in entries} - set(MOVING)):
                mine = [entry for entry in entries if entry.letter == letter]
                found += [(letter, *one) for one in _first_hands(folder, mine, finder)]
        left = Counter(hand.handedness for _, _, hand in found).most_common(1)
        mirror = bool(left) and left[0][0] == "left"
        self._samples: dict[str, list[Sample]] = {}
        for letter, pixels, hand in found:
            crop = self.letter_model.crop(pixels, hand, mirror=mirror)
            around = ((crop.traced - crop.traced[0]) / crop.palm).astype(np.float32)
            sample = Sample(0.0, self.letter_model.encode(crop), around, 1.0)
            self._samples.setdefault(letter, []).append(sample)
        self.letters = "".join(sorted(self._samples))

    def spell(self, rng: np.random.Generator, words: int, speed: float) -> Heard:
        """Words of letters at random, none twice in a row, with ways from one to the next as hands take them."""
        recorder = _Recorder()
        stream = LetterStream(self.letter_model, observer=recorder.keep)
        slot = GRID_RATE / speed
        rows: list[Sample | None] = [None] * round(AWAY * GRID_RATE)
        spans: list[Span] = []
        for _ in range(words):
            letters = [str(rng.choice(list(self.letters)))]
            while len(letters) < min(LETTERS_A_WORD, len(self.letters)):
                letters.append(str(rng.choice([one for one in self.letters if one != letters[-1]])))
            before: Sample | None = None
            for letter in letters:
                held = max(round(HOLD_SHARE * slot), 2)
                made = list(self._held(letter, held, rng))
                if before is not None:
                    rows += _way(before, made[0], max(round(slot) - held, 1))
                spans.append(Span(letter, len(rows) / GRID_RATE, (len(rows) + held - 1) / GRID_RATE))
                rows += made
                before = made[-1]
            rows += [None] * round(AWAY * GRID_RATE)
        for index, row in enumerate(rows):
            recorder.now = index / GRID_RATE
            stream.accept(recorder.now, row)
        return recorder.heard("photographs", tuple(spans))

    def _held(self, letter: str, count: int, rng: np.random.Generator) -> Iterator[Sample]:
        samples = self._samples[letter]
        a, b = (samples[int(k)] for k in rng.integers(len(samples), size=2))
        shares = np.clip(rng.uniform(0, 1) + np.cumsum(rng.normal(0, 0.05, count)), 0, 1)
        for share in shares.tolist():
            yield _between(a, b, share)


def photographed(folder: Path, *, model: Path | None, hand_model: Path) -> Iterator[HeldPictures]:
    """Every signer of a tree of pictures with enough letters.

    Raises:
        SigncapError: there is no such tree.
    """
    entries = read_tree(folder, PICTURES)
    some = False
    for signer in sorted({entry.signer for entry in entries}):
        mine = [entry for entry in entries if entry.signer == signer]
        held = HeldPictures(folder, mine, model=model, hand_model=hand_model)
        if len(held.letters) >= 2:
            some = True
            yield held
    if not some:
        raise SigncapError(f"No signer in {folder} shows two letters: it should hold SIGNER/LETTER/*.jpg.")


def save_heard(several: list[Heard], path: Path) -> None:
    """Keep them in one .npz."""
    arrays = {name: np.concatenate([getattr(heard, name) for heard in several]) for name in ARRAYS}
    arrays["offsets"] = np.cumsum([0, *(len(heard.at) for heard in several)])
    arrays["kinds"] = np.array([heard.kind for heard in several])
    spans = [(k, *span) for k, heard in enumerate(several) for span in heard.letters]
    arrays["span_of"] = np.array([span[0] for span in spans], np.int64)
    arrays["span_letters"] = np.array([span[1] for span in spans], "U1")
    arrays["span_times"] = np.array([span[2:] for span in spans], np.float64).reshape(-1, 2)
    np.savez(path, allow_pickle=False, **arrays)


def load_heard(path: Path) -> list[Heard]:
    """What `save_heard` kept."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    assert arrays["posteriors"].shape[1] == CLASSES
    several = []
    for k, (start, end) in enumerate(pairwise(arrays["offsets"])):
        mine = arrays["span_of"] == k
        spans = zip(arrays["span_letters"][mine].tolist(), arrays["span_times"][mine].tolist(), strict=True)
        several.append(
            Heard(
                kind=str(arrays["kinds"][k]),
                letters=tuple(Span(letter, begin, until) for letter, (begin, until) in spans),
                **{name: arrays[name][start:end] for name in ARRAYS},
            )
        )
    return several


def _first_hands(folder: Path, entries: list[Entry], finder: HandDetector) -> Iterator[tuple[Any, Any]]:
    count = 0
    for entry in entries:
        pixels = read_picture(folder / entry.path)
        found = None if pixels is None else find_hand_in_picture(finder, pixels)
        if found is not None:
            yield found
            count += 1
        if count == PICTURES_EACH:
            return


def _between(a: Sample, b: Sample, share: float) -> Sample:
    part = np.float32(share)
    return Sample(0.0, a.feature + part * (b.feature - a.feature), a.traced + part * (b.traced - a.traced), 1.0)


def _way(a: Sample, b: Sample, count: int) -> list[Sample | None]:
    shares = (np.arange(count) + 1) / (count + 1)
    return [_between(a, b, float(share * share * (3 - 2 * share))) for share in shares]
