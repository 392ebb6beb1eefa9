"""Fitting a recogniser to one signer, and keeping it only where it is better on takes that it was not fitted to."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.enrolment.adaptation import Correction, Strength, fit_correction
from overlay.enrolment.alignment import letter_samples
from overlay.enrolment.clip import EnrolmentClip, Replay, held_take, misread, replay, split_takes
from overlay.enrolment.prototypes import MOVING, STATIC
from overlay.recognition.feature_window import Sample
from overlay.recognition.letter_model import LETTERS, LetterModel

FEWEST = 2  # letters, below which there is nothing to tell apart
WORTH = 4  # errors that must be gone for each one that is new
CLEARER = 0.9  # of the doubt, at most so much may be left where there is no error to mend
LEAST = 0.001  # probability: one that is quite wrong does not outweigh all others

# Narrow bells leave what was not enrolled as it is; wide ones also help in between. Which is best is found out on
# the signer's own held-out takes, and wide ones are tried only where those hold the whole alphabet.
NARROW = tuple(Strength(0.3, stiffness) for stiffness in (0.01, 0.1, 1.0))
WIDE = tuple(Strength(width, stiffness) for width in (0.45, 0.6) for stiffness in (0.003, 0.03))

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """The readings of one letter in the held-out takes.

    Attributes:
        shown: how often it was signed.
        before: errors of the general model: replaced, left out, or read with another one beside.
        after: errors with the correction that was chosen, which is none where none was better.
    """

    shown: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The result of an enrolment.

    Attributes:
        correction: None where nothing was better than the general model.
        letters: those that it was fitted to, in the order of the alphabet.
        tallies: of each letter that was held out.
        confidence: mean in the right letter on the held-out takes, before and after.
    """

    correction: Correction | None
    letters: str
    tallies: dict[str, Tally]
    confidence: tuple[float, float]

    @property
    def before(self) -> int:
        """Errors of the general model on the held-out takes."""
        return sum(tally.before for tally in self.tallies.values())

    @property
    def after(self) -> int:
        """Errors on the same takes with what was chosen; never more."""
        return sum(tally.after for tally in self.tallies.values())

    @property
    def shown(self) -> int:
        """Letters in the held-out takes."""
        return sum(tally.shown for tally in self.tallies.values())


@dataclass(frozen=True, slots=True)
class _Heard:
    wrong: Counter[str]
    confidence: float
    doubt: float  # mean logarithmic loss: a mean confidence near 1 says nothing of the letters that are hardly read
    guards: tuple[int, ...]  # errors in each take of a letter's mean, and of what was learnt before

    @property
    def errors(self) -> int:
        return self.wrong.total()

    def beats(self, other: "_Heard") -> bool:
        """Fewer errors, or as many and clearly less doubt. What was not enrolled is no worse in any case; single
        letters may be only where `WORTH` times as much is gained elsewhere."""
        gained, lost = (other.wrong - self.wrong).total(), (self.wrong - other.wrong).total()
        forgotten = any(own > before for own, before in zip(self.guards, other.guards, strict=True))
        clearer = self.errors == other.errors and self.doubt <= CLEARER * other.doubt
        return not forgotten and gained >= WORTH * lost and (self.errors < other.errors or clearer)


def enrol(
    takes: Sequence[EnrolmentClip],
    letter_model: LetterModel,
    means: NDArray[np.float64],
    progress: Progress = lambda _part: None,
    *,
    earlier: Enrolled | None = None,
) -> Enrolled:
    """Fit corrections of several strengths to a part of the takes, and choose on the others.

    Each is judged through window, network and decoder, and "none" is among them; so what is chosen makes no more
    errors on the held-out takes than the general model. It is not fitted anew to all takes
    afterwards: what was judged is what is kept.

    Args:
        takes: letters, words or both.
        letter_model: the general model.
        means: see `overlay.enrolment.prototypes.read_letter_means`.
        progress: called with the fraction that is done.
        earlier: of the same signer and model. Its letters are learnt again beside the new ones, and it stays the
            correction unless another is clearly better on what is held out now.

    Raises:
        SigncapError: there are too few takes with a hand in them.
    """
    fitted, held_out = split_takes([take for take in takes if take.samples])
    letters = [take for take in fitted if len(take.text) == 1]
    words = [take for take in fitted if len(take.text) > 1]
    steps = 1 + 2 * len(words) + len(NARROW) + len(WIDE)
    done = 0

    def tick(count: int = 1) -> None:
        nonlocal done
        done += count
        progress(min(done / steps, 1.0))

    shown = Counter(letter for take in held_out for letter in take.text)
    features, labels = _frames(letters, [])
    if words:
        features, labels = _aligned(letters, words, letter_model, means, tick)
    before = earlier.correction if earlier is not None else None
    own, own_labels = features[:0], labels[:0]
    if before is not None and earlier is not None and len(labels):
        own, own_labels = before.examples(earlier.letters)
        features, labels = np.concatenate([own, features]), np.concatenate([own_labels, labels])
    enrolled = "".join(LETTERS[label] for label in np.unique(labels))
    if len(enrolled) < FEWEST or not shown:
        raise SigncapError(
            "There is too little to learn from: sign at least two letters other than J and Z, each for two seconds "
            "or in two pictures."
        )
    # Words hold some letters in the fitted half alone: these too must stay readable.
    checked = {letter for letter in enrolled if shown[letter] or not words}
    guards = [_held(label, means[label], held_out) for label in STATIC if LETTERS[label] not in checked]
    guards += [_held(label, feature, held_out) for label, feature in zip(own_labels, own, strict=True)]
    general = chosen = rival = _hear(held_out, guards, letter_model, None)
    tick()
    correction = None
    if before is not None:
        heard = _hear(held_out, guards, letter_model, before)
        if (heard.errors, heard.doubt) < (general.errors, general.doubt):
            correction, chosen, rival = before, heard, heard
    whole = all(LETTERS[label] in enrolled and shown[LETTERS[label]] for label in STATIC)
    for strength in (*NARROW, *(WIDE if whole else ())):
        candidate = fit_correction(features, labels, means, strength)
        heard = _hear(held_out, guards, letter_model, candidate)
        if heard.beats(rival) and (heard.errors, heard.doubt) < (chosen.errors, chosen.doubt):
            correction, chosen = candidate, heard
        tick()
    progress(1.0)
    tallies = {
        letter: Tally(shown[letter], general.wrong[letter], chosen.wrong[letter])
        for letter in LETTERS
        if shown[letter]
    }
    return Enrolled(correction, enrolled, tallies, (general.confidence, chosen.confidence))


def _frames(
    letters: Sequence[EnrolmentClip], spelled: Sequence[tuple[str, list[Sample]]]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Features (N, F) and labels (N,)."""
    own = [(take.text, take.samples) for take in letters]
    pairs = [(sample.feature, LETTERS.index(letter)) for letter, samples in (*own, *spelled) for sample in samples]
    return np.array([feature for feature, _ in pairs], np.float32), np.array([label for _, label in pairs], np.int64)


def _aligned(
    letters: Sequence[EnrolmentClip],
    words: Sequence[EnrolmentClip],
    letter_model: LetterModel,
    means: NDArray[np.float64],
    tick: Callable[[], None],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """As `_frames`, with those of spelled words. Aligned twice: what the first time gave sharpens the second."""
    correction = None
    for _ in range(2):
        spelled: list[tuple[str, list[Sample]]] = []
        for word in words:
            spelled += letter_samples(word, replay(letter_model, word, correction))
            tick()
        features, labels = _frames(letters, spelled)
        if not len(labels):
            break
        correction = fit_correction(features, labels, means, NARROW[1])
    return features, labels


def _held(label: int, feature: NDArray[Any], takes: Sequence[EnrolmentClip]) -> EnrolmentClip:
    """A letter's feature, held still by the hand of one of these takes: what is known already must stay readable."""
    pattern = next(take.samples[0] for take in takes if take.samples)
    return held_take(LETTERS[label], replace(pattern, feature=feature.astype(np.float32)))


def _hear(
    takes: Sequence[EnrolmentClip],
    guards: Sequence[EnrolmentClip],
    letter_model: LetterModel,
    correction: Correction | None,
) -> _Heard:
    wrong: Counter[str] = Counter()
    confidences = []
    for take in takes:
        heard = replay(letter_model, take, correction)
        wrong += misread(take.text, heard.text)
        confidences.append(_confidence(take.text, heard))
    lost = tuple(misread(guard.text, replay(letter_model, guard, correction).text).total() for guard in guards)
    doubt = float(np.mean(-np.log(np.maximum(confidences, LEAST))))
    return _Heard(wrong, float(np.mean(confidences)), doubt, lost)


def _confidence(text: str, heard: Replay) -> float:
    """In the letters that were wanted: of a held one over the better half of the steps, of spelled ones the best."""
    if len(text) == 1 and text not in MOVING:
        own = np.sort(heard.posteriors[:, LETTERS.index(text)])
        return float(own[len(own) // 2 :].mean())
    return float(np.mean([heard.posteriors[:, LETTERS.index(letter)].max() for letter in text]))
