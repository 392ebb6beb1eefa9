"""What each part of fluent training is worth, and what each step of looking ahead buys.

python bench/fluent.py --landmarks FILE --motion FILE [--measured FILE,W:H[,left]] [--running FILE] [--raised FILE]

Trains on landmarks alone with a shortened recipe (`models/training/shipped/build.py`), again and again, each time
with one part left out, and reads

- words that are spelled fluently with the letters of people left out, at 2.5, 4 and 5.5 letters a second,
- running spelling and raised letters by real people, where files are given (as `signcap evaluate --running` takes),
- held letters of the people left out.

Prints a table: letter error rates, and letters read right.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.training.shipped.augmentation import normalise_all
from models.training.shipped.build import Choices, Trained, train_model
from models.training.shipped.clips import feel, felt_clip, motion_clips, random_gestures
from models.training.shipped.fluent import FluentSpeller, Manner, hands_of, strokes_of
from models.training.shipped.material import FELT, FELT_GESTURES, Material
from models.training.shipped.running_material import clip_of
from models.training.shipped.sequences import encode_clip, rows_of_clip, rows_of_passage
from models.training.shipped.stills import Measured, Stills, join_stills, read_landmarks
from models.training.shipped.texts import WORDS
from models.training.shipped.train_encoder import encode_stills
from overlay.core.edit_distance import edits
from overlay.recognition import decoder as decoding
from overlay.recognition.decoder import Decoder
from overlay.recognition.feature_window import GRID_RATE, MOTION, MOTION_UNIT, STEPS
from overlay.recognition.landmark_file import read_running
from overlay.recognition.letter_model import BLANK, LETTERS

EVERY = 7  # every so many-th person is left out
SPEEDS = (2.5, 4.0, 5.5)
AFTERWARDS = 24  # steps
DELAY = 4


@dataclass(frozen=True)
class Variant:
    """What is left out.

    Attributes:
        name: for the table.
        manner: of fluent spelling in training; None: there is none.
        more: more people's landmarks and takes are used.
        settles: the decoder passes over what a hand looks like that is still coming.
    """

    name: str
    manner: Manner | None
    more: bool = True
    settles: bool = True


VARIANTS = (
    Variant("everything", Manner()),
    Variant("no letters that colour each other", Manner(coarticulated=False)),
    Variant("no turned views", Manner(turned=0.0)),
    Variant("no variants of letters", Manner(varied=0.0)),
    Variant("no hands that come and go", Manner(entering=False)),
    Variant("no rule for hands that are coming", Manner(), settles=False),
    Variant("no more people and takes", Manner(), more=False),
    Variant("no fluent spelling, rule or people", None, more=False, settles=False),
)


def read_rows(trained: Trained, rows: NDArray[np.float32]) -> str:
    """What is read in rows of the time grid, the hand being gone afterwards."""
    width = rows.shape[1]
    before, after = np.zeros((STEPS - 1, width), np.float32), np.zeros((DELAY + AFTERWARDS, width), np.float32)
    padded = np.concatenate([before, rows, after])
    windows = np.lib.stride_tricks.sliding_window_view(padded, STEPS, axis=0).transpose(0, 2, 1)
    with torch.no_grad():
        said = trained.temporal(torch.from_numpy(windows.copy())).softmax(1).numpy()
    said[windows[:, :, -1].sum(1) == 0] = np.eye(said.shape[1], dtype=np.float32)[BLANK]
    decoder, text = Decoder(), ""
    for step, (window, answer) in enumerate(zip(windows, said, strict=True)):
        motion = window[-1 - DELAY, -MOTION:]
        moved = tuple((motion[:-1] * MOTION_UNIT).tolist()) if motion[-1] > 0 else (float("nan"),) * (MOTION - 1)
        text += "".join(letter.text for letter in decoder.accept(answer, step / GRID_RATE, moved))
    return text + "".join(letter.text for letter in decoder.finish())


def error_rate(pairs: list[tuple[str, str]]) -> float:
    """Letters wrong of those spelled."""
    return sum(len(edits(spelled, read).pairs) for spelled, read in pairs) / sum(len(spelled) for spelled, _ in pairs)


def fluent_words(
    trained: Trained, speller: FluentSpeller, letters: list[set[int]], speed: float, count: int
) -> float:
    rng = np.random.default_rng([7, round(10 * speed)])
    pairs = []
    for _ in range(count):
        person = int(rng.integers(len(letters)))
        word = "".join(one for one in str(rng.choice(WORDS)) if LETTERS.index(one) in letters[person])
        if word:
            passage = speller.spell(word, rng, speed=speed, person=person)
            pairs.append((word, read_rows(trained, rows_of_passage(trained.encoder, passage, rng).rows)))
    return error_rate(pairs)


def takes(trained: Trained, path: Path) -> list[tuple[str, str]]:
    rng = np.random.default_rng(0)
    result = []
    for take in read_running(path):
        clip = clip_of(take)
        rows = rows_of_clip(clip, encode_clip(trained.encoder, clip, rng, augment=False)).rows
        result.append((take.text.replace(" ", ""), read_rows(trained, rows)))
    return result


def held(trained: Trained, stills: Stills) -> float:
    features = encode_stills(trained.encoder, None, normalise_all(stills.landmarks))
    right = []
    for feature, label in zip(features, stills.labels, strict=True):
        rows = np.zeros((round(GRID_RATE), len(feature) + MOTION), np.float32)
        rows[:, : len(feature)], rows[:, -1] = feature, 1
        right.append(read_rows(trained, rows) == LETTERS[label])
    return float(np.mean([np.array(right)[stills.signers == name].mean() for name in np.unique(stills.signers)]))


def lines(given: argparse.Namespace) -> Iterator[str]:
    first = read_landmarks(given.landmarks)
    absent = np.unique(first.signers)[::EVERY]
    others = first.select(np.isin(first.signers, absent))
    known = first.select(~np.isin(first.signers, absent))
    named = np.isin(known.signers, np.unique(known.signers)[:10])
    rest = known.select(~named)
    more = join_stills([rest, *(Measured.of(one).read() for one in given.measured)])
    moved = [list(motion_clips(path)) for path in given.motion]
    rng = np.random.default_rng(3)
    everything = Material(
        photographs=known.select(named),
        measured=more,
        seen=[],
        gestures=[],
        felt=[felt_clip(rng) for _ in range(FELT // 2)],
        felt_gestures=[feel(random_gestures(rng, (640, 480)), rng) for _ in range(FELT_GESTURES // 2)],
        moved=[clip for clips in moved for clip in clips],
    )
    fewer = replace(everything, measured=rest, moved=moved[0])
    people = hands_of(others, strokes_of(everything.moved))
    letters = [person.letters for person in people]
    speller = FluentSpeller(people)
    near = decoding.NEARBY
    for variant in VARIANTS:
        if given.only and variant.name not in given.only:
            continue
        choices = Choices(
            pixels=False,
            encoder_steps=given.encoder_steps,
            temporal_steps=given.temporal_steps,
            spelled=given.passages // 2,
            passages=given.passages,
            fluent=variant.manner,
        )
        trained = train_model(everything if variant.more else fewer, choices)
        decoding.NEARBY = near if variant.settles else (0.0, 0.0)
        cells = [f"{fluent_words(trained, speller, letters, speed, given.words):.1%}" for speed in SPEEDS]
        for path in given.running:
            pairs = takes(trained, path)
            cells.append(f"{error_rate(pairs):.1%} ({', '.join(read for _, read in pairs)})")
        for path in given.raised:
            pairs = takes(trained, path)
            cells.append(f"{sum(text == read for text, read in pairs)} of {len(pairs)}")
        cells.append(f"{held(trained, others):.1%}")
        yield f"| {variant.name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--landmarks", type=Path, required=True)
    parser.add_argument(
        "--motion", type=Path, action="append", required=True, help="the first is what there always was"
    )
    parser.add_argument("--measured", action="append", default=[], help="FILE,W:H[,left], as often as you like")
    parser.add_argument("--running", type=Path, action="append", default=[])
    parser.add_argument("--raised", type=Path, action="append", default=[])
    parser.add_argument("--encoder-steps", type=int, default=2500)
    parser.add_argument("--temporal-steps", type=int, default=1200)
    parser.add_argument("--passages", type=int, default=2500)
    parser.add_argument("--words", type=int, default=80, help="at each speed")
    parser.add_argument("--only", action="append", default=[], help="a row of the table, as often as you like")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    speeds = " | ".join(f"fluent, {speed:g} a second" for speed in SPEEDS)
    files = "".join(f" | {path.stem}" for path in [*given.running, *given.raised])
    print(f"| left out | {speeds}{files} | held letters |\n|{'---|' * (5 + len(given.running) + len(given.raised))}")
    for line in lines(given):
        print(line, flush=True)


if __name__ == "__main__":
    main()
