"""A take: what one recording of a given letter or word says of the hand. No pictures, only numbers."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overlay.captions.state import Letter
from overlay.core.edit_distance import aligned
from overlay.enrolment.adaptation import Correction
from overlay.enrolment.prototypes import MOVING
from overlay.recognition.feature_window import GRID_RATE, Sample
from overlay.recognition.letter_model import LetterModel
from overlay.recognition.letter_stream import DecoderStep, LetterStream

FITTED_SHARE = 0.55  # of a take of which one part is fitted and the other held out
SHORTEST_HELD_OUT = 0.35  # seconds
OF_THREE = 3  # of several takes of a letter, every third is held out

CHECK_WORDS = ("COMPLEX", "JIVING", "SQUAWK", "FROZEN", "BIRTHDAY")
FIT_WORDS = ("QUICKLY", "FOXGLOVE", "JUMPED", "WARTHOG", "BRONZES")
# Ten words. Each five hold the whole alphabet, so that five can be fitted and the other five held out.
WORDS = tuple(word for pair in zip(FIT_WORDS, CHECK_WORDS, strict=True) for word in pair)


@dataclass(frozen=True, slots=True)
class EnrolmentClip:
    """One recording.

    Attributes:
        text: the letter or word that was asked for.
        frames: time in seconds, and what the frame says of the hand; None where no hand was found.
    """

    text: str
    frames: tuple[tuple[float, Sample | None], ...]

    @property
    def samples(self) -> list[Sample]:
        """Of the frames with a hand."""
        return [sample for _, sample in self.frames if sample is not None]

    @property
    def seconds(self) -> float:
        """The seconds from the first frame to the last."""
        return self.frames[-1][0] - self.frames[0][0] if self.frames else 0.0


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of reading a clip as the live path does.

    Attributes:
        text: the letters, in order.
        times: (S,), the moments that the posteriors are about, in seconds.
        posteriors: float32 (S, CLASSES).
    """

    text: str
    times: NDArray[np.float64]
    posteriors: NDArray[np.float32]


def held_take(letter: str, sample: Sample, seconds: float = 0.8) -> EnrolmentClip:
    """A picture as a take: as if it had been held for some time."""
    moments = (index / GRID_RATE for index in range(max(round(seconds * GRID_RATE), 1)))
    return EnrolmentClip(letter, tuple((at, replace(sample, at=at)) for at in moments))


def replay(letter_model: LetterModel, take: EnrolmentClip, correction: Correction | None = None) -> Replay:
    """Read a take as it is read live."""
    steps: list[DecoderStep] = []
    stream = LetterStream(letter_model, observer=steps.append)
    letters: list[Letter] = []
    end = take.frames[-1][0]
    rest = [(end + step / GRID_RATE, None) for step in range(1, stream.frames_afterwards() + 1)]
    for at, sample in [*take.frames, *rest]:
        if sample is not None and correction is not None:
            sample = replace(sample, feature=correction.apply(sample.feature))
        letters += stream.accept(at, sample)
    letters += stream.finish()
    text = "".join(letter.text for letter in letters)
    return Replay(text, np.array([step.at for step in steps]), np.array([step.posteriors for step in steps]))


def split_takes(takes: Sequence[EnrolmentClip]) -> tuple[list[EnrolmentClip], list[EnrolmentClip]]:
    """Split into those to fit a correction to, and those held out; both in the order of the alphabet.

    Of several takes of a letter, every third is held out; a single one is cut in two. J and Z are motion and held
    out whole. A letter of which there is one short take is not held out. Of other words than the ten, every second is
    held out.
    """
    by_text: dict[str, list[EnrolmentClip]] = defaultdict(list)
    for take in takes:
        by_text[take.text].append(take)
    fitted, held_out = [], []
    others = sorted(text for text in by_text if len(text) > 1 and text not in WORDS)
    checked = {*CHECK_WORDS, *others[1::2]}
    for text, own in sorted(by_text.items()):
        if text in MOVING or text in checked:
            held_out += own
        elif len(text) > 1:
            fitted += own
        elif len(own) > 1:
            chosen = {index for index in range(len(own)) if index % OF_THREE == OF_THREE - 1} or {len(own) - 1}
            fitted += [take for index, take in enumerate(own) if index not in chosen]
            held_out += [own[index] for index in sorted(chosen)]
        else:
            first, second = _cut(own[0])
            fitted.append(first)
            held_out += [second] if second is not None else []
    return fitted, held_out


def _cut(take: EnrolmentClip) -> tuple[EnrolmentClip, EnrolmentClip | None]:
    place = round(len(take.frames) * FITTED_SHARE)
    first, second = EnrolmentClip(take.text, take.frames[:place]), EnrolmentClip(take.text, take.frames[place:])
    if second.seconds < SHORTEST_HELD_OUT or not first.samples or not second.samples:
        return take, None
    return first, second


def misread(wanted: str, got: str) -> Counter[str]:
    """Count how often each wanted letter was replaced, left out or read with another beside (Levenshtein, 1966)."""
    wrong: Counter[str] = Counter()
    place = 0  # in what was wanted, as far as it has been passed
    for own, other in aligned(wanted, got):
        if own is None:
            wrong[wanted[min(place, len(wanted) - 1)]] += 1  # the letter it was read beside
            continue
        if other is None or wanted[own] != got[other]:
            wrong[wanted[own]] += 1
        place = own + 1
    return wrong
